"""The people of the tests: staff with any role, subjects, and their phones, by the real way in."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from backend.access import Actor, Grant, Role
from backend.context import Context
from backend.services.sign_in import Credentials, sign_in
from backend.services.staff import NewStaff, create_staff

PASSWORD = "correct horse battery staple"
_MACHINE = Actor("machine", (Grant(Role.ADMINISTRATOR),))


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
    """Make a member of staff with several grants and sign them in."""
    here: Context = app.extensions["backend"]
    email = f"{here.ids()}@example.org"
    new = NewStaff(email, PASSWORD, "Somebody", grants, "console")
    made = create_staff(new, actor=_MACHINE, study=here.study, now=here.clock(), ids=here.ids)
    credentials = Credentials(email, PASSWORD, made.id)
    tokens = sign_in(credentials, config=here.config, now=here.clock(), ids=here.ids)
    return Person(app.test_client(), tokens.access_token, made.id)


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
