"""Counts that the database makes are those that a person would count from the rows."""

import datetime as dt
import random
from collections import Counter
from typing import Any

import flask
import pytest
from pymongo.database import Database

from tests.conftest import START
from tests.listings.trial import listed, paged
from tests.people import Person, staff

Stored = Database[dict[str, Any]]
_DICE = random.Random(6)  # noqa: S311 - made-up rows, not a secret


@pytest.fixture
def alerts(database: Stored, reviewer: Person) -> list[dict[str, Any]]:  # noqa: ARG001 - after it is emptied
    rows = [
        {
            "_id": f"alert-{number}",
            "subject_id": "S01-0001",
            "site": _DICE.choice(("S01", "S02")),
            "flag_id": _DICE.choice(("DIARRHOEA", "RASH", "VOMITING")),
            "tier": _DICE.choice(("urgent", "same_day")),
            "state": "closed",
            "raised_at": START,
            "acknowledge_by": START,
            "steps": [
                {"step": step, "at": START}
                for step in ("raised", "act", "called", "close")
                if step == "raised" or _DICE.random() < 0.4
            ],
            **_DICE.choice(({}, {"useful": True}, {"useful": False})),
            **_DICE.choice(({}, {"suppressed": True}, {"suppressed": False})),
        }
        for number in range(120)
    ]
    database["alerts"].insert_many(rows)
    return rows


def _counted(rows: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for flag, tier in sorted({(row["flag_id"], row["tier"]) for row in rows}):
        own = [row for row in rows if (row["flag_id"], row["tier"]) == (flag, tier)]
        marks = Counter(row.get("useful") for row in own)
        marked = marks[True] + marks[False]
        steps = [{step["step"] for step in row["steps"]} for row in own]
        found[flag, tier] = {
            "key": f"{flag}/{tier}",
            "flag": flag,
            "tier": tier,
            "alerts": len(own),
            "useful": marks[True],
            "not_useful": marks[False],
            "unmarked": marks[None],
            "precision": round(marks[True] / marked, 3) if marked else None,
            "acted": sum(bool(taken & {"act", "called"}) for taken in steps),
            "suppressed": sum(bool(row.get("suppressed")) for row in own),
        }
    return found


def test_precision_of_each_rule(
    reviewer: Person, app: flask.Flask, alerts: list[dict[str, Any]]
) -> None:
    assert listed(reviewer, "rule-precision") == list(_counted(alerts).values())
    assert paged(reviewer, "rule-precision") == listed(reviewer, "rule-precision")
    own = [alert for alert in alerts if alert["site"] == "S02"]
    here = staff(app, "nurse", "S02")
    assert listed(here, "rule-precision") == list(_counted(own).values())


def test_compliance_by_subject_and_phase(
    reviewer: Person, app: flask.Flask, database: Stored
) -> None:
    states = ("due", "reminded", "late", "missed", "done", "done_late", "excused")
    windows = [
        {
            "_id": f"{subject}/{day}",
            "subject_id": subject,
            "site": subject[:3],
            "day": f"2026-02-{day:02}",
            "phase": "baseline" if day < 9 else "cycle",
            "state": _DICE.choice(states),
        }
        for subject in ("S01-0001", "S01-0002", "S02-0001")
        for day in range(1, 28)
    ]
    database["windows"].insert_many(windows)
    expected = []
    for subject in ("S01-0001", "S01-0002", "S02-0001"):
        for phase, first, last in (("baseline", 1, 8), ("cycle", 9, 27)):
            own = [one for one in windows if (one["subject_id"], one["phase"]) == (subject, phase)]
            count = Counter(one["state"] for one in own)
            done = count["done"] + count["done_late"]
            over = done + count["missed"]
            expected.append(
                {
                    "subject_id": subject,
                    "site": subject[:3],
                    "phase": phase,
                    "first_day": f"2026-02-{first:02}",
                    "last_day": f"2026-02-{last:02}",
                    "expected": len(own) - count["excused"],
                    "done": count["done"],
                    "done_late": count["done_late"],
                    "missed": count["missed"],
                    "open": count["due"] + count["reminded"] + count["late"],
                    "excused": count["excused"],
                    "percent_done": round(100 * done / over, 1) if over else None,
                }
            )
    assert listed(reviewer, "diary-compliance") == expected
    assert paged(reviewer, "diary-compliance") == expected
    here = staff(app, "nurse", "S02")
    assert listed(here, "diary-compliance") == expected[4:]


def test_median_of_the_answers(reviewer: Person, database: Stored) -> None:
    minutes = (5, 9, 30, None)
    database["alerts"].insert_many(
        {
            "_id": f"alert-{number}",
            "site": "S01",
            "tier": "urgent",
            "raised_at": START,
            "acknowledge_by": START + dt.timedelta(minutes=10),
            **({} if late is None else {"acknowledged_at": START + dt.timedelta(minutes=late)}),
        }
        for number, late in enumerate(minutes)
    )
    (row,) = listed(reviewer, "alert-response")
    assert (row["alerts"], row["answered"], row["waiting"]) == (4, 3, 1)
    # The fourth waits, and is not late yet.
    assert (row["overdue"], row["median_minutes"], row["longest_minutes"]) == (1, 9, 30)
