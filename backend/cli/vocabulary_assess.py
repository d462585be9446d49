"""The words of the scenario cases, mapped to facts here at the edge and nowhere else."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from backend.cli.assess_results import read_result
from backend.cli.vocabulary_grade import UnreadableLineError
from backend.cli.words_labs import refuse_impossible
from backend.clinical.facts import Facts, LabValue, Value, fault_of, is_measurable
from backend.clinical.rules import Ruleset


@dataclass(slots=True)
class Day:
    """One line read: what is known about one patient day, and the words that mean nothing here."""

    values: dict[str, Value] = field(default_factory=dict)
    labs: dict[str, LabValue] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)

    @property
    def facts(self) -> Facts:
        """Return what was read as the clinical core knows it."""
        return Facts(self.values, self.labs)


@cache
def _words() -> Mapping[str, Mapping[str, Any]]:
    path = Path(__file__).with_name("assess_words.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)


def read_day(line: Mapping[str, object], ruleset: Ruleset) -> Day:
    """Read {"context": {…}, "input": {"pro", "pro_prev", "obs", "vitals", "labs"}}; null is unknown.

    Raises:
        UnreadableLineError: a part that is no object, or a value that its fact cannot have.
    """
    context, given = _part(line, "context"), _part(line, "input")
    baseline = _part(context, "baseline")
    reader = _Reader(Day(), ruleset)
    words = _words()["parts"]
    reader.skip(line, words["line"])
    reader.skip(given, words["input"])
    for word, value in context.items():
        if word not in words["context"]:
            reader.take(word, word, value)
    for word, value in baseline.items():
        reader.baseline(word, value)
    for word, value in _part(given, "obs").items():
        reader.observation(word, value)
    for word, value in _part(given, "vitals").items():
        reader.take(word, _words()["vitals"].get(word, word), value)
    items = {
        item.code: f"{symptom.id}_{item.attribute}"
        for symptom in ruleset.symptoms.values()
        for item in symptom.items
    }
    for part, prefix in (("pro", ""), ("pro_prev", "previous_")):
        for code, value in _part(given, part).items():
            reader.answer(code, f"{prefix}{items.get(code, code)}", value)
    for name, value in _part(given, "labs").items():
        reader.result(name, value, baseline)
    return reader.day


def _part(line: Mapping[str, object], name: str) -> Mapping[str, object]:
    part = line.get(name)
    if part is None:
        return {}
    if not isinstance(part, dict):
        message = f"{name}: an object is expected"
        raise UnreadableLineError(message)
    return {word: value for word, value in part.items() if value is not None}


@dataclass(frozen=True, slots=True)
class _Reader:
    day: Day
    ruleset: Ruleset

    def take(self, word: str, fact: str, value: object) -> None:
        """Put one value in; a word that no fact has is noted, a value it cannot have refused."""
        declared = self.ruleset.facts.get(fact)
        if declared is None:
            self.day.unread.append(word)
            return
        fault = fault_of(declared, value)
        if fault is not None or not isinstance(value, bool | Decimal | str):
            message = f"{word}: {fault}"
            raise UnreadableLineError(message)
        self.day.values[fact] = value

    def skip(self, part: Mapping[str, object], known: Iterable[str]) -> None:
        """Note the words of a part that nothing reads: one misspelt may be an emergency lost."""
        self.day.unread += [word for word in part if word not in known]

    def baseline(self, word: str, value: object) -> None:
        """Put in what was measured before treatment; results are compared when they are read."""
        if self._analyte(word) is None:
            self.take(word, _words()["baseline"].get(word, word), value)
        elif not is_measurable(value):
            message = f"{word}: a number is expected"
            raise UnreadableLineError(message)

    def answer(self, code: str, fact: str, value: object) -> None:
        """Put in one answer of PRO-CTCAE: there is nothing between two answers."""
        self.take(code, fact, value)
        if isinstance(value, Decimal) and value != value.to_integral_value():
            message = f"{code}: a whole number is expected"
            raise UnreadableLineError(message)

    def observation(self, word: str, value: object) -> None:
        words = _words()
        fact = words["observations"].get(word, word)
        if isinstance(value, bool) and word in words["yes" if value else "no"]:
            value = words["yes" if value else "no"][word]
        if word == "steroid_taper_organ" and isinstance(value, str):
            value = words[word].get(value.casefold(), value)
        declared = self.ruleset.facts.get(fact)
        if declared is not None and declared.choices and value not in declared.choices:
            # Free words where a choice is expected say nothing that a rule reads.
            self.day.unread.append(word)
            return
        self.take(word, fact, value)

    def result(self, name: str, value: object, baseline: Mapping[str, object]) -> None:
        """Read a number in the usual unit, or {"value", "unit", "uln", "lln", "baseline"}."""
        analyte_id = self._analyte(name)
        if analyte_id is None:
            self.day.unread.append(name)
            return

        def usual(limit: str) -> Decimal | None:
            if limit != "baseline":
                found = _words()[limit].get(analyte_id)
                return None if found is None else Decimal(found)
            before = (
                value for word, value in baseline.items() if self._analyte(word) == analyte_id
            )
            return next((value for value in before if isinstance(value, Decimal)), None)

        units = self.ruleset.units
        result, unread = read_result(name, value, units.analytes[analyte_id], usual, units)
        try:
            refuse_impossible(name, analyte_id, result, self.ruleset)
        except ValueError as error:
            raise UnreadableLineError(str(error)) from error
        self.day.labs[analyte_id] = result
        self.day.unread += unread

    def _analyte(self, name: str) -> str | None:
        found: str | None = _words()["analytes"].get(name) or self.ruleset.units.analyte(name)
        return found
