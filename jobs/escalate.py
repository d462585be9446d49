"""Let what nobody has answered ring the next person; and once a day what can wait."""

import datetime as dt
import uuid
from collections.abc import Callable
from zoneinfo import ZoneInfo

from backend.errors import Conflict
from backend.models.alert import due_subjects
from backend.services.digest import send_digest
from backend.services.escalation import escalate_subject
from jobs.each import for_each
from jobs.process import Process

# Subjects in one run; the next one follows in a second.
_MOST = 50
# Names of digests are made from site and day, so that a second clock makes the same ones.
_DIGESTS = uuid.UUID("6f1f7f6e-7f1b-4d0c-9a53-2f8a4f0f7a11")


def escalate_due(process: Process) -> int:
    """Take every step that is due; give how many alerts moved on.

    Raises:
        Unavailable: a patient was held up; the others' steps are taken.
    """

    def escalate(subject_id: str) -> int:
        try:
            return escalate_subject(
                subject_id,
                study=process.study,
                fence=process.fence,
                now=process.clock(),
                ids=process.ids,
            )
        except Conflict:
            # Somebody answered at this moment: the next run looks again.
            return 0

    return for_each(due_subjects(process.clock(), _MOST), escalate, process.stopping)


def digest_due(process: Process) -> int:
    """Owe each site its message of the day about what can wait; give how many messages."""
    now = process.clock()
    owed = 0
    for site, here in process.study.sites.items():
        local = now.astimezone(ZoneInfo(here.zone))
        if local.time() < process.study.alerts.digest_at:
            continue
        owed += send_digest(
            site,
            study=process.study,
            fence=process.fence,
            now=now,
            name=_namer(site, local.date()),
        )
    return owed


def _namer(site: str, day: dt.date) -> Callable[[str], str]:
    return lambda part: str(uuid.uuid5(_DIGESTS, f"{site}/{day.isoformat()}/{part}"))
