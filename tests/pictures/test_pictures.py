"""Every picture in every format: the same bytes, its facts printed, no arm without a reason."""

import io
from typing import Any
from xml.etree import ElementTree as ET

import flask
import pypdf
import pytest
from pymongo.database import Database

from backend.pictures.registry import PICTURES, Picture
from tests.people import Person, staff
from tests.pictures.conftest import COMPONENTS

Stored = Database[dict[str, Any]]
REASON = {"reason": "meeting of the monitoring committee"}
BLINDED = [picture for picture in PICTURES if picture.blinded]
BY_ARM = [picture for picture in PICTURES if picture.by_arm]


def path(picture: Picture, kind: str, subject: str) -> str:
    where = f"/subjects/{subject}/pictures" if picture.of_subject else "/pictures"
    query = "?analyte=alt" if picture.of_analyte else ""
    return f"{where}/{picture.name}.{kind}{query}"


def texts(svg: bytes) -> str:
    """Give the texts of an SVG, which stay texts."""
    root = ET.fromstring(svg)  # noqa: S314 - our own
    return "\n".join(element.text or "" for element in root.iter() if element.tag.endswith("text"))


@pytest.mark.parametrize("picture", BLINDED, ids=lambda picture: picture.name)
@pytest.mark.parametrize("content", ["drawn", "nothing"])
def test_a_picture_says_what_it_was_made_of_and_never_the_arm(
    reviewer: Person,
    trial: list[str],
    picture: Picture,
    content: str,
    database: Stored,
) -> None:
    if content == "nothing":
        for name in ("diaries", "lab_results", "adverse_events", "exposures", "alerts", "windows"):
            database[name].delete_many({})
    sent = reviewer.get(path(picture, "svg", trial[0]))
    assert sent.status_code == 200, sent.text
    said = texts(sent.data)
    assert "as of 2026-03-02 08:00 UTC" in said
    assert "; blinded" in said
    for word in ("(A)", "(B)", "arm A", "arm B", "2 cycles, radiotherapy"):
        assert word not in said
    assert sent.mimetype == "image/svg+xml"
    assert "-blinded.svg" in sent.headers["Content-Disposition"]


@pytest.mark.parametrize("picture", BLINDED, ids=lambda picture: picture.name)
def test_each_format_is_what_it_says_and_the_same_twice(
    reviewer: Person, trial: list[str], picture: Picture
) -> None:
    for kind, start in (("png", b"\x89PNG\r\n\x1a\n"), ("pdf", b"%PDF-"), ("svg", b"<?xml")):
        first, second = (reviewer.get(path(picture, kind, trial[0])).data for _ in range(2))
        assert first.startswith(start)
        assert first == second, (picture.name, kind)
        if kind == "pdf":
            (page,) = pypdf.PdfReader(io.BytesIO(first)).pages
            assert "blinded" in page.extract_text()


@pytest.mark.usefixtures("trial")
@pytest.mark.parametrize("picture", BY_ARM, ids=lambda picture: picture.name)
def test_the_arms_need_leave_and_a_reason(
    app: flask.Flask, reviewer: Person, database: Stored, picture: Picture
) -> None:
    where = f"/pictures/{picture.name}/by-arm"
    assert staff(app, "safety_reviewer").post(where, REASON).status_code == 403
    assert reviewer.post(where, {}).status_code == 422
    assert database["audit"].count_documents({"action": "arm:unblinded"}) == 0
    sent = reviewer.post(where, REASON)
    assert sent.status_code == 200
    said = texts(sent.data)
    assert "; unblinded" in said
    assert "arm A" in said or "(A)" in said
    (entry,) = database["audit"].find({"action": "arm:unblinded"})
    assert entry["target"] == f"picture/{picture.name}"


def test_a_tornado_is_never_without_a_reason(reviewer: Person) -> None:
    assert reviewer.get("/pictures/tornado.svg").status_code == 404


@pytest.mark.usefixtures("trial")
def test_a_blinded_swimmer_plot_shows_no_dose_because_its_day_tells_the_arm(
    reviewer: Person,
) -> None:
    assert "infusion" not in texts(reviewer.get("/pictures/swimmer.svg").data)
    shown = texts(reviewer.post("/pictures/swimmer/by-arm", REASON).data)
    assert "QL1706 infusion" in shown


@pytest.mark.usefixtures("trial")
def test_numbers_units_and_limits_are_printed(reviewer: Person) -> None:
    trend = texts(reviewer.get("/subjects/S01-0001/pictures/lab-trend.svg?analyte=alt").data)
    assert "alt, U/L" in trend
    assert "CTCAE v4.03, Alanine aminotransferase increased" in trend
    assert "grade 2" in trend
    hy = texts(reviewer.get("/pictures/hys-law.svg").data)
    assert "1 patients with both, 1 without one of them" in hy
    assert "FDA guidance" in hy
    tornado = texts(reviewer.post("/pictures/tornado/by-arm", REASON).data)
    assert "arm A: 1, arm B: 1" in tornado
    assert "1 (1)" in tornado
    timeline = texts(reviewer.get("/subjects/S01-0001/pictures/timeline.svg").data)
    assert "Colitis" in timeline
    assert len(COMPONENTS) == 5
    assert "QL1706" in timeline


@pytest.mark.usefixtures("trial")
def test_an_unknown_analyte_and_another_sites_subject_are_refused(
    app: flask.Flask, reviewer: Person
) -> None:
    where = "/subjects/S01-0001/pictures"
    assert reviewer.get(f"{where}/lab-trend.svg?analyte=unobtainium").status_code == 422
    assert reviewer.get(f"{where}/lab-trend.svg").status_code == 422
    elsewhere = staff(app, "nurse", "S02")
    assert elsewhere.get(f"{where}/timeline.svg").status_code == 404
