"""Counts of alerts that the database makes itself."""

from collections.abc import Collection, Iterator
from typing import Any

from backend.models.alert import AlertDocument
from backend.models.frame import Frame

ACTED_ON = ("act", "called")


def count_flags(frame: Frame, sites: Collection[str] | None) -> Iterator[dict[str, Any]]:
    """Count the alerts of `sites` (None: all) by flag and tier, and what people made of them.

    Each has `flag`, `tier`, `alerts`, `useful`, `not_useful`, `acted` and `suppressed`; in no order.
    """
    match: dict[str, Any] = {} if sites is None else {"site": {"$in": sorted(sites)}}
    # A path into the list (`$steps.step`) is not answered by every server: docs/database.md.
    acted = {"$filter": {"input": "$steps", "as": "one", "cond": _one_of("$$one.step", ACTED_ON)}}
    group = {
        "_id": {"flag": "$flag_id", "tier": "$tier"},
        "alerts": {"$sum": 1},
        "useful": _sum_where({"$eq": ["$useful", True]}),
        "not_useful": _sum_where({"$eq": ["$useful", False]}),
        "acted": _sum_where({"$gt": [{"$size": acted}, 0]}),
        "suppressed": _sum_where({"$eq": ["$suppressed", True]}),
    }
    found = frame.collection(AlertDocument).aggregate([{"$match": match}, {"$group": group}])
    for counted in found:
        yield {**counted.pop("_id"), **counted}


def _sum_where(condition: dict[str, Any]) -> dict[str, Any]:
    return {"$sum": {"$cond": [condition, 1, 0]}}


def _one_of(value: str, of: tuple[str, ...]) -> dict[str, Any]:
    return {"$in": [value, list(of)]}
