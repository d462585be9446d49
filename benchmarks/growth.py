"""`python -m benchmarks.growth`: what a trial's day stores, and what its backup and restore cost.

Patients write an ordinary diary of 20 symptoms a day and an alarming one every tenth; each week a
laboratory report comes; the nurse looks at the work list and the patient's history once a day and
answers each alert in three steps. Counted is what is stored, as BSON; then `flask backup drill` says
how long it takes to back it up, restore it beside and compare each document.
"""

import argparse
import datetime as dt
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import bson
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient

from backend.demo.api import Api
from backend.models.collections import declared_indexes
from backend.models.registry import DOCUMENTS
from backend.processes import spawn, stop
from benchmarks.diary_post import SYMPTOMS, diary_of
from benchmarks.system import Phone, alarming, first_nurse, fresh_database, new_phone, run, served
from benchmarks.system import today as today_

ALARMING_EVERY = 10
LABS_EVERY = 7
# Long enough that the clock opens windows, delivers what is owed and anchors nothing.
CLOCK_SECONDS = 20


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subjects", type=int, default=4)
    parser.add_argument("--days", type=int, default=30)
    options = parser.parse_args()
    with fresh_database() as (environment, name), tempfile.TemporaryDirectory() as folder:
        run([sys.executable, "-m", "backend.migrate"], environment)
        with served("wsgi:app", environment) as url:
            nurse = first_nurse(url, environment)
            for _ in range(options.subjects):
                _live(url, nurse, new_phone(url, nurse), options.days)
            clock = spawn([sys.executable, "-m", "jobs.clock"], environment=environment)
            time.sleep(CLOCK_SECONDS)
            stop(clock, patience=40)
        print(f"database: {name}; {options.subjects} subjects, {options.days} days")
        with MongoClient(environment["MONGODB_URI"]) as client:
            _say(client[environment["MONGODB_DATABASE"]], options.subjects * options.days)
        drill = spawn(
            [
                sys.executable,
                *["-m", "flask", "--app", "wsgi", "backup", "drill", "--folder"],
                folder,
            ],
            environment=environment,
        )
        drill.wait()


def _live(url: str, nurse: Api, phone: Phone, days: int) -> None:
    patient = Api(url, phone.token)
    asked = patient.get("/instruments/diary")["symptoms"][:SYMPTOMS]
    for ago in range(days, 0, -1):
        day = today_() - dt.timedelta(days=ago)
        bad = ago % ALARMING_EVERY == 0
        patient.post("/diaries", alarming(day) if bad else diary_of(ago, asked))
        if ago % LABS_EVERY == 0:
            nurse.post(f"/subjects/{phone.subject_id}/labs", _panel(day))
        for alert in nurse.get("/alerts?limit=200")["items"]:
            for step in ("acknowledge", "act", "close"):
                body = {"step": step, "note": "called the patient", "rev": alert["rev"]}
                alert = nurse.post(f"/alerts/{alert['id']}/steps", body)  # noqa: PLW2901 - its next state
        nurse.get(f"/subjects/{phone.subject_id}/diaries")


def _panel(day: dt.date) -> dict[str, Any]:
    analytes = {"ALT": 30, "AST": 28, "ALP": 80, "bilirubin": 10, "creatinine": 72}
    units = {"bilirubin": "umol/L", "creatinine": "umol/L"}
    return {
        "submission_id": str(uuid.uuid4()),
        "collected_at": f"{day.isoformat()}T01:00:00+00:00",
        "results": [
            {"analyte": name, "value": value, "unit": units.get(name, "U/L"), "uln": value * 1.5}
            for name, value in analytes.items()
        ],
    }


def _say(database: Any, patient_days: int) -> None:  # noqa: ANN401 - pymongo's is generic
    print(
        f"{'':18}{'documents':>10}{'a day':>7}{'bytes each':>11}{'bytes a day':>12}{'keys a day':>11}"
    )
    totals = [0.0, 0.0]
    for name, count, size, keys in sorted(_sizes(database), key=lambda row: -row[2]):
        totals = [totals[0] + size / patient_days, totals[1] + keys / patient_days]
        print(
            f"{name:18}{count:>10}{count / patient_days:>7.2f}{size / count:>11.0f}"
            f"{size / patient_days:>12.0f}{keys / patient_days:>11.0f}"
        )
    print(f"{'all':18}{'':10}{'':7}{'':11}{totals[0]:>12.0f}{totals[1]:>11.0f}")


def _sizes(database: Any) -> Iterator[tuple[str, int, int, int]]:  # noqa: ANN401 - as above
    """Give each collection's name, number, bytes of documents and bytes of the keys of its indexes.

    Keys are counted as BSON, each whole: a server that keeps what neighbours share once needs less.
    """
    raw = bson.CodecOptions[Any](document_class=RawBSONDocument)
    for document in DOCUMENTS:
        name = str(document._get_collection_name())  # noqa: SLF001 - mongoengine's way to ask
        indexes = [[("_id", 1)], *(index["keys"] for index in declared_indexes(document))]
        count = size = keys = 0
        for one in database.get_collection(name, codec_options=raw).find():
            stored = bson.decode(one.raw)
            count, size = count + 1, size + len(one.raw)
            keys += sum(_key_size(stored, index) for index in indexes)
        if count:
            yield name, count, size, keys


def _key_size(stored: Mapping[str, Any], index: Any) -> int:  # noqa: ANN401 - a list of pairs
    values = [_value(stored, name) for name, _ in index]
    several = next((value for value in values if isinstance(value, list)), None)
    entries = 1 if several is None else len(several)
    whole = sum(len(bson.encode({"": value})) for value in values if not isinstance(value, list))
    part = 0 if several is None else len(bson.encode({"": several}))
    return entries * whole + part


def _value(stored: Any, name: str) -> Any:  # noqa: ANN401 - any stored value
    for part in name.split("."):
        if isinstance(stored, list):
            stored = [one.get(part) for one in stored]
        elif isinstance(stored, Mapping):
            stored = stored.get(part)
    return stored


if __name__ == "__main__":
    main()
