"""The condition language: three values, every word, and no word beside them."""

from decimal import Decimal
from itertools import product

import pytest

from backend.clinical.conditions import describe, facts_in, holds, missing, parse
from backend.clinical.document import RuleError
from backend.clinical.facts import FactDeclaration, Facts, Value
from backend.clinical.logic import Condition

DECLARED = {
    "a": FactDeclaration("a", "boolean", "patient", "test"),
    "b": FactDeclaration("b", "boolean", "patient", "test"),
    "n": FactDeclaration("n", "number", "patient", "test"),
    "m": FactDeclaration("m", "number", "patient", "test"),
    "c": FactDeclaration("c", "choice", "patient", "test", choices=("red", "blue")),
    "local": FactDeclaration("local", "boolean", "patient", "test", per_term=True),
    "cough__local": FactDeclaration("cough__local", "boolean", "patient", "test", per_term=True),
}
DEFINITIONS = {"warm": parse({"fact": "n", "op": ">=", "value": 38}, DECLARED, {})}
A, B = {"fact": "a"}, {"fact": "b"}
TRUTHS = (True, False, None)


def read(raw: object, term: str | None = None) -> Condition:
    return parse(raw, DECLARED, DEFINITIONS, term=term)


def facts(**values: object) -> Facts:
    known: dict[str, Value] = {}
    for name, value in values.items():
        if isinstance(value, bool | str):
            known[name] = value
        elif value is not None:
            known[name] = Decimal(str(value))
    return Facts(known)


@pytest.mark.parametrize(("left", "right"), list(product(TRUTHS, TRUTHS)))
def test_and_or_not_follow_kleene(*, left: bool | None, right: bool | None) -> None:
    known = facts(a=left, b=right)
    both = False if False in (left, right) else None if None in (left, right) else True
    either = True if True in (left, right) else None if None in (left, right) else False
    assert holds(read({"all": [A, B]}), known) is both
    assert holds(read({"any": [A, B]}), known) is either
    assert holds(read({"not": A}), known) is (None if left is None else not left)


@pytest.mark.parametrize(
    ("op", "low", "same", "high"),
    [
        ("<", True, False, False),
        ("<=", True, True, False),
        (">", False, False, True),
        (">=", False, True, True),
        ("==", False, True, False),
        ("!=", True, False, True),
    ],
)
def test_numbers_compare_as_decimals(op: str, *, low: bool, same: bool, high: bool) -> None:
    condition = read({"fact": "n", "op": op, "value": Decimal("1.65")})
    assert holds(condition, Facts({"n": Decimal("1.64")})) is low
    assert holds(condition, Facts({"n": Decimal("1.65")})) is same
    assert holds(condition, Facts({"n": Decimal("1.66")})) is high
    assert holds(condition, facts()) is None


def test_choices_and_lists() -> None:
    assert holds(read({"fact": "c", "op": "==", "value": "red"}), facts(c="red")) is True
    either = read({"fact": "c", "op": "in", "value": ["red"]})
    assert [holds(either, facts(c=c)) for c in ("red", "blue", None)] == [True, False, None]
    assert missing(either, facts()) == ("c",)
    assert missing(either, facts(c="red")) == ()


def test_a_fact_against_a_multiple_of_another() -> None:
    condition = read({"fact": "n", "op": ">", "times": 3, "of": "m"})
    assert holds(condition, facts(n=9, m=3)) is False
    assert holds(condition, facts(n=10, m=3)) is True
    assert holds(condition, facts(n=10)) is None
    assert missing(condition, facts(n=10)) == ("m",)
    assert missing(condition, facts()) == ("n", "m")
    assert facts_in(condition) == {"n", "m"}
    assert describe(condition, facts(n=10, m=3)) == "n 10 > 3 x m 3"
    assert describe(read({"fact": "n", "op": ">", "of": "m"}), facts(n=10)) == "n 10 > m (unknown)"


def test_so_many_of_a_list() -> None:
    condition = read({"at_least": 2, "of": [A, B, {"fact": "n", "op": ">", "value": 0}]})
    assert holds(condition, facts(a=True, b=True)) is True
    assert holds(condition, facts(a=True)) is None
    assert holds(condition, facts(a=False, b=False)) is False
    assert missing(condition, facts(a=True)) == ("b", "n")
    assert describe(condition, facts(a=True, n=1)) == "at least 2 of: a, n 1 > 0"


def test_known_is_never_unknown() -> None:
    condition = read({"known": "n"})
    assert holds(condition, facts(n=0)) is True
    assert holds(condition, facts()) is False
    assert missing(condition, facts()) == ()
    assert describe(condition, facts(n=0)) == "n 0 known"


def test_a_name_of_the_definitions() -> None:
    condition = read({"is": "warm"})
    assert holds(condition, facts(n=38)) is True
    assert facts_in(condition) == {"n"}
    assert missing(condition, facts()) == ("n",)
    assert describe(condition, facts(n=38)) == "warm [n 38 ≥ 38]"


def test_a_fact_per_term_belongs_to_the_rule_that_reads_it() -> None:
    assert facts_in(read({"fact": "local"}, term="pain")) == {"pain__local"}
    assert facts_in(read({"fact": "fever__local"}, term="pain")) == {"fever__local"}
    assert facts_in(read({"fact": "cough__local"})) == {"cough__local"}


def test_missing_names_only_what_keeps_it_open() -> None:
    condition = read({"any": [{"all": [A, B]}, {"fact": "n", "op": ">", "value": 1}]})
    assert missing(condition, facts(a=False)) == ("n",)
    assert missing(condition, facts(n=2)) == ()
    assert missing(read({"not": A}), facts()) == ("a",)


def test_words_for_a_clinician() -> None:
    condition = read({"any": [{"all": [A, B]}, {"not": {"fact": "a", "op": "==", "value": False}}]})
    assert describe(condition, facts(a=True)) == "not (no a)"
    assert describe(condition, facts()) == "(a and b) or not (no a)"
    assert (
        describe(read({"fact": "n", "op": ">", "value": Decimal("1E+2")}), facts(n=Decimal("1.50")))
        == "n 1.5 > 100"
    )
    assert (
        describe(read({"fact": "c", "op": "in", "value": ["red", "blue"]}), facts(c="red"))
        == "c red one of red, blue"
    )
    assert describe(read({"fact": "c", "op": "!=", "value": "red"}), facts()) == "c (unknown) ≠ red"


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        ("text", "a table is expected"),
        ({}, "not nothing"),
        ({"fact": "a", "all": []}, "exactly one of"),
        ({"fact": "unheard"}, "a declared fact"),
        ({"fact": "cough__a"}, "not per term"),
        ({"fact": "local"}, "<term>__local"),
        ({"fact": "n"}, "op must be given"),
        ({"fact": "n", "op": "~", "value": 1}, "a comparison for a number"),
        ({"fact": "a", "op": ">", "value": True}, "a comparison for a boolean"),
        ({"fact": "n", "op": ">", "value": True}, "a number that n can have"),
        ({"fact": "n", "op": ">", "value": "1"}, "a number that n can have"),
        ({"fact": "a", "op": "==", "value": 1}, "a boolean that a can have"),
        ({"fact": "a", "op": "==", "value": "yes"}, "a boolean that a can have"),
        ({"fact": "c", "op": "==", "value": "green"}, "a choice that c can have"),
        ({"fact": "c", "op": "in", "value": []}, "a list"),
        ({"fact": "c", "op": "in", "value": ["green"]}, "a choice that c can have"),
        ({"fact": "n", "op": "==", "of": "m"}, "between two numbers"),
        ({"fact": "n", "op": ">", "of": "a"}, "between two numbers"),
        ({"fact": "n", "op": ">", "value": 1, "extra": 1}, "unknown extra"),
        ({"all": []}, "a list of conditions"),
        ({"any": A}, "a list of conditions"),
        ({"at_least": 3, "of": [A, B]}, "from 1 to 2"),
        ({"at_least": True, "of": [A, B]}, "from 1 to 2"),
        ({"is": "cold"}, "a name of definitions.toml"),
        ({"known": "unheard"}, "a declared fact"),
        ({"not": 3}, "a table is expected"),
    ],
)
def test_whatever_else_does_not_load(raw: object, complaint: str) -> None:
    with pytest.raises(RuleError, match=complaint):
        read(raw)


def test_a_bare_condition_says_nothing() -> None:
    with pytest.raises(NotImplementedError):
        Condition().truth({})
    with pytest.raises(NotImplementedError):
        Condition().describe({})
    assert Condition().reads() == frozenset()
