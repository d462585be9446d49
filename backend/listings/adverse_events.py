"""The adverse event listing: one row per subject, term and course, in a stable order."""

from collections.abc import Iterator, Mapping
from typing import Any

from backend import access
from backend.access import Action, Actor
from backend.errors import Forbidden
from backend.listings.base import Column, row_of, visible
from backend.models.adverse_event import stream_adverse_events
from backend.models.subject import arms_of
from backend.services.paging import Page, read_cursor, write_cursor

NAME = "adverse-events"


def _judged(row: Mapping[str, Any], field: str) -> Any:  # noqa: ANN401 - a stored value
    """Give one field of the judgement that counts; None before anybody judged."""
    judgements = row.get("adjudications")
    value = judgements[-1][field] if judgements else None
    if isinstance(value, dict):
        return [f"{component}: {word}" for component, word in sorted(value.items())]
    return value


def _serious(row: Mapping[str, Any]) -> str | None:
    criteria = _judged(row, "seriousness")
    return None if criteria is None else "Y" if criteria else "N"


COLUMNS = (
    Column("subject_id", "Subject", "AE.USUBJID", lambda row: row["subject_id"]),
    Column("site", "Site", "DM.SITEID", lambda row: row["site"]),
    Column("arm", "Arm", "DM.ARMCD", lambda row: row["arm"], unblinding=True),
    Column("term", "CTCAE v4.03 term", "AE.AEDECOD", lambda row: row["term"]),
    Column("soc", "System organ class", "AE.AEBODSYS", lambda row: row["soc"]),
    Column("meddra_code", "MedDRA code", "AE.AEPTCD", lambda row: row["meddra_code"]),
    Column("grade", "Worst provisional grade", "AE.AETOXGR", lambda row: row["worst_grade"]),
    Column("onset", "First day", "AE.AESTDTC", lambda row: row["onset"]),
    Column("end", "Last day", "AE.AEENDTC", lambda row: row.get("end")),
    Column("flags", "Flags raised with it", "SUPPAE", lambda row: list(row["flags"])),
    Column("causes", "Candidate causes, ranked", "SUPPAE", lambda row: list(row["causes"])),
    Column("action", "Action taken", "SUPPAE.AEACNn", lambda row: _judged(row, "actions")),
    Column("relation", "Relation judged", "SUPPAE.AERELn", lambda row: _judged(row, "relations")),
    Column("judged_grade", "Clinician's grade", "AE.AETOXGR", lambda row: _judged(row, "grade")),
    Column("serious", "Serious", "AE.AESER", _serious),
    Column("id", "Record", "AE.AESPID", lambda row: row["_id"]),
)

_KEY = (str, str, str)


def columns_for(actor: Actor) -> tuple[Column, ...]:
    """Give the columns of this actor: the arm's only where the actor may see some arm."""
    return visible(COLUMNS, unblinded=access.scope(actor, Action.ARM_READ) != access.Scope())


def list_adverse_events(*, actor: Actor, limit: int, cursor: str | None) -> Page[dict[str, Any]]:
    """Give one page of the listing by subject, first day and record.

    Raises:
        Forbidden: the actor may not read adverse events at all.
        InvalidInput: the cursor is none of ours.
    """
    after = read_cursor(cursor, _KEY)
    rows = []
    for row in rows_for(actor, after=after):
        rows.append(row)
        if len(rows) > limit:
            break
    more = len(rows) > limit
    last = rows[limit - 1] if more else None
    return Page(
        tuple(rows[:limit]),
        write_cursor((last["subject_id"], last["onset"], last["id"])) if last else None,
    )


def rows_for(actor: Actor, *, after: tuple[Any, ...] | None = None) -> Iterator[dict[str, Any]]:
    """Give every row that the actor may see, one at a time.

    Raises:
        Forbidden: the actor may not read adverse events at all.
    """
    scope = access.scope(actor, Action.ADVERSE_EVENT_READ)
    if scope == access.Scope():
        raise Forbidden
    columns = columns_for(actor)
    arms: Mapping[str, str] = {}
    if any(column.unblinding for column in columns):
        arms = {
            subject_id: arm
            for subject_id, site, arm in arms_of(scope.sites)
            if access.sees_arm(actor, site)
        }
    for stored in stream_adverse_events(scope.sites, after=after):
        yield row_of(columns, {**stored, "arm": arms.get(stored["subject_id"])})
