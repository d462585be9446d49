"""The trail only grows: by the database role, and in our own code."""

import re
from pathlib import Path

import flask
from pymongo.database import Database

from backend.models.registry import DOCUMENTS
from backend.services.database_role import role_command

ROOT = Path(__file__).parent.parent.parent
CHANGING = re.compile(
    r"AuditDocument\._get_collection\(\)(?:\s*#[^\n]*)?\s*"
    r"\.(?:update|replace|delete|remove|drop|find_one_and|bulk|rename)"
)


def rights(database: str) -> dict[str, set[str]]:
    return {
        privilege["resource"]["collection"]: set(privilege["actions"])
        for privilege in role_command(database)["privileges"]
    }


def test_the_role_can_add_to_the_trail_and_read_it_and_nothing_else() -> None:
    found = rights("pro_ae")
    assert {"find", "insert"} <= found[""]
    changing = {
        "update",
        "remove",
        "dropCollection",
        "dropIndex",
        "collMod",
        "bypassDocumentValidation",
    }
    assert not changing & found[""]
    assert "audit" not in found
    names = {document._get_collection_name() for document in DOCUMENTS}  # noqa: SLF001
    assert found.keys() - {""} == names - {"audit"}
    assert all(actions == {"update", "remove"} for name, actions in found.items() if name)


def test_the_command_prints_it_and_a_server_takes_it(
    app: flask.Flask, database: Database[dict[str, object]]
) -> None:
    import json  # noqa: PLC0415

    told = json.loads(app.test_cli_runner().invoke(args=["audit", "role"]).output)
    assert told == role_command(database.name)
    assert database.command(told)["ok"] == 1
    database.command("dropRole", told["createRole"])


def test_no_line_of_ours_changes_an_entry() -> None:
    sources = [*(ROOT / "backend").rglob("*.py"), *(ROOT / "jobs").rglob("*.py")]
    assert len(sources) > 100
    assert [file.name for file in sources if CHANGING.search(file.read_text("utf-8"))] == []
