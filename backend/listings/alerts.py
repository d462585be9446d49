"""Listings of alerts: the times of the ladder, how quickly people answered, and each rule's precision."""

import datetime as dt
import statistics
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from operator import itemgetter
from typing import Any

from backend.access import Action
from backend.files.sheet import DECIMAL, INTEGER, MOMENT, TEXT, YES_NO
from backend.listings.base import Asked, Column, Listing
from backend.models.alert import TIER_RANK, stream_alerts
from backend.models.alert_counts import count_flags
from backend.models.outbox import times_of_alerts

# So many alerts' messages are looked up at a time.
_BATCH = 200

Row = Mapping[str, Any]


def _first(row: Row, *steps: str) -> dt.datetime | None:
    return min((step["at"] for step in row["steps"] if step["step"] in steps), default=None)


def _minutes(row: Row, until: dt.datetime | None) -> float | None:
    """Give the minutes from the diary (raised in its own transaction) to a moment."""
    return None if until is None else round((until - row["raised_at"]).total_seconds() / 60, 1)


def _overdue(row: Row) -> str:
    """Say whether it was, or is, answered too late; by the time the listing is made."""
    answered = row.get("acknowledged_at") or row["now"]
    return "Y" if answered > row["acknowledge_by"] else "N"


def _escalations(row: Row) -> int:
    return sum(step["step"] == "escalated" for step in row["steps"])


def _moment(name: str, label: str, value: Callable[[Row], dt.datetime | None]) -> Column:
    return Column(name, label, "local", value, MOMENT)


def _plain(names: Iterable[tuple[str, str, str]]) -> tuple[Column, ...]:
    return tuple(
        Column(name, label, "local" if kind == TEXT else "derived", itemgetter(name), kind)
        for name, label, kind in names
    )


LADDER = (
    Column("site", "Site", "DM.SITEID", lambda row: row["site"]),
    Column("subject_id", "Subject", "DM.USUBJID", lambda row: row["subject_id"]),
    Column("raised_at", "Raised", "local", lambda row: row["raised_at"], MOMENT),
    Column("id", "Alert", "local", lambda row: row["_id"]),
    Column("flag", "Flag", "local", lambda row: row["flag_id"]),
    Column("tier", "Tier", "local", lambda row: row["tier"]),
    Column("state", "State", "local", lambda row: row["state"]),
    Column("shift", "Shift", "local", lambda row: row["shift"]),
    _moment("queued_at", "First message owed", lambda row: row.get("queued_at")),
    _moment("accepted_at", "Accepted by a channel", lambda row: row.get("accepted_at")),
    _moment("received_at", "Received by a device", lambda row: row.get("received_at")),
    _moment("opened_at", "Opened", lambda row: row.get("opened_at")),
    _moment("acknowledged_at", "Taken by a person", lambda row: row.get("acknowledged_at")),
    _moment("acted_at", "Acted on", lambda row: _first(row, "act", "called")),
    _moment("closed_at", "Closed", lambda row: _first(row, "close")),
    Column(
        "minutes",
        "Minutes to answer",
        "derived",
        lambda row: _minutes(row, row.get("acknowledged_at")),
        DECIMAL,
    ),
    Column("overdue", "Overdue", "derived", _overdue, YES_NO),
    Column("escalations", "Escalations", "derived", _escalations, INTEGER),
    Column(
        "suppressed",
        "Did not ring",
        "local",
        lambda row: "Y" if row.get("suppressed") else "N",
        YES_NO,
    ),
)
RESPONSE = _plain(
    (
        ("key", "Tier, site and shift", TEXT),
        ("tier", "Tier", TEXT),
        ("site", "Site", TEXT),
        ("shift", "Shift", TEXT),
        ("alerts", "Alerts", INTEGER),
        ("answered", "Answered", INTEGER),
        ("waiting", "Not answered yet", INTEGER),
        ("overdue", "Answered late, or late and waiting", INTEGER),
        ("median_minutes", "Median minutes to answer", DECIMAL),
        ("longest_minutes", "Longest minutes to answer", DECIMAL),
    )
)
PRECISION = _plain(
    (
        ("key", "Flag and tier", TEXT),
        ("flag", "Flag", TEXT),
        ("tier", "Tier", TEXT),
        ("alerts", "Alerts", INTEGER),
        ("useful", "Marked useful", INTEGER),
        ("not_useful", "Marked not useful", INTEGER),
        ("unmarked", "Not marked", INTEGER),
        ("precision", "Useful of those marked", DECIMAL),
        ("acted", "Acted on", INTEGER),
        ("suppressed", "Did not ring", INTEGER),
    )
)


def _rows(asked: Asked, fields: tuple[str, ...] = ()) -> Iterator[dict[str, Any]]:
    """Give stored alerts with their shift, in the listing's order; some `fields` (empty: all)."""
    for stored in stream_alerts(asked.frame, asked.sites, after=asked.after, fields=fields):
        shift = asked.study.shift_of(stored["site"], stored["raised_at"])
        yield {**stored, "now": asked.now, "shift": shift}


def _ladder(asked: Asked) -> Iterator[Row]:
    rows = _rows(asked)
    while batch := list(islice(rows, _BATCH)):
        # A data cut has them in its copies of the alerts; the outbox is of the present alone.
        live = asked.frame.cut is None
        times = times_of_alerts([row["_id"] for row in batch]) if live else {}
        for row in batch:
            yield {**row, **times.get(row["_id"], {})}


@dataclass(slots=True)
class _Answers:
    """What is kept of a group's alerts: counts, and the minutes that a median needs."""

    alerts: int = 0
    overdue: int = 0
    minutes: "array[float]" = field(default_factory=lambda: array("d"))


def _response(asked: Asked) -> Iterator[Row]:
    # The shift is told by the wall clock of the site and a median by all its values: neither is a
    # sum that the database could make, so the few fields are read and only the minutes are kept.
    found: dict[tuple[str, str, str], _Answers] = {}
    for row in _rows(replace(asked, after=None), ("tier", "acknowledged_at", "acknowledge_by")):
        own = found.setdefault((row["tier"], row["site"], row["shift"]), _Answers())
        minutes = _minutes(row, row.get("acknowledged_at"))
        own.alerts += 1
        own.overdue += _overdue(row) == "Y"
        if minutes is not None:
            own.minutes.append(minutes)
    for (tier, site, shift), own in sorted(
        found.items(), key=lambda item: (TIER_RANK[item[0][0]], *item[0])
    ):
        answered = len(own.minutes)
        yield from _after(
            asked,
            {
                "key": f"{TIER_RANK[tier]}/{site}/{shift}",
                "tier": tier,
                "site": site,
                "shift": shift,
                "alerts": own.alerts,
                "answered": answered,
                "waiting": own.alerts - answered,
                "overdue": own.overdue,
                "median_minutes": round(statistics.median(own.minutes), 1) if answered else None,
                "longest_minutes": max(own.minutes, default=None),
            },
        )


def _precision(asked: Asked) -> Iterator[Row]:
    for count in sorted(count_flags(asked.frame, asked.sites), key=itemgetter("flag", "tier")):
        marked = count["useful"] + count["not_useful"]
        yield from _after(
            asked,
            {
                **count,
                "key": f"{count['flag']}/{count['tier']}",
                "unmarked": count["alerts"] - marked,
                "precision": round(count["useful"] / marked, 3) if marked else None,
            },
        )


def _after(asked: Asked, row: dict[str, Any]) -> Iterator[Row]:
    if asked.after is None or row["key"] > asked.after[0]:
        yield row


ALERT_LADDER = Listing(
    name="alert-ladder",
    title="Alerts with the times of each step, from the diary to the end",
    action=Action.ALERT_READ,
    columns=LADDER,
    key=("site", "raised_at", "id"),
    stream=_ladder,
)
ALERT_RESPONSE = Listing(
    name="alert-response",
    title="Time from diary to answer by tier, site and shift",
    action=Action.ALERT_READ,
    columns=RESPONSE,
    key=("key",),
    stream=_response,
)
RULE_PRECISION = Listing(
    name="rule-precision",
    title="How often each flag was worth ringing",
    action=Action.ALERT_READ,
    columns=PRECISION,
    key=("key",),
    stream=_precision,
)
