"""A patient who is silent is a sign: missed diaries, and silence after a bad day, as facts."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from zoneinfo import ZoneInfo

from pymongo.client_session import ClientSession

from backend.access import Actor
from backend.clinical.alerting import decide_alerts
from backend.clinical.facts import Value
from backend.clinical.flagrules import TIERS
from backend.clinical.intake import Intake
from backend.clinical.milestones import OFF_STUDY, status_of
from backend.clinical.rules import Ruleset
from backend.db import CLOCK_PATIENCE_SECONDS, transaction
from backend.models.alert import open_alerts
from backend.models.assessment import ids_of_sources
from backend.models.device import devices_of
from backend.models.diary import DiaryRecord, newest_diary
from backend.models.lock import lock_subject
from backend.models.study import Study
from backend.models.subject import Subject, find_subject
from backend.models.window import windows_of
from backend.services.assessment import Source, assess_news, known_alerts, load_facts
from backend.services.commit import commit
from backend.services.lease import Fence
from backend.services.silent import missing_in_a_row
from backend.services.story import Story

CLOCK = Actor("clock", ())
# After these somebody waits for the next diary (safety rules, section 10, DIARY_SILENCE).
_BAD = TIERS[:2]
_DAY = dt.timedelta(days=1)


def watch_subject(
    subject_id: str,
    *,
    study: Study,
    ruleset: Ruleset,
    fence: Fence,
    now: dt.datetime,
    ids: Callable[[], str],
) -> bool:
    """Raise what a subject's silence means today; True where something was written.

    Once per day of the patient's zone: whoever comes second finds that day's assessment. A subject
    who is followed no more, or who never had a way to write, is not silent.

    Raises:
        FencedError: another clock has taken over.
    """

    def story(session: ClientSession) -> bool:
        fence.check(session)
        lock_subject(subject_id, session=session)
        subject = find_subject(subject_id, session=session)
        if subject is None or status_of(subject.milestone_days) == OFF_STUDY:
            return False
        today = now.astimezone(ZoneInfo(subject.zone)).date()
        source = Source("silence", f"silence/{subject_id}/{today.isoformat()}", today, now)
        if ids_of_sources((source.id,), session=session):
            return False
        said = silence_facts(subject, now=now, session=session)
        if not said:
            return False
        known = load_facts(subject, source, Intake(said, {}, {}), ruleset, session=session)
        assessment = assess_news(known, ruleset)
        if not assessment.flags:
            return False
        decisions = decide_alerts(assessment.flags, known_alerts(subject, session=session), now=now)
        commit(
            Story(subject, source, CLOCK, study, ruleset, ids, session),
            known,
            assessment,
            decisions,
        )
        return True

    return transaction(story, patience=CLOCK_PATIENCE_SECONDS)


def silence_facts(
    subject: Subject, *, now: dt.datetime, session: ClientSession
) -> dict[str, Value]:
    """Count days without a diary, and hours since a bad day after which none came."""
    last = newest_diary(subject.id, session=session)
    today = now.astimezone(ZoneInfo(subject.zone)).date()
    known = windows_of(subject.id, session=session)
    # Before the first window was opened the days are counted instead.
    missed = missing_in_a_row(known) if known else _missed_days(subject, last, today)
    if missed is None:
        return {}
    facts: dict[str, Value] = {"missed_diaries": Decimal(missed)}
    hours = [
        (now - alert.raised_at) // dt.timedelta(hours=1)
        for alert in open_alerts(subject.id, session=session)
        if alert.tier in _BAD and (last is None or alert.raised_at >= last.received_at)
    ]
    if hours:
        facts["missed_hours_after_alert"] = Decimal(max(hours))
    return facts


def _missed_days(subject: Subject, last: DiaryRecord | None, today: dt.date) -> int | None:
    """Count the whole days since the last diary, or since a phone was activated; None: no way to write.

    Today's diary may still come.
    """
    if last is not None:
        since = last.day
    else:
        activated = [
            device.activated_at for device in devices_of(subject.id) if device.revoked_at is None
        ]
        if not activated:
            return None
        since = min(activated).astimezone(ZoneInfo(subject.zone)).date()
    return max((today - since) // _DAY - 1, 0)
