"""Who is signed in: staff by their password, phones by the tokens of their activation."""

import threading
from dataclasses import dataclass, field

from simulator.line import Answer, Line
from simulator.people import Colleague


class SetUpError(Exception):
    """The system refused what the trial needs before it can begin."""


@dataclass(slots=True)
class Staff:
    """One member of staff with a phone of their own for alerts."""

    line: Line
    who: Colleague
    password: str = field(repr=False)
    id: str = ""
    _token: str = field(default="", repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        kind: str = "application/json",
        patience: float | None = None,
    ) -> Answer:
        """Ask the system as this person; signs in where the token has run out."""
        if not self._token:
            self._sign_in("")
        return self.line.ask(
            method,
            path,
            body,
            token=lambda: self._token,
            renew=self._sign_in,
            kind=kind,
            patience=patience,
        )

    def must(self, method: str, path: str, body: object = None) -> Answer:
        """Ask for what has to be done.

        Raises:
            SetUpError: it was refused.
        """
        return _good(self.ask(method, path, body), path)

    def _sign_in(self, used: str) -> None:
        with self._lock:
            if used == self._token:
                body = {"email": self.who.email, "password": self.password}
                answer = _good(self.line.ask("POST", "/sessions", body), "/sessions")
                self._token = str(answer.body["access_token"])


@dataclass(slots=True)
class Phone:
    """A patient's activated phone; `addresses` counts the push addresses that it has had."""

    line: Line
    subject_id: str
    index: int
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    addresses: int = 0
    renewals: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def address(self) -> str:
        """Give the push address in use."""
        return f"phone-{self.index}-{self.addresses}"

    def ask(self, method: str, path: str, body: object = None) -> Answer:
        """Ask the system as this phone; exchanges its tokens where they have run out."""
        return self.line.ask(method, path, body, token=lambda: self.access, renew=self._renew)

    def register(self) -> None:
        """Tell where reminders go."""
        body = {"kind": "fid", "value": self.address}
        _good(self.ask("PUT", "/device/push-address", body), "/device/push-address")

    def _renew(self, used: str) -> None:
        # One at a time, as an app does: a refresh token that is used twice ends the family.
        with self._lock:
            if used == self.access:
                body = {"refresh_token": self.refresh}
                answer = _good(self.line.ask("POST", "/sessions/refresh", body), "refresh")
                self.access = str(answer.body["access_token"])
                self.refresh = str(answer.body["refresh_token"])
                self.renewals += 1


def _good(answer: Answer, what: str) -> Answer:
    if not answer.is_good:
        message = f"{what}: {answer.status} {answer.body}"
        raise SetUpError(message)
    return answer
