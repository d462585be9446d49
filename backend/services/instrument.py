"""What the diary asks, in the patient's language, for an app to draw without knowing any rule."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from backend.clinical.bodymap import REGIONS
from backend.clinical.facts import SAID_AT_HOME
from backend.clinical.followups import AfterAnswer, AfterSymptom, FollowUps
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
    choice_titles: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class VitalAsked:
    """One unit of one vital sign, with the lowest and highest value that is taken in it."""

    vital: str
    unit: str
    minimum: Decimal | None
    maximum: Decimal | None


@dataclass(frozen=True, slots=True)
class BodyRegion:
    """One region of the drawing of the body; `side` is the patient's own."""

    id: str
    title: str
    view: str
    side: str


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
    vital_limits: tuple[VitalAsked, ...]
    danger: tuple[str, ...]
    every_day: tuple[str, ...]
    after_answers: tuple[AfterAnswer, ...]
    after_symptoms: tuple[AfterSymptom, ...]
    body_marks: tuple[str, ...]
    body_regions: tuple[BodyRegion, ...]
    area_answers: Mapping[str, str]
    photos: Mapping[str, str]


def describe_diary(ruleset: Ruleset, language: str) -> DiaryInstrument:
    """Give the diary's questions in `language` (`en` or `zh`)."""
    pack = find_pack(language)
    official: Mapping[str, str] = {} if pack is None else pack.texts
    follow_ups = ruleset.follow_ups
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
                _titles(follow_ups, fact.name, language),
            )
            for fact in ruleset.facts.values()
            if fact.question and fact.asked in SAID_AT_HOME and fact.group != "symptoms"
        ),
        vitals={vital: tuple(units) for vital, units in ruleset.vitals.items()},
        vital_limits=tuple(_vitals(ruleset)),
        danger=follow_ups.danger,
        every_day=follow_ups.every_day,
        after_answers=follow_ups.after_answers,
        after_symptoms=follow_ups.after_symptoms,
        body_marks=follow_ups.body,
        body_regions=tuple(
            BodyRegion(region.id, region.title[language], region.view, region.side)
            for region in REGIONS.values()
        ),
        area_answers=follow_ups.area,
        photos=follow_ups.photo,
    )


def _titles(follow_ups: FollowUps, fact: str, language: str) -> dict[str, str]:
    return {choice: words[language] for choice, words in follow_ups.choices.get(fact, {}).items()}


def _vitals(ruleset: Ruleset) -> Iterator[VitalAsked]:
    """Give the range of each vital sign in each unit that a device may show it in."""
    for vital, units in ruleset.vitals.items():
        for unit, becomes in units.items():
            if becomes.analyte is not None:
                lowest, highest = ruleset.plausible.spans[becomes.analyte][unit]
                yield VitalAsked(vital, unit, lowest, highest)
                continue
            fact = ruleset.facts[str(becomes.fact)]
            yield VitalAsked(
                vital, unit, becomes.revert(fact.minimum), becomes.revert(fact.maximum)
            )
