"""A bounded load over keep-alive connections, and what it says about latency."""

import http.client
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Request:
    """One request: its path, its token if any, and its body; without one it is a GET."""

    path: str
    token: str | None
    body: bytes | None = None

    @property
    def method(self) -> str:
        """Give the HTTP method."""
        return "GET" if self.body is None else "POST"

    @property
    def expected(self) -> int:
        """Give the status of an answer that counts."""
        return 200 if self.body is None else 201


@dataclass(frozen=True, slots=True)
class Result:
    """Requests per second, and latencies in milliseconds."""

    count: int
    per_second: float
    p50: float
    p99: float


def send_all(url: str, requests: Sequence[Request], *, connections: int, seconds: float) -> Result:
    """Send each request once over `connections` connections; stop after `seconds` at the latest.

    Raises:
        RuntimeError: an answer was not 200 (GET) or 201 (POST); its text is in the message.
    """
    queue: SimpleQueue[Request] = SimpleQueue()
    for request in requests:
        queue.put(request)
    latencies: list[float] = []
    faults: list[str] = []
    deadline = time.monotonic() + seconds

    def send() -> None:
        place = urlsplit(url)
        connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)
        try:
            while time.monotonic() < deadline and not faults:
                request = queue.get_nowait()
                latencies.append(_timed(connection, request, faults))
        except Empty:
            return
        except (OSError, http.client.HTTPException) as error:
            faults.append(repr(error))
        finally:
            connection.close()

    start = time.perf_counter()
    senders = [threading.Thread(target=send) for _ in range(connections)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    took = time.perf_counter() - start
    if faults:
        raise RuntimeError(faults[0])
    latencies.sort()
    return Result(
        count=len(latencies),
        per_second=len(latencies) / took,
        p50=quantile(latencies, 0.5),
        p99=quantile(latencies, 0.99),
    )


def _timed(connection: http.client.HTTPConnection, request: Request, faults: list[str]) -> float:
    start = time.perf_counter()
    connection.request(request.method, request.path, request.body, _headers(request.token))
    answer = connection.getresponse()
    text = answer.read()
    took = time.perf_counter() - start
    if answer.status != request.expected:
        faults.append(f"{request.path}: {answer.status} {text[:500]!r}")
    return took * 1000


def _headers(token: str | None) -> dict[str, str]:
    headers = {"Content-Type": "application/json"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    return headers


def quantile(ordered: Sequence[float], share: float) -> float:
    """Give the value below which a share (0 to 1) of ascending values lies."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
