"""Drug-toxicity flags by component: each flag raised, with every candidate cause and its evidence."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any

from bson.decimal128 import Decimal128

from backend.access import Action
from backend.analysis.subjects import by_subject
from backend.files.sheet import DAY, INTEGER, LIST
from backend.listings.base import Asked, Column, Listing
from backend.listings.by_subject import ARM, SITE, SUBJECT, later, since
from backend.models.assessment import stream_assessments
from backend.models.diary import stream_diaries

Row = Mapping[str, Any]
KEY = ("subject_id", "day", "id")
# Says that no diary came: nothing that a drug did.
SILENCE = "silence"


def _cause(row: Row, field: str) -> list[str] | None:
    return None if row["cause"] is None else list(row["cause"][field])


COLUMNS = (
    SUBJECT,
    SITE,
    ARM,
    Column("day", "Day", "FA.FADTC", lambda row: row["day"], DAY),
    Column("flag", "Flag", "FA.FATESTCD", lambda row: row["flag"]["id"]),
    Column("title", "What the flag says", "FA.FATEST", lambda row: row["flag"]["title"]["en"]),
    Column("tier", "Tier", "FA.FASTRESC", lambda row: row["flag"]["tier"]),
    Column(
        "component",
        "Candidate cause (component)",
        "SUPPFA",
        lambda row: None if row["cause"] is None else row["cause"]["component"],
    ),
    Column("rank", "Rank among the candidates", "SUPPFA", itemgetter("rank"), INTEGER),
    Column("supports", "What speaks for it", "SUPPFA", lambda row: _cause(row, "supports"), LIST),
    Column("opposes", "What speaks against it", "SUPPFA", lambda row: _cause(row, "opposes"), LIST),
    Column("why", "Why the flag was raised", "SUPPFA", lambda row: row["flag"]["reason"]),
    Column("cycle", "Cycle", "SUPPFA", itemgetter("cycle"), INTEGER),
    Column("cycle_day", "Day of the cycle", "SUPPFA", itemgetter("cycle_day"), INTEGER),
    Column("source", "Raised by", "FA.FASRCDOM", itemgetter("source_kind")),
    Column("source_id", "Diary, report or finding", "local", itemgetter("source_id")),
    Column("rule", "Rule", "local", lambda row: row["flag"]["rule"]),
    Column("rule_version", "Version of the rule", "local", lambda row: row["flag"]["rule_version"]),
    Column("id", "Record", "local", itemgetter("id")),
)


def _stream(asked: Asked) -> Iterator[Row]:
    start = since(asked)
    fields = ("flags", "facts.values.cycle", "facts.values.cycle_day")
    seen = stream_assessments(asked.frame, asked.sites, fields=fields, since=start)
    diaries = by_subject(
        stream_diaries(asked.frame, asked.sites, since=start, fields=("superseded",))
    )
    for subject_id, own in groupby(seen, key=itemgetter("subject_id")):
        replaced = {diary["_id"] for diary in diaries(subject_id) if diary.get("superseded")}
        rows = (
            row
            for assessment in own
            if assessment["source_kind"] != SILENCE and assessment["source_id"] not in replaced
            for row in _rows(assessment)
        )
        yield from later(asked, KEY, rows)


def _rows(assessment: Row) -> Iterator[Row]:
    """Give a row for each flag and each of its candidate causes; one where it has no candidate."""
    known = assessment.get("facts", {}).get("values", {})
    for flag in assessment["flags"]:
        for rank, cause in enumerate(flag["causes"] or [None], start=1):
            yield {
                **{name: assessment[name] for name in ("subject_id", "site", "day")},
                **{name: assessment[name] for name in ("source_kind", "source_id")},
                "flag": flag,
                "cause": cause,
                "rank": None if cause is None else rank,
                "cycle": _whole(known.get("cycle")),
                "cycle_day": _whole(known.get("cycle_day")),
                "id": f"{assessment['_id']}/{flag['id']}/{rank:02}",
            }


def _whole(value: Decimal128 | None) -> int | None:
    return None if value is None else int(value.to_decimal())


TOXICITY_FLAGS = Listing(
    name="drug-toxicity-flags",
    title="Drug-toxicity flags by component",
    action=Action.ASSESSMENT_READ,
    columns=COLUMNS,
    key=KEY,
    stream=_stream,
    population="Flags of current diaries, laboratory reports and findings; candidate causes are the"
    " machine's, ranked, and nobody's judgement",
)
