"""Behind a proxy of our own the caller's address counts; without one nobody can claim another."""

from dataclasses import replace

import flask
import pytest

from backend.app import create_app
from backend.config import Config
from tests.conftest import Clock


@pytest.mark.parametrize(("proxies", "status"), [(0, 200), (1, 403)])
def test_the_address_that_counts(
    app: flask.Flask, config: Config, clock: Clock, proxies: int, status: int
) -> None:
    assert app is not None  # the database of this test is open and clean
    behind = create_app(replace(config, trusted_proxies=proxies), clock=clock)
    headers = {"X-Forwarded-For": "192.0.2.7"}
    assert behind.test_client().get("/metrics", headers=headers).status_code == status
