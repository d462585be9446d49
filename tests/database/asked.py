"""What the models ask of the database, as it is asked: recorded while real work is done."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

_MODELS = "/backend/models/"
# Asks for others: who asked it is the question.
_BETWEEN = ("frame.py", "base.py", "collections.py", "raw.py")


@dataclass(frozen=True, slots=True)
class Question:
    """One query: which function of the models asked what of which collection.

    `pipeline` is an aggregation's; a write is its filter.
    """

    asker: str
    collection: str
    filter: Mapping[str, Any]
    sort: tuple[tuple[str, int], ...] = ()
    limit: int = 0
    pipeline: tuple[Mapping[str, Any], ...] | None = None
    projection: Mapping[str, Any] | None = None

    @property
    def shape(self) -> tuple[object, ...]:
        """Give what is the same in two questions that differ in their values alone."""
        return (self.asker, self.collection, _shape(self.filter), self.sort, bool(self.limit))


@dataclass
class Recorder(CommandListener):
    """Notes each question of our own code while `on`."""

    on: bool = False
    questions: list[Question] = field(default_factory=list)

    def started(self, event: CommandStartedEvent) -> None:
        """Note a command."""
        if self.on:
            asker = _asker(sys._getframe(1))  # noqa: SLF001 - whose call this is
            self.questions += _questions(asker, event.command_name, event.command)

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Nothing is noted."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Nothing is noted."""


def _questions(asker: str, name: str, command: Mapping[str, Any]) -> list[Question]:
    collection = str(command.get(name, ""))
    if name == "find":
        sort = tuple(command.get("sort", {}).items())
        limit = int(command.get("limit", 0))
        asked = command.get("filter", {})
        return [Question(asker, collection, asked, sort, limit, None, command.get("projection"))]
    if name == "aggregate":
        stages = tuple(command["pipeline"])
        asked = stages[0].get("$match", {}) if stages else {}
        return [Question(asker, collection, asked, pipeline=stages)]
    if name == "update":
        return [Question(asker, collection, one["q"]) for one in command["updates"]]
    if name == "delete":
        return [Question(asker, collection, one["q"]) for one in command["deletes"]]
    if name in {"findAndModify", "count", "distinct"}:
        return [Question(asker, collection, command.get("query", {}))]
    return []


def _asker(frame: FrameType | None) -> str:
    """Name the function of `backend.models` nearest to the driver; else the nearest of ours."""
    between = ""
    while frame is not None:
        path, function = frame.f_code.co_filename, frame.f_code.co_qualname
        if _MODELS in path and not function.startswith("_"):
            file = path.rpartition("/")[2]
            name = f"{file.removesuffix('.py')}.{function.partition('.<locals>')[0]}"
            if file not in _BETWEEN:
                return name
            between = between or name
        frame = frame.f_back
    return between


def _shape(value: object) -> object:
    if isinstance(value, Mapping):
        return tuple((key, _shape(one)) for key, one in sorted(value.items()))
    if isinstance(value, list | tuple):
        return len(value) > 1
    return type(value).__name__
