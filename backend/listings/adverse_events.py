"""Listings of adverse events: one row per subject, term and course, in a stable order."""

from collections.abc import Iterator, Mapping
from typing import Any

from backend.access import Action
from backend.files.sheet import DAY, INTEGER, LIST, YES_NO
from backend.listings.base import Asked, Column, Listing
from backend.models.adverse_event import stream_adverse_events


def judged(row: Mapping[str, Any], field: str) -> Any:  # noqa: ANN401 - a stored value
    """Give one field of the judgement that counts; None before anybody judged."""
    judgements = row.get("adjudications")
    value = judgements[-1].get(field) if judgements else None
    if isinstance(value, dict):
        return [f"{component}: {word}" for component, word in sorted(value.items())]
    return value


def _serious(row: Mapping[str, Any]) -> str | None:
    criteria = judged(row, "seriousness")
    return None if criteria is None else "Y" if criteria else "N"


COLUMNS = (
    Column("subject_id", "Subject", "AE.USUBJID", lambda row: row["subject_id"]),
    Column("site", "Site", "DM.SITEID", lambda row: row["site"]),
    Column("arm", "Arm", "DM.ARMCD", lambda row: row["arm"], unblinding=True),
    Column("term", "CTCAE v4.03 term", "AE.AEDECOD", lambda row: row["term"]),
    Column("soc", "System organ class", "AE.AEBODSYS", lambda row: row["soc"]),
    Column("meddra_code", "MedDRA code", "AE.AEPTCD", lambda row: row["meddra_code"]),
    Column(
        "grade",
        "Worst provisional grade",
        "SUPPAE",
        lambda row: row.get("worst_grade"),
        INTEGER,
    ),
    Column("onset", "First day seen", "SUPPAE", lambda row: row["onset"], DAY),
    Column("end", "Last day seen", "SUPPAE", lambda row: row.get("end"), DAY),
    Column("flags", "Flags raised with it", "SUPPAE", lambda row: list(row["flags"]), LIST),
    Column("causes", "Candidate causes, ranked", "SUPPAE", lambda row: list(row["causes"]), LIST),
    Column("action", "Action taken", "SUPPAE.AEACNn", lambda row: judged(row, "actions"), LIST),
    Column(
        "relation", "Relation judged", "SUPPAE.AERELn", lambda row: judged(row, "relations"), LIST
    ),
    Column(
        "judged_grade", "Clinician's grade", "AE.AETOXGR", lambda row: judged(row, "grade"), INTEGER
    ),
    Column("judged_term", "Term by the clinician", "AE.AEDECOD", lambda row: judged(row, "term")),
    Column(
        "judged_onset",
        "First day by the clinician",
        "AE.AESTDTC",
        lambda row: judged(row, "onset"),
        DAY,
    ),
    Column(
        "judged_end", "Last day by the clinician", "AE.AEENDTC", lambda row: judged(row, "end"), DAY
    ),
    Column("outcome", "Outcome", "AE.AEOUT", lambda row: judged(row, "outcome")),
    Column("serious", "Serious", "AE.AESER", _serious, YES_NO),
    Column("id", "Record", "AE.AESPID", lambda row: row["_id"]),
)


def _stream(asked: Asked) -> Iterator[Mapping[str, Any]]:
    return stream_adverse_events(asked.frame, asked.sites, after=asked.after)


ADVERSE_EVENTS = Listing(
    name="adverse-events",
    title="Adverse events",
    action=Action.ADVERSE_EVENT_READ,
    columns=COLUMNS,
    key=("subject_id", "onset", "id"),
    stream=_stream,
)
