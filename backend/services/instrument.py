"""What the diary asks, in the patient's language, for an app to draw without knowing any rule."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from backend.clinical.rules import Ruleset
from backend.clinical.symptoms import SCALES
from backend.models.instrument_text import find_pack


@dataclass(frozen=True, slots=True)
class SymptomItem:
    """One question of a symptom and its highest answer (the lowest is 0).

    `text` is our own question; `official` the instrument's, where the study has loaded it.
    """

    attribute: str
    code: str
    text: str
    official: str | None
    highest: int


@dataclass(frozen=True, slots=True)
class SymptomAsked:
    """One symptom with its questions in the order asked; after an answer of 0 the rest is skipped."""

    symptom: str
    title: str
    category: str
    items: tuple[SymptomItem, ...]


@dataclass(frozen=True, slots=True)
class ObservationAsked:
    """One plain question, with the type and range of its answer."""

    name: str
    text: str
    type: str
    unit: str | None
    minimum: Decimal | None
    maximum: Decimal | None
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DiaryInstrument:
    """Everything that a diary can say, under one rule set's version.

    `official_language` is that of the text pack in use; None: none is loaded for this language.
    """

    version: str
    language: str
    official_language: str | None
    symptoms: tuple[SymptomAsked, ...]
    observations: tuple[ObservationAsked, ...]
    vitals: Mapping[str, tuple[str, ...]]


def describe_diary(ruleset: Ruleset, language: str) -> DiaryInstrument:
    """Give the diary's questions in `language` (`en` or `zh`)."""
    pack = find_pack(language)
    official: Mapping[str, str] = {} if pack is None else pack.texts
    return DiaryInstrument(
        version=ruleset.version,
        language=language,
        official_language=None if pack is None else pack.language,
        symptoms=tuple(
            SymptomAsked(
                symptom.id,
                symptom.title[language],
                symptom.category,
                tuple(
                    SymptomItem(
                        item.attribute,
                        item.code,
                        item.question[language],
                        official.get(item.code),
                        SCALES[item.attribute],
                    )
                    for item in symptom.items
                ),
            )
            for symptom in ruleset.symptoms.values()
        ),
        observations=tuple(
            ObservationAsked(
                fact.name,
                fact.question[language],
                fact.type,
                fact.unit,
                fact.minimum,
                fact.maximum,
                fact.choices,
            )
            for fact in ruleset.facts.values()
            if fact.question and fact.asked in ("patient", "device") and fact.group != "symptoms"
        ),
        vitals={vital: tuple(units) for vital, units in ruleset.vitals.items()},
    )
