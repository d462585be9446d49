"""Photos over the API: taken once, kept with their diary, shown to those who may look."""

import hashlib
import io
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import flask
import pytest
from PIL import Image
from pymongo.database import Database
from werkzeug.test import TestResponse

from tests.conftest import Clock
from tests.people import Person, enrolled, phone, staff
from tests.photos.pictures import encoded, halves, huge, snapshot

Stored = Database[dict[str, Any]]


@pytest.fixture
def nurse(app: flask.Flask) -> Person:
    return staff(app, "nurse", "S01")


@pytest.fixture
def subject_id(nurse: Person) -> str:
    return enrolled(nurse)


@pytest.fixture
def patient(nurse: Person, subject_id: str) -> Person:
    return phone(nurse, subject_id)


def new_id() -> str:
    return str(uuid.uuid4())


def send(
    patient: Person, data: bytes, content_type: str = "image/jpeg", **changes: str
) -> TestResponse:
    query = {"photo_id": new_id(), "submission_id": new_id(), "kind": "hands", **changes}
    return patient.call("POST", "/photos", query_string=query, data=data, content_type=content_type)


def diary(submission_id: str) -> dict[str, Any]:
    return {
        "submission_id": submission_id,
        "day": "2026-03-02",
        "reported_at": "2026-03-02T07:00:00+00:00",
        "zone": "Asia/Shanghai",
    }


def counts(database: Stored) -> dict[str, int]:
    # That somebody asked is counted whatever they asked.
    names = set(database.list_collection_names()) - {"request_counts"}
    return {name: database[name].count_documents({}) for name in names}


def pointers(answer: TestResponse) -> list[str]:
    assert answer.status_code == 422, answer.text
    assert answer.content_type == "application/problem+json"
    return [fault["pointer"] for fault in answer.get_json()["errors"]]


def test_the_whole_way(
    nurse: Person, patient: Person, subject_id: str, database: Stored, app: flask.Flask
) -> None:
    sent, ids = snapshot(orientation=6), {"photo_id": new_id(), "submission_id": new_id()}
    answer = send(patient, sent, taken_at="2026-03-02T15:30:00+08:00", kind="rash", **ids)
    assert answer.status_code == 201, answer.text
    receipt = answer.get_json()
    assert receipt.keys() == {
        "photo_id",
        "submission_id",
        "received_at",
        "width",
        "height",
        "bytes",
    }
    assert (receipt["width"], receipt["height"]) == (32, 64)

    seen = nurse.get(f"/photos/{ids['photo_id']}")
    assert (seen.status_code, seen.content_type) == (200, "image/jpeg")
    assert seen.headers["Content-Disposition"] == "inline"
    assert seen.headers["Cache-Control"] == "no-store"
    assert seen.headers["X-Content-Type-Options"] == "nosniff"
    assert len(seen.data) == receipt["bytes"]
    assert b"SECRET" not in seen.data
    assert Image.open(io.BytesIO(seen.data)).size == (32, 64)

    (known,) = nurse.get(f"/subjects/{subject_id}/photos").get_json()["items"]
    assert known == {
        **ids,
        "kind": "rash",
        "taken_at": "2026-03-02T07:30:00+00:00",
        "received_at": receipt["received_at"],
        "width": 32,
        "height": 64,
    }
    stored = database["photos"].find_one({"_id": ids["photo_id"]})
    assert stored is not None
    assert stored["received_sha256"] == hashlib.sha256(sent).hexdigest()
    assert stored["stored_sha256"] == hashlib.sha256(seen.data).hexdigest()
    reviewer = staff(app, "safety_reviewer")
    assert reviewer.get(f"/photos/{ids['photo_id']}").data == seen.data


def test_what_is_written_and_who_looked_is_in_the_audit_trail(
    nurse: Person, patient: Person, database: Stored
) -> None:
    photo_id = send(patient, snapshot()).get_json()["photo_id"]
    nurse.get(f"/photos/{photo_id}")
    patient.get(f"/photos/{photo_id}")
    entries = list(database["audit"].find({"target": f"photo/{photo_id}"}))
    assert [entry["action"] for entry in entries] == [
        "photo:record",
        "photo:read",
        "photo:read",
    ]
    assert entries[1]["actor_id"] == nurse.id
    assert all("hands" not in str(entry) for entry in entries)


def test_a_repeat_gets_the_first_receipt_and_changes_nothing(
    patient: Person, database: Stored, clock: Clock
) -> None:
    ids = {"photo_id": new_id(), "submission_id": new_id()}
    first = send(patient, snapshot(), taken_at="2026-03-02T07:00:00.123456Z", **ids)
    before = counts(database)
    clock.advance(minutes=5)
    ids["photo_id"] = ids["photo_id"].upper()
    again = send(patient, snapshot(), taken_at="2026-03-02T15:00:00.123456+08:00", **ids)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.get_json() == first.get_json()
    assert counts(database) == before


@pytest.mark.parametrize(
    "change",
    [
        {"submission_id": "00000000-0000-4000-8000-000000000000"},
        {"kind": "feet"},
        {"taken_at": "2026-03-02T07:00:00Z"},
        {"data": encoded(halves(), quality=30)},
    ],
)
def test_the_same_id_with_anything_else_is_refused(
    patient: Person, database: Stored, change: dict[str, Any]
) -> None:
    ids = {"photo_id": new_id(), "submission_id": new_id()}
    send(patient, snapshot(), **ids)
    before = counts(database)
    answer = send(patient, **{"data": snapshot(), **ids, **change})
    assert (answer.status_code, answer.content_type) == (409, "application/problem+json")
    assert counts(database) == before


def test_no_phone_takes_the_id_of_another_patients_photo(
    nurse: Person, patient: Person, database: Stored
) -> None:
    ids = {"photo_id": new_id(), "submission_id": new_id()}
    send(patient, snapshot(), **ids)
    before = database["photos"].count_documents({})
    assert send(phone(nurse, enrolled(nurse)), snapshot(), **ids).status_code == 409
    assert database["photos"].count_documents({}) == before


@pytest.mark.parametrize("photo_first", [True, False])
def test_a_photo_may_come_before_its_diary_or_after(
    nurse: Person, patient: Person, subject_id: str, *, photo_first: bool
) -> None:
    submission_id = new_id()
    steps = [
        lambda: send(patient, snapshot(), submission_id=submission_id),
        lambda: patient.post("/diaries", diary(submission_id)),
    ]
    for step in steps if photo_first else reversed(steps):
        assert step().status_code == 201
    send(patient, snapshot())
    found = nurse.get(f"/subjects/{subject_id}/photos?submission_id={submission_id}").get_json()
    assert [photo["submission_id"] for photo in found["items"]] == [submission_id]


def test_a_diary_has_six_photos_and_no_seventh(patient: Person, database: Stored) -> None:
    submission_id = new_id()
    answers = [send(patient, snapshot(), submission_id=submission_id) for _ in range(7)]
    assert [answer.status_code for answer in answers] == [201] * 6 + [409]
    assert answers[6].get_json()["detail"] == "This diary has 6 photos already."
    assert database["photos"].count_documents({}) == database["photo_images"].count_documents({})
    # What came before is still answered, and another diary still has room.
    assert send(patient, snapshot()).status_code == 201


def test_eight_photos_at_once_are_six(patient: Person, database: Stored) -> None:
    submission_id = new_id()

    def one(_: int) -> int:
        return send(patient, snapshot(), submission_id=submission_id).status_code

    with ThreadPoolExecutor(8) as threads:
        statuses = sorted(threads.map(one, range(8)))
    assert statuses == [201] * 6 + [409] * 2
    assert database["photos"].count_documents({"submission_id": submission_id}) == 6


def test_the_same_photo_twice_at_once_is_stored_once(patient: Person, database: Stored) -> None:
    ids = {"photo_id": new_id(), "submission_id": new_id()}
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: send(patient, snapshot(), **ids), range(4)))
    assert sorted(answer.status_code for answer in answers) == [200] * 3 + [201]
    assert len({answer.text for answer in answers}) == 1
    assert database["audit"].count_documents({"action": "photo:record"}) == 1


def test_photos_are_listed_newest_first_page_by_page(
    nurse: Person, patient: Person, subject_id: str, clock: Clock
) -> None:
    sent = []
    for minutes in (0, 0, 0, 1, 0):
        # Several in one millisecond: each comes once.
        clock.advance(minutes=minutes)
        sent.append(send(patient, snapshot()).get_json()["photo_id"])
    seen: list[str] = []
    cursor = ""
    while True:
        page = nurse.get(f"/subjects/{subject_id}/photos?limit=2{cursor}").get_json()
        seen += [photo["photo_id"] for photo in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == sorted(sent[3:], reverse=True) + sorted(sent[:3], reverse=True)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"Dear doctor",
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        snapshot(halves(640, 480))[:-900],
        huge(60_000),
    ],
    ids=["nothing", "text", "svg", "truncated", "bomb"],
)
def test_what_is_no_picture_changes_nothing(patient: Person, database: Stored, data: bytes) -> None:
    before = counts(database)
    assert pointers(send(patient, data)) == [""]
    assert counts(database) == before


def test_each_fault_of_the_query_has_its_pointer(patient: Person) -> None:
    bad = {"photo_id": "7", "submission_id": "x", "kind": "face", "taken_at": "2026-03-02T07:00:00"}
    answer = send(patient, snapshot(), **bad)
    assert sorted(pointers(answer)) == ["/kind", "/photo_id", "/submission_id", "/taken_at"]


@pytest.mark.parametrize("kind", ["image/svg+xml", "application/json", "multipart/form-data"])
def test_another_kind_of_body_is_refused(patient: Person, kind: str) -> None:
    assert send(patient, snapshot(), kind).status_code == 415


def test_a_body_that_is_too_large(patient: Person, database: Stored) -> None:
    before = counts(database)
    answer = send(patient, snapshot() + b"\0" * 1024 * 1024)
    assert (answer.status_code, answer.content_type) == (413, "application/problem+json")
    assert "exceeds" in answer.get_json()["detail"]
    assert counts(database) == before


def test_nobody_else_sees_a_photo(
    nurse: Person, patient: Person, subject_id: str, app: flask.Flask, database: Stored
) -> None:
    photo_id = send(patient, snapshot()).get_json()["photo_id"]
    assert patient.get(f"/subjects/{subject_id}/photos").status_code == 200
    neighbour = phone(nurse, enrolled(nurse))
    before = database["audit"].count_documents({"action": "photo:read"})
    for person, one, all_ in (
        (neighbour, 404, 404),
        (staff(app, "nurse", "S02"), 404, 404),
        (staff(app, "data_manager"), 403, 403),
        (staff(app, "administrator"), 403, 403),
    ):
        assert person.get(f"/photos/{photo_id}").status_code == one
        assert person.get(f"/subjects/{subject_id}/photos").status_code == all_
    assert nurse.get(f"/photos/{new_id()}").status_code == 404
    assert nurse.get("/photos/elsewhere").status_code == 404
    assert send(nurse, snapshot()).status_code == 403
    assert database["audit"].count_documents({"action": "photo:read"}) == before
