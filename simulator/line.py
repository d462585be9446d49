"""The line between a person and the system: asks until there is an answer, and counts what came."""

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

_TIMEOUT_SECONDS = 60.0
_PAUSE_SECONDS = 0.3
UNAUTHORISED, TOO_MANY, BROKEN = 401, 429, 500


class GaveUpError(Exception):
    """The system did not answer for so long that a person would have stopped trying."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; `began` and `took` in seconds, by the machine's clock."""

    status: int
    body: Any
    began: float
    took: float

    @property
    def is_good(self) -> bool:
        """Tell whether it was done."""
        return self.status < http.client.BAD_REQUEST


@dataclass(slots=True)
class Line:
    """Where the system answers; shared by all who use it. `patience` is in seconds."""

    port: int
    patience: float = 240.0
    answers: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        token: Callable[[], str] | None = None,
        renew: Callable[[str], None] | None = None,
        kind: str = "application/json",
        patience: float | None = None,
    ) -> Answer:
        """Send a request again and again until the system has answered it.

        `renew` gets the token that was refused, and sees to another; `patience` in seconds, None: the
        line's.

        Raises:
            GaveUpError: not for as long as the patience lasts.
        """
        deadline = time.monotonic() + (self.patience if patience is None else patience)
        while time.monotonic() < deadline:
            used = token() if token is not None else None
            answer = self._once(method, path, body, used, kind)
            if answer is not None:
                if answer.status == UNAUTHORISED and renew is not None and used is not None:
                    renew(used)
                    continue
                if answer.status < BROKEN and answer.status != TOO_MANY:
                    return answer
            time.sleep(_PAUSE_SECONDS)
        message = f"{method} {path.partition('?')[0]}"
        raise GaveUpError(message)

    def _once(
        self, method: str, path: str, body: object, token: str | None, kind: str
    ) -> Answer | None:
        headers = {"Content-Type": kind}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        sent = body if isinstance(body, bytes) or body is None else json.dumps(body)
        began, start = time.time(), time.perf_counter()
        try:
            connection = http.client.HTTPConnection(
                "127.0.0.1", self.port, timeout=_TIMEOUT_SECONDS
            )
            with closing(connection):
                connection.request(method, f"/api/v1{path}", sent, headers)
                response = connection.getresponse()
                text = response.read()
        except (OSError, http.client.HTTPException):
            # Killed before it answered: whether it had done it, nobody knows.
            self._count("no answer")
            return None
        took = time.perf_counter() - start
        self._count(str(response.status))
        return Answer(response.status, json.loads(text) if text else None, began, took)

    def _count(self, what: str) -> None:
        with self._lock:
            self.answers[what] += 1
