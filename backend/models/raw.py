"""Documents as the bytes that are stored, of every collection: what backups and restores ask."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import bson
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import OperationFailure
from pymongo.read_concern import ReadConcern

from backend.db import database

Where = Database[Any]

_RAW: CodecOptions[Any] = CodecOptions(document_class=RawBSONDocument)
# SnapshotTooOld, SnapshotUnavailable, NoSuchTransaction, TransactionExceededLifetimeLimitSeconds.
_TOO_OLD = frozenset({239, 246, 251, 290})


class NoViewError(Exception):
    """The server gives no view of one moment, or did not keep it for long enough."""


def here() -> Where:
    """Give this process's database."""
    found: Where = database()
    return found


def beside(name: str) -> Where:
    """Give another database of the same server."""
    found: Where = here().client[name]
    return found


def collection_names(where: Where) -> tuple[str, ...]:
    """Name every collection but the server's own."""
    return tuple(sorted(n for n in where.list_collection_names() if not n.startswith("system.")))


def is_empty(where: Where) -> bool:
    """Tell whether no collection has a document."""
    return all(
        where[name].find_one({}, {"_id": 1}) is None for name in where.list_collection_names()
    )


@contextmanager
def one_moment(
    where: Where, stands_still: Callable[[ClientSession], bool]
) -> Iterator[ClientSession]:
    """Give a session whose reads all see the same moment, as `stands_still` has proved.

    MongoDB gives it by snapshot reads, for as long as `minSnapshotHistoryWindowInSeconds` (300 s);
    a server that takes the option and does not keep it gives it in a transaction, for 60 s.

    Raises:
        NoViewError: neither does, or it was not kept to the end of the block.
    """
    try:
        for opened in (_snapshot_reads, _transaction):
            with opened(where) as session:
                if stands_still(session):
                    yield session
                    return
    except OperationFailure as error:
        if error.code in _TOO_OLD:
            message = (
                "the server did not keep the view of one moment for as long as the backup took: "
                "set minSnapshotHistoryWindowInSeconds higher, or back up from a quieter member"
            )
            raise NoViewError(message) from error
        raise
    message = "the server gives no view of one moment"
    raise NoViewError(message)


def raw_documents(where: Where, name: str, session: ClientSession) -> Iterator[bytes]:
    """Give every document of a collection as BSON, byte for byte as it is stored."""
    for document in where.get_collection(name, codec_options=_RAW).find({}, session=session):
        yield document.raw


def insert_raw(where: Where, name: str, documents: Sequence[bytes]) -> None:
    """Store documents byte for byte.

    Raises:
        pymongo.errors.BulkWriteError: one with the same `_id` or unique key is there.
    """
    raw = where.get_collection(name, codec_options=_RAW)
    raw.insert_many([RawBSONDocument(document, _RAW) for document in documents])


def differing(where: Where, name: str, documents: Sequence[bytes]) -> int:
    """Count the documents that are not stored exactly so."""
    ids = [bson.decode(document)["_id"] for document in documents]
    found = where.get_collection(name, codec_options=_RAW).find({"_id": {"$in": ids}})
    stored = {document.raw for document in found}
    return sum(document not in stored for document in documents)


def count(where: Where, name: str) -> int:
    """Count the documents of a collection."""
    return where[name].count_documents({})


def make_plain(where: Where, name: str) -> None:
    """Make a collection that may have no document, as far as it is missing."""
    if name not in where.list_collection_names():
        where.create_collection(name)


def drop_all(where: Where, *, last: str) -> None:
    """Remove every collection of a database that a restore has begun to fill, its mark the last."""
    for name in (*(n for n in collection_names(where) if n != last), last):
        where.drop_collection(name)


def drop_database(where: Where) -> None:
    """Remove a database that a drill has made."""
    where.client.drop_database(where.name)


def _snapshot_reads(where: Where) -> AbstractContextManager[ClientSession]:
    return where.client.start_session(snapshot=True)


@contextmanager
def _transaction(where: Where) -> Iterator[ClientSession]:
    with where.client.start_session() as session:
        session.start_transaction(read_concern=ReadConcern("snapshot"))
        try:
            yield session
        finally:
            # It has read only.
            session.abort_transaction()
