"""A restore: into an empty database alone, whole or not fit to serve, and it sends nothing by itself."""

import datetime as dt
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import bson
import flask
import pytest

from backend.config import Config
from backend.context import new_id
from backend.db import transaction
from backend.models.alert import AlertRecord
from backend.models.backup import BackupRecord, insert_backup, stands_still
from backend.models.base import to_bson
from backend.models.outbox import OutboxEntry, find_entry, insert_entry
from backend.models.raw import NoViewError, here, one_moment, raw_documents
from backend.models.session import expect_newer_tokens
from jobs.outbox import deliver_due
from jobs.process import Process, build_process
from tests.backup.conftest import Other, Run, Stored, dropped, rows
from tests.conftest import START, Clock
from tests.jobs.clock_process import ROOT, await_true
from tests.jobs.conftest import owed
from tests.people import Person, enrolled

MANY = 2000


@pytest.fixture
def backup(run: Run, nurse: Person, tmp_path: Path) -> Path:
    """Give a backup of a small database."""
    assert nurse
    assert run("backup", tmp_path / "monday").exit_code == 0
    return tmp_path / "monday"


def test_a_database_with_a_document_is_refused_and_keeps_it(
    backup: Path, key_file: Path, run: Run, other: Other
) -> None:
    other.database["diaries"].insert_one({"_id": "mine"})
    with other.serving():
        refused = run("restore", backup, "--key", key_file)
        again = run("restore", backup, "--key", key_file, "--again")
    for answer in (refused, again):
        assert answer.exit_code == 1
        assert "is not empty" in answer.output
    assert {name: len(found) for name, found in rows(other.database).items()} == {"diaries": 1}


def test_the_live_database_cannot_be_restored_over(
    backup: Path, key_file: Path, run: Run, database: Stored
) -> None:
    before = rows(database)
    assert "is not empty" in run("restore", backup, "--key", key_file).output
    assert rows(database) == before


def test_a_changed_backup_stores_nothing(
    backup: Path, key_file: Path, run: Run, other: Other
) -> None:
    backup.write_bytes(backup.read_bytes()[:-40])
    with other.serving():
        refused = run("restore", backup, "--key", key_file)
    assert refused.exit_code == 1
    assert "cut off" in refused.output
    assert other.database.list_collection_names() == []


def test_another_backup_than_the_one_expected_stores_nothing(
    backup: Path, key_file: Path, run: Run, other: Other
) -> None:
    with other.serving():
        refused = run("restore", backup, "--key", key_file, "--manifest", "0" * 64)
    assert "another backup" in refused.output
    assert other.database.list_collection_names() == []


@contextmanager
def flask_process(settings: dict[str, str], *args: object) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", *map(str, args)],
        cwd=ROOT,
        env=settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def killed(process: subprocess.Popen[bytes], condition: Callable[[], bool]) -> None:
    await_true(condition, process=process)
    process.send_signal(signal.SIGKILL)
    assert process.wait(timeout=20) == -signal.SIGKILL


@pytest.fixture
def many(database: Stored) -> Iterator[None]:
    """Store enough that a process can be caught at it."""
    # Random, so that a backup's chunks come early and not at its end.
    chance = random.Random(20261127)  # noqa: S311 - a seed, so that a failure can be had again
    database["many"].insert_many(
        {"_id": number, "data": chance.randbytes(2000)} for number in range(MANY)
    )
    yield
    dropped(database["many"])


@pytest.mark.usefixtures("many")
def test_sigkill_half_way_leaves_what_does_not_serve_and_can_be_restored_again(
    run: Run,
    nurse: Person,
    app: flask.Flask,
    settings: dict[str, str],
    database: Stored,
    other: Other,
    key_file: Path,
    tmp_path: Path,
) -> None:
    assert nurse
    path = tmp_path / "monday"
    assert run("backup", path).exit_code == 0
    before = rows(database)
    half = {**settings, "MONGODB_DATABASE": other.database.name}
    with flask_process(half, "restore", path, "--key", key_file) as process:
        killed(process, lambda: other.database["many"].find_one({}) is not None)
    # What the killed process had sent before its end the server still does.
    time.sleep(0.5)
    there = other.database["many"].count_documents({})
    assert 0 < there < MANY
    # Nobody can sign in, and the operator's tools see it.
    assert other.database["staff"].count_documents({}) == 0
    with other.serving():
        ready = app.test_client().get("/readyz")
        assert (ready.status_code, ready.get_json()["checks"]["restore"]) == (503, "failed")
        refused = run("restore", path, "--key", key_file)
        assert "give --again" in refused.output
        assert other.database["many"].count_documents({}) == there
        done = run("restore", path, "--key", key_file, "--again")
        assert done.exit_code == 0, done.output
        assert app.test_client().get("/readyz").get_json()["checks"]["restore"] == "ok"
        # A second one is refused now as in any database that is in use.
        assert "is not empty" in run("restore", path, "--key", key_file, "--again").output
    after = rows(other.database)
    for name in ("many", "staff", "subjects"):
        assert after[name] == before[name]


@pytest.mark.usefixtures("many")
def test_sigkill_of_a_backup_leaves_nothing_that_looks_whole(
    run: Run,
    settings: dict[str, str],
    database: Stored,
    public_file: Path,
    key_file: Path,
    tmp_path: Path,
) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    named = {**settings, "BACKUP_PUBLIC_KEY_FILE": str(public_file)}
    with flask_process(named, "backup", folder / "monday") as process:
        killed(process, lambda: any(file.stat().st_size > 0 for file in folder.iterdir()))
    (part,) = folder.iterdir()
    assert part.name.startswith(".monday.")
    shown = run("backup", "verify", part, "--key", key_file)
    assert (shown.exit_code, "whole" in shown.output) == (1, False)
    assert [row["state"] for row in database["backups"].find()] == ["running"]
    # The next one is not in its way.
    assert run("backup", folder / "monday").exit_code == 0


@pytest.mark.usefixtures("many")
def test_who_writes_meanwhile_is_noticed(
    run: Run, key_file: Path, other: Other, tmp_path: Path
) -> None:
    assert run("backup", tmp_path / "monday").exit_code == 0

    def write() -> None:
        """Do as a clock that nobody has stopped."""
        while other.database["restores"].find_one({}) is None:
            time.sleep(0.005)
        other.database["audit"].insert_one({"_id": "the clock was here"})

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    with other.serving():
        refused = run("restore", tmp_path / "monday", "--key", key_file)
    writer.join(timeout=10)
    assert refused.exit_code == 1
    assert re.search(
        r"audit has \d+ documents and not \d+: does something else write", refused.output
    )
    mark = other.database["restores"].find_one({})
    assert mark is not None
    assert mark["state"] == "running"


def test_what_a_backup_reads_is_of_one_moment(database: Stored, nurse: Person) -> None:
    """Between two of its reads a story is committed: it sees neither half of it."""
    record = BackupRecord("1", START, "a key", "running")
    transaction(lambda session: insert_backup(record, session=session))
    where = here()
    with one_moment(where, lambda session: stands_still("1", session)) as session:
        before = len(list(raw_documents(where, "subjects", session)))
        enrolled(nurse)
        assert len(list(raw_documents(where, "subjects", session))) == before
        told = [bson.decode(row)["action"] for row in raw_documents(where, "audit", session)]
    assert "subject:enrol" not in told
    assert database["audit"].count_documents({"action": "subject:enrol"}) == 1
    with (
        pytest.raises(NoViewError, match="no view of one moment"),
        one_moment(where, lambda _: False),
    ):
        pass


def test_staff_sign_in_again_codes_are_void_and_phones_stay(
    run: Run,
    nurse: Person,
    app: flask.Flask,
    other: Other,
    key_file: Path,
    tmp_path: Path,
    clock: Clock,
) -> None:
    subject = enrolled(nurse)
    client = app.test_client()

    def refreshed(token: str) -> str:
        answer = client.post("/api/v1/sessions/refresh", json={"refresh_token": token})
        assert answer.status_code == 200, answer.text
        return str(answer.get_json()["refresh_token"])

    code = nurse.post(f"/subjects/{subject}/activation-codes").get_json()["code"]
    made = client.post("/api/v1/activations", json={"code": code, "label": "a phone"})
    first = made.get_json()["tokens"]["refresh_token"]
    unused = nurse.post(f"/subjects/{subject}/activation-codes").get_json()["code"]
    assert run("backup", tmp_path / "monday").exit_code == 0
    # The phone goes on after the backup: it holds a token that the backup does not know.
    clock.advance(hours=12)
    third = refreshed(refreshed(first))
    with other.serving():
        done = run("restore", tmp_path / "monday", "--key", key_file)
        assert "ended 1 sign-ins and 1 activation codes" in done.output
        assert nurse.get("/alerts").status_code == 401
        refused = client.post("/api/v1/activations", json={"code": unused, "label": "a phone"})
        assert refused.status_code >= 400
        fourth = refreshed(third)
        # Once: after that the order of tokens is known again, and an old one is a thief's.
        again = client.post("/api/v1/sessions/refresh", json={"refresh_token": first})
        assert again.status_code == 401
        ended = client.post("/api/v1/sessions/refresh", json={"refresh_token": fourth})
        assert ended.status_code == 401


@pytest.mark.parametrize(("days", "status"), [(13, 200), (15, 401)])
def test_a_phone_s_unknown_token_is_taken_for_two_weeks(
    nurse: Person, app: flask.Flask, database: Stored, clock: Clock, days: int, status: int
) -> None:
    subject, client = enrolled(nurse), app.test_client()
    code = nurse.post(f"/subjects/{subject}/activation-codes").get_json()["code"]
    made = client.post("/api/v1/activations", json={"code": code, "label": "a phone"})
    token = made.get_json()["tokens"]["refresh_token"]
    of_phone = {"device_id": {"$gt": ""}}
    database["sessions"].update_many(of_phone, {"$set": {"token_sha256": "an older one's"}})
    transaction(lambda session: expect_newer_tokens(at=clock(), session=session))
    clock.advance(days=days)
    made_up = client.post("/api/v1/sessions/refresh", json={"refresh_token": f"{token[:-1]}~"})
    assert made_up.status_code == 401
    answer = client.post("/api/v1/sessions/refresh", json={"refresh_token": token})
    assert answer.status_code == status


def raised(alert_id: str, now: dt.datetime) -> AlertRecord:
    return AlertRecord(
        id=alert_id,
        subject_id="S01-0001",
        site="S01",
        flag_id="colitis",
        tier="urgent",
        tier_rank=1,
        state="new",
        title="",
        reason="",
        assessment_ids=(),
        raised_at=now,
        rung_at=now,
        acknowledge_by=now,
        steps=(),
        rev=1,
    )


def owe(entry: OutboxEntry) -> None:
    transaction(lambda session: insert_entry(entry, session=session))


@pytest.fixture
def process(config: Config, clock: Clock) -> Iterator[Process]:
    """Give a clock as its settings make it."""
    process = build_process(config, clock=clock, ids=new_id)
    yield process
    process.close()


def test_nothing_is_sent_until_a_human_lets_it_go(
    run: Run,
    process: Process,
    other: Other,
    key_file: Path,
    tmp_path: Path,
    clock: Clock,
) -> None:
    for tier in ("emergency", "urgent", "routine", "routine"):
        entry = owed(channel="console", now=START)
        message = {"kind": "alert", "locale": "en", "id": entry.alert_id, "v": "0", "tier": tier}
        owe(replace(entry, message=message))
    assert run("backup", tmp_path / "monday").exit_code == 0
    assert run("outbox", "held").output == "nothing is held back\n"
    assert run("outbox", "release", "--reason", "none").output == "nothing is held back\n"
    with other.serving():
        clock.advance(hours=3)
        assert run("restore", tmp_path / "monday", "--key", key_file).exit_code == 0
        # The clock still escalates what is from before; what is raised from now on rings at once.
        owe(owed(channel="console", now=clock.advance(minutes=1)))
        fresh = owed(channel="console", now=clock())
        other.database["alerts"].insert_one(to_bson(raised(fresh.alert_id, clock())))
        owe(fresh)
        assert deliver_due(process) == 1
        sent = find_entry(fresh.id)
        assert sent is not None
        assert sent.state == "accepted"
        held = run("outbox", "held").output
        assert [line.split(maxsplit=1) for line in held.splitlines()[:3]] == [
            ["1", "alert, emergency"],
            ["2", "alert, routine"],
            ["2", "alert, urgent"],
        ]
        assert run("outbox", "release").exit_code == 2
        said = run("outbox", "release", "--reason", "looked through with the site")
        assert said.output == "let 3 messages go, withdrew 2\n"
        # What rings, and what was written since.
        assert deliver_due(process) == 3
        states = [row["state"] for row in other.database["outbox"].find().sort("created_at", 1)]
        assert sorted(states) == ["accepted"] * 4 + ["cancelled"] * 2
        (entry_,) = other.database["audit"].find({"action": "outbox:release"})
        assert entry_["reason"] == "looked through with the site"
        assert entry_["details"] == {"which": "urgent", "let_go": 3, "withdrawn": 2}
