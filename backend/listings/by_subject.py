"""What listings share that go subject by subject: the first columns, and where a page begins."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from backend.listings.base import Asked, Column

Row = Mapping[str, Any]

SUBJECT = Column("subject_id", "Subject", "DM.USUBJID", lambda row: row["subject_id"])
SITE = Column("site", "Site", "DM.SITEID", lambda row: row["site"])
ARM = Column("arm", "Arm", "DM.ARMCD", lambda row: row["arm"], unblinding=True)


def since(asked: Asked) -> str | None:
    """Give the subject with whom a page begins; None: with the first one."""
    return None if asked.after is None else asked.after[0]


def later(asked: Asked, key: tuple[str, ...], rows: Iterable[Row]) -> Iterator[Row]:
    """Give one subject's rows in the order of `key`, those up to the mark left out.

    The rows hold the key's columns under their names, as texts.
    """
    for row in sorted(rows, key=lambda row: tuple(row[name] for name in key)):
        if asked.after is None or tuple(row[name] for name in key) > asked.after:
            yield row
