"""Requests are limited per caller and kind, for all workers together; a diary burst is not."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import flask
import pytest
from pymongo.database import Database

from backend.access import Action
from backend.config import Config
from backend.errors import TooManyRequests
from backend.services.request_limit import (
    DIARY,
    HEAVY,
    READ,
    STRANGER,
    WRITE,
    RequestLimit,
    Standing,
    limit_for,
    take_request,
)
from tests.conftest import Clock
from tests.people import Person, enrolled, phone, staff

Stored = Database[dict[str, Any]]
FEW = RequestLimit("few", 3, 60)

pytestmark = pytest.mark.usefixtures("database", "present")


@pytest.fixture
def strict(config: Config, app: flask.Flask) -> Iterator[flask.Flask]:
    """Give the application with the limits as they are in production."""
    usual = app.extensions["backend"]
    app.extensions["backend"] = replace(usual, config=replace(config, rate_limit_factor=1))
    yield app
    app.extensions["backend"] = usual


def test_each_kind_has_its_limit() -> None:
    assert limit_for(Action.ALERT_READ, "GET") == READ
    assert limit_for(Action.ALERT_ANSWER, "POST") == WRITE
    assert limit_for(Action.DIARY_SUBMIT, "POST") == DIARY
    assert limit_for(Action.PHOTO_SUBMIT, "POST") == DIARY
    assert limit_for(Action.EXPORT_MAKE, "POST") == HEAVY
    assert limit_for(None, "POST") == STRANGER
    # Two months of diaries with a photo each, all sent twice, in one minute.
    assert DIARY.most >= 2 * 60 * 2


def test_a_full_window_is_refused_until_it_ends(config: Config, clock: Clock) -> None:
    one = replace(config, rate_limit_factor=1)
    clock.now = clock.now.replace(second=20, microsecond=0)
    left = [take_request(FEW, "me", config=one, now=clock.now) for _ in range(3)]
    assert [each.left for each in left if each is not None] == [2, 1, 0]
    with pytest.raises(TooManyRequests) as refusal:
        take_request(FEW, "me", config=one, now=clock.now)
    assert refusal.value.retry_after == 40
    assert take_request(FEW, "you", config=one, now=clock.now) is not None
    clock.advance(seconds=40)
    fresh = take_request(FEW, "me", config=one, now=clock.now)
    assert fresh is not None
    assert fresh.left == 2


def test_the_count_is_one_for_all_workers_and_tells_no_address(
    strict: flask.Flask, database: Stored
) -> None:
    # Nothing of the count is in the process: the row is all there is.
    for _ in range(2):
        refused = strict.test_client().post(
            "/api/v1/sessions", json={}, environ_base={"REMOTE_ADDR": "203.0.113.9"}
        )
        assert refused.status_code == 422
    (row,) = database["request_counts"].find()
    assert row["count"] == 2
    assert "203.0.113.9" not in str(row)
    assert refused.headers["RateLimit-Policy"] == '"stranger";q=300;w=60'
    assert refused.headers["RateLimit"].startswith('"stranger";r=298;t=')


def test_whoever_asks_too_much_is_told_when_to_come_again(
    strict: flask.Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.services.request_limit.READ", FEW)
    nurse = staff(strict, "nurse", "S01")
    statuses = [nurse.get("/study").status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    answer = nurse.get("/study")
    assert answer.content_type == "application/problem+json"
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    # What is urgent is another kind, and another person another count.
    assert nurse.post("/subjects", {}).status_code == 422
    assert staff(strict, "nurse", "S01").get("/study").status_code == 200


def test_two_months_of_diaries_pass_at_once(strict: flask.Flask, database: Stored) -> None:
    nurse = staff(strict, "nurse", "S01")
    patient: Person = phone(nurse, enrolled(nurse))
    refused = patient.post("/diaries", {})
    assert refused.status_code == 422
    (row,) = database["request_counts"].find({"_id": {"$gte": "diary/", "$lt": "diary0"}})
    database["request_counts"].update_one({"_id": row["_id"]}, {"$set": {"count": 239}})
    assert patient.post("/diaries", {}).status_code == 422


def test_fhir_is_counted_with_the_rest(strict: flask.Flask) -> None:
    nurse = staff(strict, "nurse", "S01")
    headers = {"Authorization": f"Bearer {nurse.token}"}
    told = strict.test_client().get("/fhir/R5/Patient", headers=headers)
    assert told.status_code == 200
    assert nurse.get("/study").headers["RateLimit"].startswith('"read";r=598;')
    assert told.headers["RateLimit"].startswith('"read";r=599;')


def test_health_checks_and_pages_are_not_counted(strict: flask.Flask, database: Stored) -> None:
    client = strict.test_client()
    for path in ("/livez", "/readyz", "/staff/", "/app/"):
        client.get(path)
    assert database["request_counts"].count_documents({}) == 0


def test_many_at_once_are_counted_and_none_fails(config: Config, clock: Clock) -> None:
    def take(_: int) -> Standing | None:
        return take_request(READ, "me", config=config, now=clock.now)

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(take, range(40)))
    assert None not in taken
    last = take(0)
    assert last is not None
    assert READ.most * config.rate_limit_factor - last.left == 41
