"""Electronic signatures: who signed which version of what, and what the signature means."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mongoengine import IntField, StringField
from pymongo.client_session import ClientSession

from backend.models.adverse_event import AdverseEventDocument
from backend.models.audit_chain import digest
from backend.models.base import StoredDocument, from_bson, insert
from backend.models.data_cut import DataCutDocument
from backend.models.fields import UtcDateTimeField
from backend.models.subject import SubjectDocument

ADVERSE_EVENT, SUBJECT, DATA_CUT = "adverse_event", "subject", "data_cut"
_SIGNED: Mapping[str, type[StoredDocument]] = {
    ADVERSE_EVENT: AdverseEventDocument,
    SUBJECT: SubjectDocument,
    DATA_CUT: DataCutDocument,
}


@dataclass(frozen=True, slots=True)
class SignatureRecord:
    """One signature; never changed or removed.

    `name` is the signer's printed name as it was; `rev` and `content_sha256` are the version that was
    signed. `signed_as` is the role, `meaning` one of the words that the kind of thing can be signed with.
    """

    id: str
    kind: str
    target_id: str
    rev: int
    content_sha256: str
    meaning: str
    signed_by: str
    name: str
    signed_as: str
    at: dt.datetime
    site: str | None = None
    subject_id: str | None = None


@dataclass(frozen=True, slots=True)
class SignedVersion:
    """What can be signed, as it is stored now; `sha256` changes with every value of it."""

    rev: int
    sha256: str
    site: str | None
    subject_id: str | None
    state: str | None


class SignatureDocument(StoredDocument):
    """Stored form of `SignatureRecord`."""

    id = StringField(primary_key=True)
    kind = StringField(required=True)
    target_id = StringField(required=True)
    rev = IntField(required=True)
    content_sha256 = StringField(required=True)
    meaning = StringField(required=True)
    signed_by = StringField(required=True)
    name = StringField(required=True)
    signed_as = StringField(required=True)
    at = UtcDateTimeField(required=True)
    site = StringField()
    subject_id = StringField()

    meta = {
        "collection": "signatures",
        "indexes": [{"name": "signature_target", "fields": ["kind", "target_id", "at"]}],
    }


def insert_signature(record: SignatureRecord, *, session: ClientSession) -> None:
    """Store a signature."""
    insert(SignatureDocument, record, session=session)


def signatures_of(
    kind: str, target_id: str, *, session: ClientSession | None = None
) -> tuple[SignatureRecord, ...]:
    """Give the signatures of one thing, the oldest first."""
    query = {"kind": kind, "target_id": target_id}
    found = SignatureDocument._get_collection().find(query, session=session)  # noqa: SLF001
    return tuple(from_bson(SignatureRecord, stored) for stored in found.sort("at", 1))


def version_of(
    kind: str, target_id: str, *, session: ClientSession | None = None
) -> SignedVersion | None:
    """Give the present version of what is signed; None: there is no such thing."""
    collection: Any = _SIGNED[kind]._get_collection()  # noqa: SLF001
    stored = collection.find_one({"_id": target_id}, session=session)
    if stored is None:
        return None
    return SignedVersion(
        rev=stored["rev"],
        sha256=digest(stored),
        site=stored.get("site"),
        subject_id=stored["_id"] if kind == SUBJECT else stored.get("subject_id"),
        state=stored.get("state"),
    )
