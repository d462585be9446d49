"""SIGKILL of the web at random moments: every receipt has its whole diary, nothing half or twice."""

import datetime as dt
import http.client
import os
import random
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database

from backend.context import system_clock
from backend.demo.api import Api
from tests.flow.web_process import CUT, NOBODY, PATIENCE, Web, ask, await_true
from tests.people import enrolment

Stored = Database[dict[str, Any]]

PASSWORD = "a long enough password"
SUBJECTS = 3
POSTERS = 4
DIARIES = 60
# What is killed, once so many receipts are there: one worker, or master and workers together.
KILLS = (("all", 10), ("worker", 22), ("all", 34), ("worker", 46))
# On a server that others use too we abort nobody's transactions: each kill may cost a minute there.
SHARED = bool(os.environ.get("MONGODB_URI"))
KILLS_ON_SHARED = KILLS[:2]


@dataclass(slots=True)
class Told:
    """What the posters heard: the first receipt of each submission, and how often they were cut."""

    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)
    cut: int = 0
    refused: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@pytest.fixture
def web(
    database: Stored,  # noqa: ARG001 - emptied and migrated first
    settings: dict[str, str],
    tmp_path: Path,
) -> Iterator[Web]:
    environment = {
        **os.environ,
        **settings,
        # A killed master leaves its folder of counts behind.
        "TMPDIR": str(tmp_path),
    }
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "staff", "create-admin"]
    subprocess.run(
        [*command, "admin@example.org", "--password", PASSWORD],
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    started = Web(environment, tmp_path / "web.log")
    try:
        started.start()
        yield started
    finally:
        started.stop()


def test_killed_web_keeps_what_it_gave_a_receipt_for_and_nothing_half(
    web: Web, database: Stored
) -> None:
    chance = random.Random(20261102)  # noqa: S311 - a seed, so that a failure can be had again
    phones = activated_phones(web.url)
    work = [(phones[number % SUBJECTS], diary(number, chance)) for number in range(DIARIES)]
    told, kills = Told(), KILLS_ON_SHARED if SHARED else KILLS
    with ThreadPoolExecutor(POSTERS) as pool:
        posters = [pool.submit(post, web.port, token, sent, told) for token, sent in work]
        for what, receipts in kills:
            await_true(lambda: len(told.receipts) >= receipts or has_failed(posters))  # noqa: B023
            time.sleep(chance.uniform(0, 0.15))
            web.kill(what)
            if not SHARED:
                end_what_it_left_open(database)
        for poster in posters:
            poster.result()

    # The kills did hit the work, not the pauses.
    assert told.cut >= len(kills) // 2
    assert told.receipts.keys() == {sent["submission_id"] for _, sent in work}
    for token, sent in work[:: DIARIES // 20]:
        status, repeated = ask(web.port, "POST", "/api/v1/diaries", token=token, body=sent)
        assert (status, repeated) == (http.client.CREATED, told.receipts[sent["submission_id"]])
    assert_each_receipt_has_its_diary(database, told.receipts)
    assert_each_diary_is_whole(database)
    assert_each_flag_is_followed(database)


def end_what_it_left_open(database: Stored) -> None:
    """Abort the open transactions of the dead, which hold their patients' locks.

    The server does so by itself once they are idle for transactionLifetimeLimitSeconds (60), and
    until then those patients' diaries wait; only the test cannot. Those of a worker that lives are
    aborted too, as at an election, and must be retried by it.
    """
    database.client.admin.command("killAllSessions", [])


def assert_each_receipt_has_its_diary(
    database: Stored, receipts: Mapping[str, dict[str, Any]]
) -> None:
    """Prove that what was promised is there once, and that nothing else is."""
    diaries = list(database["diaries"].find())
    assert len(diaries) == len(receipts)
    assert {one["submission_id"]: one["_id"] for one in diaries} == {
        submission: receipt["diary_id"] for submission, receipt in receipts.items()
    }


def assert_each_diary_is_whole(database: Stored) -> None:
    """Prove one assessment and one audit entry per diary, and none of them without a diary."""
    once = Counter(str(one["_id"]) for one in database["diaries"].find())
    assessments = list(database["assessments"].find())
    assert Counter(one["source_id"] for one in assessments) == once
    audit = list(database["audit"].find({"action": "diary:record"}))
    assert Counter(one["target"].removeprefix("diary/") for one in audit) == once
    assert {one["details"]["assessment"] for one in audit} == {one["_id"] for one in assessments}


def assert_each_flag_is_followed(database: Stored) -> None:
    """Prove that alerts, owed messages and courses are those of the assessments, each once."""
    assessments = {one["_id"]: one for one in database["assessments"].find()}
    alerts = {one["_id"]: one for one in database["alerts"].find()}
    raised = Counter(
        (one["subject_id"], flag["id"], one["_id"])
        for one in assessments.values()
        for flag in one["flags"]
    )
    noted = Counter(
        (one["subject_id"], one["flag_id"], assessment)
        for one in alerts.values()
        for assessment in one["assessment_ids"]
    )
    assert raised == noted
    assert set(raised.values()) == {1}
    causes = Counter((one["subject_id"], one["flag_id"]) for one in alerts.values())
    assert set(causes.values()) == {1}

    # One diary rings once, for the most urgent of what it raised: the nurse has one message.
    rung = [
        (one["subject_id"], step["at"], one["tier"])
        for one in alerts.values()
        for step in one["steps"]
        if step["step"] in {"raised", "repeat"}
    ]
    owed = Counter(
        (alerts[one["alert_id"]]["subject_id"], one["created_at"])
        for one in database["outbox"].find()
    )
    assert owed.keys() <= {(subject, at) for subject, at, _ in rung}
    assert set(owed.values()) == {1}
    for one in alerts.values():
        if one["tier"] != "routine":
            moments = {step["at"] for step in one["steps"] if step["step"] in {"raised", "repeat"}}
            assert any((one["subject_id"], at) in owed for at in moments)

    events = list(database["adverse_events"].find())
    courses = Counter((one["subject_id"], one["term"], one["onset"]) for one in events)
    assert set(courses.values()) == {1}
    seen = [grade["assessment_id"] for one in events for grade in one["grades"]]
    assert seen
    assert set(seen) <= assessments.keys()


def activated_phones(url: str) -> list[str]:
    """Enrol the subjects through the API and give the access token of each one's phone."""
    nurse = {
        "email": "nurse@example.org",
        "password": PASSWORD,
        "name": "Nurse",
        "grants": [{"role": "nurse", "site": "S01"}],
    }
    Api(url).signed_in("admin@example.org", PASSWORD).post("/staff", nurse)
    site = Api(url).signed_in("nurse@example.org", PASSWORD)
    tokens = []
    for _ in range(SUBJECTS):
        subject_id = site.post("/subjects", enrolment())["id"]
        code = site.post(f"/subjects/{subject_id}/activation-codes", {})["code"]
        phone = Api(url).post("/activations", {"code": code, "label": "test phone"})
        tokens.append(phone["tokens"]["access_token"])
    return tokens


def diary(number: int, chance: random.Random) -> dict[str, Any]:
    """Give a diary from harmless to bad: new alerts, worse ones and repeats all come up."""
    day = system_clock() - dt.timedelta(days=1 + number // SUBJECTS)
    bad = chance.random()
    return {
        "submission_id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        "day": day.date().isoformat(),
        "reported_at": day.isoformat(),
        "zone": "Asia/Shanghai",
        "symptoms": [{"symptom": "abdominal_pain", "frequency": 2, "severity": round(3 * bad)}],
        "observations": {
            "stools_per_day": 2 + round(9 * bad),
            **({"rectal_bleeding": "moderate", "bleeding_change": "new"} if bad > 0.8 else {}),
        },
        "vitals": [{"vital": "temperature", "value": round(36.4 + 2 * bad, 1), "unit": "Cel"}],
    }


def post(port: int, token: str, sent: Mapping[str, Any], told: Told) -> None:
    """Post one diary until there is a receipt, as a phone does."""
    deadline = time.monotonic() + PATIENCE
    while True:
        status, answer = ask(port, "POST", "/api/v1/diaries", token=token, body=sent)
        if status == http.client.CREATED:
            break
        with told.lock:
            told.cut += status == CUT
            told.refused += status == NOBODY
        # 503: the database could not commit now. Anything else is no answer to a good diary.
        assert status in {CUT, NOBODY, http.client.SERVICE_UNAVAILABLE}, (status, answer)
        assert time.monotonic() < deadline, "no receipt"
        time.sleep(0.05)
    with told.lock:
        told.receipts[sent["submission_id"]] = answer


def has_failed(posters: list[Future[None]]) -> bool:
    """Tell whether a poster gave up; its own error says more than waiting on would."""
    return any(poster.done() and poster.exception() is not None for poster in posters)
