"""The web server as a stranger's socket meets it: bodies without an end, two lengths, long headers."""

import socket
from collections.abc import Iterator

import pytest

from backend.embedded import HOST
from tests.flow.web_process import Web

HEAD = b"POST /api/v1/sessions HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def web(settings: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """Give a web process as it is served."""
    # One worker, for the start of a second one takes as long as all these tests.
    import os  # noqa: PLC0415 - the PATH of a child

    given = {**settings, "PATH": os.environ["PATH"], "WEB_CONCURRENCY": "1"}
    running = Web(given, tmp_path_factory.mktemp("web") / "log")
    running.start()
    yield running
    running.stop()


def status(web: Web, *parts: bytes) -> int:
    """Send as long as the server listens, and give the status of its first answer; 0: none came."""
    with socket.create_connection((HOST, web.port), timeout=20) as connection:
        try:
            for part in parts:
                connection.sendall(part)
        except ConnectionError:
            pass
        try:
            answer = connection.recv(4096)
        except ConnectionError:
            return 0
    return int(answer.split(b" ", 2)[1]) if answer else 0


def chunk(content: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(content), content)


def test_a_chunked_body_is_read_whole_and_bounded(web: Web) -> None:
    head = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    assert status(web, head, chunk(b'{"email":'), chunk(b' "x"}'), b"0\r\n\r\n") == 422
    # Twenty megabytes of a body that never ends; past its limit the server may just hang up.
    blocks = (chunk(b" " * 262_144) for _ in range(80))
    assert status(web, head, *blocks) in (413, 0)
    assert status(web, b"GET /livez HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n") == 200


@pytest.mark.parametrize(
    "lengths",
    [
        b"Content-Length: 2\r\nContent-Length: 4\r\n",
        b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Content-Length: +2\r\n",
        b"Content-Length: -1\r\n",
    ],
)
def test_two_readings_of_a_length_are_refused(web: Web, lengths: bytes) -> None:
    # Request smuggling (RFC 9112, 6.1 and 11.2): a proxy in front might read the other one.
    assert status(web, HEAD + lengths + b"\r\n{}") in (400, 501)


@pytest.mark.parametrize(
    "head",
    [
        b"GET /" + b"x" * 8192 + b" HTTP/1.1\r\nHost: test\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: test\r\nX-Long: " + b"x" * 16384 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: test\r\n" + b"X-Many: 1\r\n" * 200 + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: test\r\nBad Name: 1\r\n\r\n",
    ],
)
def test_a_head_that_is_too_much_is_refused(web: Web, head: bytes) -> None:
    assert status(web, head) in (400, 414, 431)
