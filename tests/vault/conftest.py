"""A nurse of S01, one subject, and its phone: whose words and pictures are sealed."""

import flask
import pytest

from tests.people import Person, enrolled, phone, staff


@pytest.fixture
def nurse(app: flask.Flask) -> Person:
    return staff(app, "nurse", "S01")


@pytest.fixture
def subject_id(nurse: Person) -> str:
    return enrolled(nurse)


@pytest.fixture
def patient(nurse: Person, subject_id: str) -> Person:
    return phone(nurse, subject_id)
