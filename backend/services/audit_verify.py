"""Verify the audit trail: read every chain from its beginning and name the first fault of each."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from backend.models import audit, audit_chain
from backend.models.audit_chain import NOTHING, Head

ALTERED = "altered"
REMOVED = "removed"
REORDERED = "reordered or sealed again"
INSERTED = "inserted"
CUT = "cut off"
GONE = "stream gone"
FORKED = "not as anchored"
UNCHAINED = "without a chain"

# What no chain can show; `flask audit verify` says it each time.
LIMITS = (
    "that an entry is true: who can call the program can make it write one",
    "that something was done at all that no entry tells of",
    "a change since the newest anchor by who can write to the database and compute a chain anew",
    "anything older, where the anchors' folder is one that the same people can write to",
    "anything against who holds the signing key and can write to the anchors' folder",
    "that the clock was right: times are those of the machine that wrote",
)

_NEVER = dt.datetime.max.replace(tzinfo=dt.UTC)

Anchored = Mapping[str, Mapping[int, str]]


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing that is wrong in one stream; `at` None: no entry is left that has a time."""

    kind: str
    stream: str
    seq: int
    entry_id: str | None
    at: dt.datetime | None
    detail: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What was read, and the faults: that of the oldest entry first."""

    entries: int
    streams: int
    anchored: int
    faults: tuple[Fault, ...]


def verify_audit(anchored: Anchored) -> Verified:
    """Read the whole trail; `anchored`: digests by stream and place, as anchors keep them."""
    return verify_entries(audit.chained(), tuple(audit_chain.heads()), anchored)


def verify_entries(
    entries: Iterable[Mapping[str, Any]], heads: Iterable[Head], anchored: Anchored
) -> Verified:
    """Check entries that come by stream and place against the heads and the anchors."""
    ends = {head.id: head for head in heads}
    seen: set[str] = set()
    faults: list[Fault] = []
    count = held = 0
    for stream, rows in groupby(entries, key=lambda row: row.get("stream")):
        if stream is None:
            first = next(rows)
            number = 1 + sum(1 for _ in rows)
            count += number
            detail = f"{number} entries belong to no chain"
            faults.append(Fault(UNCHAINED, "", 0, str(first["_id"]), first["at"], detail))
            continue
        seen.add(stream)
        reading = _Reading(stream, anchored.get(stream, {}))
        found = reading.first_fault(rows) or reading.end(ends.get(stream))
        count += reading.count
        held += reading.held
        if found is not None:
            faults.append(found)
    faults += _gone(ends, anchored, seen)
    faults.sort(key=lambda fault: (fault.at is None, fault.at or _NEVER, fault.stream))
    return Verified(count, len(seen), held, tuple(faults))


@dataclass(slots=True)
class _Reading:
    """One stream as it is read from its beginning."""

    stream: str
    told: Mapping[int, str]
    seq: int = 0
    sha256: str = NOTHING
    count: int = 0
    held: int = 0
    at: dt.datetime | None = None

    def first_fault(self, rows: Iterable[Mapping[str, Any]]) -> Fault | None:
        """Read all entries and give the first thing that is wrong: after it the rest tells nothing."""
        first: Fault | None = None
        for row in rows:
            self.count += 1
            if first is not None:
                continue
            found = self._fault(row)
            if found is not None:
                kind, detail = found
                first = Fault(kind, self.stream, row["seq"], str(row["_id"]), row["at"], detail)
                continue
            self.held += row["seq"] in self.told
            self.seq, self.sha256, self.at = row["seq"], row["sha256"], row["at"]
        return first

    def end(self, head: Head | None) -> Fault | None:
        """Give what is wrong with the end of the stream."""
        told = max(self.told, default=0)
        kept = head.seq if head is not None else 0
        if max(told, kept) > self.seq:
            detail = f"the last {max(told, kept) - self.seq} entries are not there"
            return Fault(CUT, self.stream, self.seq + 1, None, self.at, detail)
        if head is None or (head.seq, head.sha256) != (self.seq, self.sha256):
            detail = "the end of the chain is not where the database says that it is"
            return Fault(FORKED, self.stream, self.seq, None, self.at, detail)
        return None

    def _fault(self, row: Mapping[str, Any]) -> tuple[str, str] | None:
        expected = self.seq + 1
        if row["seq"] < expected:
            return INSERTED, f"place {row['seq']} is taken already"
        if row["seq"] > expected:
            missing = row["seq"] - expected
            return REMOVED, f"{missing} before it: places {expected} to {row['seq'] - 1}"
        if audit_chain.digest(row) != row.get("sha256"):
            return ALTERED, "it is not what its digest was made of"
        if row.get("previous") != self.sha256:
            return REORDERED, "it does not follow the entry before it: one of the two is another"
        if self.told.get(row["seq"], row["sha256"]) != row["sha256"]:
            return FORKED, "an anchor has another digest for this place"
        return None


def _gone(ends: Mapping[str, Head], anchored: Anchored, seen: set[str]) -> Iterator[Fault]:
    for stream in sorted((ends.keys() | anchored.keys()) - seen):
        head = ends.get(stream)
        number = max(head.seq if head else 0, *anchored.get(stream, {0: ""}))
        detail = f"all of its {number} entries are not there"
        yield Fault(GONE, stream, 1, None, head.at if head else None, detail)
