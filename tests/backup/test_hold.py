"""What a restored database owes: held, let go as the operator says, and seen from outside."""

from dataclasses import replace
from pathlib import Path

import flask
import pytest

from backend.db import transaction
from backend.models.outbox import hold_all, insert_entry
from backend.models.raw import here
from backend.models.restore import begin_restore, end_restore, is_half_restored, is_held
from backend.services.audit_anchor import anchor, new_key, read_key
from tests.backup.conftest import Other, Run, Stored
from tests.conftest import START, Clock
from tests.jobs.conftest import owed
from tests.people import Person, enrolled


@pytest.fixture
def restored(app: flask.Flask, clock: Clock) -> None:
    """Let the database come out of a backup that owed an urgent message and what can wait."""
    assert app
    for tier in ("urgent", "routine"):
        entry = owed(channel="console", now=START)
        message = {**entry.message, "tier": tier}
        transaction(lambda s, e=entry, m=message: insert_entry(replace(e, message=m), session=s))
    begin_restore(here(), "a backup", "00" * 32, now=clock.advance(hours=1))
    transaction(lambda session: hold_all(session=session))
    end_restore(here(), now=clock.advance(minutes=1), documents=2)
    later = owed(channel="console", now=clock())
    transaction(lambda session: insert_entry(later, session=session))


@pytest.mark.usefixtures("restored")
@pytest.mark.parametrize(
    ("which", "let_go", "states"),
    [
        ("urgent", 1, ["cancelled", "due", "due"]),
        ("all", 2, ["due", "due", "due"]),
        ("nothing", 0, ["cancelled", "cancelled", "due"]),
    ],
)
def test_the_operator_says_what_of_the_old_is_sent(
    run: Run, database: Stored, which: str, let_go: int, states: list[str]
) -> None:
    assert is_held()
    said = run("outbox", "release", "--send", which, "--reason", "looked through")
    assert said.output == f"let {let_go} messages go, withdrew {2 - let_go}\n"
    assert sorted(row["state"] for row in database["outbox"].find()) == states
    assert not is_held()
    again = run("outbox", "release", "--send", "nothing", "--reason", "once more")
    assert again.output == "nothing is held back\n"
    assert sorted(row["state"] for row in database["outbox"].find()) == states


def test_the_metrics_tell_of_the_hold_and_of_the_last_backup(
    run: Run, app: flask.Flask, database: Stored, clock: Clock, tmp_path: Path
) -> None:
    assert database["backups"].count_documents({}) == 0

    def metric(name: str) -> float | None:
        lines = app.test_client().get("/metrics").text.splitlines()
        found = [line for line in lines if line.startswith(f"{name} ")]
        return float(found[0].split()[1]) if found else None

    assert (metric("outbox_held"), metric("backup_last_success_timestamp_seconds")) == (0, None)
    begin_restore(here(), "a backup", "00" * 32, now=START)
    assert is_half_restored()
    end_restore(here(), now=START, documents=0)
    assert not is_half_restored()
    clock.advance(hours=2)
    assert run("backup", tmp_path / "monday").exit_code == 0
    at = (START.timestamp()) + 7200
    assert (metric("outbox_held"), metric("backup_last_success_timestamp_seconds")) == (1, at)


def test_a_backup_needs_a_key_to_be_named_and_to_be_one(
    app: flask.Flask, run: Run, public_file: Path, tmp_path: Path
) -> None:
    made = run("backup", "new-key", tmp_path / "another.pem")
    assert made.output.startswith("-----BEGIN PUBLIC KEY-----\n")
    assert "is there already" in run("backup", "new-key", tmp_path / "another.pem").output
    public_file.write_text("no key", encoding="ascii")
    assert "is no public key" in run("backup", tmp_path / "monday").output
    context = app.extensions["backend"]
    without = replace(context.config, backup_public_key_file=None)
    app.extensions["backend"] = replace(context, config=without)
    refused = run("backup", tmp_path / "monday")
    assert refused.exit_code == 1
    assert "BACKUP_PUBLIC_KEY_FILE is not set" in refused.output
    assert not (tmp_path / "monday").exists()


def test_what_the_anchors_know_and_the_backup_does_not_is_named(
    run: Run, nurse: Person, other: Other, key_file: Path, tmp_path: Path, clock: Clock
) -> None:
    assert run("backup", tmp_path / "monday").exit_code == 0
    lost = enrolled(nurse)
    new_key(tmp_path / "anchors.pem")
    signing = read_key(tmp_path / "anchors.pem")
    anchor(tmp_path / "anchors", signing, study_id="test", now=clock())
    with other.serving():
        assert run("restore", tmp_path / "monday", "--key", key_file).exit_code == 0
        told = run("audit", "verify", "--anchors", tmp_path / "anchors")
    assert told.exit_code == 1
    assert f"subject/{lost}" in told.output
