"""Once a day, in one message: alerts that can wait are on the work list."""

import datetime as dt
from collections.abc import Callable

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from backend.clinical.flagrules import TIERS
from backend.db import transaction
from backend.escalation import DUTY_NURSE
from backend.models import alert as alerts
from backend.models.outbox import DUE, OutboxEntry, find_entry, insert_entry
from backend.models.study import Study
from backend.services.lease import Fence
from backend.services.routing import find_recipients

ROUTINE = TIERS[-1]


def send_digest(
    site: str, *, study: Study, fence: Fence, now: dt.datetime, name: Callable[[str], str]
) -> int:
    """Owe the nurses on duty at a site one message if something waits there; give how many.

    `name` makes a message's id of site, day and recipient: whoever comes second finds it there.

    Raises:
        FencedError: another clock has taken over.
    """
    if find_entry(name("mark")) is not None:
        return 0

    def story(session: ClientSession) -> int:
        fence.check(session)
        waiting = alerts.work_list({site}, states=("new",), limit=1, tier=ROUTINE)
        if not waiting:
            return 0
        people = find_recipients((DUTY_NURSE,), site, now, study=study, session=session)
        recipients = [(person.id, person.channel) for person in people] or [("nobody", "console")]
        for place, (recipient_id, channel) in enumerate(recipients):
            insert_entry(
                OutboxEntry(
                    # The first one's id is the mark that the day is done.
                    id=name(recipient_id) if place else name("mark"),
                    alert_id=waiting[0].id,
                    recipient_kind="staff",
                    recipient_id=recipient_id,
                    channel=channel,
                    message={
                        "kind": "alert_digest",
                        "locale": study.sites[site].languages[0],
                        "id": waiting[0].id,
                        "v": str(waiting[0].rev),
                        "tier": ROUTINE,
                    },
                    collapse_key=name("digest"),
                    state=DUE,
                    due_at=now,
                    created_at=now,
                ),
                session=session,
            )
        return len(recipients)

    try:
        return transaction(story)
    except DuplicateKeyError:
        # Another clock was the first.
        return 0
