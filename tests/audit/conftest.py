"""A trail as real work writes it."""

from typing import Any

import flask
import pytest
from pymongo.database import Database

from tests.people import Person, dosed, enrolled, phone, staff

Stored = Database[dict[str, Any]]


@pytest.fixture
def nurse(app: flask.Flask) -> Person:
    return staff(app, "nurse", "S01")


@pytest.fixture
def subject_id(nurse: Person) -> str:
    """Give a subject with doses and a phone: nine entries in several chains."""
    subject = enrolled(nurse)
    dosed(nurse, subject, "2026-02-20")
    phone(nurse, subject)
    return subject
