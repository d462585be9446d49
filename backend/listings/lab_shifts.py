"""Laboratory shifts: from the grade before treatment to the worst one after it, by analyte and term."""

from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

from backend.access import Action
from backend.analysis.lab_grades import Before, Worst, baselines, counted, worst_of
from backend.analysis.subjects import by_subject, doses_taken
from backend.files.sheet import DAY, DECIMAL, INTEGER
from backend.listings.base import Asked, Column, Listing
from backend.listings.by_subject import ARM, SITE, SUBJECT, later, since
from backend.models.assessment import stream_assessments
from backend.models.base import from_bson
from backend.models.exposure import stream_exposures
from backend.models.lab import LabResult, stream_results
from backend.models.subject import stream_subjects

Row = Mapping[str, Any]
KEY = ("subject_id", "analyte", "id")


def _before(name: str) -> Any:  # noqa: ANN401 - a column's function
    def read(row: Row) -> Any:  # noqa: ANN401 - a value, a unit or a day
        known = row["before"]
        return None if known is None else getattr(known.value, name)

    return read


def _result(place: str, name: str) -> Any:  # noqa: ANN401 - a column's function
    def read(row: Row) -> Any:  # noqa: ANN401 - a value, a unit or a day
        result = row[place]
        return None if result is None else getattr(result, name)

    return read


def _grade_before(row: Row) -> int | None:
    return None if row["before"] is None else row["before"].grades.get(row["term"])


def _shift(row: Row) -> str | None:
    """Write both grades; what is not known is called missing, never 0."""
    if row["term"] is None:
        return None
    said = [
        "missing" if grade is None else str(grade)
        for grade in (_grade_before(row), row["worst"].grade)
    ]
    return " -> ".join(said)


COLUMNS = (
    SUBJECT,
    SITE,
    ARM,
    Column("analyte", "Analyte", "LB.LBTESTCD", itemgetter("analyte")),
    Column("term", "CTCAE v4.03 term", "LB.LBTOX", itemgetter("term")),
    Column("shift", "Shift of the provisional grade", "ADLB.SHIFT1", _shift),
    Column("baseline", "Baseline result", "ADLB.BASE", _before("value"), DECIMAL),
    Column(
        "baseline_unit",
        "Baseline unit",
        "LB.LBORRESU",
        _before("unit"),
    ),
    Column("baseline_lln", "Baseline lower limit", "LB.LBORNRLO", _before("lln"), DECIMAL),
    Column("baseline_uln", "Baseline upper limit", "LB.LBORNRHI", _before("uln"), DECIMAL),
    Column("baseline_day", "Baseline day", "LB.LBDTC", _before("collected_on"), DAY),
    Column(
        "baseline_from",
        "Baseline taken from",
        "derived",
        lambda row: None if row["before"] is None else row["before"].source,
    ),
    Column("baseline_grade", "Baseline provisional grade", "ADLB.BTOXGR", _grade_before, INTEGER),
    Column(
        "worst_grade",
        "Worst provisional grade after baseline",
        "ADLB.ATOXGR",
        lambda row: row["worst"].grade,
        INTEGER,
    ),
    Column(
        "worst_at_most",
        "Highest grade that open questions leave",
        "derived",
        lambda row: row["worst"].at_most,
        INTEGER,
    ),
    Column(
        "worst_day", "First day of the worst grade", "LB.LBDTC", _result("worst_result", "day"), DAY
    ),
    Column(
        "worst_value",
        "Result at the worst grade",
        "LB.LBORRES",
        _result("worst_result", "value"),
        DECIMAL,
    ),
    Column("worst_unit", "Unit at the worst grade", "LB.LBORRESU", _result("worst_result", "unit")),
    Column("last_day", "Day of the last result", "LB.LBDTC", _result("last", "day"), DAY),
    Column("last_value", "Last result", "LB.LBORRES", _result("last", "value"), DECIMAL),
    Column("last_unit", "Unit of the last result", "LB.LBORRESU", _result("last", "unit")),
    Column("results", "Results after baseline", "derived", itemgetter("results"), INTEGER),
    Column("id", "Row", "local", itemgetter("id")),
)


def _stream(asked: Asked) -> Iterator[Row]:
    start = since(asked)
    results = by_subject(stream_results(asked.frame, asked.sites, since=start))
    doses = by_subject(stream_exposures(asked.frame, asked.sites, since=start))
    seen = stream_assessments(asked.frame, asked.sites, fields=("grades",), since=start)
    graded = by_subject(one for one in seen if one["source_kind"] == "lab")
    for subject in stream_subjects(asked.frame, asked.sites, since=start):
        number = subject["_id"]
        begun = min((dose.first for dose in doses_taken(doses(number))), default=None)
        own = counted([from_bson(LabResult, stored) for stored in results(number)])
        on_treatment = [one for one in own if begun is not None and one.day > begun]
        before = baselines(
            subject, [one for one in own if begun is None or one.day <= begun], asked.ruleset
        )
        worst = worst_of(graded(number), on_treatment, asked.ruleset)
        yield from later(asked, KEY, _rows(subject, before, on_treatment, worst))


def _rows(
    subject: Row,
    before: Mapping[str, Before],
    results: Sequence[LabResult],
    worst: Mapping[tuple[str, str], Worst],
) -> Iterator[Row]:
    """Give a row for each analyte and term that grades it; one where no term does."""
    last = {result.analyte: result for result in results}
    for analyte in {*before, *last}:
        known = before.get(analyte)
        terms = {
            *(known.grades if known else ()),
            *(term for name, term in worst if name == analyte),
        }
        for term in terms or {None}:
            found = worst.get((analyte, term), Worst()) if term else Worst()
            yield {
                "subject_id": subject["_id"],
                "site": subject["site"],
                "analyte": analyte,
                "term": term,
                "before": known,
                "worst": found,
                "worst_result": found.result,
                "last": last.get(analyte),
                "results": sum(result.analyte == analyte for result in results),
                "id": f"{subject['_id']}/{analyte}/{term or ''}",
            }


LAB_SHIFTS = Listing(
    name="lab-shifts",
    title="Laboratory shifts from baseline to the worst grade after it",
    action=Action.LAB_READ,
    columns=COLUMNS,
    key=KEY,
    stream=_stream,
    population="Analytes with a result, by each term that grades them, high and low apart; after"
    " baseline: later than the day of the first dose, so nothing without a dose. Grades are provisional",
)
