"""Subjects over the wire: enrolled under a number, corrected with a reason, followed by milestones."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import flask
import pytest
from pymongo.database import Database

from tests.conftest import Clock
from tests.people import Person, enrolled, enrolment, phone, staff

Stored = Database[dict[str, Any]]


@pytest.fixture
def nurse(app: flask.Flask) -> Person:
    return staff(app, "nurse", "S01")


def pointers(answer: Any) -> set[str]:  # noqa: ANN401 - werkzeug's response
    assert answer.status_code == 422, answer.text
    assert answer.content_type == "application/problem+json"
    return {fault["pointer"] for fault in answer.get_json()["errors"]}


def patch(person: Person, subject_id: str, **body: object) -> Any:  # noqa: ANN401
    return person.call("PATCH", f"/subjects/{subject_id}", json=body)


def reach(person: Person, subject_id: str, kind: str, on: str, **more: object) -> Any:  # noqa: ANN401
    rev = person.get(f"/subjects/{subject_id}").get_json()["rev"]
    return person.post(
        f"/subjects/{subject_id}/milestones", {"kind": kind, "on": on, "rev": rev, **more}
    )


def test_a_subject_gets_the_sites_next_number_and_no_name(app: flask.Flask, nurse: Person) -> None:
    sent = enrolment(baseline={"baseline_weight_kg": 65.5, "sex": "female", "has_stoma": False})
    made = nurse.post("/subjects", sent).get_json()
    assert made["id"] == "S01-0001"
    assert made["baseline"] == {"baseline_weight_kg": 65.5, "sex": "female", "has_stoma": False}
    assert (made["status"], made["rev"], made["milestones"]) == ("enrolled", 0, [])
    assert made["study_version"] == nurse.get("/study").get_json()["version"]
    assert enrolled(nurse) == "S01-0002"
    other = staff(app, "nurse", "S02")
    assert enrolled(other, "S02", zone="Europe/Berlin") == "S02-0001"
    assert nurse.get("/subjects/S01-0001").get_json() == made


def test_numbers_of_many_at_once_are_different_and_without_gap(
    app: flask.Flask, nurse: Person
) -> None:
    def enrol(_: int) -> str:
        return enrolled(Person(app.test_client(), nurse.token, nurse.id))

    with ThreadPoolExecutor(6) as pool:
        numbers = sorted(pool.map(enrol, range(12)))
    assert numbers == [f"S01-{number:04d}" for number in range(1, 13)]


def test_baseline_results_get_the_limits_of_the_site_and_the_sex(nurse: Person) -> None:
    labs = [
        {"analyte": "Hb", "value": 128, "unit": "G/L", "collected_on": "2026-02-27"},
        {"analyte": "ALT", "value": 21, "unit": "IU/L", "uln": 33},
    ]
    for sex, lln in (("female", 115), ("male", 130)):
        made = nurse.post("/subjects", enrolment(baseline={"sex": sex}, baseline_labs=labs))
        found = made.get_json()["baseline_labs"]
        assert found["haemoglobin"]["lln"] == lln
        assert found["haemoglobin"]["unit"] == "g/L"
        assert found["alt"] == {
            "value": 21, "unit": "U/L", "lln": None, "uln": 33, "collected_on": None
        }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"arm": "C"}, "/arm"),
        ({"mrf": "unknown"}, "/mrf"),
        ({"language": "fr"}, "/language"),
        ({"zone": "Mars/Olympus"}, "/zone"),
        ({"zone": 8}, "/zone"),
        ({"name": "Somebody"}, "/name"),
        ({"site": ""}, "/site"),
        ({"baseline": {"baseline_weight_kg": 650}}, "/baseline/baseline_weight_kg"),
        ({"baseline": {"baseline_weight_kg": "65"}}, "/baseline/baseline_weight_kg"),
        ({"baseline": {"baseline_weight_kg": [65]}}, "/baseline/baseline_weight_kg/value"),
        ({"baseline": {"sex": "other"}}, "/baseline/sex"),
        ({"baseline": {"has_stoma": 1}}, "/baseline/has_stoma"),
        ({"baseline": {"stools_per_day": 3}}, "/baseline/stools_per_day"),
        ({"baseline": {"regorafenib_on": True}}, "/baseline/regorafenib_on"),
        ({"baseline": {"a/b": 1}}, "/baseline/a~1b"),
    ],
)
def test_a_bad_enrolment_names_the_fault_and_uses_up_no_number(
    nurse: Person, database: Stored, change: dict[str, Any], pointer: str
) -> None:
    before = database["audit"].count_documents({})
    assert pointers(nurse.post("/subjects", enrolment(**change))) == {pointer}
    assert database["subjects"].count_documents({}) == 0
    assert database["counters"].count_documents({}) == 0
    assert database["audit"].count_documents({}) == before


def test_every_fault_of_baseline_results_has_its_pointer(nurse: Person) -> None:
    good = {"analyte": "ALT", "value": 21, "unit": "U/L"}
    labs = [
        {**good, "analyte": "no such"},
        {**good, "unit": "g/L"},
        {**good, "value": -1},
        {**good, "lln": 50, "uln": 40},
        {**good, "collected_on": "2026-03-03"},
        good,
    ]
    assert pointers(nurse.post("/subjects", enrolment(baseline_labs=labs))) == {
        "/baseline_labs/0/analyte",
        "/baseline_labs/1/unit",
        "/baseline_labs/2/value",
        "/baseline_labs/3/lln",
        "/baseline_labs/4/collected_on",
        "/baseline_labs/5/analyte",
    }


def test_a_site_that_is_not_there_is_a_fault_only_for_whom_all_sites_are_open(
    app: flask.Flask, nurse: Person
) -> None:
    assert nurse.post("/subjects", enrolment("S09")).status_code == 403
    everywhere = staff(app, "nurse")
    assert pointers(everywhere.post("/subjects", enrolment("S09"))) == {"/site"}


def test_the_arm_is_for_those_who_may_see_it(app: flask.Flask, nurse: Person) -> None:
    number = enrolled(nurse, arm="B")
    blind = nurse.get(f"/subjects/{number}").get_json()
    assert (blind["arm"], blind["blinded"]) == (None, True)
    open_ = staff(app, "investigator", "S01", unblinded=True)
    assert open_.get(f"/subjects/{number}").get_json()["arm"] == "B"
    assert open_.get("/subjects").get_json()["items"][0]["arm"] == "B"
    assert nurse.get("/subjects").get_json()["items"][0]["arm"] is None
    assert phone(nurse, number).get(f"/subjects/{number}").get_json()["arm"] is None


def test_pages_of_the_own_sites_only(app: flask.Flask, nurse: Person) -> None:
    here = [enrolled(nurse) for _ in range(5)]
    enrolled(staff(app, "nurse", "S02"), "S02")
    seen: list[str] = []
    cursor = ""
    while True:
        page = nurse.get(f"/subjects?limit=2{cursor}").get_json()
        seen += [subject["id"] for subject in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == here
    everywhere = staff(app, "data_manager").get("/subjects").get_json()["items"]
    assert [subject["id"] for subject in everywhere] == [*here, "S02-0001"]
    own = phone(nurse, here[2]).get("/subjects").get_json()["items"]
    assert [subject["id"] for subject in own] == [here[2]]
    assert nurse.get("/subjects?cursor=nonsense").status_code == 422
    assert nurse.get("/subjects?limit=0").status_code == 422


def test_what_is_not_there_and_what_is_not_ones_own_look_the_same(
    app: flask.Flask, nurse: Person
) -> None:
    number = enrolled(staff(app, "nurse", "S02"), "S02")
    theirs, none = nurse.get(f"/subjects/{number}"), nurse.get("/subjects/S02-0099")
    assert theirs.status_code == none.status_code == 404
    assert {**theirs.get_json(), "request_id": ""} == {**none.get_json(), "request_id": ""}


def test_a_correction_keeps_what_was_before_with_the_reason(
    nurse: Person, clock: Clock, database: Stored
) -> None:
    number = enrolled(nurse)
    clock.advance(minutes=5)
    reason = "the scale was wrong, as the patient said"
    lab = {"analyte": "creatinine", "value": 74, "unit": "umol/L"}
    found = patch(
        nurse,
        number,
        rev=0,
        reason=reason,
        baseline={"baseline_weight_kg": 68, "sex": "male"},
        baseline_labs=[lab],
        zone="Asia/Urumqi",
    ).get_json()
    assert (found["rev"], found["zone"], found["language"]) == (1, "Asia/Urumqi", "en")
    assert found["baseline"]["baseline_weight_kg"] == 68
    assert found["baseline"]["baseline_sbp_mmhg"] == 124
    assert found["baseline_labs"]["creatinine"]["value"] == 74
    (change,) = found["changes"]
    assert change["at"] == "2026-03-02T08:05:00+00:00"
    assert (change["by"], change["reason"]) == (nurse.id, reason)
    # Sex was not on record before: nothing earlier to keep.
    assert change["earlier"] == {"baseline_weight_kg": 65, "zone": "Asia/Shanghai"}
    assert change["earlier_labs"]["creatinine"]["value"] == 70
    trail = database["audit"].find_one({"action": "subject:correct"})
    assert trail is not None
    assert trail["details"] == {
        "changed": ["baseline_weight_kg", "creatinine", "sex", "zone"],
        "rev": 1,
    }


def test_a_correction_needs_a_reason_a_revision_and_something_to_correct(nurse: Person) -> None:
    number = enrolled(nurse)
    weight = {"baseline_weight_kg": 68}
    assert pointers(patch(nurse, number, rev=0, baseline=weight)) == {"/reason"}
    assert pointers(patch(nurse, number, reason="typed wrong", baseline=weight)) == {"/rev"}
    assert pointers(patch(nurse, number, rev=0, reason="typed wrong")) == {""}
    assert pointers(patch(nurse, number, rev=0, reason="moved", language="fr")) == {"/language"}
    assert pointers(patch(nurse, number, rev=0, reason="moved", zone="Nowhere")) == {"/zone"}
    assert patch(nurse, number, rev=3, reason="typed wrong", baseline=weight).status_code == 412
    assert nurse.get(f"/subjects/{number}").get_json()["rev"] == 0


def test_of_two_who_correct_at_once_one_is_told(app: flask.Flask, nurse: Person) -> None:
    number = enrolled(nurse)

    def correct(weight: int) -> int:
        person = Person(app.test_client(), nurse.token, nurse.id)
        answer = patch(
            person, number, rev=0, reason="weighed", baseline={"baseline_weight_kg": weight}
        )
        return int(answer.status_code)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(correct, (70, 71))) == [200, 412]


def test_milestones_are_followed_in_order(nurse: Person) -> None:
    number = enrolled(nurse)
    assert reach(nurse, number, "randomised", "2026-02-20").status_code == 201
    assert reach(nurse, number, "first_dose", "2026-02-23").get_json()["status"] == "on_treatment"
    assert pointers(reach(nurse, number, "radiotherapy_start", "2026-02-19")) == {"/on"}
    assert pointers(reach(nurse, number, "off_study", "2026-02-21")) == {"/on"}
    assert pointers(reach(nurse, number, "no_such", "2026-02-24")) == {"/kind"}
    assert pointers(reach(nurse, number, "surgery", "24.02.2026")) == {"/on"}
    kinds = [one["kind"] for one in nurse.get(f"/subjects/{number}").get_json()["milestones"]]
    assert kinds == ["randomised", "first_dose"]


def test_a_milestone_is_of_a_day_that_has_come_where_the_subject_is(nurse: Person) -> None:
    # It is 16:00 on 2 March in Shanghai.
    number = enrolled(nurse)
    assert pointers(reach(nurse, number, "randomised", "2026-03-03")) == {"/on"}
    # And 22:00 of the day before on Honolulu's calendar.
    there = enrolled(nurse, zone="Pacific/Honolulu")
    assert pointers(reach(nurse, there, "randomised", "2026-03-02")) == {"/on"}
    assert reach(nurse, there, "randomised", "2026-03-01").status_code == 201


def test_a_milestone_is_corrected_with_a_reason_and_the_first_stays(nurse: Person) -> None:
    number = enrolled(nurse)
    reach(nurse, number, "randomised", "2026-02-20")
    assert reach(nurse, number, "randomised", "2026-02-19").status_code == 409
    found = reach(nurse, number, "randomised", "2026-02-19", reason="wrong week").get_json()
    assert [(one["on"], one["reason"]) for one in found["milestones"]] == [
        ("2026-02-20", None),
        ("2026-02-19", "wrong week"),
    ]


def test_changing_is_for_the_care_team(app: flask.Flask, nurse: Person) -> None:
    number = enrolled(nurse)
    manager = staff(app, "data_manager")
    assert reach(manager, number, "randomised", "2026-02-20").status_code == 403
    far = staff(app, "nurse", "S02")
    body = {"rev": 0, "reason": "typed wrong", "baseline": {"baseline_weight_kg": 68}}
    assert patch(far, number, **body).status_code == 404
    assert patch(phone(nurse, number), number, **body).status_code == 403
