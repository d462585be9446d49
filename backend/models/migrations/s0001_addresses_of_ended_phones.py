"""Forget where phones were reached that had ended before ending one forgot it."""

from backend.db import database
from backend.models.migrations.step import Work

BATCH = 500


def up(work: Work) -> None:
    """Take the push address from each revoked phone that still has one."""
    phones = database()["devices"]
    left = {"revoked_at": {"$exists": True}, "push_value": {"$exists": True}}
    while found := [phone["_id"] for phone in phones.find(left, {"_id": 1}).limit(BATCH)]:
        work.beat()
        phones.update_many(
            {"_id": {"$in": found}},
            {"$unset": {"push_kind": "", "push_value": "", "push_dead_at": ""}},
        )
