"""What all tests share: one real database per worker, the application, a clock that stands still."""

import datetime as dt
import ipaddress
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask.testing
import mongoengine
import pytest
from pymongo import MongoClient
from pymongo.database import Database

from backend.config import Config
from backend.embedded import EmbeddedServer
from tests.mongod import replica_set

# `--evidence FILE`: which of the tests in docs/compliance passed, on which commit.
pytest_plugins = ("tests.compliance.plugin",)

START = dt.datetime(2026, 3, 2, 8, 0, tzinfo=dt.UTC)


class Clock:
    """A clock that moves only when a test moves it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> dt.datetime:
        """Give the time as the application asks for it."""
        return self.now

    def advance(self, **amount: float) -> dt.datetime:
        """Move on by a timedelta's arguments and give the new time."""
        self.now += dt.timedelta(**amount)
        return self.now


@pytest.fixture(autouse=True)
def _short_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a live work list end after its first look: a test reads an answer to its end."""
    monkeypatch.setattr("backend.resources.alert_stream.LIFE_SECONDS", 0.0)


@pytest.fixture(scope="session", autouse=True)
def _loopback_only() -> Iterator[None]:
    """Refuse every connection and every name that leaves this machine."""
    connect_, connect_ex_, look_up = (
        socket.socket.connect,
        socket.socket.connect_ex,
        socket.getaddrinfo,
    )

    def guarded_connect(self: socket.socket, address: Any) -> None:  # noqa: ANN401
        _refuse_outside(self.family, address)
        connect_(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:  # noqa: ANN401
        _refuse_outside(self.family, address)
        return connect_ex_(self, address)

    def guarded_look_up(host: Any, *rest: Any, **named: Any) -> Any:  # noqa: ANN401
        if host is not None:
            _refuse_host(host)
        return look_up(host, *rest, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
        patch.setattr(socket, "getaddrinfo", guarded_look_up)
        yield


@pytest.fixture(scope="session")
def mongodb_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give a server: MONGODB_URI's, one of the binary MONGOD, else this worker's embedded one."""
    given, binary = os.environ.get("MONGODB_URI"), os.environ.get("MONGOD")
    folder = tmp_path_factory.mktemp("database")
    if given:
        yield given
    elif binary:
        with replica_set(binary, folder) as uri:
            yield uri
    else:
        with EmbeddedServer(folder) as server:
            yield server.uri


@pytest.fixture(scope="session")
def settings(mongodb_uri: str, testrun_uid: str, worker_id: str) -> dict[str, str]:
    """Give the environment of this worker's processes: a database of its own, a test secret."""
    return {
        "MONGODB_URI": mongodb_uri,
        "MONGODB_DATABASE": f"test_{testrun_uid[:12]}_{worker_id}",
        "SECRET_KEY": "only-for-tests-" * 3,
        "ENCRYPTION_KEY": "only-for-tests-" * 3,
        # Their clock stands still: a minute never ends. The limits have tests of their own.
        "RATE_LIMIT_FACTOR": "1000",
        "STUDY_FILE": str(Path(__file__).parent.parent / "studies" / "larc-ql1706.toml"),
    }


@pytest.fixture(scope="session")
def config(settings: dict[str, str]) -> Config:
    """Give the settings as the application reads them."""
    return Config.from_env(settings)


@pytest.fixture(scope="session")
def _migrated(config: Config) -> Iterator[Database[dict[str, Any]]]:
    from backend.db import connect  # noqa: PLC0415 - see _app
    from backend.models.indexes import migrate  # noqa: PLC0415

    # A client beside the application's: tests see what is stored, not what it has in hand.
    client: MongoClient[dict[str, Any]] = MongoClient(
        config.mongodb_uri, tz_aware=True, uuidRepresentation="standard"
    )
    connect(config)
    migrate()
    yield client[config.mongodb_database]
    # On a server that was given; one of this worker's own goes with all it has, and the embedded one has
    # hung on this where a test had killed somebody in the middle of a transaction.
    if os.environ.get("MONGODB_URI"):
        client.drop_database(config.mongodb_database)
    client.close()
    mongoengine.disconnect()


@pytest.fixture
def database(_migrated: Database[dict[str, Any]]) -> Database[dict[str, Any]]:
    """Give the migrated database without a document in it."""
    # Before the test, so that a failed test leaves its state; documents only, because making the
    # indexes again costs far more.
    for name in _migrated.list_collection_names():
        if _migrated[name].find_one({}, {"_id": 1}) is not None:
            _migrated[name].delete_many({})
    return _migrated


@pytest.fixture(scope="session")
def _clock() -> Clock:
    return Clock()


@pytest.fixture
def clock(_clock: Clock) -> Clock:
    """Give the application's clock, set to `START`."""
    _clock.now = START
    return _clock


@pytest.fixture(scope="session")
def _app(config: Config, _clock: Clock, _migrated: Database[dict[str, Any]]) -> flask.Flask:
    # Here, so that the tests of the pure core do not pay for (or fail with) the web application.
    from backend.app import create_app  # noqa: PLC0415

    return create_app(config, clock=_clock)


@pytest.fixture
def app(
    _app: flask.Flask,
    database: Database[dict[str, Any]],  # noqa: ARG001 - emptied first
    clock: Clock,  # noqa: ARG001 - set first
) -> flask.Flask:
    """Give the whole web application on the empty database and the test clock."""
    return _app


@pytest.fixture
def client(app: flask.Flask) -> flask.testing.FlaskClient:
    """Give a client of the web application without credentials."""
    return app.test_client()


def _refuse_outside(family: int, address: Any) -> None:  # noqa: ANN401
    if family != socket.AF_UNIX:
        _refuse_host(address[0])


def _refuse_host(host: str | bytes) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    try:
        inside = ipaddress.ip_address(name).is_loopback
    except ValueError:
        inside = name == "localhost"
    if not inside:
        pytest.fail(f"a test tried to reach {name}; only loopback is open to tests")
