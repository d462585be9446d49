"""What must hold after any fault, read from the outside: receipts, database, what FCM received."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pymongo.database import Database

from tests.stubs.fcm import FcmStub

RINGING = ("emergency", "urgent")
# A push that comes later than this after its diary, or after the end of the outage, is late.
LATE_SECONDS = 60.0
_OK = "200"

Stored = Database[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Told:
    """One receipt as a patient holds it; `at` in seconds since 1970."""

    subject_id: str
    submission_id: str
    diary_id: str
    at: float


@dataclass
class Counts:
    """What was found; `faults` must all be 0."""

    seen: dict[str, int] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        """Tell whether nothing was lost and nothing doubled."""
        return not any(self.faults.values())

    def rows(self) -> Iterator[tuple[str, int]]:
        """Give every count with its name."""
        yield from self.seen.items()
        yield from self.faults.items()


def read_counts(
    told: Sequence[Told], database: Stored, stub: FcmStub, *, outage: tuple[float, float]
) -> Counts:
    """Count what was lost, doubled and late; `outage`: from when to when FCM was away."""
    counts = Counts()
    _diaries(told, database, counts)
    _alerts(database, counts)
    _pushes(database, stub, counts, outage)
    return counts


def _diaries(told: Sequence[Told], database: Stored, counts: Counts) -> None:
    stored = {one["submission_id"]: str(one["_id"]) for one in database["diaries"].find()}
    assessed = Counter(
        str(one["source_id"]) for one in database["assessments"].find({"source_kind": "diary"})
    )
    written = database["diaries"].count_documents({})
    counts.seen |= {"receipts": len(told), "diaries": written}
    counts.faults |= {
        "receipts without their diary (lost)": sum(
            stored.get(one.submission_id) != one.diary_id for one in told
        ),
        "diaries without a receipt": written - len({one.diary_id for one in told}),
        "diaries stored twice (doubled)": written - len(stored),
        "diaries not assessed exactly once": sum(assessed[one] != 1 for one in stored.values()),
    }


def _alerts(database: Stored, counts: Counts) -> None:
    alerts = list(database["alerts"].find())
    known = {(one["subject_id"], one["flag_id"]) for one in alerts}
    flagged = {
        (one["subject_id"], flag["id"])
        for one in database["assessments"].find()
        for flag in one["flags"]
        if flag["tier"] in RINGING
    }
    opened = Counter(
        (one["subject_id"], one["flag_id"]) for one in alerts if one["state"] != "closed"
    )
    counts.seen |= {"alerts": len(alerts), "flags that ring": len(flagged)}
    counts.faults |= {
        "flags that ring without an alert (lost)": len(flagged - known),
        "alerts open twice for one cause (doubled)": sum(many > 1 for many in opened.values()),
    }


def _pushes(database: Stored, stub: FcmStub, counts: Counts, outage: tuple[float, float]) -> None:
    raised = {str(one["_id"]): one for one in database["alerts"].find()}
    owed = list(database["outbox"].find({"channel": "fcm"}))
    accepted: dict[tuple[str, str], list[tuple[float, object]]] = {}
    for one in stub.received:
        message = one.json["message"]
        if one.answer == _OK:
            key = (message["data"]["id"], message["data"]["v"])
            accepted.setdefault(key, []).append((one.at, message["android"].get("collapse_key")))
    keys = {
        (one["message"]["id"], one["message"]["v"]) for one in owed if one["state"] != "cancelled"
    }
    first = {
        alert_id: min(at for at, _ in accepted[alert_id, v]) for alert_id, v in accepted if v == "0"
    }
    waits = []
    for alert_id, at in first.items():
        since = raised[alert_id]["raised_at"].timestamp()
        if outage[0] <= since <= outage[1] or outage[0] <= at <= outage[1]:
            since = outage[1]
        waits.append(at - since)
    rung = {str(raised[alert_id]["subject_id"]) for alert_id, _ in accepted}
    emergencies = {str(one["subject_id"]) for one in raised.values() if one["tier"] == RINGING[0]}
    repeated = [times for times in accepted.values() if len(times) > 1]
    counts.seen |= {
        "pushes owed to FCM": len(keys),
        "pushes accepted by FCM": sum(len(times) for times in accepted.values()),
        "accepted twice, one in place of the other on the phone": len(repeated),
        f"later than {LATE_SECONDS:g} s, the outage apart": sum(
            wait > LATE_SECONDS for wait in waits
        ),
    }
    counts.faults |= {
        "pushes owed that FCM never accepted (lost)": len(keys - accepted.keys()),
        "patients with an emergency for whom nobody was rung (lost)": len(emergencies - rung),
        "pushes that a person sees twice (doubled)": sum(
            len({name for _, name in times}) > 1 or None in {name for _, name in times}
            for times in repeated
        ),
    }
