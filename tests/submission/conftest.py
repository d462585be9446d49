"""A small trial that is worked by hand."""

import io
import zipfile
from typing import Any

import flask
import pandas as pd
import pytest

from backend.access import Grant, Role
from tests.people import Person, dosed, enrolled, judgement, phone, staff, staff_with

COMPONENTS = ("ql1706", "regorafenib", "capecitabine", "oxaliplatin", "radiotherapy")
ME = "LARC-QL1706-S01-0001"


@pytest.fixture
def clinician(app: flask.Flask) -> Person:
    return staff(app, "investigator")


@pytest.fixture
def manager(app: flask.Flask) -> Person:
    return staff_with(app, (Grant(Role.DATA_MANAGER, None, unblinded=True),))


def event(clinician: Person, subject_id: str, **changes: object) -> str:
    body = judgement(COMPONENTS, **changes)
    answer = clinician.post(f"/subjects/{subject_id}/adverse-events", body)
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["id"])


@pytest.fixture
def trial(clinician: Person) -> str:
    """Give a subject of arm A, treated from 2 February on, with four events, a diary and a result.

    Beside it a subject of arm B who was never treated.
    """
    number = enrolled(clinician)
    enrolled(clinician, "S02", arm="B", mrf="negative")
    milestones = (("randomised", "2026-01-30"), ("first_dose", "2026-02-02"))
    for rev, (kind, on) in enumerate(milestones):
        body = {"rev": rev, "kind": kind, "on": on}
        assert clinician.post(f"/subjects/{number}/milestones", body).status_code == 201
    dosed(clinician, number, "2026-02-02", "ql1706", "oxaliplatin")
    event(
        clinician,
        number,
        term="Nausea",
        grade=1,
        onset="2026-02-01",
        end="2026-02-03",
        outcome="RECOVERED/RESOLVED",
        special_interest=False,
        immune_related=False,
    )
    event(
        clinician,
        number,
        term="Diarrhea",
        grade=1,
        onset="2026-02-10",
        end="2026-02-12",
        outcome="RECOVERED/RESOLVED",
        special_interest=False,
        immune_related=False,
    )
    event(
        clinician,
        number,
        grade=3,
        onset="2026-02-20",
        seriousness=["hospitalisation"],
        relations={**dict.fromkeys(COMPONENTS, "NOT RELATED"), "ql1706": "RELATED"},
    )
    # Not judged: from a diary alone.
    diary = {
        "submission_id": "0b2ff7a4-3f0b-4f0c-9d5a-3f6c6f0a0001",
        "day": "2026-03-02",
        "reported_at": "2026-03-02T07:00:00+00:00",
        "zone": "Asia/Shanghai",
        "symptoms": [
            {"symptom": "abdominal_pain", "frequency": 3, "severity": 3},
            {"symptom": "cough", "severity": 0},
        ],
        "vitals": [{"vital": "temperature", "value": 37.4, "unit": "Cel"}],
    }
    answer = phone(clinician, number).post("/diaries", diary)
    assert answer.status_code == 201, answer.text
    for day, value in (("2026-01-31", 35), ("2026-02-16", 121)):
        labs = {
            "submission_id": f"0b2ff7a4-3f0b-4f0c-9d5a-3f6c6f0a{value:04}",
            "collected_at": f"{day}T08:00:00+08:00",
            "results": [{"analyte": "alt", "value": value, "unit": "U/L", "uln": 40}],
        }
        answer = clinician.post(f"/subjects/{number}/labs", labs)
        assert answer.status_code == 201, answer.text
    return number


def package(reader: Person, kind: str, reason: str | None = None) -> zipfile.ZipFile:
    """Fetch all datasets of a kind, with the arms where a reason is given."""
    path = f"/submission/{kind}"
    answer = (
        reader.get(f"{path}.zip")
        if reason is None
        else reader.post(f"{path}/unblinded", {"reason": reason})
    )
    assert answer.status_code == 200, answer.text
    return zipfile.ZipFile(io.BytesIO(answer.data))


def table(archive: zipfile.ZipFile, name: str) -> list[dict[str, Any]]:
    """Read a transport file with pandas."""
    data = io.BytesIO(archive.read(f"{name}.xpt"))
    frame = pd.read_sas(data, format="xport", encoding="ascii")
    return [
        {name: _known(value) for name, value in row.items()} for row in frame.to_dict("records")
    ]


def _known(value: Any) -> Any:  # noqa: ANN401 - a cell
    """Give None for what has no value in a transport file: an empty text, a missing number.

    pandas reads the smallest of IBM's floats where 0 was written.
    """
    if value == "" or value != value:  # noqa: PLR0124 - not a number is the one that differs
        return None
    return 0.0 if isinstance(value, float) and 0 < value < 1e-78 else value
