"""Data cuts: frozen copies of what had happened up to a day, so that a listing can be repeated."""

import datetime as dt

from backend.errors import NotFound
from backend.models.frame import Frame


def frame_of(cut: str | None, *, now: dt.datetime) -> Frame:
    """Give where to read from: the live data, or a data cut that is complete.

    Raises:
        NotFound: there is no such cut, or it is not complete yet.
    """
    if cut is None:
        return Frame(now)
    raise NotFound
