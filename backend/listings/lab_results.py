"""Laboratory results as reported, with the limits they carry."""

from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import Any

from bson.decimal128 import Decimal128

from backend.access import Action
from backend.files.sheet import DAY, DECIMAL, MOMENT, YES_NO
from backend.listings.base import Asked, Column, Listing
from backend.listings.by_subject import ARM, SITE, SUBJECT, since
from backend.models.lab import stream_results

Row = Mapping[str, Any]


def number(value: Decimal128 | None) -> Any:  # noqa: ANN401 - a Decimal, or None
    """Give a stored number; None where there is none."""
    return None if value is None else value.to_decimal()


def _fasting(row: Row) -> str | None:
    said = row.get("fasting")
    return None if said is None else "Y" if said else "N"


COLUMNS = (
    SUBJECT,
    SITE,
    ARM,
    Column("day", "Day of collection", "LB.LBDTC", itemgetter("day"), DAY),
    Column("collected_at", "Collected at", "LB.LBDTC", itemgetter("collected_at"), MOMENT),
    Column("analyte", "Analyte", "LB.LBTESTCD", itemgetter("analyte")),
    Column("value", "Result", "LB.LBORRES", lambda row: number(row["value"]), DECIMAL),
    Column("unit", "Unit", "LB.LBORRESU", itemgetter("unit")),
    Column("lln", "Lower limit", "LB.LBORNRLO", lambda row: number(row.get("lln")), DECIMAL),
    Column("uln", "Upper limit", "LB.LBORNRHI", lambda row: number(row.get("uln")), DECIMAL),
    Column("limits_from", "Whose limits", "local", itemgetter("limits_from")),
    Column("fasting", "Fasting", "LB.LBFAST", _fasting, YES_NO),
    Column("recorded_at", "Entered at", "local", itemgetter("recorded_at"), MOMENT),
    Column("report_id", "Report", "LB.LBREFID", itemgetter("report_id")),
    Column("id", "Record", "LB.LBSPID", itemgetter("_id")),
)


def _stream(asked: Asked) -> Iterator[Row]:
    for result in stream_results(asked.frame, asked.sites, since=since(asked)):
        own = (result["subject_id"], result["day"], result["collected_at"].isoformat())
        if asked.after is None or (*own, result["_id"]) > asked.after:
            yield result


LAB_RESULTS = Listing(
    name="laboratory-results",
    title="Laboratory results as reported",
    action=Action.LAB_READ,
    columns=COLUMNS,
    key=("subject_id", "day", "collected_at", "id"),
    stream=_stream,
)
