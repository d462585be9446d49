"""The people of the tests: staff with any role, subjects, and their phones."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import flask
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from pymongo.client_session import ClientSession
from werkzeug.test import TestResponse

from backend.access import Grant, Role
from backend.context import Context
from backend.db import transaction
from backend.models.audit import AuditEntry, append
from backend.models.session import insert_session
from backend.models.staff import StaffRecord, insert_staff
from backend.services.session import open_session

PASSWORD = "nine otters under the old pier"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an access token."""

    client: FlaskClient
    token: str
    id: str

    def get(self, path: str) -> TestResponse:
        return self.call("GET", path)

    def post(self, path: str, body: object = None) -> TestResponse:
        return self.call("POST", path, json={} if body is None else body)

    def call(self, method: str, path: str, **options: Any) -> TestResponse:  # noqa: ANN401
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **options)


def staff(
    app: flask.Flask, role: Role | str, site: str | None = None, *, unblinded: bool = False
) -> Person:
    """Make a member of staff and sign them in."""
    return staff_with(app, (Grant(Role(role), site, unblinded),))


def staff_with(app: flask.Flask, grants: tuple[Grant, ...]) -> Person:
    """Make a member of staff with several grants who is signed in.

    Stored as signing up and signing in store it, but for argon2id: two passes over 64 MiB for each
    person were a third of some tests' time. The real way has tests of its own (tests/identity).
    """
    here: Context = app.extensions["backend"]
    now = here.clock()
    made = StaffRecord(
        id=here.ids(),
        email=f"{here.ids()}@example.org",
        password_hash=password_hash(),
        name="Somebody",
        grants=grants,
        active=True,
        channel="console",
        created_at=now,
        rev=0,
    )
    record, tokens = open_session(config=here.config, now=now, ids=here.ids, staff_id=made.id)
    created = AuditEntry(here.ids(), now, "machine", "staff:create", f"staff/{made.id}")
    begun = AuditEntry(here.ids(), now, made.id, "session:begin", f"session/{record.id}")

    def story(session: ClientSession) -> None:
        insert_staff(made, session=session)
        insert_session(record, session=session)
        append(created, session=session)
        append(begun, session=session)

    transaction(story)
    return Person(app.test_client(), tokens.access_token, made.id)


@cache
def password_hash() -> str:
    """Give a hash of `PASSWORD` that is made and checked at once: argon2id of the least cost.

    A hash names its own cost, so signing in with it is the real way in at a hundredth of the time.
    """
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def enrolment(site: str = "S01", **changes: object) -> dict[str, Any]:
    """Give the body of an enrolment."""
    return {
        "site": site,
        "arm": "A",
        "mrf": "positive",
        "zone": "Asia/Shanghai",
        "language": "en",
        "baseline": {
            "baseline_stools_per_day": 2,
            "baseline_weight_kg": 65,
            "baseline_sbp_mmhg": 124,
            "baseline_dbp_mmhg": 78,
            "baseline_heart_rate_bpm": 76,
            "baseline_spo2_percent": 98,
            "baseline_temperature_c": 36.6,
        },
        "baseline_labs": [{"analyte": "creatinine", "value": 70, "unit": "umol/L"}],
        **changes,
    }


def enrolled(nurse: Person, site: str = "S01", **changes: object) -> str:
    """Enrol a subject and give its number."""
    answer = nurse.post("/subjects", enrolment(site, **changes))
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["id"])


def phone(nurse: Person, subject_id: str) -> Person:
    """Activate a phone for a subject."""
    code = nurse.post(f"/subjects/{subject_id}/activation-codes").get_json()["code"]
    answer = nurse.client.post("/api/v1/activations", json={"code": code, "label": "test phone"})
    assert answer.status_code == 201, answer.text
    body = answer.get_json()
    return Person(nurse.client, body["tokens"]["access_token"], body["device_id"])


def dosed(nurse: Person, subject_id: str, first: str, *components: str) -> None:
    """Record that drugs were given from a day on."""
    doses = {"ql1706": 325, "oxaliplatin": 220, "capecitabine": 3400, "regorafenib": 80}
    for component in components or doses:
        body = {
            "component": component,
            "first": first,
            "dose": doses[component],
            "unit": "mg",
            "cycle": 1,
        }
        answer = nurse.post(f"/subjects/{subject_id}/exposures", body)
        assert answer.status_code == 201, answer.text


def judgement(components: Iterable[str], **changes: object) -> dict[str, Any]:
    """Give a clinician's judgement that fits together, of a treatment's components."""
    return {
        "term": "Colitis",
        "grade": 3,
        "seriousness": [],
        "relations": dict.fromkeys(components, "POSSIBLY RELATED"),
        "actions": dict.fromkeys(components, "DRUG INTERRUPTED"),
        "outcome": "NOT RECOVERED/NOT RESOLVED",
        "special_interest": True,
        "immune_related": True,
        "onset": "2026-03-02",
        "reason": "endoscopy and biopsy",
        **changes,
    }
