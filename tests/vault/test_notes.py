"""What staff write about an alert is sealed: shown where one alert is read, in no list, gone when shredded."""

from typing import Any

import pytest
from pymongo.database import Database

from backend.config import Config
from backend.context import new_id
from backend.models.migrations import STEPS
from backend.models.migrations.step import Work
from backend.services.shredding import Gone, shred_subject
from tests.access.world import bad_day
from tests.conftest import START
from tests.people import Person, dosed, enrolled, phone
from tests.vault.stored import everything

Stored = Database[dict[str, Any]]
CALLED = "her sister Wilhelmina drives her in"
CLOSED = "admitted, Wilhelmina informed"


@pytest.fixture
def alert(nurse: Person) -> dict[str, Any]:
    """Give an alert that a nurse has called about."""
    subject_id = enrolled(nurse)
    dosed(nurse, subject_id, "2026-01-12")
    assert phone(nurse, subject_id).post("/diaries", bad_day()).status_code == 201
    (first, *_) = nurse.get("/alerts").get_json()["items"]
    return taken(nurse, first, "called", CALLED)


def taken(nurse: Person, alert: dict[str, Any], step: str, note: str) -> dict[str, Any]:
    body = {"step": step, "note": note, "rev": alert["rev"]}
    answer = nurse.post(f"/alerts/{alert['id']}/steps", body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def notes(alert: dict[str, Any]) -> list[tuple[str, str | None, bool]]:
    return [(step["step"], step["note"], step["sealed"]) for step in alert["steps"]]


def test_a_note_is_shown_with_its_alert_in_no_list_and_stored_nowhere_in_plain(
    alert: dict[str, Any], nurse: Person, database: Stored
) -> None:
    raised = notes(alert)[0]
    assert raised[0] == "raised"
    assert raised[1]
    assert notes(alert) == [raised, ("called", CALLED, False)]
    assert notes(nurse.get(f"/alerts/{alert['id']}").get_json()) == notes(alert)
    ladder = nurse.get(f"/alerts/{alert['id']}/ladder").get_json()
    assert CALLED in [rung["note"] for rung in ladder]
    listed = [nurse.get(path) for path in ("/alerts", "/alerts/by-subject", "/alerts/stream")]
    assert [b"Wilhelmina" in answer.data for answer in listed] == [False, False, False]
    (row,) = [one for one in listed[0].get_json()["items"] if one["id"] == alert["id"]]
    assert notes(row) == [raised, ("called", None, True)]
    assert b"Wilhelmina" not in everything(database)
    closed = taken(nurse, alert, "close", CLOSED)
    assert notes(closed) == [raised, ("called", CALLED, False), ("close", CLOSED, False)]
    # A step that is refused leaves nothing behind.
    kept = database["private_texts"].count_documents({})
    stale = {"step": "comment", "note": "too late", "rev": alert["rev"]}
    assert nurse.post(f"/alerts/{alert['id']}/steps", stale).status_code == 412
    assert database["private_texts"].count_documents({}) == kept == 2


def test_shredding_ends_notes_and_leaves_the_steps(
    alert: dict[str, Any], nurse: Person, database: Stored
) -> None:
    before = database["alerts"].find_one({"_id": alert["id"]})
    gone = shred_subject(alert["subject_id"], "asked", now=START, ids=new_id)
    assert gone == Gone(1, 0)
    assert database["alerts"].find_one({"_id": alert["id"]}) == before
    shown = nurse.get(f"/alerts/{alert['id']}").get_json()
    assert notes(shown) == [notes(alert)[0], ("called", None, True)]
    # The alert must still be answered; what is said of the subject is not kept.
    closed = taken(nurse, shown, "close", CLOSED)
    assert (closed["state"], notes(closed)[-1]) == ("closed", ("close", None, True))
    assert database["private_texts"].count_documents({}) == 0
    assert b"Wilhelmina" not in everything(database)


def test_notes_that_an_earlier_release_kept_plain_are_sealed_by_migrate(
    alert: dict[str, Any], nurse: Person, database: Stored, config: Config
) -> None:
    shown = notes(taken(nurse, alert, "close", CLOSED))
    stored = database["alerts"].find_one({"_id": alert["id"]})
    assert stored is not None
    for step, (_, note, _) in zip(stored["steps"], shown, strict=True):
        step.pop("private")
        step["note"] = note
    database["alerts"].replace_one({"_id": alert["id"]}, stored)
    database["private_texts"].delete_many({})
    (step,) = [step for step in STEPS if step.name == "notes of alerts are sealed"]
    assert b"Wilhelmina" in everything(database)
    for _ in range(2):
        step.up(Work(config, START, lambda: None))
    assert b"Wilhelmina" not in everything(database)
    assert database["private_texts"].count_documents({}) == 2
    assert notes(nurse.get(f"/alerts/{alert['id']}").get_json()) == shown
