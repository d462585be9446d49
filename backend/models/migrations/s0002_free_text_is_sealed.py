"""Seal the patients' own words, which earlier releases kept in the diaries as they were."""

import json

from backend.db import database
from backend.models.migrations.step import Work
from backend.models.private_text import insert_text, sealed_text

BATCH = 200


def up(work: Work) -> None:
    """Move free text and reasons of amendments out of each diary and its payload."""
    diaries = database()["diaries"]
    for field in ("free_text", "amendment_reason"):
        left = {field: {"$gt": ""}}
        while found := list(diaries.find(left).limit(BATCH)):
            work.beat()
            for diary in found:
                _seal(diary, work)


def _seal(diary: dict[str, object], work: Work) -> None:
    diaries = database()["diaries"]
    subject_id = str(diary["subject_id"])
    of = f"diary/{subject_id}/{diary['submission_id']}"
    said = {name: diary[name] for name in ("free_text", "amendment_reason") if diary.get(name)}
    payload = json.loads(str(diary["payload"]))
    payload.pop("free_text", None)
    if isinstance(payload.get("amends"), dict):
        payload["amends"]["reason"] = None
    # An interrupted run may have stored the sealed text already; it is the same one.
    if database()["private_texts"].find_one({"_id": of}, {"_id": 1}) is None:
        insert_text(sealed_text(of, subject_id, said, now=work.now))
    plain = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    diaries.update_one(
        {"_id": diary["_id"]},
        {
            "$set": {"private": of, "payload": plain},
            "$unset": {"free_text": "", "amendment_reason": ""},
        },
    )
