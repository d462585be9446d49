"""What proves that a diary came again says nothing of its words: not to who guesses, not once shredded."""

import hashlib
import uuid
from typing import Any

import orjson
import pytest
from pymongo.database import Database

from backend.config import Config
from backend.context import new_id
from backend.models.migrations import STEPS
from backend.models.migrations.step import Work
from backend.models.private_text import find_text, opened
from backend.services.shredding import shred_subject
from tests.conftest import START
from tests.people import Person

Stored = Database[dict[str, Any]]
WORDS, MOOD = "Wilhelmina called", "sad since Wilhelmina left"


def diary(**changes: object) -> dict[str, Any]:
    return {
        "submission_id": str(uuid.uuid4()),
        "day": "2026-03-02",
        "reported_at": "2026-03-02T07:00:00+00:00",
        "zone": "Asia/Shanghai",
        "observations": {"stools_per_day": 3},
        **changes,
    }


def digest(body: dict[str, Any]) -> str:
    """Give the digest that earlier releases kept: of the whole body."""
    return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()


def only(database: Stored) -> dict[str, Any]:
    (stored,) = database["diaries"].find()
    return stored


def test_the_stored_digest_does_not_tell_whether_a_guess_is_right(
    patient: Person, database: Stored
) -> None:
    sent = diary(free_text=WORDS, mood=MOOD)
    assert patient.post("/diaries", sent).status_code == 201
    without = {name: sent[name] for name in sent if name not in ("free_text", "mood")}
    assert only(database)["payload_sha256"] == digest(without) != digest(sent)
    assert orjson.loads(only(database)["payload"]) == without
    assert only(database)["unread_fields"] == ["mood"]


@pytest.mark.parametrize(
    "other", [{"free_text": "else"}, {"mood": "else"}, {"mood": MOOD, "free_text": None}]
)
def test_another_text_under_the_same_id_is_refused_and_the_same_is_answered(
    patient: Person, database: Stored, other: dict[str, Any]
) -> None:
    sent = diary(free_text=WORDS, mood=MOOD)
    first = patient.post("/diaries", sent).get_json()
    again = {**sent, "sent_at": "2026-03-02T08:00:00+00:00"}
    assert patient.post("/diaries", again).get_json() == first
    assert patient.post("/diaries", {**sent, **other}).status_code == 409
    plain = diary()
    assert patient.post("/diaries", plain).status_code == 201
    assert patient.post("/diaries", {**plain, "free_text": WORDS}).status_code == 409
    assert database["diaries"].count_documents({}) == 2


def test_a_shredded_subject_s_phone_gets_its_first_receipt(
    patient: Person, subject_id: str, database: Stored
) -> None:
    sent = diary(free_text=WORDS, mood=MOOD)
    first = patient.post("/diaries", sent).get_json()
    shred_subject(subject_id, "asked", now=START, ids=new_id)
    assert patient.post("/diaries", sent).get_json() == first
    changed = {**sent, "observations": {"stools_per_day": 4}}
    assert patient.post("/diaries", changed).status_code == 409
    assert database["private_texts"].count_documents({}) == 0


def test_digests_of_an_earlier_release_hold_before_and_after_migrate(
    patient: Person, database: Stored, config: Config
) -> None:
    sent = diary(free_text=WORDS, mood=MOOD)
    first = patient.post("/diaries", sent).get_json()
    now = only(database)
    of = now["private"]
    payload = orjson.dumps({**orjson.loads(now["payload"]), "mood": MOOD}).decode()
    change = {"payload_sha256": digest(sent), "payload": payload}
    # As step 2 has left it: the free text is sealed, the field that nobody knew is not.
    database["diaries"].update_one({"_id": now["_id"]}, {"$set": change})
    text = find_text(of)
    assert text is not None
    assert patient.post("/diaries", sent).get_json() == first
    (step,) = [step for step in STEPS if step.name == "digests are without words"]
    for _ in range(2):
        step.up(Work(config, START, lambda: None))
    assert only(database) == now
    after = find_text(of)
    assert after is not None
    assert opened(after) == {"free_text": WORDS, "unread": orjson.dumps({"mood": MOOD}).decode()}
    assert after.rev == text.rev + 1
    assert patient.post("/diaries", sent).get_json() == first
    assert patient.post("/diaries", {**sent, "mood": "else"}).status_code == 409
