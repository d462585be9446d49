"""The words of the scenario cases, mapped to facts here at the edge and nowhere else."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from backend.cli.vocabulary_grade import UnreadableLineError
from backend.cli.words_labs import refuse_impossible
from backend.clinical.facts import Facts, LabValue, Value, fault_of
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
    for word, value in context.items():
        # Arm and phase are words for people; the days say what was given.
        if word in ruleset.facts:
            reader.take(word, word, value)
    for word, fact in _words()["baseline"].items():
        reader.take(word, fact, baseline.get(word))
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
            reader.take(code, f"{prefix}{items.get(code, code)}", value)
    for name, value in _part(given, "labs").items():
        reader.lab(name, value, baseline)
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
        if value is None:
            return
        declared = self.ruleset.facts.get(fact)
        if declared is None:
            self.day.unread.append(word)
            return
        fault = fault_of(declared, value)
        if fault is not None or not isinstance(value, bool | Decimal | str):
            message = f"{word}: {fault}"
            raise UnreadableLineError(message)
        self.day.values[fact] = value

    def observation(self, word: str, value: object) -> None:
        words = _words()
        fact = words["observations"].get(word, word)
        if value is True and word in words["yes"]:
            value = words["yes"][word]
        if word == "steroid_taper_organ" and isinstance(value, str):
            value = words[word].get(value.casefold(), value)
        declared = self.ruleset.facts.get(fact)
        if declared is not None and declared.choices and value not in declared.choices:
            # Free words where a choice is expected say nothing that a rule reads.
            self.day.unread.append(word)
            return
        self.take(word, fact, value)

    def lab(self, name: str, value: object, baseline: Mapping[str, object]) -> None:
        """Read a number in the usual unit, or {"value", "unit", "uln", "lln", "baseline"}."""
        words = _words()
        analyte_id = words["analytes"].get(name) or self.ruleset.units.analyte(name)
        if analyte_id is None:
            self.day.unread.append(name)
            return
        usual = self.ruleset.units.analytes[analyte_id].unit
        given: Mapping[str, object] = value if isinstance(value, dict) else {"value": value}
        if given is not value:
            given = {
                **given,
                "uln": _limit("uln", analyte_id),
                "lln": _limit("lln", analyte_id),
                "baseline": baseline.get(name),
            }
        found = _number(name, given.get("value"))
        if found is None:
            message = f"{name}: a number is expected"
            raise UnreadableLineError(message)
        result = LabValue(
            value=found,
            unit=str(given.get("unit") or usual),
            lln=_number(name, given.get("lln")),
            uln=_number(name, given.get("uln")),
            baseline=_number(name, given.get("baseline")),
        )
        try:
            refuse_impossible(name, analyte_id, result, self.ruleset)
        except ValueError as error:
            raise UnreadableLineError(str(error)) from error
        self.day.labs[analyte_id] = result


def _limit(kind: str, analyte_id: str) -> Decimal | None:
    limit = _words()[kind].get(analyte_id)
    return None if limit is None else Decimal(limit)


def _number(name: str, value: object) -> Decimal | None:
    if value is None or (isinstance(value, Decimal) and value.is_finite()):
        return value
    message = f"{name}: a number is expected"
    raise UnreadableLineError(message)
