"""What was checked, and what was found to be lost, doubled or late."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

LOST, DOUBLED, LATE = "lost", "doubled", "late"
KINDS = (LOST, DOUBLED, LATE)
# So many are named in a report.
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One invariant: how many things it was checked on, and the ids of those that break it."""

    kind: str
    name: str
    seen: int
    faults: tuple[str, ...]

    @property
    def named(self) -> tuple[str, ...]:
        """Give the first of them."""
        return self.faults[:_NAMED]


@dataclass(slots=True)
class Findings:
    """All of them, and numbers beside."""

    found: list[Finding] = field(default_factory=list)
    numbers: dict[str, float] = field(default_factory=dict)

    def add(self, kind: str, name: str, seen: int, faults: Iterable[object]) -> None:
        """Write down one invariant."""
        self.found.append(Finding(kind, name, seen, tuple(str(fault) for fault in faults)))

    def of(self, kind: str) -> Iterator[Finding]:
        """Give the invariants about what may be lost, doubled or late."""
        return (finding for finding in self.found if finding.kind == kind)

    def broken(self) -> list[str]:
        """Give the names of the invariants that do not hold."""
        return [finding.name for finding in self.found if finding.faults]

    def count(self, kind: str) -> int:
        """Count what was lost, doubled or late."""
        return sum(len(finding.faults) for finding in self.of(kind))

    @property
    def is_whole(self) -> bool:
        """Tell whether nothing was lost and nothing doubled."""
        return not self.count(LOST) and not self.count(DOUBLED)
