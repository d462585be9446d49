"""From where something is done: the request, job or command that the audit trail names beside the actor."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """One request, job or command.

    `kind` is `web`, `clock` or `command`; `device_id` is a patient's phone, `session_id` the sign-in;
    `client` is a family such as `Firefox on Windows`, never the whole User-Agent; `request_id` is what
    the log names too. No address: it would be personal data in a trail that is never shortened.
    """

    kind: str
    session_id: str | None = None
    device_id: str | None = None
    client: str | None = None
    request_id: str | None = None


_UNKNOWN = Origin("process")
_here: ContextVar[Origin] = ContextVar("origin", default=_UNKNOWN)


def origin() -> Origin:
    """Give from where the code that runs now was called."""
    return _here.get()


def set_origin(found: Origin) -> None:
    """Say from where the rest of this context is called: a request, or a whole process."""
    _here.set(found)


@contextmanager
def called_from(found: Origin) -> Iterator[None]:
    """Say it for one block."""
    token = _here.set(found)
    try:
        yield
    finally:
        _here.reset(token)
