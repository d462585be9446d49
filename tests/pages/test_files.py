"""The pages' files: one policy, one version, packed, and the libraries as they were reviewed."""

import gzip

import flask
import pytest

from backend.resources.page_files import load_pages
from backend.resources.pages import POLICY


@pytest.mark.parametrize(
    "path", ["/", "/app/", "/staff/", "/app/sw.js", "/app/manifest.webmanifest"]
)
def test_a_page_has_a_strict_policy_and_no_word_left_to_fill_in(
    app: flask.Flask, path: str
) -> None:
    answer = app.test_client().get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert "unsafe" not in POLICY
    assert "{{" not in answer.text
    assert "http://" not in answer.text.replace("http://www.w3.org", "")
    again = app.test_client().get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_file_is_found_under_the_version_in_force_alone_and_packed_where_wanted(
    app: flask.Flask,
) -> None:
    client, pages = app.test_client(), load_pages()
    path = f"/pages/{pages.version}/shared/base.css"
    plain = client.get(path)
    packed = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.data) == plain.data
    assert "immutable" in plain.headers["Cache-Control"]
    assert client.get("/pages/000000000000/shared/base.css").status_code == 404
    for name in ("vendor/fetch.sh", "../app.py", "patient/../../app.py"):
        assert client.get(f"/pages/{pages.version}/{name}").status_code == 404


def test_every_import_of_a_page_leads_to_a_file_of_ours() -> None:
    pages = load_pages()
    for entry in ("patient/app.js", "staff/app.js"):
        modules = list(pages.modules(entry, later=True))
        assert set(modules) <= set(pages.files)
    assert "vendor/uplot.js" not in list(pages.modules("patient/app.js"))


def test_both_languages_say_the_same_things() -> None:
    text = load_pages().files["patient/words.js"].content.decode()
    english, chinese = text.split("const ZH = {")
    names = [
        [
            line.split(":")[0].strip()
            for line in part.splitlines()
            if line.startswith("  ") and ":" in line
        ]
        for part in (english, chinese.split("\n};")[0])
    ]
    assert [one for one in names[0] if one not in names[1]] == []
