"""A laboratory's file over the wire: judged row by row, in its order, taken once."""

from io import BytesIO
from typing import Any

import flask
import pytest
from pymongo.database import Database

from backend.services.lab_file import MOST_ROWS
from tests.people import Person, enrolled, staff

Stored = Database[dict[str, Any]]
HEADER = "subject_id,collected_at,analyte,value,unit"


@pytest.fixture
def nurse(app: flask.Flask) -> Person:
    return staff(app, "nurse", "S01")


@pytest.fixture
def subject_id(nurse: Person) -> str:
    return enrolled(nurse)


def upload(person: Person, text: str | bytes, content_type: str = "text/csv") -> Any:  # noqa: ANN401
    data = text.encode() if isinstance(text, str) else text
    return person.call("POST", "/labs/csv", data=data, content_type=content_type)


def rows(person: Person, *lines: str) -> list[tuple[int, str, str | None]]:
    answer = upload(person, "\n".join(lines))
    assert answer.status_code == 200, answer.text
    return [(row["line"], row["outcome"], row["column"]) for row in answer.get_json()["rows"]]


def refusal(answer: Any) -> set[str]:  # noqa: ANN401
    assert answer.status_code == 422, answer.text
    return {fault["pointer"] for fault in answer.get_json()["errors"]}


def test_each_row_is_judged_on_its_own_in_its_order(
    nurse: Person, subject_id: str, database: Stored
) -> None:
    at = "2026-03-01T08:00:00+08:00"
    found = rows(
        nurse,
        f"{HEADER},lln,uln,fasting,on_anticoagulation",
        f"{subject_id},{at},ALT,44,U/L,,40,,",
        f"{subject_id},{at},ALT,44,stones,,,,",
        f"{subject_id},{at},nothing,44,U/L,,,,",
        f"{subject_id},{at},ANC,1500,10^9/L,,,,",
        f'{subject_id},{at},AST,"1,5",U/L,,,,',
        f"{subject_id},{at},AST,1_5,U/L,,,,",
        f"{subject_id},{at},AST,NaN,U/L,,,,",
        f"{subject_id},{at},AST,1e3,U/L,,,,",
        f"{subject_id},{at},AST,0.1234567890123,U/L,,,,",
        f"{subject_id},{at},,44,U/L,,,,",
        f"{subject_id},{at},INR,1.1,,,,,",
        f"{subject_id},2026-03-03 08:00,AST,44,U/L,,,,",
        f"{subject_id},01/03/2026,AST,44,U/L,,,,",
        f"{subject_id},2026-02-30 08:00,AST,44,U/L,,,,",
        f"{subject_id},{at},AST,44,U/L,50,40,,",
        f"{subject_id},{at},glucose,5.5,mmol/L,,,maybe,",
        f"S01-0099,{at},AST,44,U/L,,,,",
        f"{subject_id},{at},AST,44,U/L,,,,,extra",
        f"{subject_id},{at},ALT,44,U/L,,40,,",
        f"{subject_id},{at},INR,1.1,INR,,1.2,,yes",
    )
    assert found == [
        (2, "accepted", None),
        (3, "refused", "unit"),
        (4, "refused", "analyte"),
        (5, "refused", "value"),
        (6, "refused", "value"),
        (7, "refused", "value"),
        (8, "refused", "value"),
        (9, "refused", "value"),
        (10, "refused", "value"),
        (11, "refused", "analyte"),
        (12, "refused", "unit"),
        (13, "refused", "collected_at"),
        (14, "refused", "collected_at"),
        (15, "refused", "collected_at"),
        (16, "refused", "lln"),
        (17, "refused", "fasting"),
        (18, "refused", "subject_id"),
        (19, "refused", None),
        (20, "repeated", None),
        (21, "accepted", None),
    ]
    stored = list(database["lab_results"].find({}, {"analyte": 1, "statements": 1}))
    assert {one["analyte"]: one["statements"] for one in stored} == {
        "alt": {},
        "inr": {"on_anticoagulation": True},
    }
    assert database["assessments"].count_documents({}) == 2


def test_a_refused_row_says_why(nurse: Person, subject_id: str) -> None:
    answer = upload(nurse, f"{HEADER}\n{subject_id},2026-03-01 08:00,ALT,44,g/L\n").get_json()
    assert (answer["accepted"], answer["repeated"], answer["refused"]) == (0, 0, 1)
    assert answer["rows"][0]["reason"] == "one of U/L, ukat/L is expected"


def test_the_whole_file_again_repeats_and_changes_nothing(
    nurse: Person, subject_id: str, database: Stored
) -> None:
    file = [HEADER, *(f"{subject_id},2026-02-0{n} 08:00,ALT,{40 + n},U/L" for n in range(1, 6))]
    assert {outcome for _, outcome, _ in rows(nurse, *file)} == {"accepted"}
    before = database["audit"].count_documents({})
    assert {outcome for _, outcome, _ in rows(nurse, *file)} == {"repeated"}
    assert database["audit"].count_documents({}) == before
    assert database["lab_results"].count_documents({}) == 5


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_files_as_programs_write_them(
    nurse: Person, subject_id: str, delimiter: str, end: str
) -> None:
    lines = [
        delimiter.join(['"Subject_ID"', " collected_at ", "ANALYTE", "value", "unit", "lab no"]),
        delimiter.join([subject_id, "2026-03-01 08:00", '"丙氨酸氨基转移酶"', " 44 ", "IU/L", "7"]),
        "",
        delimiter.join([""] * 6),
        delimiter.join([subject_id, "2026-03-01 08:00", "AST", "44", "U/L"]),
    ]
    answer = upload(nurse, "\ufeff" + end.join(lines) + end).get_json()
    assert [(row["line"], row["outcome"]) for row in answer["rows"]] == [
        (2, "accepted"),
        (5, "accepted"),
    ]
    assert answer["unread_columns"] == ["lab no"]


def test_a_time_without_offset_is_the_sites(app: flask.Flask, nurse: Person) -> None:
    other = staff(app, "nurse", "S02")
    for person, number, moment in (
        (nurse, enrolled(nurse, zone="Asia/Urumqi"), "2026-03-01T00:00:00+00:00"),
        (other, enrolled(other, "S02", zone="Europe/Berlin"), "2026-03-01T07:00:00+00:00"),
    ):
        rows(person, HEADER, f"{number},2026-03-01 08:00,ALT,44,U/L")
        stored = person.get(f"/subjects/{number}/labs").get_json()["items"]
        assert [one["collected_at"] for one in stored] == [moment]


def test_a_row_of_another_site_is_as_if_it_were_not_there(
    app: flask.Flask, nurse: Person, database: Stored
) -> None:
    number = enrolled(staff(app, "nurse", "S02"), "S02")
    line = f"{number},2026-03-01 08:00,ALT,44,U/L"
    assert rows(nurse, HEADER, line) == [(2, "refused", "subject_id")]
    assert database["lab_results"].count_documents({}) == 0
    assert rows(staff(app, "data_manager"), HEADER, line) == [(2, "accepted", None)]


@pytest.mark.parametrize(
    ("content", "pointers"),
    [
        (b"", {"/subject_id", "/collected_at", "/analyte", "/value", "/unit"}),
        (b"analyte,value,unit\n", {"/subject_id", "/collected_at"}),
        (f"{HEADER},value\n".encode(), {"/value"}),
        ("é".encode("latin-1"), {""}),
        (HEADER.encode("utf-16"), {""}),
        (f'{HEADER}\n"S01-0001"x,1,2,3,4\n'.encode(), {""}),
        (f'{HEADER}\n"S01-0001,1,2,3,4\n'.encode(), {""}),
        (f"{HEADER}\n{'9' * 200_000},1,2,3,4\n".encode(), {""}),
        ((HEADER + "\n" + "S01-0001,x,ALT,4,U/L\n" * (MOST_ROWS + 1)).encode(), {""}),
    ],
    ids=["empty", "columns", "twice", "latin-1", "utf-16", "quote", "open quote", "cell", "rows"],
)
def test_what_is_no_such_file_is_refused_as_a_whole(
    nurse: Person, subject_id: str, database: Stored, content: bytes, pointers: set[str]
) -> None:
    del subject_id  # it is there, and must stay without a result
    assert refusal(upload(nurse, content)) == pointers
    assert database["lab_results"].count_documents({}) == 0


def test_a_strange_cell_is_refused_with_its_row_alone(nurse: Person, subject_id: str) -> None:
    good = f"{subject_id},2026-03-01 08:00,ALT,44,U/L"
    odd = "=cmd|' /C calc'!A0,\x00,ALT,\u0664\u0664,U/L"
    found = rows(nurse, HEADER, odd, good)
    assert [outcome for _, outcome, _ in found] == ["refused", "accepted"]


def test_as_the_file_of_a_form(nurse: Person, subject_id: str) -> None:
    text = f"{HEADER}\n{subject_id},2026-03-01 08:00,ALT,44,U/L\n".encode()

    def form(**parts: Any) -> Any:  # noqa: ANN401
        data = {name: (BytesIO(content), "labs.csv") for name, content in parts.items()}
        return nurse.call("POST", "/labs/csv", data=data, content_type="multipart/form-data")

    assert form(file=text).get_json()["accepted"] == 1
    assert form(file=text).get_json()["repeated"] == 1
    assert refusal(form(other=text)) == {"/file"}
    assert refusal(form()) == {"/file"}


def test_other_types_and_sizes_are_refused(nurse: Person) -> None:
    for content_type in ("application/json", "text/plain", "text/csv; charset=gb18030", ""):
        answer = upload(nurse, HEADER, content_type)
        assert (answer.status_code, answer.content_type) == (415, "application/problem+json")
    assert upload(nurse, HEADER, "text/csv; charset=UTF-8").status_code == 200
    assert upload(nurse, b"x" * (1024 * 1024 + 1)).status_code == 413
