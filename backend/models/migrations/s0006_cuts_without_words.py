"""Take the words out of the data cuts that an earlier release took, as they left the live data."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson
from pymongo import ReplaceOne
from pymongo.client_session import ClientSession

from backend.clinical.alerting import STEPS
from backend.db import database, transaction
from backend.models import data_cut as cuts
from backend.models.alert import AlertDocument
from backend.models.audit import AuditEntry, append
from backend.models.data_cut import DataCut
from backend.models.diary import DiaryDocument
from backend.models.frame import cut_name
from backend.models.migrations.step import Work

Stored = dict[str, Any]


def up(work: Work) -> None:
    """Strip diaries and alerts of each cut, and make its digests anew where they were right.

    A listing shows none of these words, so that it gives the same bytes as before. A signature of such a
    cut is one of an earlier version from now on, and the trail says why.
    """
    for known in cuts.cuts():
        # A clock may be taking it at this moment: then it is looked at again.
        cut: DataCut | None = known
        while cut is not None and not _strip(cut, work):
            cut = cuts.find_cut(cut.id)


def _strip(cut: DataCut, work: Work) -> bool:
    """Strip one cut, all of it or nothing; False: it has moved on since it was read."""
    digests, changed = dict(cut.digests), dict[str, list[Stored]]()
    for document, plain in ((DiaryDocument, _diary), (AlertDocument, _alert)):
        name = str(document._get_collection_name())  # noqa: SLF001 - mongoengine's way to ask
        before, after, found = "", "", list[Stored]()
        for stored in cuts.copies(cut.id, document, "subject_id", "_id"):
            work.beat()
            left = plain(stored)
            before, after = cuts.chain(before, [stored]), cuts.chain(after, [left or stored])
            if left is not None:
                found.append(left)
        if found:
            changed[name] = found
            # Where it was not as it was written, `flask cuts verify` must go on saying so.
            if before == cut.digests.get(name, ""):
                digests[name] = after
    if not changed:
        return True
    moved = replace(cut, digests=digests, rev=cut.rev + 1)
    entry = AuditEntry(
        id=f"without-words/{cut.id}/{cut.rev}",
        at=work.now,
        actor_id="machine",
        action="data_cut:strip",
        target=f"data_cut/{cut.id}",
        details={"copies": {name: len(found) for name, found in changed.items()}},
        changes={
            name: {"old": cut.digests.get(name), "new": digests.get(name)} for name in changed
        },
    )

    def story(session: ClientSession) -> bool:
        if not cuts.replace_cut(moved, session=session):
            return False
        for name, found in changed.items():
            writes = [ReplaceOne({"_id": left["_id"]}, left) for left in found]
            database()[cut_name(cut.id, name)].bulk_write(writes, session=session)
        append(entry, session=session)
        return True

    return transaction(story)


def _diary(stored: Stored) -> Stored | None:
    """Give a diary's copy as it would be taken now; None: it has no words."""
    payload = orjson.loads(stored["payload"])
    unread = [name for name in stored["unread_fields"] if name in payload]
    amends = payload.get("amends")
    has_reason = isinstance(amends, dict) and amends.get("reason")
    if not (stored.get("free_text") or payload.get("free_text") or has_reason or unread):
        return None
    for name in ("free_text", *unread):
        payload.pop(name, None)
    if isinstance(amends, dict):
        payload["amends"] = {**amends, "reason": None}
    sent = {name: value for name, value in payload.items() if name != "sent_at"}
    words = ("free_text", "amendment_reason")
    return {
        **{name: value for name, value in stored.items() if name not in words},
        "payload": _canonical(payload).decode(),
        "payload_sha256": hashlib.sha256(_canonical(sent)).hexdigest(),
        "private": f"diary/{stored['subject_id']}/{stored['submission_id']}",
    }


def _alert(stored: Stored) -> Stored | None:
    steps = list(_steps(stored))
    return None if steps == stored["steps"] else {**stored, "steps": steps}


def _steps(stored: Stored) -> Iterator[Stored]:
    # Steps are only ever added: a place is the same one as in the live alert.
    start = f"alert/{stored['subject_id']}/{stored['_id']}/step-"
    for place, step in enumerate(stored["steps"]):
        if step["step"] in STEPS and step.get("note"):
            kept = {name: value for name, value in step.items() if name != "note"}
            yield {**kept, "private": f"{start}{place}"}
        else:
            yield step


def _canonical(payload: Stored) -> bytes:
    return orjson.dumps(payload, option=orjson.OPT_SORT_KEYS)
