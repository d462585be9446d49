"""Collections that grow: copies of a diary and an alert as each contender stores them, under new ids."""

import datetime as dt
import random
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pymongo.collection import Collection
from pymongo.database import Database

from benchmarks.peers.contenders import Contender

BATCH = 1_000
# A patient's diaries, and one alert for so many; a patient on treatment writes one a day.
OF_ONE, PER_ALERT = 200, 20
OPEN_ALERTS = 200
SITES = ("S01", "S02")

Stored = Collection[dict[str, Any]]


@dataclass(slots=True)
class Filler:
    """Fills the collections of every contender up to the same number of diaries.

    `diaries` and `alerts` are one stored document of each contender by its name, to be copied.
    `patients` are the ones who are asked about: each gets `OF_ONE` diaries first.
    """

    database: Database[dict[str, Any]]
    contenders: tuple[Contender, ...]
    diaries: Mapping[str, dict[str, Any]]
    alerts: Mapping[str, dict[str, Any]]
    patients: tuple[str, ...]
    last_day: dt.date
    filled: int = 0
    seconds: float = 0.0
    chance: random.Random = field(default_factory=lambda: random.Random(20261127))  # noqa: S311

    def open_alerts(self) -> None:
        """Put the same open alerts on everybody's list; as many, whatever the collections hold."""
        for number in range(OPEN_ALERTS):
            self._alert(number, "new")

    def grow(self, size: int, minutes: float) -> int:
        """Fill up to `size` diaries each, or for so many minutes; give how many there are now."""
        begun = time.monotonic()
        while self.filled < size and time.monotonic() < begun + minutes * 60:
            numbers = range(self.filled, min(self.filled + BATCH, size))
            for contender in self.contenders:
                made = list(self._copies(self.diaries[contender.name], numbers))
                self.database[contender.diaries].insert_many(made, ordered=False)
            for number in numbers:
                if number % PER_ALERT == 0:
                    self._alert(number, "closed")
            self.filled = numbers.stop
        self.seconds += time.monotonic() - begun
        return self.filled

    def _copies(self, stored: Mapping[str, Any], numbers: range) -> Iterator[dict[str, Any]]:
        for number in numbers:
            person, day = divmod(number, OF_ONE)
            copy = {
                **stored,
                "submission_id": str(uuid.UUID(int=self.chance.getrandbits(128), version=4)),
                "subject_id": self._patient(person),
                "day": (self.last_day - dt.timedelta(days=day)).isoformat(),
                "version": 1,
            }
            if isinstance(stored.get("_id"), str):
                copy["_id"] = str(uuid.UUID(int=self.chance.getrandbits(128), version=4))
            else:
                copy.pop("_id", None)
            yield copy

    def _alert(self, number: int, state: str) -> None:
        """Put one alert on everybody's list, the same for each."""
        alert_id = str(uuid.UUID(int=self.chance.getrandbits(128), version=4))
        rank = self.chance.randrange(1, 4)
        begun = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
        for contender in self.contenders:
            copy = {
                **self.alerts[contender.name],
                "_id": alert_id,
                "subject_id": self._patient(number // OF_ONE),
                "site": SITES[number % len(SITES)],
                "tier_rank": rank,
                "state": state,
                "raised_at": begun + dt.timedelta(seconds=number),
            }
            # Of an open cause only, and followed by nobody here.
            for name in ("open_key", "escalate_at"):
                copy.pop(name, None)
            self.database[contender.alerts].insert_one(copy)

    def _patient(self, place: int) -> str:
        return self.patients[place] if place < len(self.patients) else f"S02-F{place:07}"


def indexed(database: Database[dict[str, Any]], contender: Contender) -> None:
    """Give a peer the indexes that its questions want; ours are made by `backend.migrate`."""
    database[contender.diaries].create_index([("subject_id", 1), ("day", -1), ("version", -1)])
    database[contender.alerts].create_index(
        [("state", 1), ("tier_rank", 1), ("raised_at", 1), ("_id", 1)]
    )
