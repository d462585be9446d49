"""Take words out of what proves that a diary came again: its digest, and the fields nobody knew."""

import hashlib
from typing import Any

import orjson

from backend.db import database, transaction
from backend.models.migrations.step import Work
from backend.models.private_text import find_text, opened, put_text, sealed_text
from backend.vault import SealedForGoodError

BATCH = 200
_NEEDED = (
    "subject_id",
    "submission_id",
    "payload",
    "payload_sha256",
    "private",
    "unread_fields",
)


def up(work: Work) -> None:
    """Seal unread fields with the words, and make the digest of what is left, as a new diary has it."""
    diaries = database()["diaries"]
    last = ""
    while found := list(
        diaries.find({"_id": {"$gt": last}}, _NEEDED).sort("_id", 1).limit(BATCH),
    ):
        work.beat()
        for diary in found:
            if diary.get("private") or diary.get("unread_fields"):
                _mend(diary, work)
        last = found[-1]["_id"]


def _mend(diary: dict[str, Any], work: Work) -> None:
    payload = orjson.loads(diary["payload"])
    unread = {name: payload.pop(name) for name in diary["unread_fields"] if name in payload}
    sent = {name: value for name, value in payload.items() if name != "sent_at"}
    digest = hashlib.sha256(_canonical(sent)).hexdigest()
    if not unread and digest == diary["payload_sha256"]:
        return
    of = f"diary/{diary['subject_id']}/{diary['submission_id']}"
    changes = {
        "payload": _canonical(payload).decode(),
        "payload_sha256": digest,
        "private": of,
    }
    known = find_text(of)
    text = None
    if unread:
        said = {} if known is None else opened(known) or {}
        said["unread"] = _canonical(unread).decode()
        rev = 0 if known is None else known.rev + 1
        try:
            text = sealed_text(of, diary["subject_id"], said, now=work.now, rev=rev)
        except SealedForGoodError:
            # Shredded: it is not kept.
            text = None

    def story(session: Any) -> None:  # noqa: ANN401 - pymongo's session
        if text is not None:
            put_text(text, session=session)
        database()["diaries"].update_one({"_id": diary["_id"]}, {"$set": changes}, session=session)

    transaction(story)


def _canonical(payload: dict[str, Any]) -> bytes:
    # As schemas/diary.py writes it, so that a phone's repeat is known again.
    return orjson.dumps(payload, option=orjson.OPT_SORT_KEYS)
