"""Photos are sealed as words are: stored nowhere as pictures, and gone with the subject's key."""

import hashlib
from typing import Any

import flask
import pytest
from pymongo.database import Database
from werkzeug.test import TestResponse

from backend.config import Config
from backend.context import new_id
from backend.db import transaction
from backend.models.migrations import STEPS
from backend.models.migrations.step import Work
from backend.models.private_text import ShreddedSubject, insert_shredded
from backend.services.shredding import Gone, shred_subject
from backend.vault import SealedForGoodError, vault
from tests.conftest import START
from tests.people import Person, enrolled, staff
from tests.photos.pictures import snapshot

Stored = Database[dict[str, Any]]


def send(patient: Person, photo_id: str) -> TestResponse:
    query = {"photo_id": photo_id, "submission_id": new_id(), "kind": "hands"}
    sent = {"query_string": query, "data": snapshot(), "content_type": "image/jpeg"}
    return patient.call("POST", "/photos", **sent)


@pytest.fixture
def photos(patient: Person) -> tuple[str, str]:
    """Give the ids of two photos that were taken."""
    ids = (new_id(), new_id())
    assert [send(patient, photo_id).status_code for photo_id in ids] == [201, 201]
    return ids


def test_a_picture_is_stored_sealed_and_shown_to_who_may_see_it(
    photos: tuple[str, str], nurse: Person, patient: Person, database: Stored
) -> None:
    (photo_id, other) = photos
    for who in (nurse, patient):
        answer = who.get(f"/photos/{photo_id}")
        assert answer.status_code == 200
        known = database["photos"].find_one({"_id": photo_id})
        assert known is not None
        assert hashlib.sha256(answer.data).hexdigest() == known["stored_sha256"]
    stored = database["photo_images"].find_one({"_id": photo_id})
    assert stored is not None
    assert set(stored) == {"_id", "sealed"}
    assert answer.data[:3] not in bytes(stored["sealed"])
    # In another photo's place it is not shown as that one.
    database["photo_images"].update_one({"_id": other}, {"$set": {"sealed": stored["sealed"]}})
    assert nurse.get(f"/photos/{other}").status_code == 404


def test_shredding_ends_pictures_and_leaves_that_there_were(
    photos: tuple[str, str], nurse: Person, patient: Person, subject_id: str, database: Stored
) -> None:
    sealed = list(database["photo_images"].find())
    known = nurse.get(f"/subjects/{subject_id}/photos").get_json()["items"]
    assert shred_subject(subject_id, "asked", now=START, ids=new_id) == Gone(0, 2)
    assert database["photo_images"].count_documents({}) == 0
    for one in sealed:
        with pytest.raises(SealedForGoodError):
            vault().open(f"photo/{one['_id']}", one["sealed"])
    # Also where a backup brings the sealed pictures back.
    database["photo_images"].insert_many(sealed)
    assert [nurse.get(f"/photos/{photo_id}").status_code for photo_id in photos] == [404, 404]
    assert nurse.get(f"/subjects/{subject_id}/photos").get_json()["items"] == known
    assert send(patient, new_id()).status_code == 409
    assert database["photos"].count_documents({}) == 2
    assert database["subject_keys"].count_documents({}) == 0


def test_pictures_that_an_earlier_release_kept_plain_are_sealed_by_migrate(
    photos: tuple[str, str], nurse: Person, app: flask.Flask, database: Stored, config: Config
) -> None:
    shown = {photo_id: nurse.get(f"/photos/{photo_id}").data for photo_id in photos}
    far = staff(app, "nurse", "S02")
    gone = enrolled(far, "S02", zone="Europe/Berlin")
    old = {"_id": "gone", "subject_id": gone}
    database["photos"].insert_one(old)
    database["photo_images"].delete_many({})
    plain = {**shown, "gone": b"a picture"}
    database["photo_images"].insert_many({"_id": key, "data": data} for key, data in plain.items())
    record = ShreddedSubject(gone, START, "machine", "asked")
    transaction(lambda session: insert_shredded(record, session=session))
    # Such a picture is shown until then.
    assert nurse.get(f"/photos/{photos[0]}").data == shown[photos[0]]
    (step,) = [step for step in STEPS if step.name == "photos are sealed"]
    for _ in range(2):
        step.up(Work(config, START, lambda: None))
    stored = list(database["photo_images"].find())
    assert {one["_id"] for one in stored} == set(photos)
    assert all(set(one) == {"_id", "sealed"} for one in stored)
    assert {photo_id: nurse.get(f"/photos/{photo_id}").data for photo_id in photos} == shown
