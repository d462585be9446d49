"""A fresh collection per test, and the mark for what the embedded server gets wrong."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.errors import OperationFailure

Documents = Collection[dict[str, Any]]


@pytest.fixture(scope="module")
def mongo(mongodb_uri: str) -> Iterator[MongoClient[dict[str, Any]]]:
    """Give a client with the options of `backend.db.connect`."""
    with MongoClient(
        mongodb_uri,
        tz_aware=True,
        uuidRepresentation="standard",
        w="majority",
        journal=True,
        retryWrites=True,
    ) as client:
        yield client


@pytest.fixture
def collection(
    request: pytest.FixtureRequest,
    mongo: MongoClient[dict[str, Any]],
    settings: dict[str, str],
) -> Iterator[Documents]:
    """Give an empty collection of the worker's own database, dropped after the test."""
    name = "t_" + re.sub(r"\W", "_", request.node.name)[:80]
    database = mongo[settings["MONGODB_DATABASE"]]
    database.drop_collection(name)
    # Made here: one that a transaction makes on the way conflicts with every other transaction.
    database.create_collection(name)
    yield database[name]
    database.drop_collection(name)


@pytest.fixture
def _embedded_defect(request: pytest.FixtureRequest, mongo: MongoClient[dict[str, Any]]) -> None:
    """Expect failure on the embedded server alone; strict: a mended server makes the test fail."""
    if "secantusVersion" in mongo.admin.command("buildInfo"):
        request.applymarker(
            pytest.mark.xfail(
                strict=True,
                raises=(AssertionError, OperationFailure),
                reason="docs/database.md, defects",
            )
        )
