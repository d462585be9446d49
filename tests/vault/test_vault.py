"""Contact data and free text are sealed, apart, bound to their place, and gone when the key is."""

import datetime as dt
import json
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import flask
import pymongo
import pytest
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import ServerSelectionTimeoutError
from werkzeug.test import TestResponse

from backend.config import Config, ConfigurationError
from backend.context import new_id
from backend.db import connect, transaction
from backend.models.lock import lock_subject
from backend.models.migrations import STEPS
from backend.models.migrations.step import Work
from backend.models.private_text import (
    ShreddedSubject,
    find_text,
    insert_shredded,
    opened,
)
from backend.services.audit_verify import verify_audit
from backend.services.shredding import reapply, shred_subject
from backend.vault import MasterKeyMissingError, SealedForGoodError, Vault, open_vault, vault
from tests.conftest import START
from tests.people import Person, staff
from tests.vault.stored import everything

Stored = Database[dict[str, Any]]
WORDS = "my neighbour Wilhelmina drove me to the hospital"
REASON = "Wilhelmina read it to me wrongly"
CONTACT = {"name": "Wilhelmina Test", "phones": ["+86 10 5555 0100"], "note": "rings twice"}


def diary(**changes: object) -> dict[str, Any]:
    return {
        "submission_id": str(uuid.uuid4()),
        "day": "2026-03-02",
        "reported_at": "2026-03-02T07:00:00+00:00",
        "zone": "Asia/Shanghai",
        "observations": {"stools_per_day": 3},
        "free_text": WORDS,
        **changes,
    }


@pytest.fixture
def said(patient: Person, nurse: Person, subject_id: str) -> dict[str, Any]:
    """Let a patient say something in a diary, amend it, and a nurse record whom to call."""
    first = diary()
    assert patient.post("/diaries", first).status_code == 201
    amends = {"submission_id": first["submission_id"], "reason": REASON}
    second = diary(amends=amends, free_text=None)
    assert patient.post("/diaries", second).status_code == 201
    answer = nurse.call("PUT", f"/subjects/{subject_id}/contact", json=CONTACT)
    assert answer.status_code == 200, answer.text
    return first


def test_the_words_are_shown_to_who_may_read_the_diary_and_stored_nowhere_in_plain(
    said: dict[str, Any], nurse: Person, subject_id: str, database: Stored
) -> None:
    rows = nurse.get(f"/subjects/{subject_id}/diaries").get_json()["items"]
    assert [(row["free_text"], row["amendment_reason"]) for row in rows] == [
        (None, REASON),
        (WORDS, None),
    ]
    one = nurse.get(f"/diaries/{rows[1]['id']}").get_json()
    assert (one["free_text"], one["shredded"]) == (WORDS, False)
    whole = everything(database)
    assert b"Wilhelmina" not in whole
    assert b"5555 0100" not in whole
    stored = database["diaries"].find_one({"submission_id": said["submission_id"]})
    assert stored is not None
    assert "free_text" not in stored
    assert stored["private"] == f"diary/{subject_id}/{said['submission_id']}"


def test_a_repeat_gets_the_first_receipt_and_another_text_is_refused(
    said: dict[str, Any], patient: Person, database: Stored
) -> None:
    assert patient.post("/diaries", said).status_code == 201
    assert patient.post("/diaries", {**said, "free_text": "else"}).status_code == 409
    assert database["private_texts"].count_documents({}) == 3


def test_without_words_nothing_is_sealed(patient: Person, database: Stored) -> None:
    assert patient.post("/diaries", diary(free_text=None)).status_code == 201
    assert database["private_texts"].count_documents({}) == 0
    assert database["subject_keys"].count_documents({}) == 0


def test_contact_data_is_for_the_site_s_care_team_and_each_look_is_an_entry(
    said: dict[str, Any], nurse: Person, subject_id: str, app: flask.Flask, database: Stored
) -> None:
    assert said
    path = f"/subjects/{subject_id}/contact"
    found = nurse.get(path).get_json()
    assert found["person"] == {**CONTACT, "best_time": None}
    entry = database["audit"].find_one({"action": "contact:read"})
    assert entry is not None
    assert (entry["actor_id"], entry["subject_id"]) == (nurse.id, subject_id)
    for role, site, status in (
        ("safety_reviewer", None, 403),
        ("data_manager", None, 403),
        ("administrator", None, 403),
        ("investigator", "S02", 404),
        ("investigator", "S01", 200),
    ):
        assert staff(app, role, site).get(path).status_code == status, role
    changed = {**CONTACT, "name": "Another", "rev": found["rev"]}
    assert nurse.call("PUT", path, json=changed).status_code == 200
    assert nurse.call("PUT", path, json=changed).status_code == 412
    assert nurse.call("PUT", path, json={**CONTACT, "rev": None}).status_code == 412
    assert nurse.get(path).get_json()["person"]["name"] == "Another"
    bad = nurse.call("PUT", path, json={**CONTACT, "phones": ["call me"]})
    assert bad.status_code == 422
    assert "call me" not in bad.text


def test_a_shredded_subject_s_words_are_gone_and_the_clinical_record_stays(
    said: dict[str, Any],
    patient: Person,
    nurse: Person,
    subject_id: str,
    database: Stored,
    app: flask.Flask,
) -> None:
    before = {
        name: list(database[name].find().sort("_id", 1))
        for name in ("diaries", "assessments", "adverse_events", "subjects")
    }
    sealed = list(database["private_texts"].find())
    run = app.test_cli_runner().invoke
    told = run(args=["vault", "shred", subject_id, "--reason", "asked to be forgotten", "--yes"])
    assert told.exit_code == 0, told.output
    assert "3 texts are gone" in told.output
    for one in sealed:
        with pytest.raises(SealedForGoodError):
            vault().open(one["_id"], one["sealed"])
    assert database["subject_keys"].count_documents({}) == 0
    rows = nurse.get(f"/subjects/{subject_id}/diaries").get_json()["items"]
    assert [(row["free_text"], row["shredded"]) for row in rows] == [(None, True), (None, True)]
    assert nurse.get(f"/subjects/{subject_id}/contact").status_code == 404
    assert before == {name: list(database[name].find().sort("_id", 1)) for name in before}
    entry = database["audit"].find_one({"action": "subject:shred"})
    assert entry is not None
    assert entry["reason"] == "asked to be forgotten"
    assert verify_audit({}).faults == ()
    # What the phone still sends is not lost, but for the words.
    assert patient.post("/diaries", said).status_code == 201
    assert patient.post("/diaries", diary(day="2026-03-01")).status_code == 201
    assert nurse.call("PUT", f"/subjects/{subject_id}/contact", json=CONTACT).status_code == 409
    assert b"Wilhelmina" not in everything(database)
    assert database["subject_keys"].count_documents({}) == 0
    again = run(args=["vault", "shred", subject_id, "--reason", "twice", "--yes"])
    assert (again.exit_code, "shredded already" in again.output) == (1, True)
    assert run(args=["vault", "shred", "S09-0001", "--reason", "x", "--yes"]).exit_code == 1


def test_a_key_that_a_restore_brought_back_is_destroyed_again(
    said: dict[str, Any], subject_id: str, database: Stored
) -> None:
    assert said
    key = database["subject_keys"].find_one({})
    assert key is not None
    shred_subject(subject_id, "asked", now=START, ids=new_id)
    database["subject_keys"].insert_one(key)
    assert reapply() == 1
    assert reapply() == 0
    assert database["subject_keys"].count_documents({}) == 0


def test_a_backup_that_is_older_than_a_shredding_is_shredded_by_the_list_kept_apart(
    said: dict[str, Any],
    subject_id: str,
    database: Stored,
    app: flask.Flask,
    tmp_path: Path,
) -> None:
    assert said
    older = {
        name: list(database[name].find()) for name in ("subject_keys", "private_texts", "audit")
    }
    shred_subject(subject_id, "asked to be forgotten", now=START, ids=new_id)
    run = app.test_cli_runner().invoke
    kept = tmp_path / "shredded.jsonl"
    kept.write_text(run(args=["vault", "shredded"]).output, encoding="utf-8")
    # What a restore of the older backup brings back, and what it does not know.
    database["shredded_subjects"].delete_many({})
    for name, rows in older.items():
        database[name].delete_many({})
        database[name].insert_many(rows)
    text = find_text(f"contact/{subject_id}")
    assert text is not None
    assert opened(text) is not None
    stranger = {"subject": "S09-0001", "at": START.isoformat(), "by": "machine", "reason": "x"}
    with kept.open("a", encoding="utf-8") as file:
        file.write(f"{json.dumps(stranger)}\n")
    for shredded in (1, 0):
        told = run(args=["vault", "shred-again", str(kept)])
        assert told.exit_code == 0, told.output
        assert f"shredded {shredded} subjects" in told.output
        assert "not in this database: S09-0001" in told.output
        assert opened(text) is None
    assert database["private_texts"].count_documents({}) == 0
    entry = database["audit"].find_one({"action": "subject:shred"})
    assert entry is not None
    assert entry["reason"] == "asked to be forgotten"
    kept.write_text('{"subject": "S01-0001"}', encoding="utf-8")
    assert run(args=["vault", "shred-again", str(kept)]).exit_code == 1


def test_what_was_copied_to_another_place_or_changed_is_not_opened(
    said: dict[str, Any], subject_id: str
) -> None:
    of = f"diary/{subject_id}/{said['submission_id']}"
    text = find_text(of)
    assert text is not None
    assert opened(text) == {"free_text": WORDS}
    assert opened(replace(text, id=f"contact/{subject_id}")) is None
    middle = len(text.sealed) // 2
    changed = text.sealed[:middle] + bytes([text.sealed[middle] ^ 1]) + text.sealed[middle + 1 :]
    assert opened(replace(text, sealed=changed)) is None


@pytest.fixture
def _reconnected(config: Config) -> Iterator[None]:
    yield
    connect(config)


@pytest.mark.usefixtures("_reconnected")
def test_the_master_key_changes_while_old_and_new_processes_run(
    said: dict[str, Any], subject_id: str, config: Config, database: Stored
) -> None:
    text = find_text(f"diary/{subject_id}/{said['submission_id']}")
    assert text is not None
    new = "another key of good length " * 2
    waiting = Vault(replace(config, encryption_key_next=new))
    switched = Vault(
        replace(config, encryption_key=new, encryption_key_previous=config.encryption_key)
    )
    switched.make_key("subject/other")
    sealed = switched.seal("subject/other", "x", {"a": "b"})
    assert waiting.open("x", sealed) == {"a": "b"}
    with pytest.raises(MasterKeyMissingError):
        Vault(config).open("x", sealed)
    assert switched.open(text.id, text.sealed) == {"free_text": WORDS}
    assert switched.wrap_again() == 1
    assert switched.wrap_again() == 0
    alone = Vault(replace(config, encryption_key=new))
    assert alone.open(text.id, text.sealed) == {"free_text": WORDS}
    assert waiting.open(text.id, text.sealed) == {"free_text": WORDS}
    with pytest.raises(MasterKeyMissingError):
        Vault(config).open(text.id, text.sealed)
    # The bytes themselves were not touched.
    assert database["private_texts"].find_one({"_id": text.id}, {"sealed": 1}) == {
        "_id": text.id,
        "sealed": text.sealed,
    }


@pytest.mark.usefixtures("_reconnected")
def test_a_process_without_the_right_key_loses_no_words_and_calls_none_shredded(
    said: dict[str, Any], patient: Person, nurse: Person, config: Config, database: Stored
) -> None:
    kept = database["diaries"].count_documents({})
    (first,) = database["diaries"].find({"submission_id": said["submission_id"]})
    open_vault(replace(config, encryption_key="a key of good length that nobody announced"))
    # The phone keeps its diary and comes again.
    assert patient.post("/diaries", diary()).status_code == 503
    assert database["diaries"].count_documents({}) == kept
    assert nurse.get(f"/diaries/{first['_id']}").status_code == 503
    open_vault(config)
    assert nurse.get(f"/diaries/{first['_id']}").get_json()["free_text"] == WORDS


@pytest.mark.usefixtures("_reconnected")
def test_a_database_that_is_away_is_no_destroyed_key(
    said: dict[str, Any], subject_id: str, config: Config
) -> None:
    text = find_text(f"diary/{subject_id}/{said['submission_id']}")
    assert text is not None
    connect(replace(config, mongodb_uri="mongodb://127.0.0.1:1/"))
    with pytest.raises(ServerSelectionTimeoutError), pymongo.timeout(0.1):
        opened(text)


def test_words_that_were_sealed_while_the_subject_was_shredded_are_not_kept(
    patient: Person, subject_id: str, database: Stored
) -> None:
    def shred(session: ClientSession) -> None:
        lock_subject(subject_id, session=session)
        if not sending:
            sending.append(threads.submit(patient.post, "/diaries", diary()))
        # It has sealed them and waits for the subject's lock, which is held here.
        while database["subject_keys"].find_one({}) is None:
            time.sleep(0.01)
        record = ShreddedSubject(subject_id, START, "somebody", "asked to be forgotten")
        insert_shredded(record, session=session)

    sending: list[Future[TestResponse]] = []
    with ThreadPoolExecutor(1) as threads:
        transaction(shred)
        assert sending[0].result().status_code == 201
    assert b"Wilhelmina" not in everything(database)
    assert database["private_texts"].count_documents({}) == 0


def test_words_that_an_earlier_release_kept_in_the_diary_are_sealed_by_migrate(
    said: dict[str, Any], nurse: Person, subject_id: str, database: Stored, config: Config
) -> None:
    of = f"diary/{subject_id}/{said['submission_id']}"
    stored = database["diaries"].find_one({"private": of})
    assert stored is not None
    plain = stored["payload"]
    old = {
        "$set": {"free_text": WORDS, "payload": plain[:-1] + f',"free_text":"{WORDS}"}}'},
        "$unset": {"private": ""},
    }
    database["diaries"].update_one({"_id": stored["_id"]}, old)
    database["private_texts"].delete_one({"_id": of})
    (step,) = [step for step in STEPS if step.name == "free text is sealed"]
    for _ in range(2):
        step.up(Work(config, START + dt.timedelta(days=1), lambda: None))
    assert database["diaries"].find_one({"_id": stored["_id"]}) == stored
    assert nurse.get(f"/diaries/{stored['_id']}").get_json()["free_text"] == WORDS
    assert b"Wilhelmina" not in everything(database)


def test_without_its_key_nothing_starts(settings: dict[str, str]) -> None:
    without = {name: text for name, text in settings.items() if name != "ENCRYPTION_KEY"}
    with pytest.raises(ConfigurationError, match="ENCRYPTION_KEY is not set"):
        Config.from_env(without)
    with pytest.raises(ConfigurationError, match="ENCRYPTION_KEY has 5 characters"):
        Config.from_env({**settings, "ENCRYPTION_KEY": "short"})
    assert "only-for-tests" not in repr(Config.from_env(settings))
