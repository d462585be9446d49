"""What the tests of listings put into a trial, by the real way in, and how they read it back."""

import uuid
from typing import Any

from backend.services.data_cut import take_next_cut
from backend.services.lease import Fence, hold_clock
from tests.conftest import Clock
from tests.people import Person, judgement

COMPONENTS = ("ql1706", "regorafenib", "capecitabine", "oxaliplatin", "radiotherapy")


def listed(reader: Person, name: str, query: str = "") -> list[dict[str, Any]]:
    """Give the first page of a listing."""
    answer = reader.get(f"/listings/{name}{query}")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.get_json()["items"]
    return items


def paged(reader: Person, name: str, limit: int = 1) -> list[dict[str, Any]]:
    """Give a whole listing, page by page."""
    found, cursor = [], ""
    while True:
        answer = reader.get(f"/listings/{name}?limit={limit}{cursor}")
        assert answer.status_code == 200, answer.text
        page = answer.get_json()
        found += page["items"]
        if page["next"] is None:
            return found
        cursor = f"&cursor={page['next']}"


def picked(rows: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    """Give some columns of each row."""
    return [tuple(row[name] for name in names) for row in rows]


def wrote(person: Person, subject_id: str, day: str, **changes: object) -> dict[str, Any]:
    """Enter a diary for a subject and give its receipt; written at 07:00 UTC of its day."""
    body = {
        "submission_id": str(uuid.uuid4()),
        "day": day,
        "reported_at": f"{day}T07:00:00+00:00",
        "zone": "Asia/Shanghai",
        **changes,
    }
    return _made(person.post(f"/subjects/{subject_id}/diaries", body))


def gave(
    person: Person, subject_id: str, component: str, first: str, dose: float, **changes: object
) -> str:
    """Record a dose and give the record's id."""
    body = {"component": component, "first": first, "dose": dose, "unit": "mg", "cycle": 1}
    return str(_made(person.post(f"/subjects/{subject_id}/exposures", {**body, **changes}))["id"])


def measured(person: Person, subject_id: str, at: str, *results: dict[str, Any]) -> str:
    """Enter a laboratory report and give its id."""
    body = {"submission_id": str(uuid.uuid4()), "collected_at": at, "results": list(results)}
    return str(_made(person.post(f"/subjects/{subject_id}/labs", body))["report_id"])


def judge(clinician: Person, row: dict[str, Any], **changes: object) -> None:
    """Judge a course that the machine has seen, with its own term and first day."""
    known = clinician.get(f"/adverse-events/{row['id']}").get_json()
    body = judgement(COMPONENTS, term=row["term"], onset=row["onset"], rev=known["rev"], **changes)
    answer = clinician.post(f"/adverse-events/{row['id']}/adjudications", body)
    assert answer.status_code == 201, answer.text


def alt(value: float, uln: float = 40) -> dict[str, Any]:
    return {"analyte": "ALT", "value": value, "unit": "U/L", "uln": uln}


def cut_of(reader: Person, clock: Clock) -> str:
    """Take a data cut as of now and give its id."""
    answer = reader.post("/data-cuts/", {"cutoff": "2026-03-02", "reason": "yearly report"})
    assert answer.status_code == 202, answer.text
    fence = Fence(hold_clock("this clock", now=clock()))
    assert take_next_cut(fence=fence, now=clock(), stopping=lambda: False)
    return str(answer.get_json()["id"])


def _made(answer: Any) -> dict[str, Any]:  # noqa: ANN401 - a test's response
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.get_json()
    return made
