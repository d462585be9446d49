"""What a diary says, read into facts and scores; everything unreadable is named, nothing guessed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from backend.clinical.bodymap import BodyMark, faults_of_marks
from backend.clinical.facts import SAID_AT_HOME, FactDeclaration, LabValue, Value, fault_of
from backend.clinical.rules import Ruleset
from backend.errors import Fault, InvalidInput

Raw = bool | int | float | str | None

_ON_RECORD = ("record", "history")


@dataclass(frozen=True, slots=True)
class SymptomEntry:
    """One symptom as entered: attribute -> score 0 to 4 (presence 0 or 1)."""

    symptom: str
    scores: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class VitalEntry:
    """One measurement with the UCUM unit it was taken in."""

    vital: str
    value: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Intake:
    """Facts by name in their declared unit, scores by `<symptom>_<attribute>`, home measurements."""

    answers: Mapping[str, Value]
    scores: Mapping[str, int]
    labs: Mapping[str, LabValue]


def read_diary(
    symptoms: Iterable[SymptomEntry],
    observations: Mapping[str, Raw],
    vitals: Iterable[VitalEntry],
    ruleset: Ruleset,
    body_map: Iterable[BodyMark] = (),
) -> Intake:
    """Read a diary's content; marks on the body are checked and become no fact.

    Raises:
        InvalidInput: an unknown symptom, observation, vital sign, unit or region, a wrong type, or
            a value outside the declared range; one fault with a JSON pointer each.
    """
    faults: list[Fault] = []
    scores: dict[str, int] = {}
    answers: dict[str, Value] = {}
    labs: dict[str, LabValue] = {}
    for index, entry in enumerate(symptoms):
        faults += _read_symptom(entry, f"/symptoms/{index}", ruleset, scores)
    for name, raw in observations.items():
        if raw is not None:  # null says "not answered", which is not the same as no
            faults += _read_observation(name, raw, ruleset, answers)
    for index, vital in enumerate(vitals):
        faults += _read_vital(vital, f"/vitals/{index}", ruleset, answers, labs)
    faults += faults_of_marks(body_map, ruleset.symptoms)
    if faults:
        raise InvalidInput(faults=tuple(faults))
    return Intake(answers, scores, labs)


def read_statements(
    statements: Mapping[str, object], ruleset: Ruleset, *, where: str = "/statements"
) -> dict[str, Value]:
    """Read what staff state, such as an ECG, or anticoagulation beside a report.

    Raises:
        InvalidInput: something that staff are not asked, or a wrong type or range.
    """
    faults: list[Fault] = []
    found: dict[str, Value] = {}
    for name, raw in statements.items():
        declaration = ruleset.facts.get(name)
        if declaration is None or not _said_by_staff(declaration):
            faults.append(Fault(f"{where}/{name}", "unknown statement"))
            continue
        value = number(raw) if isinstance(raw, float) or type(raw) is int else raw
        fault = fault_of(declaration, value)
        if fault is not None:
            faults.append(Fault(f"{where}/{name}", fault))
        else:
            found[name] = cast("Value", value)
    if faults:
        raise InvalidInput(faults=tuple(faults))
    return found


def _said_by_staff(declaration: FactDeclaration) -> bool:
    """Staff are asked it, or it may have changed since it was recorded (anticoagulation)."""
    return declaration.asked == "staff" or (declaration.asked, declaration.group) == _ON_RECORD


def number(raw: float) -> Decimal:
    """Give the decimal that was written: 1.65 is 1.65, not the float beside it."""
    return Decimal(str(raw))


def _read_symptom(
    entry: SymptomEntry, where: str, ruleset: Ruleset, scores: dict[str, int]
) -> Iterator[Fault]:
    symptom = ruleset.symptoms.get(entry.symptom)
    if symptom is None:
        yield Fault(f"{where}/symptom", "unknown symptom")
        return
    for attribute, score in entry.scores.items():
        name = f"{entry.symptom}_{attribute}"
        if attribute not in symptom.attributes:
            yield Fault(f"{where}/{attribute}", "this symptom is not asked by this attribute")
        elif name in scores:
            yield Fault(f"{where}/{attribute}", "answered twice")
        elif attribute == "presence" and score > 1:
            yield Fault(f"{where}/{attribute}", "0 or 1 is expected")
        else:
            scores[name] = score


def _read_observation(
    name: str, raw: Raw, ruleset: Ruleset, answers: dict[str, Value]
) -> Iterator[Fault]:
    pointer = "/observations/" + name.replace("~", "~0").replace("/", "~1")
    declaration = ruleset.facts.get(name)
    if declaration is None or declaration.asked not in SAID_AT_HOME or _is_score(declaration):
        yield Fault(pointer, "unknown observation")
        return
    value = number(raw) if isinstance(raw, int | float) and not isinstance(raw, bool) else raw
    fault = fault_of(declaration, value)
    if fault is not None:
        yield Fault(pointer, fault)
    else:
        answers[name] = cast("Value", value)


def _read_vital(
    entry: VitalEntry,
    where: str,
    ruleset: Ruleset,
    answers: dict[str, Value],
    labs: dict[str, LabValue],
) -> Iterator[Fault]:
    units = ruleset.vitals.get(entry.vital)
    if units is None:
        yield Fault(f"{where}/vital", "unknown vital sign")
        return
    unit = units.get(entry.unit)
    if unit is None:
        yield Fault(f"{where}/unit", f"one of {', '.join(sorted(units))} is expected")
        return
    if unit.fact is None:
        if entry.value <= 0:
            yield Fault(f"{where}/value", "above 0 is expected")
        else:
            labs[str(unit.analyte)] = LabValue(entry.value, entry.unit)
        return
    value = unit.convert(entry.value)
    fault = fault_of(ruleset.facts[unit.fact], value)
    if fault is not None:
        yield Fault(f"{where}/value", fault)
    elif unit.fact in answers:
        yield Fault(f"{where}/vital", "measured twice; send the worse reading or a second diary")
    else:
        answers[unit.fact] = value


def _is_score(declaration: FactDeclaration) -> bool:
    return declaration.group == "symptoms"
