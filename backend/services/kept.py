"""What is in force from now on, kept for good: stored once, with the entry that says since when."""

import datetime as dt
from collections.abc import Callable

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from backend.db import transaction
from backend.models.audit import AuditEntry, append

# Who acts where nobody is signed in: the command that loads a release, and whoever gave it.
MACHINE = "machine"


def kept_once(
    action: str, target: str, keep: Callable[[ClientSession], bool], *, now: dt.datetime
) -> bool:
    """Run `keep` and write its entry where it kept something new; False where it is kept already."""

    def story(session: ClientSession) -> bool:
        if not keep(session):
            return False
        append(AuditEntry(f"{action}/{target}", now, MACHINE, action, target), session=session)
        return True

    try:
        return transaction(story)
    except DuplicateKeyError:
        return False
