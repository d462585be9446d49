"""What is really in the database: every byte of it, to be searched for words that must not be there."""

from typing import Any

import bson
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions
from pymongo.database import Database

_UUIDS: CodecOptions[Any] = CodecOptions(uuid_representation=UuidRepresentation.STANDARD)


def everything(database: Database[dict[str, Any]]) -> bytes:
    """Give the whole database as stored."""
    return b"".join(
        bson.encode(stored, codec_options=_UUIDS)
        for name in database.list_collection_names()
        for stored in database[name].find()
    )
