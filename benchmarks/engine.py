"""`python -m benchmarks.engine`: what one diary and one laboratory panel cost, without web and database.

Each is measured in turns within one run, beside the least that any service does with a diary: the
bare `json.loads` of its body, and marshmallow's check of it. The figures to keep are the ratios.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from decimal import Decimal

from backend.clinical.facts import Facts, LabValue
from backend.clinical.intake import SymptomEntry, VitalEntry, read_diary
from backend.clinical.pipeline import assess
from backend.clinical.rules import Ruleset, load_ruleset
from backend.clinical.symptoms import SCALES
from schemas.diary import DiaryIn

SYMPTOMS = 20
# What is on record of a subject in the third cycle.
ON_RECORD = {
    "baseline_stools_per_day": Decimal(2),
    "baseline_temperature_c": Decimal("36.6"),
    "days_since_first_ql1706": Decimal(45),
    "days_since_last_ql1706": Decimal(3),
    "days_since_oxaliplatin": Decimal(3),
    "oxaliplatin_doses": Decimal(3),
    "capecitabine_on": True,
    "regorafenib_on": True,
    "cycle": Decimal(3),
    "cycle_day": Decimal(4),
}
VITALS = (
    ("temperature", "36.8", "Cel"),
    ("systolic_bp", "124", "mm[Hg]"),
    ("diastolic_bp", "78", "mm[Hg]"),
)
PANEL = (
    ("alt", "84", "U/L", None, "40"),
    ("ast", "60", "U/L", None, "40"),
    ("alp", "110", "U/L", None, "120"),
    ("bilirubin", "14", "umol/L", None, "21"),
    ("creatinine", "92", "umol/L", None, "104"),
    ("albumin", "38", "g/L", "35", None),
    ("sodium", "137", "mmol/L", "135", "145"),
    ("potassium", "4.1", "mmol/L", "3.5", "5.1"),
    ("calcium", "2.2", "mmol/L", "2.1", "2.6"),
    ("glucose", "6.1", "mmol/L", None, None),
    ("haemoglobin", "112", "g/L", "130", None),
    ("wbc", "3.4", "10*9/L", "4.0", None),
    ("anc", "1.7", "10*9/L", "2.0", None),
    ("platelets", "120", "10*9/L", "150", None),
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=300)
    rounds = parser.parse_args().rounds
    ruleset = load_ruleset()
    body = _body(ruleset)
    schema = DiaryIn()
    entries = [
        SymptomEntry(
            str(said["symptom"]), {name: int(said[name]) for name in said if name != "symptom"}
        )
        for said in body["symptoms"]
    ]
    vitals = [VitalEntry(name, Decimal(value), unit) for name, value, unit in VITALS]
    text = json.dumps(body)

    def diary() -> object:
        intake = read_diary(entries, body["observations"], vitals, ruleset)
        scores = {name: Decimal(score) for name, score in intake.scores.items()}
        return assess(Facts({**ON_RECORD, **intake.answers, **scores}, intake.labs), ruleset)

    def panel() -> object:
        return assess(Facts(ON_RECORD, _panel()), ruleset)

    costs = _in_turns(
        {
            "json.loads of a diary": lambda: json.loads(text),
            "marshmallow's check of a diary": lambda: schema.load(body),
            "diary of 20 symptoms, assessed": diary,
            f"panel of {len(PANEL)} results, assessed": panel,
        },
        rounds,
    )
    floor = costs["marshmallow's check of a diary"]
    print(f"{len(ruleset.gradings)} grading rules, {len(ruleset.flags)} flags; {rounds} rounds")
    print(f"{'':34}{'median us':>11}{'to marshmallow':>16}")
    for name, cost in costs.items():
        print(f"{name:34}{cost:>11.0f}{cost / floor:>16.2f}")


def _body(ruleset: Ruleset) -> dict[str, object]:
    symptoms = list(ruleset.symptoms.values())[:SYMPTOMS]
    return {
        "submission_id": "0b2ff7a4-3f0b-4f0c-9d5a-3f6c6f0a0001",
        "day": "2026-03-02",
        "reported_at": "2026-03-02T07:00:00+00:00",
        "zone": "Asia/Shanghai",
        "symptoms": [
            {
                "symptom": symptom.id,
                **{
                    item.attribute: min(place % 4, SCALES[item.attribute]) for item in symptom.items
                },
            }
            for place, symptom in enumerate(symptoms)
        ],
        "observations": {"stools_per_day": 4, "incontinence_new": False},
        "vitals": [
            {"vital": name, "value": float(value), "unit": unit} for name, value, unit in VITALS
        ],
    }


def _panel() -> dict[str, LabValue]:
    return {
        analyte: LabValue(
            Decimal(value),
            unit,
            lln=Decimal(lln) if lln else None,
            uln=Decimal(uln) if uln else None,
        )
        for analyte, value, unit, lln, uln in PANEL
    }


def _in_turns(tasks: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Give the median microseconds of each task; they take turns, so that all share the weather."""
    taken: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(rounds):
        for name, task in tasks.items():
            begun = time.perf_counter()
            task()
            taken[name].append((time.perf_counter() - begun) * 1e6)
    return {name: statistics.median(times) for name, times in taken.items()}


if __name__ == "__main__":
    main()
