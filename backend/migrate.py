"""`python -m backend.migrate`: create collections and indexes, and say where they differ."""

import sys

from pymongo.errors import CollectionInvalid

from backend.clinical.rules import load_ruleset
from backend.config import Config, ConfigurationError
from backend.context import system_clock
from backend.db import connect, database
from backend.models.base import StoredDocument
from backend.models.registry import DOCUMENTS
from backend.services.ruleset import keep_rules
from backend.services.study import keep_study, load_study


def migrate() -> None:
    """Bring the connected database to what the documents declare; safe to run again and again."""
    existing = set(database().list_collection_names())
    for document in DOCUMENTS:
        name = document._get_collection_name()  # noqa: SLF001
        if name not in existing:
            _create(name)
        have = _index_names(document)
        for index in _declared(document):
            if index["name"] not in have:
                options = {key: value for key, value in index.items() if key != "keys"}
                database()[name].create_index(index["keys"], **options)


def missing_indexes() -> tuple[str, ...]:
    """Name every declared index that the database lacks, as `collection.index`."""
    return tuple(
        f"{document._get_collection_name()}.{index['name']}"  # noqa: SLF001
        for document in DOCUMENTS
        for have in [_index_names(document)]
        for index in _declared(document)
        if index["name"] not in have
    )


def main() -> int:
    """Run from the command line."""
    try:
        config = Config.from_env()
        connect(config)
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    migrate()
    ruleset, now = load_ruleset(), system_clock()
    keep_rules(ruleset, now=now)
    keep_study(config.study_file, load_study(config.study_file, ruleset), now=now)
    missing = missing_indexes()
    sys.stdout.write("database is up to date\n" if not missing else f"missing: {missing}\n")
    return 1 if missing else 0


def _create(name: str) -> None:
    try:
        database().create_collection(name)
    except CollectionInvalid:
        # Another process of the same release was quicker.
        return


def _index_names(document: type[StoredDocument]) -> set[str]:
    # By name: a server may spell an equal index's options in another way (docs/database.md).
    return {index["name"] for index in document._get_collection().list_indexes()}  # noqa: SLF001


def _declared(document: type[StoredDocument]) -> list[dict[str, object]]:
    declared = []
    for spec in document._meta["indexes"]:  # noqa: SLF001 - the one place that reads it
        options = {key: value for key, value in spec.items() if key not in ("fields", "cls")}
        keys = [
            (_stored_name(field.lstrip("+-")), -1 if field.startswith("-") else 1)
            for field in spec["fields"]
        ]
        declared.append({"keys": keys, **options})
    return declared


def _stored_name(field: str) -> str:
    return "_id" if field == "id" else field


if __name__ == "__main__":
    raise SystemExit(main())
