"""Nobody's input becomes part of a query: operators and odd keys into every parameter and field.

The requests are the good ones of the access matrix, each with one part replaced, as somebody of whom
the route takes it. What is looked at is what came back and what went to the database.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import mongoengine
import pytest
from werkzeug.test import TestResponse

from backend.config import Config
from tests.access.routes import ROWS, Row
from tests.access.test_matrix import routes
from tests.access.test_matrix import world as _world
from tests.access.world import HERE, Who, World
from tests.surface.asking import ask, path_of, replaced, spelled
from tests.surface.spy import Spy, listening

# A word that nothing of ours holds: found in a query's operator or name, it came from outside.
MARK = "zqj7"
OBJECTS = (
    {"$gt": "", f"${MARK}": 1},
    {"$where": f"sleep(1) || '{MARK}'"},
    {f"a.{MARK}": 1, f"$ne.{MARK}": None},
    [{"$ne": f"{MARK}"}],
)
TEXTS = ('{"$gt": ""}', f"$where{MARK}", f"a.$[].{MARK}", f".*{MARK}")
_OBJECTS_IN_TURN, _TEXTS_IN_TURN = cycle(OBJECTS), cycle(TEXTS)
# What a query of ours says, in our own words.
OURS = frozenset(
    re.findall(
        r"\"(\$[A-Za-z]+)\"",
        "".join(
            file.read_text(encoding="utf-8")
            for file in (Path(__file__).parents[2] / "backend").rglob("*.py")
        ),
    )
)

world = _world


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: which part of it was replaced, and by what it is made."""

    part: str
    path: str
    send: Mapping[str, Any]


@pytest.fixture(scope="module")
def spy(config: Config, world: World) -> Iterator[Spy]:
    """Connect the application anew, with somebody listening to what it asks."""
    assert world
    with listening(config) as found:
        yield found


def taken_from(row: Row, world: World) -> Who:
    """Name somebody who may, at the one site rather than at all, patients first."""
    action = routes(world.app)[row.method, row.rule]
    for who in world.people:
        if who.actor is None:
            continue
        if action == "public" or row.allows(who.actor, action, world.subject_id):  # type: ignore[arg-type]
            return who
    raise LookupError(row.rule)


def requests(row: Row, who: Who, world: World, names: list[str]) -> Iterator[Asked]:
    """Give each request with one part replaced; the odd values come in turn."""
    given, send = dict(row.path(world, who)), dict(row.send(world, who))
    path = path_of(row, given, world)
    body = send.get("json")
    for index, _ in enumerate(replaced(body, None)):
        for part, by in (("object", _OBJECTS_IN_TURN), ("text", _TEXTS_IN_TURN)):
            changed = next(islice(replaced(body, next(by)), index, None))
            yield Asked(part, path, {**send, "json": changed})
    query = dict(send.get("query_string", {}))
    for name in names:
        yield Asked("query", path, {**send, "query_string": {**query, name: next(_TEXTS_IN_TURN)}})
    if names:
        yield Asked("query", path, {**send, "query_string": {**query, f"{names[0]}[$ne]": MARK}})
    for name in given:
        if f"<string:{name}>" in row.rule:
            for text in TEXTS:
                yield Asked("path", path_of(row, {**given, name: text}, world), send)


@pytest.fixture(scope="module")
def parameters(world: World) -> dict[str, list[str]]:
    """Give the names of every route's query parameters, from the API's own document."""
    document = world.client.get("/api/v1/openapi.json").get_json()
    rules = {spelled(row.rule): row.rule for row in ROWS}
    return {
        f"{method.upper()} {rules[path]}": [
            one["name"] for one in operation.get("parameters", []) if one.get("in") == "query"
        ]
        for path, methods in document["paths"].items()
        if path in rules
        for method, operation in methods.items()
        if method != "parameters"
    }


def test_no_input_reaches_a_query_as_more_than_a_value(
    world: World, spy: Spy, parameters: dict[str, list[str]]
) -> None:
    wrong, asked = [], Counter[str]()
    for row in ROWS:
        who = taken_from(row, world)
        for one in requests(row, who, world, parameters.get(f"{row.method} {row.rule}", [])):
            asker = world.stand_in(who) if row.by_stand_in else who
            answer = ask(row, one.path, asker, world, one.send)
            asked[one.part] += 1
            if fault := fault_of(answer, one, asker, world):
                wrong.append(f"{row.method} {one.path} {one.send}: {fault}")
    assert wrong == []
    assert min(asked["object"], asked["text"], asked["query"], asked["path"]) > 100
    assert [name for name in spy.names if MARK in name] == []
    # libmongocrypt looks its data keys up by itself, with `$or` over ids and names (backend/vault.py).
    assert {name for name in spy.names if name.startswith("$")} <= OURS | {"$or"}
    assert [one for one in spy.patterns if MARK in str(one)] == []
    assert spy.names & {"subject_id", "site", "_id"}


def fault_of(answer: TestResponse, one: Asked, who: Who, world: World) -> str | None:
    """Say what is wrong with an answer."""
    if answer.status_code >= 500 and answer.status_code != 503:
        return str(answer.status_code)
    if one.part == "path" and answer.status_code < 400:
        return "found something under a name that nobody has"
    # A batch is answered as a whole, and each of its items by a status of its own.
    items = (answer.get_json() or {}).get("items", []) if one.path.endswith("/batch") else []
    refused = answer.status_code >= 400 or any(item["status"] >= 400 for item in items)
    if one.part == "object" and not refused:
        return "took an object in the place of a value"
    everywhere = who.actor is None or any(grant.site != HERE for grant in who.actor.grants)
    if not everywhere and world.far_subject_id.encode() in answer.get_data():
        return "shows a subject of another site"
    return None


def test_the_spy_sees_what_it_is_there_for(spy: Spy) -> None:
    spy.names.clear()
    mongoengine.get_db()["alerts"].find_one({"$or": [{f"a.{MARK}": {"$regex": MARK}}]})
    assert {"$or", f"a.{MARK}", "$regex"} <= spy.names
    assert spy.patterns[-1] == MARK


def test_no_query_of_ours_runs_code_in_the_database() -> None:
    assert {"$gt", "$in", "$set"} <= OURS
    assert not OURS & {"$where", "$function", "$accumulator", "$eval"}
