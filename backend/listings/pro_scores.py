"""PRO scores: each answer and composite by diary day, with the score before treatment beside it."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from backend.access import Action
from backend.analysis.subjects import by_subject, doses_taken
from backend.files.sheet import DAY, INTEGER
from backend.listings.base import Asked, Column, Listing
from backend.listings.by_subject import ARM, SITE, SUBJECT, later, since
from backend.models.assessment import stream_assessments
from backend.models.diary import stream_diaries
from backend.models.exposure import stream_exposures
from backend.services.pro_scores import COMPOSITE

Row = Mapping[str, Any]
KEY = ("subject_id", "day", "symptom", "measure")
# Symptom, measure and day: its score.
Scores = dict[tuple[str, str], dict[str, int]]


def _change(row: Row) -> int | None:
    """Give the score less the baseline, after its day; None where either is not known."""
    if row["baseline"] is None or row["day"] <= row["baseline_day"]:
        return None
    return int(row["score"] - row["baseline"])


COLUMNS = (
    SUBJECT,
    SITE,
    ARM,
    Column("day", "Day", "QS.QSDTC", itemgetter("day"), DAY),
    Column("symptom", "Symptom", "QS.QSSCAT", itemgetter("symptom")),
    Column("title", "Symptom in words", "QS.QSSCAT", itemgetter("title")),
    Column("measure", "Attribute or composite", "QS.QSTESTCD", itemgetter("measure")),
    Column("score", "Score", "QS.QSSTRESN", itemgetter("score"), INTEGER),
    Column("baseline_day", "Day of the baseline", "ADQS.ADT", itemgetter("baseline_day"), DAY),
    Column("baseline", "Score at baseline", "ADQS.BASE", itemgetter("baseline"), INTEGER),
    Column("change", "Change from baseline", "ADQS.CHG", _change, INTEGER),
)


def _stream(asked: Asked) -> Iterator[Row]:
    start = since(asked)
    seen = stream_assessments(asked.frame, asked.sites, fields=("scores",), since=start)
    diaries = by_subject(
        stream_diaries(asked.frame, asked.sites, since=start, fields=("superseded",))
    )
    doses = by_subject(stream_exposures(asked.frame, asked.sites, since=start))
    for subject_id, group in groupby(seen, key=itemgetter("subject_id")):
        current = {diary["_id"] for diary in diaries(subject_id) if not diary.get("superseded")}
        own = [assessment for assessment in group if assessment["source_id"] in current]
        begun = min((dose.first for dose in doses_taken(doses(subject_id))), default=None)
        first = None if begun is None else begun.isoformat()
        yield from later(asked, KEY, _rows(asked, own, first))


def _rows(asked: Asked, own: Sequence[Row], first: str | None) -> Iterator[Row]:
    """Give a subject's scores; the baseline is the last diary up to the first dose that asked."""
    before: dict[str, str] = {}
    scores: Scores = {}
    for assessment in own:
        day = assessment["day"]
        for score in assessment["scores"]:
            symptom = score["symptom"]
            if first is not None and day <= first:
                before[symptom] = max(before.get(symptom, day), day)
            for measure, value in _measures(score):
                days = scores.setdefault((symptom, measure), {})
                # Two diaries of one day: the worse answer is the day's.
                days[day] = max(days.get(day, value), value)
    for (symptom, measure), days in scores.items():
        rule = asked.ruleset.symptoms.get(symptom)
        for day, value in days.items():
            yield {
                "subject_id": own[0]["subject_id"],
                "site": own[0]["site"],
                "day": day,
                "symptom": symptom,
                "title": None if rule is None else rule.title["en"],
                "measure": measure,
                "score": value,
                "baseline_day": before.get(symptom),
                "baseline": days.get(before.get(symptom, "")),
            }


def _measures(score: Row) -> Iterator[tuple[str, int]]:
    yield from score["answers"].items()
    if score.get("composite") is not None:
        yield COMPOSITE, score["composite"]


PRO_SCORES = Listing(
    name="pro-scores",
    title="PRO scores by day, with the change from before treatment",
    action=Action.ASSESSMENT_READ,
    columns=COLUMNS,
    key=KEY,
    stream=_stream,
    population="Answers of current diaries: scores as the patient gave them, no grades. The baseline"
    " is the last diary that asked, up to the day of the first dose",
)
