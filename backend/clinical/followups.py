"""Which plain questions a phone asks after which answer, what is marked on the body, and choices' words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from backend.clinical.document import RuleError, Table
from backend.clinical.facts import PER_TERM, SAID_AT_HOME, FactDeclaration
from backend.clinical.symptoms import SymptomRule

PHOTOS = ("hands", "feet", "rash")


@dataclass(frozen=True, slots=True)
class AfterAnswer:
    """Questions asked where the plain answer `observation` is one of `values`."""

    observation: str
    values: tuple[str, ...]
    ask: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AfterSymptom:
    """Questions asked where any answer about `symptom` is `least` (1 to 4) or more."""

    symptom: str
    least: int
    ask: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FollowUps:
    """The order of a diary's plain questions.

    `danger`: signs asked on one screen; `every_day`: asked whatever is felt. `body`: symptoms marked
    on a drawing of the body; `area`: symptom -> the plain answer, in percent of the skin, that its
    palms add up to; `photo`: symptom -> the kind of photo that helps. `choices`: fact -> choice ->
    words by language.
    """

    danger: tuple[str, ...]
    every_day: tuple[str, ...]
    after_answers: tuple[AfterAnswer, ...]
    after_symptoms: tuple[AfterSymptom, ...]
    body: tuple[str, ...]
    area: Mapping[str, str]
    photo: Mapping[str, str]
    choices: Mapping[str, Mapping[str, Mapping[str, str]]]


# Of a rule set kept from before there were any: it is still replayed, but no phone asks by it.
NO_FOLLOW_UPS = FollowUps((), (), (), (), (), {}, {}, {})


def parse_follow_ups(
    raw: Mapping[str, object],
    facts: Mapping[str, FactDeclaration],
    symptoms: Mapping[str, SymptomRule],
) -> FollowUps:
    """Read followups.toml.

    Raises:
        RuleError: an unknown key, question, symptom or choice; a question that no patient can answer;
            a choice that a patient may be shown and that has no words.
    """
    document = Table(raw, "followups.toml")
    mark = document.table("mark")
    found = FollowUps(
        danger=_only(document.table("danger"), facts, "boolean"),
        every_day=_only(document.table("every_day"), facts),
        after_answers=tuple(_after_answers(document.table("after"), facts)),
        after_symptoms=tuple(_after_symptoms(document.table("symptom"), facts, symptoms)),
        body=_known(mark, "body", symptoms),
        area=_areas(mark.table("area"), facts, symptoms),
        photo=_photos(mark.table("photo"), symptoms),
        choices=_choices(document.table("choice"), facts),
    )
    mark.done()
    document.done()
    return found


def _only(
    table: Table, facts: Mapping[str, FactDeclaration], type_: str | None = None
) -> tuple[str, ...]:
    """Read a table's list of questions, and refuse whatever else stands in it."""
    names = table.texts("ask")
    for name in names:
        fact = facts.get(name)
        if fact is None or fact.question is None or fact.asked not in SAID_AT_HOME:
            table.refuse("ask", f"questions to a patient; {name} is none")
        if type_ is not None and fact.type != type_:
            table.refuse("ask", f"questions of type {type_}")
    if not names:
        table.refuse("ask", "a list of questions")
    table.done()
    return names


def _after_answers(table: Table, facts: Mapping[str, FactDeclaration]) -> Iterator[AfterAnswer]:
    for name in table.names():
        part = table.table(name)
        values = part.texts("values")
        if not values or name not in facts or not set(values) <= set(facts[name].choices):
            part.refuse("values", "choices of that question")
        yield AfterAnswer(name, values, _only(part, facts))


def _after_symptoms(
    table: Table, facts: Mapping[str, FactDeclaration], symptoms: Mapping[str, SymptomRule]
) -> Iterator[AfterSymptom]:
    for name in table.names():
        part = table.table(name)
        least = part.number("from")
        if name not in symptoms:
            message = f"{part.where}: no such symptom"
            raise RuleError(message)
        if least not in {Decimal(score) for score in range(1, 5)}:
            part.refuse("from", "1 to 4")
        yield AfterSymptom(name, int(least or 0), _only(part, facts))


def _known(table: Table, key: str, symptoms: Mapping[str, SymptomRule]) -> tuple[str, ...]:
    names = table.texts(key)
    if not set(names) <= set(symptoms):
        table.refuse(key, "a list of symptoms")
    return names


def _areas(
    table: Table, facts: Mapping[str, FactDeclaration], symptoms: Mapping[str, SymptomRule]
) -> dict[str, str]:
    areas = {}
    for symptom in table.names():
        fact = facts.get(table.text(symptom))
        if symptom not in symptoms or fact is None or fact.unit != "%":
            table.refuse(symptom, "a question in percent, of a symptom")
        areas[symptom] = fact.name
    return areas


def _photos(table: Table, symptoms: Mapping[str, SymptomRule]) -> dict[str, str]:
    photos = {symptom: table.choice(symptom, PHOTOS) for symptom in table.names()}
    if not photos.keys() <= symptoms.keys():
        message = f"{table.where}: unknown symptom"
        raise RuleError(message)
    return photos


def _choices(
    table: Table, facts: Mapping[str, FactDeclaration]
) -> dict[str, dict[str, dict[str, str]]]:
    words = {}
    for bare in table.names():
        part = table.table(bare)
        words[bare] = {choice: part.languages(choice) for choice in part.names()}
    found = {}
    for fact in facts.values():
        if fact.choices and fact.question is not None and fact.asked in SAID_AT_HOME:
            bare = fact.name.rpartition(PER_TERM)[2]
            if words.get(bare, {}).keys() != set(fact.choices):
                table.refuse(bare, f"words for each of {', '.join(fact.choices)}")
            found[fact.name] = words[bare]
    return found
