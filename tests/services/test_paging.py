"""Cursors: what was written is read back, anything else is refused."""

import base64
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.errors import InvalidInput
from backend.services.paging import read_cursor, write_cursor

TYPES = (int, dt.datetime, str)
MOMENTS = st.datetimes(
    min_value=dt.datetime(2000, 1, 1),  # noqa: DTZ001 - hypothesis wants naive bounds
    timezones=st.just(dt.UTC),
)


@given(st.integers(0, 9), MOMENTS, st.text(max_size=40))
def test_a_cursor_is_read_back_as_it_was_written(rank: int, at: dt.datetime, row: str) -> None:
    assert read_cursor(write_cursor((rank, at, row)), TYPES) == (rank, at, row)


def test_no_cursor_is_the_first_page() -> None:
    assert read_cursor(None, TYPES) is None


@pytest.mark.parametrize(
    "text",
    ["", "%%%", "bm90IGpzb24", "é", write_cursor((1, "2026-01-01T00:00:00+00:00"))]
    + [write_cursor(key) for key in [(1, "2026-01-01", "x"), (True, "x", "x"), (1, 2, "x")]]
    + [base64.urlsafe_b64encode(b"[1]" * 40).decode()],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_cursor(text, TYPES)
