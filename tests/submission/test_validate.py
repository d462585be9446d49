"""What may not be written is not written; what is written comes back."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.submission.dataset_json import write_dataset_json
from backend.submission.metadata import codelists, datasets
from backend.submission.metadata import tests as named_tests
from backend.submission.validate import DatasetError, ascii_of, check, pieces
from backend.submission.xpt import write_xpt
from tests.clinical.ruleset import ruleset
from tests.conftest import START

EX = datasets()["EX"]
ROW: dict[str, Any] = {
    "STUDYID": "S",
    "DOMAIN": "EX",
    "USUBJID": "S-1",
    "EXSEQ": 1,
    "EXTRT": "QL1706",
    "EXDOSE": 325.5,
    "EXDOSU": "mg",
    "EXSTDTC": "2026-02-01",
}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"EXADJ": "x" * 201}, "EXADJ: more than 200 bytes"),
        ({"EXTRT": "x" * 61}, "EXTRT: more than 60 bytes"),
        # Each letter beyond ASCII takes eight bytes of a transport file.
        ({"EXADJ": "\u51cf" * 26}, "EXADJ: more than 200 bytes"),
        ({"EXDOSU": "mL"}, "EXDOSU: not in code list UNIT"),
        ({"EXSTDTC": "1 Feb 2026"}, "EXSTDTC: not ISO 8601"),
        ({"EXADJ": " late "}, "EXADJ: empty, or with space around it"),
        ({"EXADJ": ""}, "EXADJ: empty"),
        ({"EXSEQ": "1"}, "EXSEQ: integer expected"),
        ({"EXSEQ": True}, "EXSEQ: integer expected"),
        ({"EXDOSE": "much"}, "EXDOSE: float expected"),
        ({"EXADJ": 3}, "EXADJ: text expected"),
        ({"COLOUR": "red"}, "COLOUR: not a declared variable"),
        ({"STUDYID": None}, "STUDYID: missing"),
    ],
)
def test_a_row_that_breaks_a_rule(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(DatasetError, match=said.replace("(", r"\(")):
        check(EX, [{**ROW, **changes}])
    with pytest.raises(DatasetError):
        write_xpt(EX, [{**ROW, **changes}], now=START)
    with pytest.raises(DatasetError):
        write_dataset_json(EX, [{**ROW, **changes}], study="S", now=START)


def test_two_rows_with_the_same_keys_are_refused() -> None:
    with pytest.raises(DatasetError, match="same keys"):
        check(EX, [ROW, {**ROW, "EXTRT": "OTHER"}])
    check(EX, [ROW, {**ROW, "EXSEQ": 2}])


def test_metadata_that_no_transport_file_can_hold_is_refused() -> None:
    first = EX.variables[0]
    for wrong in (
        replace(first, name="TOOLONGNAME"),
        replace(first, name="1ST"),
        replace(first, label="x" * 41),
        replace(first, length=201),
    ):
        with pytest.raises(DatasetError, match="at most"):
            check(replace(EX, variables=(wrong, *EX.variables[1:])), [])
    with pytest.raises(DatasetError, match="label"):
        check(replace(EX, label="x" * 41), [])


def test_every_dataset_is_declared_well() -> None:
    for dataset in datasets().values():
        check(dataset, [])
        used = {variable.codelist for variable in dataset.variables if variable.codelist}
        assert used <= codelists().keys()
        assert dataset.keys, dataset.name


def test_every_analyte_has_a_short_name_of_its_own() -> None:
    found = named_tests("LB")
    assert found.keys() == set(ruleset().units.analytes)
    codes = [code for code, _ in found.values()]
    assert len(set(codes)) == len(codes)
    assert all(len(code) <= 8 and len(name) <= 40 for code, name in found.values())


def test_every_item_has_a_short_name_of_its_own() -> None:
    for symptom in ruleset().symptoms.values():
        for item in symptom.items:
            title = f"{symptom.pro_ctcae or symptom.title['en']}, {item.attribute}"[:40]
            assert title.strip().isascii()
    codes = [item.code.split("_")[1] for s in ruleset().symptoms.values() for item in s.items]
    assert len(set(codes)) == len(codes)
    assert all(len(f"PT{code}") <= 8 for code in codes)


# What a dose may be; a number that the file cannot hold has a test of its own.
DOSES = st.one_of(st.just(0.0), st.floats(1e-6, 1e9))
TEXTS = st.text(min_size=1, max_size=20).filter(lambda text: text == text.strip())


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=4), DOSES)
def test_whatever_is_written_comes_back_from_both_readers(texts: list[str], dose: float) -> None:
    rows = [
        {**ROW, "EXSEQ": number, "EXADJ": text, "EXDOSE": dose}
        for number, text in enumerate(texts, start=1)
    ]
    assert write_xpt(EX, rows, now=START) == write_xpt(EX, rows, now=START)
    write_dataset_json(EX, rows, study="S", now=START)


@given(st.text(max_size=600))
def test_pieces_fit_keep_no_space_at_their_edges_and_lose_no_word(text: str) -> None:
    found = pieces(text)
    for piece in found:
        assert piece == piece.strip()
        assert 0 < len(ascii_of(piece)) <= 200
    assert "".join("".join(found).split()) == "".join(text.split())
    assert pieces(None) == []


@pytest.mark.parametrize("source", ["a" * 450, "word " * 120, "a" + " " * 300 + "b"])
def test_pieces_are_no_more_than_it_takes(source: str) -> None:
    assert len(pieces(source)) <= 4


@given(st.text())
def test_no_letter_is_lost_on_the_way_to_ascii(text: str) -> None:
    made = ascii_of(text)
    assert made.isascii()
    back = made
    for letter in set(text):
        back = back.replace(f"<U+{ord(letter):04X}>", letter)
    if "<U+" not in text:
        assert back == text


def test_a_number_that_the_file_cannot_hold_is_refused_not_lost() -> None:
    with pytest.raises(DatasetError, match="EXDOSE: pyreadstat reads another value"):
        write_xpt(EX, [{**ROW, "EXDOSE": 1e-300}], now=START)


def test_the_moment_in_the_header_is_the_given_one() -> None:
    data = write_xpt(EX, [ROW], now=dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC))
    assert data.count(b"02MAR26:08:00:00") >= 2
