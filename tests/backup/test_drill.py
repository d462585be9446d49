"""The drill: back up a trial, restore it beside, compare each row and what the API answers."""

import re
from pathlib import Path
from typing import Any

import bson
import flask
import pytest

from backend.models.registry import DOCUMENTS
from backend.services.backup import FLEETING
from backend.services.data_cut import verify_cut
from tests.backup.conftest import Other, Run, Stored, index_names, rows
from tests.people import PASSWORD, Person

# What restoring changes once it has compared: what it ends, and that it says so.
ENDED = {"sessions", "activation_codes"}
GROWN = {"audit", "audit_heads", "backups"}
HELD = {"outbox"}


def answers(person: Person) -> dict[str, Any]:
    paths = (
        "/subjects",
        "/alerts",
        "/listings/adverse-events?limit=50",
        "/listings/laboratory-results?limit=50",
        "/silent-subjects",
        "/rosters?site=S01",
    )
    found = {path: person.get(path) for path in paths}
    assert {answer.status_code for answer in found.values()} == {200}
    return {path: answer.get_json() for path, answer in found.items()}


@pytest.mark.usefixtures("odd", "cuts_dropped")
def test_every_row_comes_back_byte_by_byte_and_the_api_answers_the_same(
    key_file: Path,
    run: Run,
    app: flask.Flask,
    database: Stored,
    other: Other,
    trial: Person,
    tmp_path: Path,
) -> None:
    answered, before = answers(trial), rows(database)
    assert sum(bool(documents) for documents in before.values()) >= 30
    assert run("backup", tmp_path / "monday").exit_code == 0
    account = database["staff"].find_one({"_id": trial.id})
    assert account is not None
    with other.serving():
        restored = run("restore", tmp_path / "monday", "--key", key_file)
        assert restored.exit_code == 0, restored.output
        assert "every document is as it is in the backup" in restored.output
        after = rows(other.database)
        assert after.keys() == before.keys()
        assert index_names(other.database) == index_names(database)
        for name in before.keys() - ENDED - GROWN - HELD - {"restores"}:
            assert after[name] == before[name], name
        assert after["audit"] > before["audit"]
        new = [bson.decode(row)["action"] for row in after["audit"] - before["audit"]]
        assert sorted(new) == ["backup:begin", "backup:restore"]
        owed = other.database["outbox"].count_documents({"state": "held"})
        assert owed == database["outbox"].count_documents({"state": {"$in": ["due", "leased"]}})
        for name in ENDED | HELD:
            assert ids(other.database, name) == ids(database, name)
        assert {row["state"] for row in other.database["backups"].find()} == {"running"}
        # The nurse signs in again and sees what she saw; the trail and the cut are whole.
        assert trial.get("/alerts").status_code == 401
        assert answers(signed_in(app, trial, account["email"])) == answered
        assert run("audit", "verify").exit_code == 0
        for cut in other.database["data_cuts"].find():
            assert verify_cut(cut["_id"]) == ()


def test_the_operator_s_drill_leaves_nothing_and_says_how_long_it_took(
    run: Run, patient: Person, database: Stored, tmp_path: Path
) -> None:
    assert patient
    before = set(database.client.list_database_names())
    drilled = run("backup", "drill", "--folder", tmp_path)
    assert drilled.exit_code == 0, drilled.output
    count = sum(len(documents) for documents in rows(database).values())
    said = re.search(r"(\d+) documents", drilled.output)
    assert said is not None
    # The entry that says it was done is the only one since.
    assert int(said[1]) == count - 1
    assert "no differences" in drilled.output
    assert set(database.client.list_database_names()) == before
    assert [path.name for path in tmp_path.iterdir() if "drill" in path.name] == []


@pytest.mark.usefixtures("odd", "patient")
def test_a_backup_holds_every_collection_and_is_written_down(
    key_file: Path, run: Run, database: Stored, tmp_path: Path
) -> None:
    backup = tmp_path / "monday"
    made = run("backup", backup)
    assert made.exit_code == 0, made.output
    assert backup.stat().st_mode & 0o777 == 0o600
    again = run("backup", backup)
    assert (again.exit_code, "is there already" in again.output) == (1, True)
    shown = run("backup", "verify", backup, "--key", key_file)
    assert shown.exit_code == 0, shown.output
    names = set(re.findall(r"^ +\d+ (\S+)$", shown.output, re.MULTILINE))
    documents = {str(document._get_collection_name()) for document in DOCUMENTS}  # noqa: SLF001
    assert names == (documents - FLEETING - {"restores"}) | {"odd", "odd.empty"}
    (record,) = database["backups"].find()
    assert record["state"] == "done"
    entries = {row["action"]: row for row in database["audit"].find({"actor_id": "machine"})}
    assert entries["backup:begin"]["target"] == f"backup/{record['_id']}"
    assert entries["backup:done"]["details"]["sha256"] == record["sha256"]
    right = run("backup", "verify", backup, "--key", key_file, "--manifest", record["sha256"])
    assert right.output.splitlines()[-1] == "whole"
    wrong = run("backup", "verify", backup, "--key", key_file, "--manifest", "0" * 64)
    assert wrong.exit_code == 1
    assert "another backup" in wrong.output


def ids(database: Stored, name: str) -> set[object]:
    return {row["_id"] for row in database[name].find()}


def signed_in(app: flask.Flask, person: Person, email: str) -> Person:
    answer = app.test_client().post("/api/v1/sessions", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 201, answer.text
    return Person(app.test_client(), answer.get_json()["access_token"], person.id)
