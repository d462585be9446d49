"""One writer at a time per subject: concurrent stories about a patient are told one after another."""

from mongoengine import IntField, StringField
from pymongo.client_session import ClientSession

from backend.models.base import StoredDocument


class StoryLockDocument(StoredDocument):
    """A counter per subject; two transactions that touch it conflict, and the later one retries."""

    id = StringField(primary_key=True)
    stories = IntField(required=True)

    meta = {"collection": "story_locks", "indexes": []}


def lock_subject(subject_id: str, *, session: ClientSession) -> None:
    """Hold the subject until the transaction ends.

    Open alerts and courses are read, decided on and written in one transaction; without the lock
    two diaries at once could each open the same alert.
    """
    StoryLockDocument._get_collection().update_one(  # noqa: SLF001
        {"_id": subject_id}, {"$inc": {"stories": 1}}, upsert=True, session=session
    )
