"""Web Push from end to end: a reminder to a patient's page, an alert by the real clock process."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import flask
import pytest
from pymongo.database import Database

from backend.context import Context, system_clock
from jobs.diary import follow_diaries, remind_due
from jobs.outbox import deliver_due
from jobs.process import Process
from tests.conftest import Clock
from tests.jobs.clock_process import await_true, clock_process
from tests.jobs.conftest import Owe
from tests.jobs.test_diary import nurse, subject_id  # noqa: F401 - fixtures
from tests.notifications.rigs import webpush_channel
from tests.people import Person, phone
from tests.stubs.faults import DEAD
from tests.stubs.vapid import CONTACT, write_key
from tests.stubs.webpush import WebPushStub

Stored = Database[dict[str, Any]]


@pytest.fixture
def stub() -> Iterator[WebPushStub]:
    with WebPushStub() as running:
        yield running


@pytest.fixture
def _subscribed(
    app: flask.Flask,
    nurse: Person,  # noqa: F811 - the fixture
    subject_id: str,  # noqa: F811 - the fixture
    stub: WebPushStub,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here: Context = app.extensions["backend"]
    config = dataclasses.replace(here.config, webpush_hosts=(stub.host,))
    monkeypatch.setitem(app.extensions, "backend", dataclasses.replace(here, config=config))
    body = {"kind": "webpush", "value": stub.subscribe("patient"), "reminder_time": "16:10"}
    answer = phone(nurse, subject_id).call("PUT", "/device/push-address", json=body)
    assert answer.status_code == 200, answer.text


@pytest.fixture
def process(build: Callable[..., Process], stub: WebPushStub) -> Iterator[Process]:
    with webpush_channel(stub) as channel:
        yield build(webpush=channel)


def remind(process: Process, clock: Clock, time: str) -> None:
    clock.now = dt.datetime.fromisoformat(f"2026-03-02T{time}+08:00").astimezone(dt.UTC)
    follow_diaries(process)
    assert remind_due(process) == 1
    assert deliver_due(process) == 1


@pytest.mark.usefixtures("_subscribed")
def test_a_reminder_reaches_the_patients_page(
    process: Process, clock: Clock, stub: WebPushStub, database: Stored
) -> None:
    remind(process, clock, "16:10")
    remind(process, clock, "18:10")
    first, second = stub.messages
    (window,) = database["windows"].find()
    assert [one.json["data"] for one in (first, second)] == [
        {"t": "diary_reminder", "id": window["_id"], "v": turn} for turn in ("0", "1")
    ]
    assert first.headers["topic"] == second.headers["topic"]
    assert first.headers["urgency"] == "normal"
    owed = list(database["outbox"].find())
    assert {(one["channel"], one["state"]) for one in owed} == {("webpush", "accepted")}


@pytest.mark.usefixtures("_subscribed")
def test_a_page_that_has_gone_is_not_pushed_again(
    process: Process, clock: Clock, stub: WebPushStub, database: Stored
) -> None:
    stub.faults.plan(DEAD)
    remind(process, clock, "16:10")
    (device,) = database["devices"].find()
    assert device["push_dead_at"] == clock.now
    clock.advance(hours=2)
    assert remind_due(process) == 0


def test_an_alert_reaches_the_page_of_staff_by_the_real_clock(
    settings: dict[str, str], owe: Owe, database: Stored, stub: WebPushStub, tmp_path: Path
) -> None:
    person = {
        "_id": "nurse-1",
        "email": "nurse1@site.example",
        "password_hash": "",
        "name": "",
        "grants": [],
        "active": True,
        "channel": "webpush",
        "created_at": system_clock(),
        "rev": 0,
        "push_kind": "webpush",
        "push_value": stub.subscribe("nurse"),
    }
    database["staff"].insert_one(person)
    owed = owe("webpush", due_at=system_clock())
    configured = {
        **settings,
        "WEBPUSH_KEY_FILE": str(write_key(tmp_path)),
        "WEBPUSH_CONTACT": CONTACT,
        "WEBPUSH_HOSTS": stub.host,
    }
    output = tmp_path / "console"
    with clock_process(configured, output) as process:
        await_true(
            lambda: database["outbox"].count_documents({"state": "accepted"}) == 1,
            process=process,
        )
    (pushed,) = stub.messages
    assert pushed.json["data"] == {"t": "alert", "id": owed.alert_id, "v": "0"}
    log = output.with_suffix(".log").read_text(encoding="utf-8")
    assert "/push/nurse" not in log
