"""A process with channels that a test can look into, and messages that are owed."""

import io
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pymongo.database import Database

from backend.context import new_id
from backend.db import transaction
from backend.models.outbox import DUE, OutboxEntry, insert_entry
from backend.models.study import Study
from backend.services.study import load_study
from jobs.process import WORKERS, Process
from notifications import Channel
from notifications.console import ConsoleChannel
from tests.clinical.ruleset import ruleset
from tests.conftest import Clock
from tests.services.test_study import FILE

Owe = Callable[..., OutboxEntry]


@pytest.fixture
def console() -> io.StringIO:
    """Give what the console channel writes to."""
    return io.StringIO()


@pytest.fixture
def study() -> Study:
    """Give the first study."""
    return load_study(FILE, ruleset())


@pytest.fixture
def build(clock: Clock, console: io.StringIO, study: Study) -> Iterator[Callable[..., Process]]:
    """Build processes with the console and any further channels; close them after the test."""
    built: list[Process] = []

    def make(owner: str = "clock-1", **channels: Channel) -> Process:
        console_channel: Mapping[str, Channel] = {
            "console": ConsoleChannel(clock=clock, stream=lambda: console)
        }
        process = Process(
            owner=owner,
            study=study,
            ruleset=ruleset(),
            channels={**console_channel, **channels},
            clock=clock,
            ids=new_id,
            pool=ThreadPoolExecutor(WORKERS),
            stopping=threading.Event(),
        )
        built.append(process)
        return process

    yield make
    for process in built:
        process.close()


@pytest.fixture
def process(build: Callable[..., Process]) -> Process:
    """Give a process that has the console alone."""
    return build()


@pytest.fixture
def owe(database: Database[dict[str, Any]], clock: Clock) -> Owe:  # noqa: ARG001 - emptied first
    """Owe one message, due now; each has an alert of its own."""

    def insert(channel: str = "console", **changes: Any) -> OutboxEntry:  # noqa: ANN401
        entry = owed(channel=channel, now=clock(), **changes)
        transaction(lambda session: insert_entry(entry, session=session))
        return entry

    return insert


def owed(**changes: Any) -> OutboxEntry:  # noqa: ANN401 - field values
    """Give an entry as the web process writes it with an alert."""
    now = changes.pop("now")
    alert = str(uuid.uuid4())
    message = {"kind": "alert", "locale": "en", "id": alert, "v": "0", "tier": "urgent"}
    fields: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "alert_id": alert,
        "recipient_kind": "staff",
        "recipient_id": "nurse-1",
        "message": message,
        "collapse_key": alert,
        "state": DUE,
        "due_at": now,
        "created_at": now,
    }
    return OutboxEntry(**{**fields, **changes})
