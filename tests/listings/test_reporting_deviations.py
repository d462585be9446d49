"""Deviations in reporting: each kind from times worked by hand, and nothing that no time proves."""

import datetime as dt
from typing import Any

import flask
from pymongo.database import Database

from backend.listings.deviation_rules import KINDS
from tests.conftest import START, Clock
from tests.listings.conftest import event
from tests.listings.test_diary_windows import follow
from tests.listings.trial import alt, gave, listed, measured, paged, picked, wrote
from tests.people import Person, enrolled, staff

Stored = Database[dict[str, Any]]
NAME = "reporting-deviations"
SHOWN = ("kind", "day", "last_day", "count", "hours_late")


def test_missed_diaries_are_runs_and_excused_ones_are_none(
    clinician: Person, reviewer: Person, app: flask.Flask, clock: Clock
) -> None:
    number = enrolled(clinician)
    gave(clinician, number, "oxaliplatin", "2026-02-20", 220)
    wrote(clinician, number, "2026-02-21", reported_at="2026-02-21T07:00:00+00:00")
    follow(app, number, clock)
    wrote(clinician, number, "2026-02-26", reported_at="2026-02-26T07:00:00+00:00")
    for day in ("2026-02-24", "2026-02-27"):
        path = f"/subjects/{number}/diary-plan/{day}/excuse"
        assert clinician.post(path, {"reason": "in hospital"}).status_code == 200
    # 22, 23 and 25 are missed (24 excused between), the 26th came, 28 is missed, 1 March is late.
    assert picked(listed(reviewer, NAME, "?kind=diary_missed"), *SHOWN) == [
        ("diary_missed", "2026-02-22", "2026-02-25", 3, None),
        ("diary_missed", "2026-02-28", "2026-02-28", 1, None),
    ]


def test_marks_of_diaries_and_how_late(clinician: Person, reviewer: Person) -> None:
    number = enrolled(clinician)
    # It is 08:00 UTC on 2 March, 16:00 in Shanghai. In time: until noon of the day after.
    wrote(clinician, number, "2026-03-02")
    wrote(clinician, number, "2026-03-01", reported_at="2026-03-01T14:00:00+00:00")
    wrote(clinician, number, "2026-02-26", reported_at="2026-03-01T14:00:00+00:00")
    wrote(clinician, number, "2026-02-28", reported_at="2026-03-02T09:00:00+00:00")
    assert picked(listed(reviewer, NAME), *SHOWN) == [
        ("diary_backfilled", "2026-02-26", None, 1, None),
        # Due by 04:00 UTC on 27 February: three days and four hours.
        ("diary_late", "2026-02-26", None, 1, 76),
        ("diary_clock", "2026-02-28", None, 1, None),
        ("diary_late", "2026-02-28", None, 1, 28),
        ("diary_late", "2026-03-01", None, 1, 4),
    ]
    assert paged(reviewer, NAME) == listed(reviewer, NAME)


def test_an_amended_day_is_no_delay(clinician: Person, reviewer: Person) -> None:
    number = enrolled(clinician)
    first = "5f0c8f0e-95c1-4d5e-9a43-0d7a7f2f3c11"
    wrote(clinician, number, "2026-02-27", submission_id=first)
    wrote(clinician, number, "2026-02-27", amends={"submission_id": first, "reason": "typed"})
    assert picked(listed(reviewer, NAME), "kind") == [("diary_late",)]


def test_a_serious_event_in_time_late_and_overdue(clinician: Person, reviewer: Person) -> None:
    number = enrolled(clinician)
    serious = {"seriousness": ["hospitalisation"], "onset": "2026-02-27"}
    aware = [START - dt.timedelta(hours=hours) for hours in (30, 29, 20)]
    made = [
        event(clinician, number, term=term, aware_at=at.isoformat(), **serious)
        for term, at in zip(("Colitis", "Nausea", "Diarrhea"), aware, strict=True)
    ]
    for place, sent in ((0, START - dt.timedelta(hours=4)), (2, START)):
        body = {"rev": 0, "sent_at": sent.isoformat(), "reference": "SAE-1"}
        answer = clinician.post(f"/adverse-events/{made[place]}/reports", body)
        assert answer.status_code == 201, answer.text
    assert picked(listed(reviewer, NAME), "kind", "id", "hours_late") == [
        ("sae_late", made[0], 2),
        ("sae_overdue", made[1], 5),
    ]
    assert "ICH E2A" in listed(reviewer, NAME)[0]["source"]


def test_an_alert_answered_late_and_one_that_waits(
    clinician: Person, reviewer: Person, app: flask.Flask, clock: Clock, database: Stored
) -> None:
    for _ in range(2):
        number = enrolled(clinician)
        wrote(clinician, number, "2026-03-02", observations={"stools_per_day": 10})
    # In time as yet.
    assert listed(reviewer, NAME) == []
    alerts = list(database["alerts"].find().sort("subject_id", 1))
    clock.now = max(alert["acknowledge_by"] for alert in alerts) + dt.timedelta(minutes=30)
    nurse, reviewer = staff(app, "nurse", "S01"), staff(app, "safety_reviewer")
    steps = f"/alerts/{alerts[0]['_id']}/steps"
    assert nurse.post(steps, {"step": "acknowledge", "rev": alerts[0]["rev"]}).status_code == 200
    clock.advance(minutes=60)
    reviewer = staff(app, "safety_reviewer")
    rows = {row["id"]: row for row in listed(reviewer, NAME, "?kind=alert_late")}
    assert rows.keys() == {alert["_id"] for alert in alerts}
    due = {alert["_id"]: alert["acknowledge_by"] for alert in alerts}
    for number, row in rows.items():
        taken = number == alerts[0]["_id"]
        until = clock.now - dt.timedelta(minutes=60 if taken else 0)
        assert row["hours_late"] == round((until - due[number]).total_seconds() / 3600, 1)
        assert ("not taken" in row["detail"]) is not taken


def test_results_and_doses_entered_after_a_week(
    clinician: Person, reviewer: Person, app: flask.Flask
) -> None:
    here, there = enrolled(clinician), enrolled(clinician, "S02")
    # Entered on 2 March: seven days after are in time, eight are not.
    gave(clinician, here, "oxaliplatin", "2026-02-23", 220)
    late = gave(clinician, here, "ql1706", "2026-02-22", 325)
    gave(clinician, here, "ql1706", "2026-02-22", 320, corrects=late, reason="typed")
    measured(clinician, here, "2026-02-23T08:00:00+00:00", alt(30))
    potassium = {"analyte": "potassium", "value": 4, "unit": "mmol/L"}
    report = measured(clinician, there, "2026-02-23T06:00:00+00:00", alt(30), potassium)
    assert picked(listed(reviewer, NAME), "subject_id", "id", *SHOWN) == [
        (here, late, "dose_entered_late", "2026-02-22", None, 1, None),
        (there, report, "lab_entered_late", "2026-02-23", None, 2, 2),
    ]
    assert picked(paged(staff(app, "nurse", "S02"), NAME), "subject_id") == [(there,)]


def test_every_kind_says_whose_rule_it_is() -> None:
    assert all(kind.title and kind.rule and kind.source for kind in KINDS.values())
