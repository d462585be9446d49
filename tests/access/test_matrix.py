"""Every route x everybody: allowed exactly where `backend.access` says so."""

from typing import Any

import flask
import pytest
from pymongo.database import Database
from werkzeug.routing import Rule

from backend.access import PERMISSIONS, Action
from backend.resources.base import PUBLIC
from tests.access.routes import ROWS, Row
from tests.access.world import Who, World, build
from tests.conftest import START, Clock
from tests.surface.browser import missing

# Made by flask-smorest itself, and open to everybody: they hold no data.
FRAMEWORK = frozenset({"api-docs.openapi_json"})
DENIED = (403, 404)


@pytest.fixture(scope="module")
def world(_app: flask.Flask, _migrated: Database[dict[str, Any]], _clock: Clock) -> World:
    """Give one world for all rows: making it takes longer than asking every route once."""
    _clock.now = START
    for name in _migrated.list_collection_names():
        _migrated[name].delete_many({})
    return build(_app, _migrated)


def routes(app: flask.Flask) -> dict[tuple[str, str], object]:
    """Give the leave that every method of every route asks for; None where it asks for none."""
    return {
        (method, rule.rule): _leave(app, rule, method)
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in FRAMEWORK
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    }


def _leave(app: flask.Flask, rule: Rule, method: str) -> object:
    view = app.view_functions[rule.endpoint]
    handler = getattr(getattr(view, "view_class", None), method.lower(), view)
    return getattr(handler, "action", None)


def test_every_route_says_what_leave_it_asks_for(world: World) -> None:
    without = [key for key, leave in routes(world.app).items() if leave is None]
    assert without == [], "decorate these with @allow"


def test_every_route_has_a_row_and_every_row_a_route(world: World) -> None:
    rows = [(row.method, row.rule) for row in ROWS]
    assert len(set(rows)) == len(rows)
    assert set(rows) == set(routes(world.app)), "add the row to tests/access/routes.py"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.method} {row.rule}")
def test_a_route_is_open_to_whom_access_says_and_to_nobody_else(row: Row, world: World) -> None:
    action = routes(world.app)[row.method, row.rule]
    wrong = [
        f"{who.name}: {status} instead of {expected}"
        for who in world.people
        for expected in [_expected(row, action, who, world)]
        for status in [_ask(row, who, world)]
        if status not in expected
    ]
    assert wrong == []


def _expected(row: Row, action: object, who: Who, world: World) -> tuple[int, ...]:
    if action == PUBLIC:
        return (row.ok,)
    if who.actor is None:
        return (401,)
    assert isinstance(action, Action)
    if row.allows(who.actor, action, world.subject_id):
        return (row.ok,)
    if not {grant.role for grant in who.actor.grants} & PERMISSIONS[action]:
        # No role that may do this anywhere: not even whether the thing exists is looked up.
        return (403,)
    return DENIED


def _ask(row: Row, who: Who, world: World) -> int:
    asking = world.stand_in(who) if row.by_stand_in else who
    with world.app.test_request_context():
        path = world.app.url_map.bind("localhost").build(
            _endpoint(world.app, row), dict(row.path(world, asking)), method=row.method
        )
    answer = world.client.open(
        path, method=row.method, headers=asking.headers, **row.send(world, asking)
    )
    # Every answer of every route, whoever asks: also those that a wrong reader gets.
    assert missing(answer) == [], path
    answer.close()
    return answer.status_code


def _endpoint(app: flask.Flask, row: Row) -> str:
    return next(
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.rule == row.rule and row.method in (rule.methods or set())
    )
