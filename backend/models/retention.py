"""What is kept no longer: found by the rules of `backend/services/retention.py`, counted or let go."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.models.activation import ActivationCodeDocument
from backend.models.base import StoredDocument
from backend.models.device import DeviceDocument
from backend.models.photo import PhotoImageDocument
from backend.models.private_text import PrivateTextDocument, contact_of
from backend.models.session import SessionDocument

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Leaving:
    """Documents of one kind that are due; `change` None: they are removed whole."""

    document: type[StoredDocument]
    query: Mapping[str, Any]
    change: Mapping[str, Any] | None = None


def sign_ins(before: datetime) -> tuple[Leaving, ...]:
    """Name the sign-ins and activation codes that ended before a moment."""
    ended = {"expires_at": {"$lt": before}}
    return (Leaving(SessionDocument, ended), Leaving(ActivationCodeDocument, ended))


def contacts(subjects: Collection[str], before: datetime) -> tuple[Leaving, ...]:
    """Name the contact data of some subjects that was written before a moment."""
    named = {"$in": [contact_of(each) for each in subjects]}
    return (Leaving(PrivateTextDocument, {"_id": named, "written_at": {"$lt": before}}),)


def addresses(subjects: Collection[str]) -> tuple[Leaving, ...]:
    """Name the places where some subjects' phones are pushed."""
    forgotten = {"$unset": {"push_kind": "", "push_value": "", "push_dead_at": ""}}
    query = {"subject_id": {"$in": list(subjects)}, "push_value": {"$exists": True}}
    return (Leaving(DeviceDocument, query, forgotten),)


def pictures() -> tuple[Leaving, ...]:
    """Name every photo's picture; that there was one stays known."""
    return (Leaving(PhotoImageDocument, {}),)


def count(leaving: Leaving) -> int:
    """Count what is due."""
    return int(_collection(leaving).count_documents(dict(leaving.query)))


def let_go(leaving: Leaving, stopping: Callable[[], bool]) -> int:
    """Remove or empty what is due, some at a time, until all is or `stopping`; give how many."""
    done = 0
    while not stopping():
        found = _collection(leaving).find(dict(leaving.query), {"_id": 1}).limit(_BATCH)
        ids = [stored["_id"] for stored in found]
        if not ids:
            break
        # The whole query again: what somebody has written anew meanwhile stays.
        still = {**leaving.query, "_id": {"$in": ids}}
        if leaving.change is None:
            done += _collection(leaving).delete_many(still).deleted_count
        else:
            done += _collection(leaving).update_many(still, dict(leaving.change)).modified_count
    return done


def _collection(leaving: Leaving) -> Any:  # noqa: ANN401 - pymongo's Collection is generic
    return leaving.document._get_collection()  # noqa: SLF001
