"""The study at a glance: counted by hand on three subjects of two sites."""

import flask

from tests.people import dosed, enrolled, judgement, staff


def test_the_overview_counts_each_subject_once_and_says_no_arm(app: flask.Flask) -> None:
    first, second = staff(app, "nurse", "S01"), staff(app, "nurse", "S02")
    treated = enrolled(first)
    enrolled(first)
    enrolled(second, "S02")
    dosed(first, treated, "2026-02-20")
    investigator = staff(app, "investigator", "S01")
    components = investigator.get("/study").get_json()["components"]
    event = judgement(components, term="Colitis", grade=3, onset="2026-02-25", reason="CT scan")
    made = investigator.post(f"/subjects/{treated}/adverse-events", event)
    assert made.status_code == 201, made.text
    found = staff(app, "safety_reviewer").get("/overview").get_json()
    assert (found["enrolled"], found["treated"]) == (3, 1)
    assert {one["site"]: one["enrolled"] for one in found["sites"]} == {"S01": 2, "S02": 1}
    assert {one["component"]: one["subjects"] for one in found["components"]} == {
        "ql1706": 1,
        "regorafenib": 1,
        "capecitabine": 1,
        "oxaliplatin": 1,
        "radiotherapy": 0,
    }
    groups = {one["group"]: one for one in found["groups"]}
    assert groups["immune-related"] == {
        "group": "immune-related",
        # One patient of one: hidden, as a small cell is in every table without the arms.
        "patients": None,
        "severe": None,
        "percent": None,
        "percent_severe": None,
    }
    assert groups["serious"]["patients"] == 0
    assert found["months"] == [{"month": "2026-03", "enrolled": 3, "so_far": 3}]
    assert [one["site"] for one in second.get("/overview").get_json()["sites"]] == ["S02"]


def test_nothing_to_count_is_not_a_rate_of_0(app: flask.Flask) -> None:
    found = staff(app, "safety_reviewer").get("/overview").get_json()
    assert {one["percent"] for one in found["groups"]} == {None}
    assert {one["percent_done"] for one in found["sites"]} == {None}
