"""Laboratory grades of one subject: before treatment, and the worst one after it, by analyte and term."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any

from backend.clinical.facts import Facts, LabValue, Value
from backend.clinical.grading import grade_facts
from backend.clinical.rules import Ruleset, derive_facts
from backend.models.base import from_bson
from backend.models.lab import LabResult, lab_value

Row = Mapping[str, Any]
RECORD, BEFORE = "record of enrolment", "last result before treatment"


@dataclass(frozen=True, slots=True)
class Before:
    """What is known of one analyte before treatment, its provisional grade by term, and whence."""

    value: LabValue
    source: str
    grades: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Worst:
    """The worst provisional grade of one term on treatment; None: no result could be graded."""

    grade: int | None = None
    at_most: int | None = None
    result: LabResult | None = None


def counted(results: Sequence[LabResult]) -> list[LabResult]:
    """Give a subject's results in time; of two of one sample the later entered counts."""
    newest: dict[tuple[str, Any], LabResult] = {}
    for result in sorted(results, key=lambda one: (one.recorded_at, one.id)):
        newest[result.analyte, result.collected_at] = result
    return sorted(newest.values(), key=lambda one: (one.collected_at, one.id))


def baselines(subject: Row, results: Sequence[LabResult], ruleset: Ruleset) -> Mapping[str, Before]:
    """Give what is known before treatment: the record of enrolment, else the last result by then."""
    values = {result.analyte: (lab_value(result), BEFORE) for result in results}
    for analyte, stored in subject["baseline_labs"].items():
        values[analyte] = (from_bson(LabValue, stored), RECORD)
    person = {
        name: value for name, value in subject["baseline"].items() if isinstance(value, str | bool)
    }
    return {
        analyte: Before(value, source, _grades(analyte, value, person, ruleset))
        for analyte, (value, source) in values.items()
    }


def _grades(
    analyte: str, value: LabValue, person: Mapping[str, Value], ruleset: Ruleset
) -> Mapping[str, int | None]:
    """Grade a result before treatment by the rules in force; it is its own baseline."""
    known = {name: said for name, said in person.items() if name in ruleset.facts}
    facts = derive_facts(Facts(known, {analyte: replace(value, baseline=value.value)}), ruleset)
    return {
        grade.term: grade.grade
        for grade in grade_facts(facts, ruleset)
        if analyte in ruleset.gradings[grade.rule].analytes
    }


def worst_of(
    assessments: Sequence[Row], results: Sequence[LabResult], ruleset: Ruleset
) -> Mapping[tuple[str, str], Worst]:
    """Give the worst provisional grade by analyte and term; a corrected result's grade is left out."""
    of = {(result.report_id, result.analyte): result for result in results}
    found: dict[tuple[str, str], Worst] = {}
    for assessment in sorted(assessments, key=itemgetter("day", "at", "_id")):
        for grade in assessment["grades"]:
            for analyte in _analytes(grade, ruleset):
                result = of.get((assessment["source_id"], analyte))
                if result is not None:
                    known = found.get((analyte, grade["term"]), Worst())
                    found[analyte, grade["term"]] = _worse(known, grade, result)
    return found


def _analytes(grade: Row, ruleset: Ruleset) -> Iterator[str]:
    """Name the analytes that a grade is about: what only helps to read another one is left out."""
    rule = ruleset.gradings.get(grade["rule"])
    for name in grade["inputs"]:
        analyte = name.removeprefix("lab:")
        if analyte != name and (rule is None or analyte in rule.analytes):
            yield analyte


def _worse(known: Worst, grade: Row, result: LabResult) -> Worst:
    value, at_most = grade.get("grade"), grade.get("at_most")
    most = max((one for one in (known.at_most, at_most) if one is not None), default=None)
    if value is not None and (known.grade is None or value > known.grade):
        return Worst(value, most, result)
    return replace(known, at_most=most)
