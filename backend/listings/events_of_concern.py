"""Adverse events that a reviewer looks for first: serious, of special interest, immune-related."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from backend.access import Action
from backend.files.sheet import LIST, MOMENT, YES_NO
from backend.listings.adverse_events import COLUMNS, judged
from backend.listings.base import Asked, Column, Listing
from backend.models.adverse_event import stream_adverse_events

Row = Mapping[str, Any]

# The component that immune-related events are about, as the dose records name it.
_IMMUNE_DRUG = "ql1706"


def _yes_no(field: str) -> Callable[[Row], str | None]:
    """Give a judged yes or no in CDISC's letters; None before anybody judged."""

    def read(row: Row) -> str | None:
        said = judged(row, field)
        return None if said is None else "Y" if said else "N"

    return read


def _reported(row: Row) -> dt.datetime | None:
    """Give when the first report left: the one that stops the clock."""
    return min((report["sent_at"] for report in row.get("reports", ())), default=None)


def _in_time(row: Row) -> str | None:
    """Say whether the first report left within 24 hours of awareness; None: neither is certain yet."""
    sent = _reported(row)
    if sent is not None:
        return "Y" if sent <= row["report_by"] else "N"
    return "N" if row["now"] > row["report_by"] else None


def _immune_basis(row: Row) -> str | None:
    """Say on whose word a course is listed as immune-related; None: on nobody's.

    Before a clinician has judged, the leading candidate cause speaks; afterwards the clinician alone.
    """
    if row.get("adjudications"):
        return "clinician" if judged(row, "immune_related") else None
    return "leading candidate" if list(row["causes"])[:1] == [_IMMUNE_DRUG] else None


_IMMUNE = Column(
    "immune_related", "Immune-related, judged", "SUPPAE", _yes_no("immune_related"), YES_NO
)
_SPECIAL = Column(
    "special_interest", "Of special interest", "SUPPAE", _yes_no("special_interest"), YES_NO
)
_CRITERIA = Column(
    "criteria",
    "Criteria met",
    "AE.AESDTH, AESLIFE, AESHOSP, AESDISAB, AESCONG, AESMIE",
    lambda row: judged(row, "seriousness"),
    LIST,
)
_CLOCK = (
    Column("aware_at", "Site aware at", "SUPPAE", lambda row: judged(row, "aware_at"), MOMENT),
    Column("report_by", "Report due by", "SUPPAE", lambda row: row["report_by"], MOMENT),
    Column("reported_at", "First report sent at", "SUPPAE", _reported, MOMENT),
    Column("in_time", "Within 24 hours", "SUPPAE", _in_time, YES_NO),
)


def _listing(
    name: str, title: str, further: tuple[Column, ...], belongs: Callable[[Row], bool]
) -> Listing:
    def stream(asked: Asked) -> Iterator[Row]:
        for row in stream_adverse_events(asked.frame, asked.sites, after=asked.after):
            if belongs(row):
                yield {**row, "now": asked.now}

    return Listing(
        name=name,
        title=title,
        action=Action.ADVERSE_EVENT_READ,
        columns=(*COLUMNS[:-1], *further, COLUMNS[-1]),
        key=("subject_id", "onset", "id"),
        stream=stream,
    )


# The clock runs on although a later judgement no longer calls it serious: the row stays.
SERIOUS = _listing(
    "serious-adverse-events",
    "Serious adverse events, with the 24-hour clock",
    (_CRITERIA, *_CLOCK),
    lambda row: row.get("report_by") is not None,
)
SPECIAL_INTEREST = _listing(
    "special-interest-adverse-events",
    "Adverse events of special interest",
    (_SPECIAL, _IMMUNE),
    lambda row: bool(judged(row, "special_interest")),
)
IMMUNE_RELATED = _listing(
    "immune-related-adverse-events",
    "Immune-related adverse events, judged or suspected",
    (_IMMUNE, Column("basis", "On whose word", "SUPPAE", _immune_basis)),
    lambda row: _immune_basis(row) is not None,
)
