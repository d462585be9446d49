"""The official instrument's texts are the study's to load; ours stay beside them."""

from pathlib import Path

import flask
import pytest

from tests.people import staff

GOOD = (
    "item_code,language,text\nPROCTCAE_53A_SCL,en,made up for a test\nPROCTCAE_53A_SCL,zh-CN,测试\n"
)


def run(app: flask.Flask, folder: Path, content: str | bytes) -> tuple[int, str]:
    file = folder / "pack.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8-sig"))
    done = app.test_cli_runner().invoke(args=["instruments", "import", str(file)])
    return done.exit_code, done.output


def asked(app: flask.Flask, language: str) -> tuple[str | None, str | None, str]:
    found = staff(app, "nurse", "S01").get(f"/instruments/diary?language={language}").get_json()
    fatigue = next(one for one in found["symptoms"] if one["symptom"] == "fatigue")
    first = fatigue["items"][0]
    return found["official_language"], first["official"], first["text"]


def test_official_texts_show_beside_our_questions(app: flask.Flask, tmp_path: Path) -> None:
    assert asked(app, "en")[:2] == (None, None)
    code, said = run(app, tmp_path, GOOD)
    assert (code, said) == (0, "stored 1 official texts in en\nstored 1 official texts in zh-CN\n")
    language, official, ours = asked(app, "en")
    assert (language, official) == ("en", "made up for a test")
    assert ours
    assert ours != official
    assert asked(app, "zh")[:2] == ("zh-CN", "测试")


def test_a_pack_takes_the_place_of_the_earlier_one_of_its_language(
    app: flask.Flask, tmp_path: Path
) -> None:
    run(app, tmp_path, GOOD)
    run(app, tmp_path, "item_code,language,text\nPROCTCAE_53B_SCL,en,another\n")
    assert asked(app, "en")[:2] == ("en", None)
    assert asked(app, "zh")[:2] == ("zh-CN", "测试")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a,b\n1,2\n", "must have the columns item_code, language, text"),
        ("item_code,language,text\n", "no line has a text"),
        (GOOD + "PROCTCAE_99A_SCL,en,x\n", "line 4: not an item code"),
        (GOOD + "PROCTCAE_53B_SCL,English,x\n", "line 4: not a language"),
        (GOOD + "PROCTCAE_53B_SCL,en,\n", "line 4: no text"),
        (GOOD + "PROCTCAE_53A_SCL,en,again\n", "line 4: said already"),
        (GOOD + "PROCTCAE_99A_SCL,en,x\n" * 25, "and 5 more"),
        (b"item_code,language,text\n\xff\xfe", "not UTF-8"),
    ],
)
def test_a_pack_that_is_not_whole_changes_nothing(
    app: flask.Flask, tmp_path: Path, content: str | bytes, said: str
) -> None:
    code, output = run(app, tmp_path, content)
    assert code == 1
    assert said in output
    assert asked(app, "en")[:2] == (None, None)
