"""Strict reading of rule files, fact declarations and values."""

from decimal import Decimal
from pathlib import Path

import pytest

from backend.clinical.document import RuleError, Table, read_toml, to_decimal
from backend.clinical.facts import FactDeclaration, fault_of, parse_declarations


def test_numbers_are_decimals_from_the_start(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text("x = 1.65\ny = 2", encoding="utf-8")
    assert read_toml(file) == {"x": Decimal("1.65"), "y": 2}
    assert to_decimal(True) is None  # noqa: FBT003 -- the value tried
    assert to_decimal(2) == Decimal(2)
    assert to_decimal("2") is None


@pytest.mark.parametrize("content", [b"x = ", b"\xff"])
def test_what_is_no_toml_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "broken.toml"
    file.write_bytes(content)
    with pytest.raises(RuleError, match=r"broken\.toml"):
        read_toml(file)


def test_a_key_that_nobody_asked_for_is_an_error() -> None:
    table = Table({"title": "x", "tittle": "y"}, "here")
    assert table.text("title") == "x"
    with pytest.raises(RuleError, match="here: unknown tittle"):
        table.done()


@pytest.mark.parametrize(
    ("value", "read", "complaint"),
    [
        (1, "text", "a text"),
        (" ", "text", "a text"),
        ("x", "texts", "a list of texts"),
        ([1], "texts", "a list of texts"),
        ("x", "number", "a number"),
        (1, "flag", "true or false"),
        ("x", "tables", "a list of tables"),
        ("x", "table", "a table is expected"),
        ({"en": "x"}, "languages", "zh must be a text"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named(value: object, read: str, complaint: str) -> None:
    with pytest.raises(RuleError, match=complaint):
        getattr(Table({"key": value}, "here"), read)("key")


def test_what_may_be_absent_is_empty() -> None:
    table = Table({}, "here")
    assert table.texts("key") == ()
    assert table.tables("key") == ()
    assert table.number("key") is None
    assert table.flag("key") is False
    assert table.text("key", "default") == "default"
    assert table.optional("key", table.text) is None
    with pytest.raises(RuleError, match="one of a, b, not 'c'"):
        Table({"key": "c"}, "here").choice("key", ("a", "b"))


def test_a_declaration_is_read_whole() -> None:
    raw = {"weight_kg": {"type": "number", "asked": "device", "unit": "kg", "min": 20, "max": 400}}
    declared = parse_declarations(raw, "vital")["weight_kg"]
    assert (declared.unit, declared.minimum, declared.maximum) == ("kg", 20, 400)
    assert (declared.group, declared.question, declared.per_term) == ("vital", None, False)


@pytest.mark.parametrize(
    ("name", "raw", "complaint"),
    [
        ("Weight", {"type": "number", "asked": "device"}, "lower case"),
        ("a-b", {"type": "number", "asked": "device"}, "lower case"),
        ("a", {"type": "text", "asked": "device"}, "one of number, boolean, choice"),
        ("a", {"type": "number", "asked": "doctor"}, "one of patient"),
        ("a", {"type": "choice", "asked": "patient"}, "choices must be given"),
        ("a", {"type": "number", "asked": "patient", "choices": ["x"]}, "choices must be given"),
        ("a", {"type": "boolean", "asked": "patient", "min": 1}, "for numbers only"),
        ("a", {"type": "boolean", "asked": "patient", "max": 1}, "for numbers only"),
        ("a", {"type": "boolean", "asked": "patient", "colour": 1}, "unknown colour"),
        ("a", {"type": "boolean", "asked": "patient", "question": {"en": "x"}}, "zh"),
    ],
)
def test_a_wrong_declaration_does_not_load(
    name: str, raw: dict[str, object], complaint: str
) -> None:
    with pytest.raises(RuleError, match=complaint):
        parse_declarations({name: raw}, "test")


NUMBER = FactDeclaration("n", "number", "patient", "test", minimum=Decimal(0), maximum=Decimal(4))
BOOLEAN = FactDeclaration("b", "boolean", "patient", "test")
CHOICE = FactDeclaration("c", "choice", "patient", "test", choices=("red",))
FREE = FactDeclaration("f", "number", "patient", "test")


@pytest.mark.parametrize(
    ("declaration", "value", "fault"),
    [
        (NUMBER, Decimal(0), None),
        (NUMBER, Decimal(4), None),
        (NUMBER, Decimal("4.1"), "above 4"),
        (NUMBER, Decimal(-1), "below 0"),
        (NUMBER, 1, "a number is expected"),
        (NUMBER, True, "a number is expected"),
        (NUMBER, Decimal("NaN"), "a number is expected"),
        (FREE, Decimal("1E+999999"), "a number is expected"),
        (FREE, Decimal("0E-999999"), "a number is expected"),
        (FREE, Decimal("Infinity"), "a number is expected"),
        (FREE, Decimal(-99), None),
        (BOOLEAN, False, None),
        (BOOLEAN, Decimal(0), "true or false is expected"),
        (CHOICE, "red", None),
        (CHOICE, "blue", "one of red is expected"),
        (CHOICE, True, "one of red is expected"),
    ],
)
def test_a_value_fits_its_fact(
    declaration: FactDeclaration, value: object, fault: str | None
) -> None:
    assert fault_of(declaration, value) == fault
