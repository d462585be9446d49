"""What the people of the trial hold in their hands: the receipts, and what else they were told."""

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Receipt:
    """One answer to one sending of one diary; times in seconds by the machine's clock."""

    subject_id: str
    submission_id: str
    diary_id: str
    day: str
    began: float
    took: float


@dataclass(frozen=True, slots=True)
class LabTold:
    """One row of a file that the system said it had taken."""

    subject_id: str
    analyte: str
    collected_at: str
    value: str


@dataclass(slots=True)
class Told:
    """Everything that was told, by all threads."""

    receipts: list[Receipt] = field(default_factory=list)
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    labs: list[LabTold] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    refusals: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def keep_sent(self, body: dict[str, Any]) -> None:
        """Keep a diary's body before it is sent."""
        with self._lock:
            self.sent[body["submission_id"]] = body

    def keep(self, receipt: Receipt) -> None:
        """Keep one receipt."""
        with self._lock:
            self.receipts.append(receipt)

    def keep_labs(self, rows: Iterable[LabTold]) -> None:
        """Keep the rows that were taken."""
        with self._lock:
            self.labs.extend(rows)

    def count(self, what: str, many: int = 1) -> None:
        """Count something for the report."""
        with self._lock:
            self.counts[what] += many

    def answered(self, shift: str, step: str) -> None:
        """Count a nurse's step on an alert by shift."""
        with self._lock:
            self.answers[shift, step] += 1

    def refuse(self, what: str) -> None:
        """Keep what the system refused or never answered: nothing of this should happen."""
        with self._lock:
            self.refusals.append(what)
