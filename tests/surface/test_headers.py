"""Headers of the answers that no route makes; other origins; https by setting.

That every route's answers have them is asked where every route is asked: tests/access/test_matrix.py.
"""

import dataclasses

import flask
import pytest
from flask.testing import FlaskClient

from backend.app import create_app
from backend.config import Config, ConfigurationError
from tests.conftest import Clock
from tests.surface.browser import missing

HERE, OTHER = "https://app.example.org", "https://other.example.org"
PREFLIGHT = {"Access-Control-Request-Method": "POST"}


@pytest.fixture(scope="module")
def _shared(_app: flask.Flask, config: Config, _clock: Clock) -> flask.Flask:
    assert _app
    given = dataclasses.replace(config, cors_origins=(HERE,), hsts_seconds=31_536_000)
    return create_app(given, clock=_clock)


@pytest.fixture
def shared(_shared: flask.Flask, app: flask.Flask) -> FlaskClient:
    """Give a client of an application that another origin's pages may ask, behind TLS."""
    assert app
    return _shared.test_client()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/no-such-thing", 404),
        ("DELETE", "/api/v1/diaries", 405),
        ("OPTIONS", "/api/v1/diaries", 200),
        ("HEAD", "/livez", 200),
        ("GET", "/api/v1/openapi.json", 200),
        ("GET", "/api/v1//alerts", 308),
        ("GET", "/api/v1/docs", 200),
        ("GET", "/app", 308),
        ("PROPFIND", "/", 405),
    ],
)
def test_an_answer_that_no_route_makes(
    client: FlaskClient, method: str, path: str, status: int
) -> None:
    with client.open(path, method=method) as answer:
        assert answer.status_code == status
        assert missing(answer) == []


def test_an_unexpected_error_has_them_too(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: object) -> None:
        message = "a word about a patient"
        raise RuntimeError(message)

    monkeypatch.setattr("backend.resources.sessions.sign_in", broken)
    body = {"email": "somebody@example.org", "password": "x" * 20}
    answer = client.post("/api/v1/sessions", json=body)
    assert answer.status_code == 500
    assert "patient" not in answer.text
    assert missing(answer) == []


@pytest.mark.parametrize("origin", [HERE, "null", "*", ""])
def test_without_a_list_no_other_origin_is_answered(client: FlaskClient, origin: str) -> None:
    for method in ("GET", "OPTIONS"):
        answer = client.open("/livez", method=method, headers={**PREFLIGHT, "Origin": origin})
        assert missing(answer) == []


def test_a_listed_origin_may_ask_and_gets_itself_named(shared: FlaskClient) -> None:
    asked = shared.options("/api/v1/diaries", headers={**PREFLIGHT, "Origin": HERE})
    assert (asked.status_code, asked.data) == (204, b"")
    assert asked.headers["Access-Control-Allow-Origin"] == HERE
    assert "POST" in asked.headers["Access-Control-Allow-Methods"]
    assert "Authorization" in asked.headers["Access-Control-Allow-Headers"]
    answer = shared.get("/api/v1/alerts", headers={"Origin": HERE})
    assert answer.status_code == 401
    assert answer.headers["Access-Control-Allow-Origin"] == HERE
    assert "Origin" in answer.headers["Vary"]
    for one in (asked, answer):
        assert "Access-Control-Allow-Credentials" not in one.headers


@pytest.mark.parametrize(
    "origin",
    [
        OTHER,
        "null",
        "*",
        "",
        "http://app.example.org",
        f"{HERE}:8443",
        f"{HERE}.evil.example",
        "https://sub.app.example.org",
        f"{HERE}/",
        f"{HERE},{OTHER}",
        "HTTPS://APP.EXAMPLE.ORG",
    ],
)
def test_another_origin_is_not_answered(shared: FlaskClient, origin: str) -> None:
    for method in ("GET", "OPTIONS"):
        answer = shared.open("/livez", method=method, headers={**PREFLIGHT, "Origin": origin})
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")]
        # Else a shared cache would hand the one origin's answer to the other.
        assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize("path", ["/livez", "/app/", "/api/v1/no-such-thing"])
def test_https_alone_is_told_where_the_setting_says_so(
    shared: FlaskClient, client: FlaskClient, path: str
) -> None:
    told = shared.get(path).headers["Strict-Transport-Security"]
    assert told == "max-age=31536000; includeSubDomains"
    assert "Strict-Transport-Security" not in client.get(path).headers


@pytest.mark.parametrize(
    "wrong",
    [
        "*",
        "null",
        "http://app.example.org",
        f"{HERE}/",
        f"{HERE}/path",
        "app.example.org",
        "https://*.example.org",
        "HTTPS://APP.EXAMPLE.ORG",
        f"{HERE} {OTHER}",
        "https://user@a.org",
    ],
)
def test_a_list_that_would_let_in_more_is_refused(settings: dict[str, str], wrong: str) -> None:
    with pytest.raises(ConfigurationError, match="CORS_ORIGINS"):
        Config.from_env({**settings, "CORS_ORIGINS": f"{HERE},{wrong}"})


def test_the_list_is_read(settings: dict[str, str]) -> None:
    given = {**settings, "CORS_ORIGINS": f" {HERE}, http://localhost:5173", "HSTS_SECONDS": "60"}
    found = Config.from_env(given)
    assert found.cors_origins == (HERE, "http://localhost:5173")
    assert found.hsts_seconds == 60
    assert Config.from_env(settings).cors_origins == ()
