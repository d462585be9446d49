"""Where the clinician's word differs from the machine's: a listing of grades that did not agree."""

from collections.abc import Iterator, Mapping
from typing import Any

from backend.access import Action
from backend.files.sheet import DAY, INTEGER, LIST, MOMENT
from backend.listings.adverse_events import judged
from backend.listings.base import Asked, Column, Listing
from backend.models.adverse_event import stream_adverse_events


def _highest(row: Mapping[str, Any]) -> int | None:
    """Give the highest grade that the machine's open questions left possible."""
    standing = [seen for seen in row["grades"] if seen.get("retracted_by") is None]
    return max((seen.get("at_most") or seen["grade"] for seen in standing), default=None)


def difference(row: Mapping[str, Any]) -> str | None:
    """Say how the clinician's grade differs from the machine's; None where they agree."""
    grade, lowest, highest = judged(row, "grade"), row.get("worst_grade"), _highest(row)
    if lowest is None or highest is None:
        return "not seen by the machine"
    if judged(row, "term") != row["term"]:
        return "another term"
    if grade > highest:
        return "clinician higher"
    if grade < lowest:
        return "clinician lower"
    return None if grade == lowest else "settled within the range"


_TERM, _GRADE = "AE.AEDECOD", "AE.AETOXGR"
COLUMNS = (
    Column("subject_id", "Subject", "AE.USUBJID", lambda row: row["subject_id"]),
    Column("site", "Site", "DM.SITEID", lambda row: row["site"]),
    Column("difference", "How they differ", "SUPPAE", difference),
    Column("term", "Term by the machine", "SUPPAE", lambda row: row["term"]),
    Column("judged_term", "Term by the clinician", _TERM, lambda row: judged(row, "term")),
    Column(
        "grade", "Worst provisional grade", "SUPPAE", lambda row: row.get("worst_grade"), INTEGER
    ),
    Column("at_most", "Highest that was possible", "SUPPAE", _highest, INTEGER),
    Column("judged_grade", "Clinician's grade", _GRADE, lambda row: judged(row, "grade"), INTEGER),
    Column("signed_as", "Signed as", "SUPPAE", lambda row: judged(row, "signed_as")),
    Column("judged_at", "Judged at", "SUPPAE", lambda row: judged(row, "at"), MOMENT),
    Column(
        "judgements", "How often judged", "SUPPAE", lambda row: len(row["adjudications"]), INTEGER
    ),
    Column("judged_reason", "Reason given", "SUPPAE", lambda row: judged(row, "reason")),
    Column("flags", "Flags raised with it", "SUPPAE", lambda row: list(row["flags"]), LIST),
    Column("onset", "First day seen", "SUPPAE", lambda row: row["onset"], DAY),
    Column("id", "Record", "AE.AESPID", lambda row: row["_id"]),
)


def _stream(asked: Asked) -> Iterator[Mapping[str, Any]]:
    events = stream_adverse_events(asked.frame, asked.sites, after=asked.after, with_grades=True)
    return (event for event in events if event["adjudications"] and difference(event) is not None)


DISAGREEMENTS = Listing(
    name="grade-disagreements",
    title="Provisional grades that the clinician did not share",
    action=Action.ADVERSE_EVENT_READ,
    columns=COLUMNS,
    key=("subject_id", "onset", "id"),
    stream=_stream,
)
