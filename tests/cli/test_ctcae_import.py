"""A site's own official CTCAE table, in the forms in which NCI and spreadsheets hand it out.

tables/table.xls and .xlsx have the layout of NCI's file (a sheet before it, a title, rows that only
name the system organ class, blanks that do not break in the headers) and made-up texts.
"""

from pathlib import Path

import flask
import pytest

from tests.people import staff

TABLES = Path(__file__).with_name("tables")
HEADER = "MedDRA Code,CTCAE Term,Grade 1,Grade 2,Grade 3,Grade 4,Grade 5,Definition\n"
ROW = "10012727,Diarrhea,one,two,three \u2013 a dash,four,Death,a word\n"


def imported(app: flask.Flask, file: Path) -> str:
    done = app.test_cli_runner().invoke(args=["ctcae", "import", str(file)])
    assert done.exit_code == 0, done.output
    return done.output


def official(app: flask.Flask, term: str) -> dict[str, str]:
    found = staff(app, "nurse", "S01").get(f"/ctcae/terms?q={term}").get_json()["items"]
    (text,) = [item["official"] for item in found if item["name"] == term]
    return dict(text)


def test_official_texts_show_beside_our_words(app: flask.Flask, tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text("Made for a test\n" + HEADER + ROW, encoding="utf-8-sig")
    imported(app, file)
    found = staff(app, "nurse", "S01").get("/ctcae/terms?q=diarhea").get_json()["items"]
    assert found[0]["name"] == "Diarrhea"
    assert found[0]["graded_by_rule"] is True
    assert found[0]["official"]["grade_3"] == "three \u2013 a dash"


@pytest.mark.parametrize("name", ["table.xls", "table.xlsx"])
def test_a_workbook_laid_out_like_that_of_nci_is_read(app: flask.Flask, name: str) -> None:
    assert imported(app, TABLES / name) == "stored the official texts of 3 terms\n"
    assert official(app, "Diarrhea") == {
        "grade_1": "made-up one",
        "grade_2": "made-up two",
        "grade_3": "made-up three \u2265",
        "grade_4": "made-up four",
        "grade_5": "made-up five",
        "definition": "made-up meaning",
    }
    # A dash says that the grade does not exist; so does an empty cell.
    assert official(app, "Hypermagnesemia").keys() == {"grade_1", "grade_3", "definition"}
    assert official(app, "Pain").keys() == {"grade_1", "grade_2", "grade_3"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_is_read_as_a_spreadsheet_saves_it(
    app: flask.Flask, tmp_path: Path, encoding: str, separator: str
) -> None:
    file = tmp_path / "table.CSV"
    file.write_text((HEADER + ROW).replace(",", separator), encoding=encoding)
    imported(app, file)
    assert official(app, "Diarrhea")["grade_3"] == "three \u2013 a dash"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("table.csv", b"a,b\n1,2\n", "no row has the headers"),
        ("table.csv", HEADER.encode(), "not CTCAE v4.03: 0 unknown codes"),
        ("table.csv", (HEADER + "99,x,a,b,c,d,e,f\n").encode(), "1 unknown codes, such as ['99']"),
        ("table.csv", b"\x81\x8d", "no text in UTF-8"),
        ("table.xls", b"no workbook", "no workbook"),
        ("table.xlsx", b"", "no workbook"),
        ("table.xls", (TABLES / "table.xls").read_bytes()[:4013], "not all of it"),
        ("table.xlsx", (TABLES / "table.xlsx").read_bytes()[:4013], "not all of it"),
    ],
)
def test_another_table_is_refused(
    app: flask.Flask, tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    refused = app.test_cli_runner().invoke(args=["ctcae", "import", str(file)])
    assert refused.exit_code == 1
    assert said in refused.output
