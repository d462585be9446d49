"""Data cuts: frozen copies of what had happened up to a day, so that a listing can be repeated."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from pymongo.client_session import ClientSession

from backend import access
from backend.access import Action, Actor
from backend.clinical.rules import Ruleset
from backend.db import transaction
from backend.errors import Fault, Forbidden, InvalidInput, NotFound
from backend.models import data_cut as cuts
from backend.models.alert import AlertDocument
from backend.models.audit import AuditDocument, AuditEntry, append
from backend.models.base import StoredDocument
from backend.models.data_cut import COMPLETE, OF_SUBJECT, RUNNING, WAITING, DataCut
from backend.models.frame import Frame
from backend.models.outbox import times_of_alerts
from backend.models.study import Study
from backend.models.subject import SubjectDocument, subject_ids
from backend.services.cutoff import as_of
from backend.services.lease import Fence

# The audit trail is copied after the subjects, so many entries at a time.
_AUDIT_BATCH = 1000
# What `mark` says while the audit trail is copied: no subject's number begins so.
_AUDIT = "~audit"


@dataclass(frozen=True, slots=True)
class NewCut:
    """A cut as asked for."""

    cutoff: dt.date
    reason: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A collection of a cut whose copies are not those that were written."""

    collection: str
    expected: str
    found: str


def ask_for_cut(
    new: NewCut,
    *,
    actor: Actor,
    study: Study,
    ruleset: Ruleset,
    now: dt.datetime,
    ids: Callable[[], str],
) -> DataCut:
    """Ask for a data cut; the clock process takes it.

    A cut holds all sites: only who answers for all of them may ask.

    Raises:
        Forbidden: the actor does not review every site.
        InvalidInput: a cut-off that has not come.
    """
    if access.scope(actor, Action.DATA_CUT_TAKE).sites is not None:
        raise Forbidden
    if new.cutoff > now.date():
        raise InvalidInput(faults=(Fault("/cutoff", "a day that has come is expected"),))
    cut = DataCut(
        id=ids(),
        cutoff=new.cutoff,
        reason=new.reason,
        asked_at=now,
        asked_by=actor.id,
        study_version=study.version,
        ruleset_version=ruleset.version,
        state=WAITING,
    )
    entry = AuditEntry(
        id=ids(),
        at=now,
        actor_id=actor.id,
        action="data_cut:ask",
        target=f"data_cut/{cut.id}",
        details={"cutoff": new.cutoff.isoformat(), "reason": new.reason},
    )

    def story(session: ClientSession) -> None:
        cuts.insert_cut(cut, session=session)
        append(entry, session=session)

    transaction(story)
    return cut


def list_cuts(*, actor: Actor) -> tuple[DataCut, ...]:
    """Give every cut, the newest first.

    Raises:
        Forbidden: the actor reads no data cut.
    """
    if access.scope(actor, Action.DATA_CUT_READ) == access.Scope():
        raise Forbidden
    return cuts.cuts()


def read_cut(cut_id: str, *, actor: Actor) -> DataCut:
    """Give one cut and how far it is.

    Raises:
        Forbidden: the actor reads no data cut.
        NotFound: there is no such cut.
    """
    if access.scope(actor, Action.DATA_CUT_READ) == access.Scope():
        raise Forbidden
    found = cuts.find_cut(cut_id)
    if found is None:
        raise NotFound
    return found


def frame_of(cut: str | None, *, now: dt.datetime) -> Frame:
    """Give where to read from: the live data, or a data cut that is complete.

    Raises:
        NotFound: there is no such cut, or it is not complete yet.
    """
    if cut is None:
        return Frame(now)
    found = cuts.find_cut(cut)
    if found is None or found.state != COMPLETE:
        raise NotFound
    return found.frame


def take_next_cut(*, fence: Fence, now: dt.datetime, stopping: Callable[[], bool]) -> bool:
    """Take the cut that is next, or go on with one that a clock had begun; False: there is none.

    Each subject is copied in one transaction, so that its records fit together, with the mark of how
    far the cut is: a clock that is killed loses at most the subject it was at.

    Raises:
        FencedError: another clock has taken over.
    """
    cut = cuts.next_cut()
    if cut is None:
        return False
    if cut.state == WAITING:
        cut = _begin(cut, now, fence)
    for number in subject_ids():
        if stopping():
            return True
        if number > cut.mark:
            cut = _copy_subject(cut, number, fence)
    while not stopping():
        following = _copy_audit(cut, fence)
        if following is None:
            _finish(cut, fence, now)
            return True
        cut = following
    return True


def verify_cut(cut_id: str) -> tuple[Difference, ...]:
    """Read a cut's copies again and name the collections that are not as they were written.

    Raises:
        NotFound: there is no such cut, or it is not complete.
    """
    cut = cuts.find_cut(cut_id)
    if cut is None or cut.state != COMPLETE:
        raise NotFound
    found = []
    for document in cuts.COPIED:
        name = _name(document)
        digest = _digest_of(cut.id, document)
        expected = cut.digests.get(name, "")
        if digest != expected:
            found.append(Difference(name, expected, digest))
    return tuple(found)


def _digest_of(cut_id: str, document: type[StoredDocument]) -> str:
    """Make the chain of a collection again: by subject as it was copied, the audit trail by entry."""
    if document is AuditDocument:
        order: tuple[str, ...] = ("at", "_id")
    elif document is SubjectDocument:
        order = ("_id",)
    else:
        order = ("subject_id", "_id")
    digest = ""
    for stored in cuts.copies(cut_id, document, *order):
        digest = cuts.chain(digest, [stored])
    return digest


def _begin(cut: DataCut, now: dt.datetime, fence: Fence) -> DataCut:
    cuts.make_copies(cut.id)
    begun = replace(cut, state=RUNNING, taken_at=now, subjects=len(subject_ids()), rev=cut.rev + 1)
    _commit(begun, fence)
    return begun


def _copy_subject(cut: DataCut, number: str, fence: Fence) -> DataCut:
    def story(session: ClientSession) -> DataCut:
        fence.check(session)
        (subject,) = cuts.stored_of_subject(SubjectDocument, number, session=session)
        zone = ZoneInfo(subject["zone"])
        there = as_of(_name(SubjectDocument), subject, cut.cutoff, zone) is not None
        counts, digests = dict(cut.counts), dict(cut.digests)
        for document in OF_SUBJECT if there else ():
            name = _name(document)
            stored = cuts.stored_of_subject(document, number, session=session)
            known = (as_of(name, each, cut.cutoff, zone) for each in stored)
            copies = [each for each in known if each is not None]
            if document is AlertDocument:
                copies = _with_times(copies)
            cuts.write_copies(cut.id, document, copies, session=session)
            counts[name] = counts.get(name, 0) + len(copies)
            for copy in copies:
                digests[name] = cuts.chain(digests.get(name, ""), [copy])
        moved = replace(
            cut,
            mark=number,
            subjects_done=cut.subjects_done + 1,
            counts=counts,
            digests=digests,
            rev=cut.rev + 1,
        )
        _keep(moved, session)
        return moved

    return transaction(story)


def _with_times(alerts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give alerts with the times of their messages: the outbox itself is not copied."""
    times = times_of_alerts([alert["_id"] for alert in alerts]) if alerts else {}
    return [{**alert, **times.get(alert["_id"], {})} for alert in alerts]


def _copy_audit(cut: DataCut, fence: Fence) -> DataCut | None:
    """Copy the next entries of the audit trail up to the moment of the cut; None: all are there."""
    after = None
    if cut.mark.startswith(_AUDIT):
        _, at, entry_id = cut.mark.split(" ", 2)
        after = (dt.datetime.fromisoformat(at), entry_id)
    entries = cuts.stored_audit(after, cut.taken_at or cut.asked_at, _AUDIT_BATCH)
    if not entries:
        return None
    name, last = _name(AuditDocument), entries[-1]
    digest = cut.digests.get(name, "")
    for entry in entries:
        digest = cuts.chain(digest, [entry])
    moved = replace(
        cut,
        mark=f"{_AUDIT} {last['at'].isoformat()} {last['_id']}",
        counts={**cut.counts, name: cut.counts.get(name, 0) + len(entries)},
        digests={**cut.digests, name: digest},
        rev=cut.rev + 1,
    )

    def story(session: ClientSession) -> None:
        fence.check(session)
        cuts.write_copies(cut.id, AuditDocument, entries, session=session)
        _keep(moved, session)

    transaction(story)
    return moved


def _finish(cut: DataCut, fence: Fence, now: dt.datetime) -> None:
    done = replace(cut, state=COMPLETE, completed_at=now, rev=cut.rev + 1)

    _commit(done, fence)


def _commit(cut: DataCut, fence: Fence) -> None:
    def story(session: ClientSession) -> None:
        fence.check(session)
        _keep(cut, session)

    transaction(story)


def _keep(cut: DataCut, session: ClientSession) -> None:
    if not cuts.replace_cut(cut, session=session):
        # Another clock has copied this already: nothing of ours may stay.
        message = "the data cut has moved on"
        raise RuntimeError(message)


def _name(document: type[StoredDocument]) -> str:
    return str(document._get_collection_name())  # noqa: SLF001
