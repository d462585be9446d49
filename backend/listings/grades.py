"""Provisional grades beside the clinician's: every course, judged or not, and whether they agree."""

from collections.abc import Iterator, Mapping
from typing import Any

from backend.access import Action
from backend.listings.base import Asked, Column, Listing
from backend.listings.by_subject import ARM
from backend.listings.disagreements import COLUMNS as JUDGED
from backend.listings.disagreements import difference
from backend.models.adverse_event import stream_adverse_events

NOT_JUDGED, AGREED = "not judged yet", "agreed"


def _agreement(row: Mapping[str, Any]) -> str:
    """Say in words how the clinician's grade stands to the machine's."""
    return (difference(row) or AGREED) if row["adjudications"] else NOT_JUDGED


COLUMNS = (
    *JUDGED[:2],
    ARM,
    Column("agreement", "Machine against clinician", "SUPPAE", _agreement),
    *(column for column in JUDGED[2:] if column.name != "difference"),
)


def _stream(asked: Asked) -> Iterator[Mapping[str, Any]]:
    return stream_adverse_events(asked.frame, asked.sites, after=asked.after, with_grades=True)


GRADES = Listing(
    name="provisional-and-adjudicated-grades",
    title="Provisional grades against adjudicated grades",
    action=Action.ADVERSE_EVENT_READ,
    columns=COLUMNS,
    key=("subject_id", "onset", "id"),
    stream=_stream,
    population="Every course of an adverse event; the provisional grade is the machine's, the other"
    " the clinician's",
)
