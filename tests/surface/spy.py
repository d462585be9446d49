"""Every command that the application sends to the database, as a test may look at it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from backend.config import Config
from backend.db import connect

# The parts of a command that the server reads as a query, not as data.
_READ = ("filter", "query", "q", "pipeline", "u", "update", "sort", "projection", "fields", "hint")
_WRITES = ("insert", "update", "delete", "findAndModify")
_ALWAYS = ("request_counts", "proofs")
_LISTS = ("updates", "deletes")


@dataclass
class Spy(CommandListener):
    """Keeps all operators and field names of queries, and all that an operator of code or pattern got."""

    names: set[str] = field(default_factory=set)
    patterns: list[object] = field(default_factory=list)
    # Collections that were written to.
    written: list[str] = field(default_factory=list)

    def started(self, event: CommandStartedEvent) -> None:
        """Look at one command before it is sent."""
        command = event.command
        # Counts of requests and used proofs of a phone's key are kept of whoever asks, whatever comes of it.
        if event.command_name in _WRITES and command[event.command_name] not in _ALWAYS:
            self.written.append(str(command[event.command_name]))
        parts = [command[name] for name in _READ if name in command]
        for name in _LISTS:
            for one in command.get(name, ()):
                parts += [one[part] for part in _READ if part in one]
        for part in parts:
            for key, value in _walk(part):
                self.names.add(key)
                if key in ("$regex", "$where", "$function", "$accumulator"):
                    self.patterns.append(value)

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Do nothing."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Do nothing."""


@contextmanager
def listening(config: Config) -> Iterator[Spy]:
    """Connect the application anew, with somebody listening to what it asks; and back again."""
    found = Spy()
    connect(config, listeners=[found])
    yield found
    connect(config)


def _walk(part: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - any part of a command
    if isinstance(part, Mapping):
        for key, value in part.items():
            yield key, value
            # What is stored is data: an update's `$set` names fields, and their values are no query.
            if key not in ("$set", "$setOnInsert", "$push", "$addToSet"):
                yield from _walk(value)
            elif isinstance(value, Mapping):
                yield from ((name, None) for name in value)
    elif isinstance(part, list | tuple):
        for one in part:
            yield from _walk(one)
