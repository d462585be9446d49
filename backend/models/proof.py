"""Proofs of phones that were taken already: each is good once, for all workers together."""

import datetime as dt
from typing import Any

from mongoengine import StringField
from pymongo.errors import DuplicateKeyError
from pymongo.write_concern import WriteConcern

from backend.models.base import StoredDocument
from backend.models.fields import UtcDateTimeField

# A row that a lost primary takes with it lets one proof be sent twice within the minutes of its nonce,
# by somebody who has read it inside TLS; the journal would cost each request what a diary costs.
_CHEAP = WriteConcern(w=1, j=False)


class ProofDocument(StoredDocument):
    """A proof that was taken; the database removes it some time after its nonce is no good any more."""

    id = StringField(primary_key=True)
    expires_at = UtcDateTimeField(required=True)

    meta = {
        "collection": "proofs",
        "indexes": [{"name": "proof_expiry", "fields": ["expires_at"], "expireAfterSeconds": 0}],
    }


def take_proof(key: str, *, expires_at: dt.datetime) -> bool:
    """Note that a proof was taken; False: it had been taken before."""
    try:
        _collection().insert_one({"_id": key, "expires_at": expires_at})
    except DuplicateKeyError:
        return False
    return True


def _collection() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    found = ProofDocument._get_collection()  # noqa: SLF001
    return found.with_options(write_concern=_CHEAP)
