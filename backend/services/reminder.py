"""Reminders of a diary, through the patient's own phones, until one of them confirms."""

import datetime as dt
import uuid
from dataclasses import replace

from pymongo.client_session import ClientSession

from backend.clinical.diaryplan import DUE, REMINDED
from backend.db import CLOCK_PATIENCE_SECONDS, transaction
from backend.models import window as windows
from backend.models.device import devices_of
from backend.models.lock import lock_subject
from backend.models.outbox import DUE as OWED
from backend.models.outbox import OutboxEntry, insert_entry, of_alert
from backend.models.subject import find_subject
from backend.models.window import WindowRecord, WindowStep
from backend.services.lease import Fence
from backend.services.reach import push_channel

# A reminder's id is made of window, turn and phone: a second clock makes the same one.
_REMINDERS = uuid.UUID("0a0a3b52-9d6f-4f5e-8f0e-3f7f3d2f9c21")


def remind(window: WindowRecord, *, fence: Fence, now: dt.datetime) -> int:
    """Owe a window's next reminder to each phone that rings; give how many.

    It is not sent again once a phone has confirmed one, and never after the day is over.

    Raises:
        FencedError: another clock has taken over.
    """

    def story(session: ClientSession) -> int:
        fence.check(session)
        lock_subject(window.subject_id, session=session)
        known = windows.find_window(window.subject_id, window.day, session=session)
        subject = find_subject(window.subject_id, session=session)
        if known is None or subject is None or known.remind_at is None or known.remind_at > now:
            return 0
        sent = of_alert(known.id, session=session)
        arrived = any(entry.received_at is not None for entry in sent)
        over = now >= known.due_at
        phones = [
            (device.id, channel)
            for device in devices_of(known.subject_id)
            if device.revoked_at is None and device.push_dead_at is None
            if (channel := push_channel(device.push_kind)) is not None
        ]
        owed = () if arrived or over else phones
        for phone_id, channel in owed:
            entry_id = str(uuid.uuid5(_REMINDERS, f"{known.id}/{known.reminded}/{phone_id}"))
            insert_entry(
                OutboxEntry(
                    id=entry_id,
                    alert_id=known.id,
                    recipient_kind="device",
                    recipient_id=phone_id,
                    channel=channel,
                    message={
                        "kind": "diary_reminder",
                        "locale": subject.language,
                        "id": known.id,
                        "v": str(known.reminded),
                        "tier": "routine",
                    },
                    collapse_key=known.id,
                    state=OWED,
                    due_at=now,
                    created_at=now,
                ),
                session=session,
            )
        told = _reminded(known, now, counted=bool(owed), over=arrived or over)
        windows.replace_window(told, session=session)
        return len(owed)

    return transaction(story, patience=CLOCK_PATIENCE_SECONDS)


def _reminded(window: WindowRecord, now: dt.datetime, *, counted: bool, over: bool) -> WindowRecord:
    """Give a window after one turn; turns that a clock has slept through are left out."""
    told = counted and window.state == DUE
    coming = [time for time in window.reminders if time > now]
    return replace(
        window,
        state=REMINDED if told else window.state,
        steps=(*window.steps, WindowStep(now, REMINDED)) if told else window.steps,
        reminded=window.reminded + 1,
        remind_at=coming[0] if coming and not over else None,
        rev=window.rev + 1,
    )
