"""The one connection of a process, and the transaction in which everything is committed."""

import logging
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import mongoengine
import pymongo
from pymongo.client_session import ClientSession
from pymongo.errors import PyMongoError
from pymongo.monitoring import CommandListener
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference
from pymongo.write_concern import WriteConcern

from backend.config import Config
from backend.errors import Unavailable
from backend.vault import open_vault

Result = TypeVar("Result")

# A process that was killed leaves its transaction open, and with it the subject's lock, until the
# server ends it (MongoDB: 60 s). Whoever waits is told to come again rather than held that long.
PATIENCE_SECONDS = 15.0
# The clock looks again by itself, and others wait behind the one that is held.
CLOCK_PATIENCE_SECONDS = 3.0

_DURABLE = WriteConcern(w="majority", j=True)


def connect(config: Config, *, listeners: Sequence[CommandListener] = ()) -> None:
    """Open the process's only client; call it after a fork, never before one.

    `listeners` see each command: what explains the plans of all queries asks for it.
    """
    # Its debug lines hold whole commands, and so whole diaries.
    logging.getLogger("pymongo").setLevel(logging.WARNING)
    mongoengine.disconnect()
    mongoengine.connect(
        db=config.mongodb_database,
        host=config.mongodb_uri,
        tz_aware=True,
        uuidRepresentation="standard",
        w="majority",
        journal=True,
        retryWrites=True,
        serverSelectionTimeoutMS=5000,
        appname="pro-ae-backend",
        event_listeners=list(listeners),
    )
    open_vault(config)


def database() -> Any:  # noqa: ANN401 - pymongo's Database is generic in the document type
    """Give the database of this process."""
    return mongoengine.get_db()


def transaction(
    work: Callable[[ClientSession], Result], *, patience: float = PATIENCE_SECONDS
) -> Result:
    """Run `work` so that all its writes become visible together, durably, or not at all.

    `work` may run more than once after a write conflict: it must change nothing but the database.
    `patience` in seconds.

    Raises:
        Unavailable: the database could not commit in time. Nothing was changed, unless the answer
            to the commit itself was lost: what comes in by a submission id can be sent again.
    """
    client = mongoengine.get_connection()
    try:
        with pymongo.timeout(patience), client.start_session() as session:
            return session.with_transaction(  # type: ignore[no-any-return]
                work,
                read_concern=ReadConcern("snapshot"),
                write_concern=_DURABLE,
                read_preference=ReadPreference.PRIMARY,
            )
    except PyMongoError as error:
        if error.has_error_label("TransientTransactionError") or error.timeout:
            raise Unavailable from error
        raise


def is_reachable() -> bool:
    """Tell whether the database answers now."""
    try:
        mongoengine.get_connection().admin.command("ping")
    except PyMongoError:
        return False
    return True
