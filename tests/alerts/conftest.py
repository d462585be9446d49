"""A patient whose bad day has raised alerts, and the clock process that follows them."""

import uuid
from collections.abc import Callable
from typing import Any

import flask
import pytest

from backend.context import Context
from tests.access.world import join_phone
from tests.conftest import Clock
from tests.jobs.conftest import build, console, process, study  # noqa: F401 - fixtures
from tests.people import Person, dosed, enrolled, staff

EMERGENCY = 10
Send = Callable[..., dict[str, Any]]


@pytest.fixture
def nurse(app: flask.Flask) -> Person:
    return staff(app, "nurse", "S01")


@pytest.fixture
def investigator(app: flask.Flask) -> Person:
    return staff(app, "investigator", "S01")


@pytest.fixture
def desk(app: flask.Flask) -> Person:
    """Give the study's safety desk: a safety reviewer of all sites."""
    return staff(app, "safety_reviewer")


@pytest.fixture
def subject_id(nurse: Person) -> str:
    number = enrolled(nurse)
    dosed(nurse, number, "2026-01-12")
    return number


@pytest.fixture
def send(app: flask.Flask, subject_id: str, clock: Clock) -> Send:
    """Send a diary of the subject's phone: 10 stools with blood are an emergency, 7 are urgent, 4 routine."""
    here: Context = app.extensions["backend"]

    def sent(stools: int = 10, day: str = "2026-03-02", **changes: object) -> dict[str, Any]:
        # A phone of its own each time: a sign-in does not outlast a clock that is moved.
        tokens = join_phone(here, "phone", subject_id).who.tokens
        assert tokens is not None
        patient = Person(app.test_client(), tokens.access_token, subject_id)
        body = {
            "submission_id": str(uuid.uuid4()),
            "day": day,
            "reported_at": clock.now.isoformat(),
            "zone": "Asia/Shanghai",
            "observations": {"stools_per_day": stools, "incontinence_new": False},
            **changes,
        }
        if stools == EMERGENCY:
            body["symptoms"] = [{"symptom": "abdominal_pain", "frequency": 3, "severity": 3}]
            body["observations"] |= {"rectal_bleeding": "moderate", "bleeding_change": "new"}
        answer = patient.post("/diaries", body)
        assert answer.status_code == 201, answer.text
        receipt: dict[str, Any] = answer.get_json()
        return receipt

    return sent
