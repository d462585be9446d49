"""The rules as pages, their versions, and a change's replay over the API."""

import datetime as dt

import flask
from pymongo.database import Database

from backend.services import rulebook
from backend.services.ruleset import keep_rules
from tests.people import enrolled, phone, staff
from tests.resources.test_adverse_events import diary


def test_the_index_names_each_rule_and_a_page_holds_it_whole(app: flask.Flask) -> None:
    reviewer = staff(app, "safety_reviewer")
    index = reviewer.get("/rules").get_json()
    assert index["version"] == app.extensions["backend"].ruleset.version
    for kind in ("flag", "grading", "drug"):
        brief = next(one for one in index["items"] if one["kind"] == kind)
        page = reviewer.get(f"/rules/{kind}/{brief['id']}").get_json()
        assert page["version"] == brief["version"]
    assert reviewer.get("/rules/flag/NO_SUCH").status_code == 404


def test_versions_are_listed_and_compared(app: flask.Flask) -> None:
    here = app.extensions["backend"]
    keep_rules(here.ruleset, now=here.clock())
    reviewer = staff(app, "safety_reviewer")
    (version,) = reviewer.get("/rules/versions").get_json()
    assert version["in_force"]
    same = f"/rules/comparison?first={version['version']}&second={version['version']}"
    assert reviewer.get(same).get_json()["lines"] == []
    assert reviewer.get("/rules/comparison?first=x&second=y").status_code == 404


def test_a_replay_says_what_would_change_at_the_readers_sites(
    app: flask.Flask, database: Database[dict[str, object]]
) -> None:
    for site in ("S01", "S02"):
        nurse = staff(app, "nurse", site)
        assert phone(nurse, enrolled(nurse, site)).post("/diaries", diary(9)).status_code == 201
    reviewer = staff(app, "safety_reviewer", "S01")
    clean = reviewer.post("/rules/replay", {"since": "2026-01-01"}).get_json()
    assert (clean["read"], clean["changed"], clean["kinds"]) == (1, 0, [])
    # As an older rule set might have left it: another grade than today's rules give.
    database["assessments"].update_many(
        {},
        {"$set": {"grades.$[diarrhea].at_least": 1}},
        array_filters=[{"diarrhea.term": "Diarrhea"}],
    )
    found = reviewer.post("/rules/replay", {"since": "2026-01-01"}).get_json()
    assert (found["read"], found["changed"]) == (1, 1)
    assert [one["count"] for one in found["kinds"]] == [1]
    assert found["days"][0]["subject_id"].startswith("S01")
    late = app.extensions["backend"].clock().date() + dt.timedelta(days=1)
    assert reviewer.post("/rules/replay", {"since": late.isoformat()}).get_json()["read"] == 0


def test_too_much_for_a_request_is_refused(app: flask.Flask, monkeypatch) -> None:  # noqa: ANN001
    monkeypatch.setattr(rulebook, "MOST_DAYS", 0)
    nurse = staff(app, "nurse", "S01")
    assert phone(nurse, enrolled(nurse)).post("/diaries", diary(9)).status_code == 201
    answer = staff(app, "safety_reviewer").post("/rules/replay", {"since": "2026-01-01"})
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == "/since"
