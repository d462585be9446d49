"""Marks on a drawing of the body: kept as drawn, shown again, replaced by an amendment, never graded."""

import uuid
from typing import Any

import flask
import pytest
from pymongo.database import Database

from tests.people import Person, dosed, enrolled, phone, staff

MARKS = [
    {"symptom": "rash", "region": "chest", "palms": 2.5},
    {"symptom": "rash", "region": "left_arm_lower_front", "palms": None},
    {"symptom": "hand_foot", "region": "right_foot_sole"},
    {"symptom": "itching", "region": "chest", "palms": 0},
]
# A region that was not counted is told from one where nothing was.
SHOWN = [*MARKS[:2], {**MARKS[2], "palms": None}, MARKS[3]]


@pytest.fixture
def nurse(app: flask.Flask) -> Person:
    return staff(app, "nurse", "S01")


@pytest.fixture
def patient(nurse: Person) -> Person:
    number = enrolled(nurse)
    dosed(nurse, number, "2026-01-12")
    return phone(nurse, number)


def diary(body_map: object, **changes: object) -> dict[str, Any]:
    return {
        "submission_id": str(uuid.uuid4()),
        "day": "2026-03-02",
        "reported_at": "2026-03-02T07:00:00+00:00",
        "zone": "Asia/Shanghai",
        "symptoms": [{"symptom": "rash", "presence": 1}],
        "body_map": body_map,
        **changes,
    }


def test_marks_are_kept_as_drawn_and_shown_again(nurse: Person, patient: Person) -> None:
    sent = diary(MARKS)
    receipt = patient.post("/diaries", sent).get_json()
    assert receipt["unread_fields"] == []
    for person in (nurse, patient):
        assert person.get(f"/diaries/{receipt['diary_id']}").get_json()["body_map"] == SHOWN
    assert patient.post("/diaries", sent).get_json() == receipt
    assert patient.post("/diaries", {**sent, "body_map": MARKS[:1]}).status_code == 409


def test_a_diary_without_a_drawing_shows_an_empty_one(
    nurse: Person, patient: Person, database: Database[dict[str, Any]]
) -> None:
    sent = {name: value for name, value in diary([]).items() if name != "body_map"}
    diary_id = patient.post("/diaries", sent).get_json()["diary_id"]
    # As one stored by an earlier release.
    database["diaries"].update_one({"_id": diary_id}, {"$unset": {"body_map": ""}})
    assert nurse.get(f"/diaries/{diary_id}").get_json()["body_map"] == []


def test_an_amendment_brings_its_own_drawing_and_leaves_the_first(
    nurse: Person, patient: Person
) -> None:
    first = diary(MARKS)
    first_id = patient.post("/diaries", first).get_json()["diary_id"]
    amends = {"submission_id": first["submission_id"], "reason": "wrong arm"}
    later = patient.post("/diaries", diary(MARKS[:1], amends=amends)).get_json()
    assert later["version"] == 2
    old = nurse.get(f"/diaries/{first_id}").get_json()
    new = nurse.get(f"/diaries/{later['diary_id']}").get_json()
    assert (old["superseded"], old["body_map"]) == (True, SHOWN)
    assert (new["superseded"], new["body_map"]) == (False, MARKS[:1])


def test_marks_change_no_grade_and_no_flag(nurse: Person, patient: Person) -> None:
    made = []
    for body_map in ([], [{"symptom": "rash", "region": "chest", "palms": 40}]):
        receipt = patient.post("/diaries", diary(body_map)).get_json()
        assessment = nurse.get(f"/diaries/{receipt['diary_id']}/assessment").get_json()
        made.append({name: assessment[name] for name in ("grades", "scores", "tier")})
    assert made[0] == made[1]


@pytest.mark.parametrize(
    ("mark", "pointer"),
    [
        ({"symptom": "rash", "region": "shoulder"}, "/body_map/1/region"),
        ({"symptom": "no_such", "region": "neck_back"}, "/body_map/1/symptom"),
        ({"symptom": "rash"}, "/body_map/1/region"),
        ({"symptom": "rash", "region": "neck_back", "palms": 0.3}, "/body_map/1/palms"),
        ({"symptom": "rash", "region": "neck_back", "palms": -0.5}, "/body_map/1/palms"),
        ({"symptom": "rash", "region": "neck_back", "palms": 100.5}, "/body_map/1/palms"),
        ({"symptom": "rash", "region": "neck_back", "palms": "1"}, "/body_map/1/palms"),
        ({"symptom": "rash", "region": "neck_back", "palms": True}, "/body_map/1/palms"),
        ({"symptom": "rash", "region": "neck_back", "size": 1}, "/body_map/1/size"),
        ({"symptom": "rash", "region": "chest"}, "/body_map/1"),
    ],
)
def test_a_bad_mark_is_named_and_nothing_is_stored(
    patient: Person, database: Database[dict[str, Any]], mark: dict[str, Any], pointer: str
) -> None:
    answer = patient.post("/diaries", diary([MARKS[0], mark]))
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.get_json()["errors"]] == [pointer]
    assert database["diaries"].count_documents({}) == 0


def test_more_marks_than_a_body_has_are_refused(patient: Person) -> None:
    answer = patient.post("/diaries", diary([MARKS[0]] * 201))
    assert [fault["pointer"] for fault in answer.get_json()["errors"]] == ["/body_map"]
