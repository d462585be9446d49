"""`python -m benchmarks.listings`: a million adverse events as CSV, beside a bare cursor and csv.

Each writes every row of the same collection to a file, in a process of its own, so that the peak
memory is its own. The bare one reads with pymongo in the same order and writes the same columns with
the csv module, without access, blinding, types or protection against formulas.
"""

import argparse
import csv
import datetime as dt
import json
import multiprocessing as mp
import os
import random
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pymongo import MongoClient

from backend.access import Actor, Grant, Role
from backend.clinical.rules import load_ruleset
from backend.config import Config
from backend.db import connect, database
from backend.files.csv import write_csv
from backend.listings.adverse_events import ADVERSE_EVENTS
from backend.listings.base import View
from backend.listings.selection import EVERYTHING
from backend.listings.sheets import sheet_of
from backend.models.adverse_event import AdverseEventDocument
from backend.models.frame import Frame
from backend.services.study import load_study
from benchmarks.own_database import own_database

if TYPE_CHECKING:
    from multiprocessing.queues import Queue

BATCH = 2_000
NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
TERMS = (("Diarrhea", "10012727"), ("Fatigue", "10016256"), ("Rash maculo-papular", "10037868"))
COMPONENTS = ("capecitabine", "oxaliplatin", "ql1706", "radiotherapy", "regorafenib")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args()
    with own_database() as name, tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        _store(options.rows)
        print(
            f"database: {name}; {options.rows} rows stored in {time.perf_counter() - begun:.0f} s"
        )
        uri, own = _address()
        print(f"{'':28}{'seconds':>9}{'rows/s':>10}{'to bare':>9}{'MiB peak':>10}{'MB file':>9}")
        bare = None
        for what, work in (("bare cursor and csv", _bare), ("listing as CSV", _listing)):
            seconds, peak, size = _apart(work, uri, own, str(Path(folder) / "rows.csv"))
            bare = bare or seconds
            print(
                f"{what:28}{seconds:>9.1f}{options.rows / seconds:>10.0f}{seconds / bare:>9.2f}"
                f"{peak:>10.0f}{size / 1e6:>9.0f}"
            )


def _store(rows: int) -> None:
    chance = random.Random(20260601)  # noqa: S311 - a seed, not a secret
    stored = AdverseEventDocument._get_collection()  # noqa: SLF001 - written as the live system stores it
    batch = []
    for number in range(rows):
        batch.append(_event(number, chance))
        if len(batch) == BATCH:
            stored.insert_many(batch, ordered=False)
            batch = []
    if batch:
        stored.insert_many(batch, ordered=False)
    database()["subjects"].insert_one({"_id": "S01-000000", "site": "S01", "arm": "A"})


def _event(number: int, chance: random.Random) -> dict[str, Any]:
    term, code = chance.choice(TERMS)
    onset = dt.date(2026, 1, 1) + dt.timedelta(days=chance.randrange(120))
    event: dict[str, Any] = {
        "_id": f"{number:012x}",
        "subject_id": f"S{number % 20:02}-{number // 100:06}",
        "site": f"S{number % 20:02}",
        "term": term,
        "meddra_code": code,
        "soc": "Gastrointestinal disorders",
        "onset": onset.isoformat(),
        "last_seen": onset.isoformat(),
        "worst_grade": chance.randint(1, 4),
        "grades": [{"day": onset.isoformat(), "grade": 2, "at_most": 2, "assessment_id": "a"}] * 3,
        "flags": ["DIARRHOEA"],
        "causes": ["capecitabine", "ql1706"],
        "recorded_at": NOW,
        "rev": 0,
    }
    if number % 2:
        event["adjudications"] = [_judgement(term, code, onset)]
    return event


def _judgement(term: str, code: str, onset: dt.date) -> dict[str, Any]:
    return {
        "id": "j",
        "at": NOW,
        "by": "somebody",
        "signed_as": "investigator",
        "event_rev": 0,
        "term": term,
        "meddra_code": code,
        "grade": 2,
        "seriousness": [],
        "relations": dict.fromkeys(COMPONENTS, "POSSIBLY RELATED"),
        "actions": dict.fromkeys(COMPONENTS, "DOSE NOT CHANGED"),
        "outcome": "RECOVERED/RESOLVED",
        "special_interest": False,
        "immune_related": False,
        "onset": onset.isoformat(),
        "end": onset.isoformat(),
        "reason": "seen at the visit",
        "aware_at": NOW,
    }


def _bare(uri: str, own: str, path: str) -> None:
    client: MongoClient[dict[str, Any]] = MongoClient(uri, tz_aware=True)
    found = client[own]["adverse_events"].find({}, {"grades": 0})
    with Path(path).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([column.name for column in ADVERSE_EVENTS.columns])
        for row in found.sort([("subject_id", 1), ("onset", 1), ("_id", 1)]):
            judged = (row.get("adjudications") or [{}])[-1]
            writer.writerow(
                (
                    row["subject_id"],
                    row["site"],
                    row["term"],
                    row["soc"],
                    row["meddra_code"],
                    row.get("worst_grade"),
                    row["onset"],
                    row.get("end"),
                    "; ".join(row["flags"]),
                    "; ".join(row["causes"]),
                    "; ".join(f"{k}: {v}" for k, v in judged.get("actions", {}).items()),
                    "; ".join(f"{k}: {v}" for k, v in judged.get("relations", {}).items()),
                    judged.get("grade"),
                    judged.get("term"),
                    judged.get("onset"),
                    judged.get("end"),
                    judged.get("outcome"),
                    judged.get("seriousness"),
                    row["_id"],
                )
            )


def _listing(uri: str, own: str, path: str) -> None:
    settings = {
        "MONGODB_URI": uri,
        "MONGODB_DATABASE": own,
        "SECRET_KEY": "benchmark only " * 3,
        "ENCRYPTION_KEY": "benchmark only " * 3,
    }
    config = Config.from_env(settings)
    connect(config)
    ruleset = load_ruleset()
    study = load_study(config.study_file, ruleset)
    reader = Actor("reviewer", (Grant(Role.SAFETY_REVIEWER),))
    view = View(reader, Frame(NOW), study, ruleset)
    with Path(path).open("wb") as file:
        file.writelines(write_csv(sheet_of(ADVERSE_EVENTS, view, EVERYTHING)))


def _apart(
    work: Callable[[str, str, str], None], uri: str, own: str, path: str
) -> tuple[float, float, int]:
    """Run in a process of its own; give seconds, peak MiB, and bytes written."""
    context = mp.get_context("spawn")
    answers = context.Queue()
    child = context.Process(target=_measured, args=(work, uri, own, path, answers))
    child.start()
    seconds, peak = json.loads(answers.get())
    child.join()
    return seconds, peak, Path(path).stat().st_size


def _measured(
    work: Callable[[str, str, str], None], uri: str, own: str, path: str, answers: "Queue[str]"
) -> None:
    begun = time.perf_counter()
    work(uri, own, path)
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    answers.put(json.dumps((seconds, peak)))


def _address() -> tuple[str, str]:
    """Give the server's address and the database of this run."""
    client = database().client
    host, port = client.address
    replica = client.options.replica_set_name
    return os.environ.get(
        "MONGODB_URI"
    ) or f"mongodb://{host}:{port}/?replicaSet={replica}", database().name


if __name__ == "__main__":
    main()
