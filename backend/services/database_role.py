"""The database role of web and clock: they can add to the audit trail and read it, nothing else."""

from typing import Any

from backend.models.audit import AuditDocument
from backend.models.registry import DOCUMENTS

ROLE = "proAeProcess"
# In every collection, also in the copies of a data cut, whose names are not known beforehand: these
# can be written once and never changed either.
_EVERYWHERE = (
    "find",
    "insert",
    "createCollection",
    "createIndex",
    "listCollections",
    "listIndexes",
)
_CHANGING = ("remove", "update")


def role_command(database: str) -> dict[str, Any]:
    """Give the `createRole` command for a database.

    A privilege cannot be taken away from a wider one: so the right to change is given collection by
    collection, and the trail's is not among them.
    """
    trail = AuditDocument._get_collection_name()  # noqa: SLF001 - mongoengine's way to ask
    names = sorted(document._get_collection_name() for document in DOCUMENTS)  # noqa: SLF001
    wide = {"resource": {"db": database, "collection": ""}, "actions": list(_EVERYWHERE)}
    changing = [
        {"resource": {"db": database, "collection": name}, "actions": list(_CHANGING)}
        for name in names
        if name != trail
    ]
    return {"createRole": ROLE, "privileges": [wide, *changing], "roles": []}
