"""What the tests of sign-in and phones share."""

import datetime as dt

import flask
import pytest

from backend.access import Grant, Role
from backend.context import Context
from tests.access.world import Who, join_staff
from tests.conftest import Clock
from tests.people import Person, enrolled


@pytest.fixture
def here(app: flask.Flask) -> Context:
    """Give the application's context."""
    context: Context = app.extensions["backend"]
    return context


@pytest.fixture
def present(clock: Clock) -> Clock:
    """Set the clock to the machine's time, where something has a TTL that the database watches."""
    now = dt.datetime.now(tz=dt.UTC)
    clock.now = now.replace(microsecond=now.microsecond // 1000 * 1000)
    return clock


@pytest.fixture
def administrator(app: flask.Flask, here: Context) -> Person:
    """Give a signed-in administrator of all sites."""
    return person(app, join_staff(here, "admin", Grant(Role.ADMINISTRATOR)).who)


@pytest.fixture
def nurse(app: flask.Flask, here: Context) -> Person:
    """Give a signed-in nurse of S01."""
    return person(app, join_staff(here, "nurse", Grant(Role.NURSE, "S01")).who)


@pytest.fixture
def far_nurse(app: flask.Flask, here: Context) -> Person:
    """Give a signed-in nurse of S02."""
    return person(app, join_staff(here, "far nurse", Grant(Role.NURSE, "S02")).who)


@pytest.fixture
def subject_id(nurse: Person) -> str:
    """Give a subject of S01."""
    return enrolled(nurse)


def person(app: flask.Flask, who: Who) -> Person:
    """Give somebody as the tests' people are."""
    assert who.tokens is not None
    assert who.actor is not None
    return Person(app.test_client(), who.tokens.access_token, who.actor.id)
