"""How a test asks a route of the access matrix, well or with a part of the request replaced."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from werkzeug.test import TestResponse

from tests.access.routes import Row
from tests.access.world import Who, World


def spelled(rule: str) -> str:
    """Give a rule as the API's own document spells it."""
    return re.sub(r"<(?:[^<>]*:)?(\w+)>", r"{\1}", rule)


def path_of(row: Row, given: Mapping[str, Any], world: World) -> str:
    """Give a row's path with its parameters filled in."""
    endpoint = next(
        rule.endpoint
        for rule in world.app.url_map.iter_rules()
        if rule.rule == row.rule and row.method in (rule.methods or set())
    )
    with world.app.test_request_context():
        return str(
            world.app.url_map.bind("localhost").build(endpoint, dict(given), method=row.method)
        )


def ask(row: Row, path: str, who: Who, world: World, send: Mapping[str, Any]) -> TestResponse:
    """Ask once, and read the answer to its end."""
    answer = world.client.open(path, method=row.method, headers=who.headers, **send)
    answer.get_data()
    answer.close()
    return answer


def replaced(value: object, by: object) -> Iterator[object]:
    """Give a JSON value once for each of its parts, with that part replaced."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield {**value, key: by}
            for changed in replaced(inner, by):
                yield {**value, key: changed}
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            for changed in (by, *replaced(inner, by)):
                yield [*value[:index], changed, *value[index + 1 :]]
