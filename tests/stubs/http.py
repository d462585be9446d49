"""The base of all HTTP stubs: records what it received, answers or misbehaves as planned."""

import contextlib
import json
import socket
import sys
import threading
import time
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from tests.stubs.faults import CUT, HANG, Faults


@dataclass(frozen=True)
class Received:
    """One request as it came in, header names in small letters; `answer`: status, `hang` or `cut`."""

    at: float
    path: str
    headers: dict[str, str]
    body: str
    answer: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever was sent
        """Give the body as parsed JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    """What to answer: status, body, further headers."""

    status: int
    body: Any
    headers: tuple[tuple[str, str], ...] = ()


class HttpStub:
    """A server on a loopback port; use it in a `with` block or run it for ever."""

    def __init__(self, port: int = 0) -> None:
        self.faults = Faults()
        self.hang_seconds = 30.0
        # How a request's body is read; `latin-1` keeps every byte.
        self.charset = "utf-8"
        self._received: list[Received] = []
        self._lock = threading.Lock()
        self._released = threading.Event()
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.stub = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def port(self) -> int:
        """Give the port that it listens on."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Give the base URL."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def received(self) -> list[Received]:
        """Give every message so far, oldest first."""
        with self._lock:
            return list(self._received)

    def reset(self) -> None:
        """Forget every message and every planned fault."""
        self.faults.clear()
        with self._lock:
            self._received.clear()

    def __enter__(self) -> Self:
        """Start."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop, and let go of whoever hangs."""
        self._released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def serve_forever(self) -> None:
        """Run in the foreground, as a process of its own."""
        sys.stdout.write(f"{self.url}\n")
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            self._server.serve_forever()

    def recipient(self, path: str, body: str) -> str:
        """Name whom a message is for, to choose the planned fault."""
        raise NotImplementedError

    def answer(self, path: str, headers: dict[str, str], body: str, fault: str) -> Answer:
        """Give the protocol's answer."""
        raise NotImplementedError

    def special(self, _path: str, _body: str) -> Answer | None:
        """Answer a POST that is no message (a token endpoint); None when it is one."""
        return None

    def post(self, path: str, headers: dict[str, str], body: str) -> Answer | str:
        """Handle one POST: an answer, or `hang` or `cut`."""
        if path == "/faults":
            planned = json.loads(body)
            self.faults.plan(
                planned["fault"], recipient=planned.get("recipient"), times=planned.get("times")
            )
            return Answer(200, {})
        special = self.special(path, body)
        if special is not None:
            return special
        at = time.time()
        fault = self.faults.take(self.recipient(path, body))
        answer = fault if fault in (HANG, CUT) else self.answer(path, headers, body, fault)
        told = answer if isinstance(answer, str) else str(answer.status)
        with self._lock:
            self._received.append(Received(at, path, headers, body, told))
        return answer

    def wait(self) -> None:
        """Keep a client waiting until the stub stops or the hang ends."""
        self._released.wait(self.hang_seconds)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    stub: HttpStub

    def handle_error(self, _request: object, _client_address: object) -> None:
        """Stay silent about clients that left: that is what they are here for."""
        if not isinstance(sys.exception(), ConnectionError):
            raise  # noqa: PLE0704 - called while the error is being handled


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        if self.path == "/received":
            self._answer(Answer(200, [asdict(one) for one in self.server.stub.received]))
        else:
            self._answer(Answer(404, {}))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        stub = self.server.stub
        result = stub.post(self.path, headers, body.decode(stub.charset))
        if isinstance(result, Answer):
            self._answer(result)
            return
        self.close_connection = True
        if result == HANG:
            self.server.stub.wait()
        else:
            self.wfile.write(b"HTTP/1.")
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_args: object) -> None:
        pass

    def _answer(self, answer: Answer) -> None:
        content = json.dumps(answer.body).encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json; charset=UTF-8")
        self.send_header("Content-Length", str(len(content)))
        for name, value in answer.headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
