"""The draft of a serious event's report: what the data say, what they do not, and nothing sent."""

import io
from typing import Any

import flask
import pypdf
import pytest
from pymongo.database import Database

from tests.people import Person, dosed, enrolled, judgement, staff

Stored = Database[dict[str, Any]]
COMPONENTS = ("ql1706", "regorafenib", "capecitabine", "oxaliplatin", "radiotherapy")


@pytest.fixture
def clinician(app: flask.Flask) -> Person:
    return staff(app, "investigator")


@pytest.fixture
def subject(clinician: Person) -> str:
    number = enrolled(clinician)
    dosed(clinician, number, "2026-02-10", "ql1706", "oxaliplatin")
    dosed(clinician, number, "2026-02-28", "ql1706")
    # After the event began, so it cannot have led to it.
    dosed(clinician, number, "2026-03-02", "oxaliplatin")
    labs = {
        "submission_id": "0b2ff7a4-3f0b-4f0c-9d5a-3f6c6f0a0009",
        "collected_at": "2026-02-27T08:00:00+08:00",
        "results": [{"analyte": "alt", "value": 121, "unit": "U/L", "uln": 40}],
    }
    answer = clinician.post(f"/subjects/{number}/labs", labs)
    assert answer.status_code == 201, answer.text
    return number


def recorded(clinician: Person, subject: str, **changes: object) -> str:
    body = judgement(COMPONENTS, onset="2026-03-01", **changes)
    answer = clinician.post(f"/subjects/{subject}/adverse-events", body)
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["id"])


def test_a_draft_has_what_is_known_and_names_what_is_not(clinician: Person, subject: str) -> None:
    event = recorded(clinician, subject, seriousness=["hospitalisation"])
    draft = clinician.get(f"/adverse-events/{event}/sae-draft").get_json()
    assert draft["draft"].startswith("not sent")
    assert (draft["term"], draft["clinician_grade"], draft["provisional_grade"]) == (
        "Colitis",
        3,
        None,
    )
    assert [name for name, holds in draft["criteria"].items() if holds] == ["hospitalisation"]
    drugs = {drug["component"]: drug for drug in draft["drugs"]}
    assert (drugs["ql1706"]["doses"], drugs["ql1706"]["days_to_onset"]) == (2, 1)
    assert (drugs["oxaliplatin"]["days_to_onset"], drugs["oxaliplatin"]["last"]) == (
        19,
        "2026-03-02",
    )
    assert drugs["ql1706"]["relation"] == "POSSIBLY RELATED"
    assert (drugs["radiotherapy"]["doses"], drugs["radiotherapy"]["first"]) == (0, None)
    (alt,) = draft["results"]
    assert (alt["analyte"], alt["value"], alt["unit"], alt["uln"]) == ("alt", 121, "U/L", 40)
    assert draft["report_by"] == "2026-03-03T08:00:00+00:00"
    assert draft["first_report_at"] is None
    for absent in ("Sex", "Narrative", "Date of the end of the event"):
        assert absent in draft["missing"]
    assert "Weight" not in draft["missing"]
    assert any("Short-course radiotherapy" in name for name in draft["missing"])
    assert "arm" not in draft


def test_the_form_says_draft_ticks_the_criteria_and_is_the_same_twice(
    clinician: Person, subject: str
) -> None:
    event = recorded(clinician, subject, seriousness=["hospitalisation"])
    path = f"/adverse-events/{event}/sae-draft.pdf"
    sent = clinician.get(path)
    text = " ".join(
        " ".join(page.extract_text().split())
        for page in pypdf.PdfReader(io.BytesIO(sent.data)).pages
    )
    assert "DRAFT" in text
    assert "\u2611 in-patient hospitalisation" in text
    assert "\u2610 patient died" in text
    assert "121 U/L" in text
    assert "not in the data" in text
    assert clinician.get(path).data == sent.data


def test_only_what_was_judged_serious_has_a_draft(clinician: Person, subject: str) -> None:
    event = recorded(clinician, subject)
    for name in ("sae-draft", "sae-draft.pdf"):
        assert clinician.get(f"/adverse-events/{event}/{name}").status_code == 409


def test_nothing_is_sent_and_who_drafted_is_kept(
    clinician: Person, subject: str, database: Stored
) -> None:
    event = recorded(clinician, subject, seriousness=["hospitalisation"])
    owed = database["outbox"].count_documents({})
    clinician.get(f"/adverse-events/{event}/sae-draft")
    assert database["outbox"].count_documents({}) == owed
    stored = database["adverse_events"].find_one({"_id": event})
    assert stored is not None
    assert stored.get("reports", []) == []
    (entry,) = database["audit"].find({"action": "adverse_event:draft"})
    assert (entry["actor_id"], entry["target"]) == (clinician.id, f"adverse_event/{event}")
