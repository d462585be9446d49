"""Keeping what was sealed before a transaction: not where the subject was shredded meanwhile."""

from pymongo.client_session import ClientSession

from backend.models import private_text as texts
from backend.models.lock import lock_subject
from backend.models.private_text import PrivateText


def keep_private(text: PrivateText, *, session: ClientSession) -> None:
    """Store what was sealed, unless its subject was shredded since.

    Shredding holds the same lock: it came before, and then this is dropped, or it finds this.
    """
    lock_subject(text.subject_id, session=session)
    if not texts.is_shredded(text.subject_id, session=session):
        texts.insert_text(text, session=session)
