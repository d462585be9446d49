"""Whatever the API's own document allows is answered, as everybody, without a server error."""

from collections import Counter

import flask
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

from backend.access import Grant, Role
from tests.people import enrolled, phone, staff, staff_with

EVERY_ROLE = tuple(Grant(role) for role in Role if role is not Role.PATIENT)
CHECKS = [not_a_server_error, content_type_conformance, status_code_conformance]
# Enough to have found what there was to find; the same cases every time.
CAREFUL = settings(
    max_examples=5,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def test_what_the_document_allows_is_answered(app: flask.Flask) -> None:
    nurse = staff(app, "nurse", "S01")
    subject_id = enrolled(nurse)
    document = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    asked = set()
    statuses: Counter[int] = Counter()
    for found in document.get_all_operations():
        operation = found.ok()
        # New ones for each: an operation may sign its caller out.
        tokens = (staff_with(app, EVERY_ROLE).token, phone(nurse, subject_id).token)

        @CAREFUL
        @given(case=operation.as_strategy())
        def ask(case: schemathesis.Case) -> None:
            for token in tokens:  # noqa: B023 - called below, before the next operation
                headers = {"Authorization": f"Bearer {token}"}
                response = case.call_and_validate(headers=headers, checks=CHECKS)
                statuses[response.status_code] += 1

        ask()
        asked.add(operation.label)
    assert len(asked) > 40
    # The callers were let in: what they sent was read, and some of it taken.
    assert statuses[401] < sum(statuses.values()) / 10
    assert {200, 403, 404, 422} <= statuses.keys()
