"""`python -m benchmarks.replay`: a rule set over 100,000 stored diaries, beside reading them bare.

The engine itself makes the diaries from a seed; they are stored as the live system stores them and
replayed as `flask rules replay` does, by the same rules and by rules with one flag less. The floor
is pymongo reading the same documents in the same order.
"""

import argparse
import datetime as dt
import random
import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from backend.clinical.facts import Facts, Value
from backend.clinical.replay import assess_again
from backend.clinical.rules import Ruleset, load_ruleset
from backend.clinical.symptoms import SCALES
from backend.db import database
from backend.models.assessment import AssessmentDocument, AssessmentRecord
from backend.models.base import checked, to_bson
from backend.models.subject import subject_ids
from backend.services.ruleset import replay
from benchmarks.own_database import own_database

FIRST = dt.date(2026, 1, 5)
BATCH = 500
SYMPTOMS = 20
CYCLE, TABLET_DAYS = 21, 14
LEFT_OUT = "DIARRHOEA"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--diaries", type=int, default=100_000)
    parser.add_argument("--subjects", type=int, default=500)
    options = parser.parse_args()
    ruleset = load_ruleset()
    flags = {name: flag for name, flag in ruleset.flags.items() if name != LEFT_OUT}
    with own_database() as name:
        days = -(-options.diaries // options.subjects)
        _store(ruleset, options.subjects, days)
        stored = database()["assessments"]
        total = options.subjects * days
        bare, _ = _timed(lambda: sum(1 for name in subject_ids() for _ in _of(stored, name)))
        same, differ = _timed(lambda: _changed(ruleset))
        fewer, lost = _timed(lambda: _changed(replace(ruleset, flags=flags)))
    print(f"database: {name}; {options.subjects} subjects, {total} diaries of {SYMPTOMS} symptoms")
    print(f"{'':34}{'seconds':>10}{'per second':>12}{'to bare':>9}{'changed':>9}")
    for what, seconds, changed in (
        ("read bare by pymongo", bare, ""),
        ("replayed by the same rules", same, differ),
        (f"replayed without {LEFT_OUT}", fewer, lost),
    ):
        print(
            f"{what:34}{seconds:>10.1f}{total / seconds:>12.0f}{seconds / bare:>9.1f}{changed:>9}"
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of this process: {peak:.0f} MiB")


def _store(ruleset: Ruleset, subjects: int, days: int) -> None:
    """Store diaries as the live system does, many at a time."""
    chance = random.Random(20260105)  # noqa: S311 - a seed, not a secret
    asked = list(ruleset.symptoms.values())[:SYMPTOMS]
    names = [f"{symptom.id}_{item.attribute}" for symptom in asked for item in symptom.items]
    highest = [SCALES[item.attribute] for symptom in asked for item in symptom.items]
    database()["subjects"].insert_many({"_id": f"S01-{number:04}"} for number in range(subjects))
    batch: list[dict[str, Any]] = []
    for number in range(subjects):
        for day in range(days):
            values: dict[str, Value] = {
                name: Decimal(min(chance.choice((0, 0, 0, 1, 1, 2, 3)), top))
                for name, top in zip(names, highest, strict=True)
            }
            values["stools_per_day"] = Decimal(chance.choice((1, 2, 2, 3, 4, 6, 9)))
            batch.append(_assessed(ruleset, f"S01-{number:04}", day, values))
            if len(batch) == BATCH:
                database()["assessments"].insert_many(batch)
                batch = []
    if batch:
        database()["assessments"].insert_many(batch)


def _assessed(
    ruleset: Ruleset, subject_id: str, day: int, said: dict[str, Value]
) -> dict[str, Any]:
    facts = Facts(
        {
            **said,
            "baseline_stools_per_day": Decimal(2),
            "days_since_first_ql1706": Decimal(day),
            "days_since_last_ql1706": Decimal(day % CYCLE),
            "capecitabine_on": day % CYCLE < TABLET_DAYS,
            "regorafenib_on": day % CYCLE < TABLET_DAYS,
        },
        {},
    )
    news = frozenset(said)
    assessment = assess_again(facts, news, ruleset)
    on = FIRST + dt.timedelta(days=day)
    record = AssessmentRecord(
        id=f"{subject_id}/{day}",
        subject_id=subject_id,
        site="S01",
        source_kind="diary",
        source_id=f"{subject_id}/{day}",
        day=on,
        at=dt.datetime.combine(on, dt.time(7), dt.UTC),
        ruleset_version=ruleset.version,
        study_version="benchmark",
        tier=assessment.tier,
        irae=to_bson(assessment.irae),
        scores=tuple(to_bson(score) for score in assessment.scores),
        grades=tuple(to_bson(grade) for grade in assessment.grades),
        flags=tuple({**to_bson(flag), "id": flag.id} for flag in assessment.flags),
        questions=tuple(to_bson(question) for question in assessment.questions),
        facts=to_bson(facts),
        news=tuple(sorted(news)),
    )
    return checked(AssessmentDocument, record)


def _of(stored: Any, subject_id: str) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - pymongo's own
    yield from stored.find({"subject_id": subject_id}).sort([("at", 1), ("_id", 1)])


def _changed(ruleset: Ruleset) -> int:
    return sum(1 for day in replay(ruleset, since=FIRST) if day)


def _timed(work: Callable[[], int]) -> tuple[float, int]:
    begun = time.perf_counter()
    found = work()
    return time.perf_counter() - begun, found


if __name__ == "__main__":
    main()
