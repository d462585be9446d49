"""`backend.serve`: the whole system starts from nothing, keeps its data, and stops without a rest."""

import http.client
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from pymongo import MongoClient

from backend.embedded import free_port, listens
from backend.serve import ServeError, running


def bare(port: int) -> dict[str, str]:
    """Give an environment with nothing of ours but the port."""
    return {"PATH": os.environ["PATH"], "PORT": str(port)}


def status_of(port: int) -> int:
    """Ask the web process for a page and give the status."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/livez")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def test_it_starts_from_nothing_and_a_second_start_keeps_data_and_secret(tmp_path: Path) -> None:
    port, secrets, keys = free_port(), [], []
    for start in (1, 2):
        with running(bare(port), tmp_path) as system:
            assert status_of(port) < http.client.INTERNAL_SERVER_ERROR
            assert all(child.poll() is None for child in system.children.values())
            uri = system.environment["MONGODB_URI"]
            secrets.append(system.environment["SECRET_KEY"])
            assert system.environment["WEBPUSH_CONTACT"].startswith("mailto:")
            keys.append(Path(system.environment["WEBPUSH_KEY_FILE"]).read_bytes())
            with MongoClient(uri, w="majority", journal=True) as client:
                client["pro_ae"]["kept"].insert_one({"_id": start})
                assert client["pro_ae"]["kept"].count_documents({}) == start
        assert not listens(port)
        assert all(child.poll() == 0 for child in system.children.values())
    assert secrets[0] == secrets[1]
    assert keys[0] == keys[1]
    for name in ("secret_key", "webpush_key.pem"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


@pytest.mark.parametrize("as_file", [False, True])
def test_a_real_database_wants_a_real_secret(
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    mongodb_uri: str,
    *,
    as_file: bool,
) -> None:
    kept = tmp_path_factory.mktemp("secrets") / "uri"
    kept.write_text(mongodb_uri, encoding="utf-8")
    named = {"MONGODB_URI_FILE": str(kept)} if as_file else {"MONGODB_URI": mongodb_uri}
    environment = {**bare(free_port()), **named}
    with (
        pytest.raises(ServeError, match="SECRET_KEY is not set"),
        running(environment, tmp_path),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_port_in_use_or_no_number_is_refused_before_anything_starts(tmp_path: Path) -> None:
    for port, text in (("0", "PORT must be"), ("eighty", "PORT must be")):
        with pytest.raises(ServeError, match=text), running({"PORT": port}, tmp_path):
            pass
    assert list(tmp_path.iterdir()) == []


def test_the_end_of_one_process_is_told(tmp_path: Path, settings: dict[str, str]) -> None:
    with running({**bare(free_port()), **settings}, tmp_path) as system:
        system.children["clock"].kill()
        assert system.wait() == "clock"
        assert system.children["web"].poll() is None
    assert system.children["web"].poll() == 0


def test_sigterm_stops_all(settings: dict[str, str]) -> None:
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "-m", "backend.serve"],
        env={**bare(port), **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        assert f"http://127.0.0.1:{port}" in parent.stdout.readline()
        parent.send_signal(signal.SIGTERM)
        assert parent.wait(timeout=60) == 0
    assert not listens(port)
