"""Which declared index serves a question, by MongoDB's own rules; and what a server says of it.

Two looks at the same thing, because one server's `explain` is not to be trusted (docs/database.md):
the rules need no server, the plan needs one whose plans are real.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pymongo.database import Database

from backend.models.collections import declared_indexes
from backend.models.frame import PREFIX
from backend.models.registry import DOCUMENTS
from tests.database.asked import Question

Keys = tuple[tuple[str, int], ...]
BLOCKING, SCAN = "SORT", "COLLSCAN"
_ID: Keys = (("_id", 1),)


def declared() -> dict[str, list[Keys]]:
    """Give the keys of each collection's indexes, that of `_id` among them; sparse ones too.

    A sparse index serves a condition that a missing field does not meet: all of ours are such.
    """
    found: dict[str, list[Keys]] = {}
    for document in DOCUMENTS:
        keys: list[Any] = [index["keys"] for index in declared_indexes(document)]
        name = str(document._get_collection_name())  # noqa: SLF001
        found[name] = [_ID, *(tuple(one) for one in keys)]
    return found


def live_name(collection: str) -> str:
    """Give the collection whose indexes a cut's copy has too."""
    return collection.split(".", 2)[2] if collection.startswith(f"{PREFIX}.") else collection


def selects(question: Question, indexes: Sequence[Keys]) -> bool:
    """Tell whether an index finds what is asked for: its first key is in the filter (or in each `$or`)."""
    asked = question.filter
    branches = asked.get("$or")
    names = set(asked) | {name for part in asked.get("$and", ()) for name in part}
    if any(keys[0][0] in names for keys in indexes):
        return True
    return branches is not None and all(
        any(keys[0][0] in branch for keys in indexes) for branch in branches
    )


def orders(question: Question, indexes: Sequence[Keys]) -> bool:
    """Tell whether an index gives the order: what is equal comes first in it, then the order's keys.

    What is one of several (`$in`) counts as equal: MongoDB merges the ordered parts (up to 200).
    """
    equal = {name for name, value in question.filter.items() if _is_equality(value)}
    for keys in indexes:
        rest = list(keys)
        while rest and rest[0][0] in equal and tuple(rest[: len(question.sort)]) != question.sort:
            rest.pop(0)
        part = tuple(rest[: len(question.sort)])
        backwards = tuple((name, -direction) for name, direction in part)
        if question.sort in {part, backwards}:
            return True
    return False


def stages(plan: object) -> Iterator[str]:
    """Give every stage of a plan."""
    if isinstance(plan, Mapping):
        if isinstance(plan.get("stage"), str):
            yield plan["stage"]
        for inner in plan.values():
            yield from stages(inner)
    elif isinstance(plan, list):
        for inner in plan:
            yield from stages(inner)


def explained(database: Database[dict[str, Any]], question: Question) -> set[str]:
    """Give the stages of the plan that a server chose."""
    command: dict[str, Any]
    if question.pipeline is not None:
        pipeline = list(question.pipeline)
        command = {"aggregate": question.collection, "pipeline": pipeline, "cursor": {}}
    else:
        command = {"find": question.collection, "filter": question.filter}
        if question.sort:
            command["sort"] = dict(question.sort)
        if question.limit:
            command["limit"] = question.limit
    told = database.command({"explain": command, "verbosity": "queryPlanner"})
    cursor = told["stages"][0]["$cursor"] if "stages" in told else told
    return set(stages(cursor["queryPlanner"]["winningPlan"]))


def _is_equality(value: object) -> bool:
    if isinstance(value, Mapping) and any(name.startswith("$") for name in value):
        return set(value) <= {"$in", "$eq"}
    return True


# By what each collection is split, where one study outgrows one replica set (docs/scale.md). What is
# not named stays whole on the study's own shard.
SHARDED: Mapping[str, str] = {
    "assessments": "subject_id",
    "audit": "stream",
    "diaries": "subject_id",
    "lab_results": "subject_id",
    "photo_images": "_id",
}


def row(question: Question, documents: Mapping[str, Mapping[str, Keys]]) -> tuple[str, ...]:
    """Tell of a question: who asks, of what, by which index, how ordered, and which shards answer."""
    collection = live_name(question.collection)
    named = documents[collection]
    name = max(named, key=lambda one: _worth(question, named[one]))
    found = name if _worth(question, named[name]) > (0, 0) else "reads all"
    if "$or" in question.filter and selects(question, [*named.values()]):
        found = "one for each part"
    ordered = not question.sort or orders(question, [*named.values()])
    order = "" if not question.sort else "by the index" if ordered else "sorted after, few"
    return (question.asker, collection, found, order, _answering(question, collection))


def named_indexes() -> dict[str, dict[str, Keys]]:
    """Give the keys of each collection's indexes by name."""
    found: dict[str, dict[str, Keys]] = {}
    for document in DOCUMENTS:
        by_name: dict[str, Any] = {
            str(index["name"]): index["keys"] for index in declared_indexes(document)
        }
        keys = {name: tuple(one) for name, one in by_name.items()}
        found[str(document._get_collection_name())] = {"_id_": _ID, **keys}  # noqa: SLF001
    return found


def _worth(question: Question, keys: Keys) -> tuple[int, int]:
    """Compare indexes as MongoDB would: how many keys are equal or ranged over, then the order."""
    used = 0
    for name, _ in keys:
        if name not in question.filter:
            break
        used += 1
        if not _is_equality(question.filter[name]):
            break
    return used, int(bool(question.sort) and orders(question, [keys]))


def _answering(question: Question, collection: str) -> str:
    key = SHARDED.get(collection)
    if key is None:
        return "the study's own"
    asked = question.filter.get(key)
    if asked is None:
        return "all"
    return "one" if _is_equality(asked) and not isinstance(asked, Mapping) else "some"
