"""The embedded server as a child: start, stop, SIGKILL, and the end of its parent."""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from backend.embedded import EmbeddedServer, EmbeddedServerError, free_port, listens


def client_of(server: EmbeddedServer) -> MongoClient[dict[str, Any]]:
    """Connect as the application does, with a short wait for a dead server."""
    return MongoClient(server.uri, w="majority", journal=True, serverSelectionTimeoutMS=5000)


def test_data_and_port_stay_over_a_stop(tmp_path: Path) -> None:
    with EmbeddedServer(tmp_path) as server, client_of(server) as client:
        first = server.uri
        client["d"]["c"].insert_one({"_id": 1})
        server.stop()
        assert server.port is not None
        assert not listens(server.port)
        server.start()
        assert server.uri == first
        assert client["d"]["c"].find_one() == {"_id": 1}


def test_a_folder_in_use_is_refused_with_its_name(tmp_path: Path) -> None:
    with (
        EmbeddedServer(tmp_path),
        pytest.raises(EmbeddedServerError, match=f"did not start in {tmp_path}"),
    ):
        EmbeddedServer(tmp_path, free_port()).start()


def test_a_port_in_use_is_refused(tmp_path: Path) -> None:
    with (
        EmbeddedServer(tmp_path / "one") as server,
        pytest.raises(EmbeddedServerError, match=f"port {server.port} is in use"),
    ):
        EmbeddedServer(tmp_path / "two", server.port).start()


def test_a_server_that_was_not_started_has_no_uri(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedServerError):
        _ = EmbeddedServer(tmp_path).uri


def test_sigkill_loses_nothing_acknowledged_and_tears_no_transaction(tmp_path: Path) -> None:
    acknowledged: list[int] = []
    killed = threading.Event()
    collections = ("diaries", "assessments", "alerts", "outbox", "audit")
    with EmbeddedServer(tmp_path) as server, client_of(server) as client:
        for name in collections:
            client["d"].create_collection(name)

        def write() -> None:
            number = 0
            while not killed.is_set():
                try:
                    with client.start_session() as session, session.start_transaction():
                        for name in collections:
                            client["d"][name].insert_one({"_id": number}, session=session)
                except PyMongoError:
                    return
                acknowledged.append(number)
                number += 1

        writer = threading.Thread(target=write)
        writer.start()
        deadline = time.monotonic() + 20
        while len(acknowledged) < 50 and time.monotonic() < deadline:
            time.sleep(0.01)
        server.kill()
        killed.set()
        server.start()
        writer.join()
        stored = {name: {row["_id"] for row in client["d"][name].find()} for name in collections}
    assert len(acknowledged) >= 50
    assert set(acknowledged) <= stored["diaries"]
    assert all(ids == stored["diaries"] for ids in stored.values())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux signals the children of the killed")
def test_the_server_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    program = (
        "import pathlib, sys, time\n"
        "from backend.embedded import EmbeddedServer\n"
        "server = EmbeddedServer(pathlib.Path(sys.argv[1])).start()\n"
        "print(server.port, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        port = int(parent.stdout.readline())
        assert listens(port)
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 20
    while listens(port) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not listens(port)
