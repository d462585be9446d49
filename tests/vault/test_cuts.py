"""A data cut holds no words: not one taken now, and one of an earlier release no more after migrate."""

import uuid
from typing import Any

import bson
import orjson
import pytest
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions
from pymongo.database import Database

from backend.config import Config
from backend.context import new_id
from backend.listings.registry import LISTINGS
from backend.models.alert import AlertDocument
from backend.models.data_cut import chain, copies
from backend.models.diary import DiaryDocument
from backend.models.migrations import STEPS
from backend.models.migrations.step import Work
from backend.services.data_cut import verify_cut
from backend.services.lease import Fence
from backend.services.shredding import shred_subject
from tests.conftest import START, Clock
from tests.cuts.conftest import clinician, fence, reviewer, taken
from tests.people import Person, dosed, enrolled, phone

__all__ = ["clinician", "fence", "reviewer"]

Stored = Database[dict[str, Any]]
_UUIDS: CodecOptions[Any] = CodecOptions(uuid_representation=UuidRepresentation.STANDARD)
NOTE = "her sister Wilhelmina drives her in"
SAID = {"free_text": "Wilhelmina called", "mood": "sad since Wilhelmina left"}


@pytest.fixture
def subject_id(clinician: Person) -> str:
    """Give a subject who said something, and about whom somebody wrote something."""
    number = enrolled(clinician)
    dosed(clinician, number, "2026-01-12")
    patient = phone(clinician, number)
    bad = {
        "submission_id": str(uuid.uuid4()),
        "day": "2026-03-01",
        "reported_at": "2026-03-01T07:00:00+00:00",
        "zone": "Asia/Shanghai",
        "observations": {"stools_per_day": 10},
        **SAID,
    }
    assert patient.post("/diaries", bad).status_code == 201
    amends = {"submission_id": bad["submission_id"], "reason": "Wilhelmina read it wrongly"}
    without = {name: value for name, value in bad.items() if name not in SAID}
    second = {**without, "submission_id": str(uuid.uuid4()), "amends": amends}
    assert patient.post("/diaries", second).status_code == 201
    third = {**without, "submission_id": str(uuid.uuid4()), "day": "2026-02-28"}
    assert patient.post("/diaries", third).status_code == 201
    (alert, *_) = clinician.get("/alerts").get_json()["items"]
    called = {"step": "called", "note": NOTE, "rev": alert["rev"]}
    assert clinician.post(f"/alerts/{alert['id']}/steps", called).status_code == 200
    return number


@pytest.fixture
def cut(subject_id: str, reviewer: Person, fence: Fence, clock: Clock) -> str:
    assert subject_id
    return taken(reviewer, fence, clock, "2026-03-02")


def cut_bytes(database: Stored) -> bytes:
    return b"".join(
        bson.encode(stored, codec_options=_UUIDS)
        for name in database.list_collection_names()
        if name.startswith("cut.")
        for stored in database[name].find()
    )


def listings(reader: Person, cut: str) -> list[bytes]:
    found = [reader.get(f"/listings/{listing.name}.csv?cut={cut}") for listing in LISTINGS]
    assert {answer.status_code for answer in found} == {200}
    return [answer.data for answer in found]


def as_before(database: Stored, cut: str) -> None:
    """Bring a cut to what an earlier release would have written."""
    diaries, alerts = database[f"cut.{cut}.diaries"], database[f"cut.{cut}.alerts"]
    for diary in diaries.find({"private": {"$exists": True}}):
        payload = orjson.loads(diary["payload"])
        words: dict[str, Any] = {"payload_sha256": "0" * 64}
        if payload.get("amends"):
            payload["amends"]["reason"] = words["amendment_reason"] = "Wilhelmina read it wrongly"
        else:
            payload |= SAID
            words["free_text"] = SAID["free_text"]
        words["payload"] = orjson.dumps(payload, option=orjson.OPT_SORT_KEYS).decode()
        diaries.update_one({"_id": diary["_id"]}, {"$set": words, "$unset": {"private": ""}})
    for alert in alerts.find({"steps.step": "called"}):
        *steps, called = alert["steps"]
        called = {**called, "note": NOTE}
        del called["private"]
        alerts.update_one({"_id": alert["_id"]}, {"$set": {"steps": [*steps, called]}})
    digests = {}
    for document, name in ((DiaryDocument, "diaries"), (AlertDocument, "alerts")):
        digest = ""
        for stored in copies(cut, document, "subject_id", "_id"):
            digest = chain(digest, [stored])
        digests[f"digests.{name}"] = digest
    database["data_cuts"].update_one({"_id": cut}, {"$set": digests})


def strip(config: Config) -> None:
    (step,) = [step for step in STEPS if step.name == "data cuts are without words"]
    step.up(Work(config, START, lambda: None))


def test_a_cut_has_no_words_and_says_the_same_when_the_subject_is_shredded(
    cut: str, subject_id: str, reviewer: Person, database: Stored
) -> None:
    assert b"Wilhelmina" not in cut_bytes(database)
    before, shown = cut_bytes(database), listings(reviewer, cut)
    shred_subject(subject_id, "asked", now=START, ids=new_id)
    assert (cut_bytes(database), listings(reviewer, cut)) == (before, shown)
    assert verify_cut(cut) == ()


def test_a_cut_of_an_earlier_release_loses_its_words_and_stays_proved(
    cut: str, reviewer: Person, database: Stored, config: Config
) -> None:
    now = {
        name: list(database[f"cut.{cut}.{name}"].find().sort("_id", 1))
        for name in ("diaries", "alerts")
    }
    as_before(database, cut)
    assert verify_cut(cut) == ()
    assert b"Wilhelmina" in cut_bytes(database)
    shown = listings(reviewer, cut)
    for _ in range(2):
        strip(config)
    assert b"Wilhelmina" not in cut_bytes(database)
    assert verify_cut(cut) == ()
    assert listings(reviewer, cut) == shown
    assert list(database[f"cut.{cut}.diaries"].find().sort("_id", 1)) == now["diaries"]
    (entry,) = database["audit"].find({"action": "data_cut:strip"})
    assert entry["details"] == {"copies": {"diaries": 2, "alerts": 1}}
    stored = database["data_cuts"].find_one({"_id": cut})
    assert stored is not None
    assert entry["changes"]["diaries"]["new"] == stored["digests"]["diaries"]


def test_a_cut_that_was_tampered_with_stays_known_as_such(
    cut: str, database: Stored, config: Config
) -> None:
    as_before(database, cut)
    (first, *_) = database[f"cut.{cut}.diaries"].find()
    database[f"cut.{cut}.diaries"].update_one({"_id": first["_id"]}, {"$set": {"version": 9}})
    strip(config)
    assert b"Wilhelmina" not in cut_bytes(database)
    assert [one.collection for one in verify_cut(cut)] == ["diaries"]
