"""Whatever the API's own document allows, asked by everybody, is answered as the access table says.

Bodies and parameters are schemathesis' own; every other case names things that are there, so that it
comes further than "not found". Who may not is refused and nothing is written, whatever was sent.
"""

from collections import Counter
from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from backend.access import PERMISSIONS, Action
from backend.config import Config
from backend.resources.base import PUBLIC
from tests.access.routes import ROWS, Of, Row
from tests.access.test_matrix import routes
from tests.access.test_matrix import world as _world
from tests.access.world import Who, World
from tests.surface.asking import spelled
from tests.surface.spy import Spy, listening

CHECKS = [
    not_a_server_error,
    content_type_conformance,
    status_code_conformance,
    response_schema_conformance,
]
# The same cases every time.
CAREFUL = settings(
    max_examples=4,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
# Not the first, which is the simplest that there is.
EVERYBODYS = 2
ASKING = (
    "anonymous",
    "patient own",
    "nurse same site",
    "nurse other site",
    "investigator same site",
    "safety reviewer unblinded",
    "data manager",
    "administrator",
)

world = _world


@pytest.fixture
def spy(config: Config, world: World) -> Iterator[Spy]:
    """Listen to what the application asks of its database."""
    assert world
    with listening(config) as found:
        yield found


def refused(row: Row, action: object, who: Who, world: World, *, there: bool) -> tuple[int, ...]:
    """Give the statuses of which one must come, whatever was sent; none: the request may succeed."""
    if action == PUBLIC:
        return ()
    # A body or address that no route takes is refused before anybody is asked who they are; and what
    # was made up for a path may lead to no route.
    early = (400, 415, 422) if there else (308, 400, 404, 405, 415, 422)
    if who.actor is None:
        return (401, *early)
    assert isinstance(action, Action)
    if not {grant.role for grant in who.actor.grants} & PERMISSIONS[action]:
        return (403, *early)
    if there and row.of is Of.SUBJECT and not row.allows(who.actor, action, world.subject_id):
        # What was sent may be faulty too, and that may be said first: it tells nothing of the thing.
        return (403, 404, 409, 413, *early)
    return ()


def test_what_the_document_allows_is_answered_as_the_access_table_says(
    world: World, spy: Spy
) -> None:
    document = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", world.app)
    rows = {(row.method, spelled(row.rule)): row for row in ROWS}
    leaves = routes(world.app)
    people = [who for who in world.people if who.name in ASKING]
    assert len(people) == len(ASKING)
    statuses: Counter[tuple[str, int]] = Counter()
    asked, wrong, writes = set(), [], 0
    for found in document.get_all_operations():
        operation = found.ok()
        row = rows[operation.method.upper(), operation.path]
        action = leaves[row.method, row.rule]
        able = [one for one in people if not refused(row, action, one, world, there=True)]
        for number, case in enumerate(cases_of(operation)):
            # One case is asked by everybody, the others by somebody who may, in turn. What is open to
            # all asks nobody who they are.
            everybody = number == EVERYBODYS and action != PUBLIC
            there = number % 2 == 0
            for who in people if everybody else [able[number % len(able)]]:
                expected = refused(row, action, who, world, there=there)
                status, faults = ask(case, row, who, world, there=there, spy=spy)
                if action != PUBLIC:
                    statuses[who.name, status] += 1
                if expected and status not in expected:
                    faults.append(f"{status} is none of {expected}")
                writes += len(spy.written)
                if expected and spy.written:
                    faults.append(f"wrote {spy.written}")
                wrong += [f"{who.name}, {operation.label}: {fault}" for fault in faults]
        asked.add(operation.label)
    assert wrong == []
    assert len(asked) > 100
    # The listener heard those who may.
    assert writes > len(asked)
    for name in ASKING:
        # Each but one was let in, and some of what they sent was taken.
        assert (statuses[name, 401] > 0) is (name == "anonymous"), name
        taken = statuses[name, 200] + statuses[name, 201]
        assert (taken > 0) is (name != "anonymous"), name


def cases_of(operation: APIOperation) -> list[schemathesis.Case]:
    """Give schemathesis' cases for one operation."""
    cases: list[schemathesis.Case] = []

    @CAREFUL
    @given(case=operation.as_strategy())
    def collect(case: schemathesis.Case) -> None:
        cases.append(case)

    collect()
    return cases


def ask(
    case: schemathesis.Case, row: Row, who: Who, world: World, *, there: bool, spy: Spy
) -> tuple[int, list[str]]:
    """Send a case, `there` to what exists; give the status and what is wrong with the answer."""
    if there:
        known = {name: str(value) for name, value in row.path(world, who).items()}
        case.path_parameters = {**case.path_parameters, **known}
    asking = world.stand_in(who) if row.by_stand_in else who
    # OpenAPI 3.1 has no words for what a stream's events are.
    checks = CHECKS[:3] if row.rule.endswith("/stream") else CHECKS
    spy.written.clear()
    answer = case.call(headers=asking.headers)
    try:
        case.validate_response(answer, checks=checks)
    except FailureGroup as failures:
        return answer.status_code, [str(one) for one in failures.exceptions]
    return answer.status_code, []
