"""What a made-up patient's blood says once a week."""

import datetime as dt
from typing import Any

from backend.demo.trial import Person

# Analyte -> usual value, how far it moves in the worst week of a cycle, spread, unit.
_USUAL = (
    ("ALT", 24.0, 14.0, 5.0, "U/L"),
    ("AST", 22.0, 12.0, 4.0, "U/L"),
    ("TBIL", 10.0, 3.0, 2.0, "umol/L"),
    ("creatinine", 72.0, 4.0, 5.0, "umol/L"),
    ("haemoglobin", 131.0, -9.0, 4.0, "g/L"),
    ("ANC", 4.2, -1.6, 0.5, "10^9/L"),
    ("platelets", 230.0, -70.0, 20.0, "10^9/L"),
    ("sodium", 140.0, -1.0, 1.2, "mmol/L"),
    ("potassium", 4.2, -0.2, 0.2, "mmol/L"),
    ("TSH", 1.9, 0.0, 0.4, "mIU/L"),
)


def baseline_labs(person: Person) -> list[dict[str, Any]]:
    """Give the results before treatment."""
    day = person.first_day - dt.timedelta(days=3)
    return [
        {"analyte": name, "value": value, "unit": unit, "collected_on": day.isoformat()}
        for name, value, _, unit in _panel(person, "baseline", worst=0.0)
    ]


def reports(person: Person) -> list[dict[str, Any]]:
    """Give one report a week; the hepatitis story rises in the last."""
    found = []
    for week in range(person.weeks):
        day = person.first_day + dt.timedelta(days=week * 7 + 5)
        last = week == person.weeks - 1
        panel = _panel(person, week, worst=(week % 3) / 2)
        results = [
            {"analyte": name, "value": _told(person, name, value, last=last), "unit": unit}
            for name, value, _, unit in panel
        ]
        collected = dt.datetime.combine(day, dt.time(1), tzinfo=dt.UTC)
        found.append(
            {
                "submission_id": f"demo-{person.index}-{week}",
                "collected_at": collected.isoformat(),
                "results": results,
            }
        )
    return found


def _panel(person: Person, about: object, *, worst: float) -> list[tuple[str, float, float, str]]:
    chance = person.random_for("labs", about)
    return [
        (name, round(max(0.1, usual + move * worst + chance.gauss(0, spread)), 1), move, unit)
        for name, usual, move, spread, unit in _USUAL
    ]


def _told(person: Person, name: str, value: float, *, last: bool) -> float:
    if person.story == "hepatitis" and last:
        return {"ALT": 268.0, "AST": 214.0, "TBIL": 19.0}.get(name, value)
    return value
