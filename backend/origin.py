"""From where something is done: the request, job or command that the audit trail names beside the actor."""

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """One request, job or command.

    `kind` is `web`, `clock` or `command`; `device_id` is a patient's phone, `session_id` the sign-in;
    `client` is a family such as `Firefox on Windows`, never the whole User-Agent, or the machine's user
    who gave the command; `request_id` is what the log names too, or the run of a clock. No address: it would be personal data in a trail that is never shortened.
    """

    kind: str
    session_id: str | None = None
    device_id: str | None = None
    client: str | None = None
    request_id: str | None = None


def _person() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        # A container's user needs no name.
        return str(os.getuid())


# Neither a request nor a job: a command of somebody who is signed in on the machine itself.
COMMAND = Origin("command", client=_person())
_here: ContextVar[Origin] = ContextVar("origin", default=COMMAND)


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
