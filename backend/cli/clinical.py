"""`flask clinical grade` and `assess`: why this grade, this flag? JSON lines in and out; no database."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

import click
from flask.cli import AppGroup

from backend.cli.composite import composite_grades
from backend.cli.vocabulary_assess import read_day
from backend.cli.vocabulary_grade import UnreadableLineError, graded_terms, read_case
from backend.clinical.flagging import Flag
from backend.clinical.grading import Grade, grade_term
from backend.clinical.pipeline import Question, assess
from backend.clinical.rules import Ruleset, load_ruleset

clinical = AppGroup("clinical", help="Ask the clinical core, one JSON object per line.")

Answer = Mapping[str, Any]

COMPOSITE = "pro_composite"
# What a line of `grade` may be about; all but the composite are read by their words alone.
KINDS = ("lab", "vital", "clinical", "symptom_numeric", "symptom_text", COMPOSITE)


@clinical.command("grade", with_appcontext=False)
@click.pass_context
def grade(context: click.Context) -> None:
    """Grade lines of {"kind": …, "input": {…}} from standard input.

    A line that cannot be read is answered by {"line": …, "error": …}; the command then ends with 1.
    """
    failed = answer_lines(sys.stdin.buffer, grade_line, load_ruleset())
    context.exit(1 if failed else 0)


@clinical.command("assess", with_appcontext=False)
@click.pass_context
def assess_days(context: click.Context) -> None:
    """Assess lines of {"context": {…}, "input": {…}} from standard input.

    A line that cannot be read is answered by {"line": …, "error": …}; the command then ends with 1.
    """
    failed = answer_lines(sys.stdin.buffer, assess_line, load_ruleset())
    context.exit(1 if failed else 0)


def answer_lines(
    lines: Iterable[bytes], answer: Callable[[Mapping[str, Any], Ruleset], Answer], ruleset: Ruleset
) -> bool:
    """Answer every line on standard output; returns whether one could not be read.

    An error names the line, counted from 1 with the empty ones, as an editor counts.
    """
    failed = False
    for number, line in enumerate(lines, start=1):
        if line.strip():
            found = _answer(line, answer, ruleset)
            if "error" in found:
                failed = True
                found = {"line": number, **found}
            text = json.dumps(found, ensure_ascii=False, default=_plain)
            # Half of a surrogate pair, as JSON allows it in a name, cannot be written otherwise.
            click.echo(text.encode("utf-8", "backslashreplace"))
    return failed


def _answer(
    line: bytes, answer: Callable[[Mapping[str, Any], Ruleset], Answer], ruleset: Ruleset
) -> Answer:
    try:
        asked = json.loads(line, parse_float=Decimal, parse_int=Decimal, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        # Its own message calls every line the first.
        return {"error": f"not JSON: {error.msg} at column {error.colno}"}
    except (ValueError, RecursionError) as error:
        return {"error": f"not JSON: {error}"}
    if not isinstance(asked, dict):
        return {"error": "an object is expected"}
    try:
        return answer(asked, ruleset)
    except UnreadableLineError as error:
        return {"error": str(error)}


def grade_line(asked: Mapping[str, Any], ruleset: Ruleset) -> Answer:
    """Grade one line; `unread` names words of the input that mean nothing here.

    Raises:
        UnreadableLineError: an unknown `kind`, no `input`, or a value that cannot be.
    """
    kind = asked.get("kind")
    if kind not in KINDS:
        message = f"kind: {kind!r} is not known; one of {', '.join(KINDS)} is expected"
        raise UnreadableLineError(message)
    words = asked.get("input")
    if not isinstance(words, dict):
        message = "input: an object is expected"
        raise UnreadableLineError(message)
    if kind == COMPOSITE:
        return {"grades": composite_grades(words, ruleset)}
    case = read_case(words, ruleset)
    grades = [
        _written(grade_term(rule, facts, ruleset)) for rule, facts in graded_terms(case, ruleset)
    ]
    return {"grades": grades, **({"unread": case.unread} if case.unread else {})}


def assess_line(asked: Mapping[str, Any], ruleset: Ruleset) -> Answer:
    """Assess one patient day; `unread` names words of the input that mean nothing here.

    Raises:
        UnreadableLineError: no `input`, or a value that cannot be.
    """
    if not isinstance(asked.get("input"), dict):
        message = "input: an object is expected"
        raise UnreadableLineError(message)
    day = read_day(asked, ruleset)
    found = assess(day.facts, ruleset)
    return {
        "tier": found.tier,
        "flags": [_flag(flag) for flag in found.flags],
        "irae": {"level": found.irae.level, "organs": list(found.irae.organs)},
        "grades": [_written(grade) for grade in found.grades],
        "questions": [_question(question) for question in found.questions],
        "ruleset_version": found.ruleset_version,
        **({"unread": day.unread} if day.unread else {}),
    }


def _flag(flag: Flag) -> Answer:
    return {
        "id": flag.id,
        "title": flag.title,
        "tier": flag.tier,
        "reason": flag.reason,
        "source": flag.source,
        "mark": flag.mark,
        "organs": list(flag.organs),
        "inputs": flag.inputs,
        "missing": list(flag.missing),
        "causes": [
            {"component": cause.component, "for": cause.supports, "against": cause.opposes}
            for cause in flag.causes
        ],
        "actions": [
            {
                "component": action.component,
                "text": f"{action.text} (for the investigator's decision)",
                "source": action.source,
            }
            for action in flag.actions
        ],
        "rule": flag.rule,
        "rule_version": flag.rule_version,
    }


def _question(question: Question) -> Answer:
    return {
        "fact": question.fact,
        "type": question.type,
        "asked": question.asked,
        "text": question.text,
        "unit": question.unit,
        "choices": list(question.choices),
        "about": list(question.about),
    }


def _written(grade: Grade) -> Answer:
    return {
        "term": grade.term,
        "grade": grade.grade,
        "at_least": grade.at_least,
        "at_most": grade.at_most,
        "reason": grade.reason,
        "missing": list(grade.missing),
        "rule": grade.rule,
        "rule_version": grade.rule_version,
    }


def _refuse(constant: str) -> None:
    message = f"{constant} is no number"
    raise ValueError(message)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    message = f"{value!r} cannot be written as JSON"
    raise TypeError(message)


if __name__ == "__main__":  # pragma: no cover -- only `python -m` runs it
    # Without an application: `python -m backend.cli.clinical grade`.
    clinical()
