"""Keeping what was sealed before a transaction: not where the subject was shredded meanwhile."""

from pymongo.client_session import ClientSession

from backend.models import private_text as texts
from backend.models.private_text import PrivateText


def keep_private(text: PrivateText, *, session: ClientSession) -> None:
    """Store what was sealed, unless its subject was shredded since; the caller holds the subject's lock.

    Shredding holds it too: it came before, and then this is dropped, or it finds this.
    """
    if not texts.is_shredded(text.subject_id, session=session):
        texts.insert_text(text, session=session)
