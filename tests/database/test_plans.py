"""The plan of every query of the hot ways: an index finds it, and gives its order.

The queries are those that the models ask while the ways are walked: a new one is among them by itself.
"""

import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import flask
import pytest
from pymongo.database import Database

from backend.config import Config
from backend.context import new_id
from backend.db import connect
from backend.listings.registry import LISTINGS
from backend.services.lease import hold_clock
from jobs.clock import JOBS
from jobs.process import build_process
from tests.conftest import START, Clock
from tests.database.asked import Question, Recorder
from tests.database.conftest import Documents
from tests.database.plans import (
    BLOCKING,
    SCAN,
    declared,
    explained,
    live_name,
    named_indexes,
    orders,
    row,
    selects,
)
from tests.listings.trial import alt, measured, wrote
from tests.people import Person, dosed, enrolled, phone, staff
from tests.photos.pictures import snapshot

ROOT = Path(__file__).parent.parent.parent
Stored = Database[dict[str, Any]]

# Whoever asks these wants all there is (of a kind), so that no index could select. What is a listing is
# still given in an index's order; what has no order is few, or counted once for a report.
READS_ALL: Mapping[str, str] = {
    "alert_counts.count_flags": "counts every alert, for the rules' precision",
    "window.count_windows": "counts every window, for compliance",
    "audit.stream_entries": "the listing of the whole trail, in its index's order",
    "audit.latest": "the newest entries of all sites, in its index's order",
    "subject.page": "by number, in the order of _id",
    "subject.subjects_at": "every subject's number, for the clock and the first screen",
    "schema_step.all_steps": "the steps of migrate, a handful",
    "subject.off_study_since": "every subject's milestones, for the rules of retention, each six hours",
    "staff.active_staff": "the people of a study are few",
}
# Sorted after they were found: one subject's, one alert's or one site's, which are few for ever.
SORTS_FEW: Mapping[str, str] = {
    "outbox.of_alert": "one alert's messages",
    "diary.days_before": "one subject's days",
    "finding.findings_until": "one subject's findings",
    "lab.page": "one subject's results",
    "lab.results_between": "one subject's results of two weeks",
    "photo.page": "one subject's photos",
    "staff.active_staff": "the people of a study are few",
}
# Without these the walk has missed its ways.
HOT = frozenset(
    {
        *("diary.find_submission", "diary.newest_diary", "diary.days_before", "diary.page"),
        *("assessment.assessment_of", "adverse_event.courses_of", "adverse_event.write_courses"),
        *("alert.work_list", "alert.open_alerts", "alert.find_alert", "alert.replace_alert"),
        *("alert.due_subjects", "alert.stream_alerts", "outbox.candidates", "outbox.change"),
        *("outbox.of_alert", "outbox.confirm", "audit.latest", "audit_chain.find_head"),
        *(
            "window.due_reminders",
            "window.find_window",
            "window.windows_of",
            "window.replace_window",
        ),
        *("window.subjects_with", "session.find_session", "session.rotate_session"),
        *("device.find_device", "device.devices_of", "lock.lock_subject", "lease.take_lease"),
        *("subject.find_subject", "lab.results_between", "exposure.exposures_of", "photo.page"),
        *("staff.find_by_email", "attempt.put_count", "restore.find_restore", "export.next_export"),
        *("frame.stream", "adverse_event.stream_adverse_events"),
    }
)
# So many more documents of others, and a query may still take but a part of a scan's time.
OTHERS = 500
PART = 0.5
ROUNDS = 4
GROWS = (
    *("adverse_events", "alerts", "assessments", "audit", "devices", "diaries", "exposures"),
    *("lab_results", "outbox", "photos", "sessions", "windows"),
)


@pytest.fixture
def recorder(config: Config, app: flask.Flask) -> Iterator[Recorder]:
    """Give what hears each command of the application, after what the fixtures before it asked."""
    assert app
    heard = Recorder()
    connect(config, listeners=[heard])
    yield heard
    connect(config)


@pytest.fixture
def questions(recorder: Recorder, app: flask.Flask, config: Config, clock: Clock) -> list[Question]:
    """Walk the hot ways and give one question of each shape."""
    nurse, reviewer = staff(app, "nurse", "S01"), staff(app, "safety_reviewer")
    subject = enrolled(nurse)
    recorder.on = True
    dosed(nurse, subject, "2026-02-01")
    patient = phone(nurse, subject)
    _patient_s_way(app, nurse, patient, subject)
    _reader_s_ways(nurse, reviewer, subject)
    clock.advance(minutes=1)
    _clock_s_way(config, clock)
    recorder.on = False
    found = {question.shape: question for question in recorder.questions}
    return sorted(found.values(), key=lambda question: question.asker)


def _patient_s_way(app: flask.Flask, nurse: Person, patient: Person, subject: str) -> None:
    for day in ("2026-03-01", "2026-03-02", "2026-03-02"):
        wrote(
            nurse,
            subject,
            day,
            symptoms=[{"symptom": "abdominal_pain", "frequency": 3, "severity": 3}],
            observations={"stools_per_day": 9, "rectal_bleeding": "moderate"},
        )
    measured(nurse, subject, "2026-03-01T06:00:00+00:00", alt(160))
    ids = {"photo_id": str(uuid.uuid4()), "submission_id": str(uuid.uuid4()), "kind": "hands"}
    patient.call("POST", "/photos", query_string=ids, data=snapshot(), content_type="image/jpeg")
    patient.post("/receipts", {"id": str(uuid.uuid4()), "v": "0", "kind": "opened"})
    code = nurse.post(f"/subjects/{subject}/activation-codes").get_json()["code"]
    client = app.test_client()
    made = client.post("/api/v1/activations", json={"code": code, "label": "a second phone"})
    token = made.get_json()["tokens"]["refresh_token"]
    client.post("/api/v1/sessions/refresh", json={"refresh_token": token})
    client.post("/api/v1/sessions", json={"email": "nobody@example.org", "password": "wrong"})


def _reader_s_ways(nurse: Person, reviewer: Person, subject: str) -> None:
    diary = nurse.get(f"/subjects/{subject}/diaries").get_json()["items"][0]["id"]
    alert = nurse.get("/alerts").get_json()["items"][0]
    for step in ("acknowledge", "act"):
        body = {"step": step, "note": "called", "rev": alert["rev"]}
        alert = nurse.post(f"/alerts/{alert['id']}/steps", body).get_json()
    of_subject = ("diaries", "labs", "exposures", "photos", "diary-plan", "devices", "pro-scores")
    paths = (
        *("/alerts", "/alerts/by-subject", "/alerts?limit=1", "/subjects", "/silent-subjects"),
        *("/overview", "/unreachable", "/rosters?site=S01", f"/alerts/{alert['id']}/ladder"),
        *("/audit", f"/audit?subject_id={subject}", "/audit?action=diary:record", "/sessions"),
        *(f"/subjects/{subject}/{part}?symptom=abdominal_pain" for part in of_subject),
        *(f"/subjects/{subject}/{part}" for part in of_subject),
        *(f"/diaries/{diary}", f"/diaries/{diary}/assessment"),
        *(f"/listings/{listing.name}?limit=2" for listing in LISTINGS),
    )
    for path in paths:
        for person in (nurse, reviewer):
            assert person.get(path).status_code < 500, path
    assert nurse.get("/alerts/stream").data


def _clock_s_way(config: Config, clock: Clock) -> None:
    process = build_process(config, clock=clock, ids=new_id)
    for _ in range(4):
        process.fence.number = hold_clock(process.owner, now=clock())
        for job in JOBS:
            job.run(process)
        clock.advance(hours=9)
    process.close()


def test_an_index_finds_and_orders_what_the_hot_ways_ask(
    questions: list[Question], database: Stored
) -> None:
    assert {question.asker for question in questions} >= HOT
    real = "secantusVersion" not in database.client.admin.command("buildInfo")
    indexes, faults = declared(), []
    for question in questions:
        known = indexes[live_name(question.collection)]
        ordered = not question.sort or orders(question, known)
        reads_all = _reads_all(question) and ordered
        plan = explained(database, question) if real else set()
        if not selects(question, known) and not reads_all:
            faults.append(f"no index finds it: {question}")
        if not ordered and question.asker not in SORTS_FEW:
            faults.append(f"no index orders it: {question}")
        if SCAN in plan and not reads_all:
            faults.append(f"the server scans: {question}")
        if BLOCKING in plan and question.asker not in SORTS_FEW:
            faults.append(f"the server sorts: {question}")
    assert faults == []
    told = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
    rows = {f"| {' | '.join(row(question, named_indexes()))} |" for question in questions}
    missing = sorted(line for line in rows if line not in told)
    assert missing == [], "docs/scale.md lacks:\n" + "\n".join(missing)

    # And it takes no longer because of what others have stored: on any server, by the clock.
    for name in GROWS:
        _grow(database, name)
    slow = [
        question
        for question in questions
        if question.collection in GROWS and question.filter and not _reads_all(question)
    ]
    for _ in range(ROUNDS):
        # Again, because others use this machine: only what is slow each time is slow.
        scans = {name: _best(lambda name=name: _scan(database, name)) for name in GROWS}
        slow = [
            question
            for question in slow
            if _best(lambda question=question: _ask(database, question))
            > scans[question.collection] * PART
        ]
    for name in GROWS:
        # Else the next test's emptying, and the database's end, would take the time.
        database[name].delete_many({"_id": {"$gte": "~"}})
    assert slow == []


def _reads_all(question: Question) -> bool:
    return question.asker in READS_ALL or question.asker.partition(".")[2].startswith("stream")


def _scan(database: Stored, name: str) -> None:
    list(database[name].find({"never": 1}))


def _grow(database: Stored, name: str) -> None:
    """Add documents of nobody that an index tells from all others."""
    sample = database[name].find_one()
    assert sample is not None, name
    names = {key for keys in declared()[name] for key, _ in keys} - {"_id"}
    fields = {key: sample[key] for key in names if key in sample}

    def other(number: int) -> dict[str, Any]:
        return {"_id": f"~{number}", **{key: _far(value, number) for key, value in fields.items()}}

    database[name].insert_many(other(number) for number in range(OTHERS))


def _far(value: object, number: int) -> object:
    if isinstance(value, str):
        return f"~{number}"
    # Before or after all that is asked for: due in a hundred years, or of a rank that nobody has.
    return START.replace(year=2126) if hasattr(value, "year") else 1000 + number


def _ask(database: Stored, question: Question) -> None:
    collection = database[question.collection]
    if question.pipeline is not None:
        list(collection.aggregate(list(question.pipeline)))
        return
    found = collection.find(question.filter, question.projection).limit(question.limit)
    list(found.sort(list(question.sort)) if question.sort else found)


def _best(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(3):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return min(taken)


def test_a_query_without_an_index_would_be_seen(collection: Documents) -> None:
    """The looks themselves: each finds what it is there to find."""
    collection.create_index([("site", 1), ("at", 1), ("_id", 1)])
    collection.insert_many({"_id": str(n), "site": f"S{n}", "at": n, "other": n} for n in range(50))
    database, name = collection.database, collection.name
    known = [(("_id", 1),), (("site", 1), ("at", 1), ("_id", 1))]

    def asked(asked_for: dict[str, Any], *sort: tuple[str, int]) -> Question:
        return Question("test", name, asked_for, sort)

    scan, found = asked({"other": 1}), asked({"site": "S1"})
    assert (selects(scan, known), SCAN in explained(database, scan)) == (False, True)
    assert (selects(found, known), SCAN in explained(database, found)) == (True, False)
    either = {"$or": [{"site": "S1"}, {"other": 1}]}
    assert not selects(asked(either), known)
    assert selects(asked({"$or": [{"site": "S1"}, {"_id": "1"}]}), known)
    by_time = (("at", 1), ("_id", 1))
    assert orders(asked({"site": "S1"}, *by_time), known)
    assert orders(asked({"site": {"$in": ["S1", "S2"]}}, *by_time), known)
    assert orders(asked({"site": "S1"}, ("at", -1), ("_id", -1)), known)
    assert not orders(asked({"site": "S1"}, ("at", 1), ("_id", -1)), known)
    assert not orders(asked({"site": {"$gt": "S1"}}, *by_time), known)
    assert not orders(asked({}, *by_time), known)
    unordered = asked({"site": "S1"}, ("other", 1))
    assert not orders(unordered, known)
    assert BLOCKING in explained(database, unordered)
