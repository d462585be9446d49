"""What a listing is: declared columns over rows that the actor may see, as pages or as CSV."""

import csv
import datetime as dt
import io
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from backend import access
from backend.access import Action, Actor
from backend.errors import Forbidden
from backend.models.study import Study
from backend.models.subject import arms_of
from backend.services.paging import Page, read_cursor, write_cursor

# A spreadsheet runs a cell that begins so (OWASP, CSV injection); a leading ' makes it text.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in JSON and CSV, what it means, and where it comes from in CDISC."""

    name: str
    label: str
    origin: str
    value: Callable[[Mapping[str, Any]], Any]
    # Shown only to those who may see the arm.
    unblinding: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What a listing is asked for: rows of some sites (None: all), after a mark, as of now."""

    sites: Collection[str] | None
    after: tuple[Any, ...] | None
    study: Study
    now: dt.datetime


@dataclass(frozen=True, slots=True)
class Listing:
    """One listing: who may read it, its columns, and its rows in a stable order.

    `stream` gives stored rows, with their `subject_id` where they are about one. `key` are the
    columns that make the mark, in the order of the rows.
    """

    name: str
    title: str
    action: Action
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    stream: Callable[[Asked], Iterator[Mapping[str, Any]]]

    def columns_for(self, actor: Actor) -> tuple[Column, ...]:
        """Give the columns of this actor: the arm's only where the actor may see some arm."""
        unblinded = access.scope(actor, Action.ARM_READ) != access.Scope()
        return tuple(column for column in self.columns if unblinded or not column.unblinding)

    def rows_for(
        self,
        actor: Actor,
        *,
        study: Study,
        now: dt.datetime,
        after: tuple[Any, ...] | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Give every row that the actor may see, one at a time, by column name.

        Raises:
            Forbidden: the actor may not read this listing at all.
        """
        scope = access.scope(actor, self.action)
        if scope == access.Scope():
            raise Forbidden
        columns = self.columns_for(actor)
        arms: Mapping[str, str] = {}
        if any(column.unblinding for column in columns):
            arms = {
                subject_id: arm
                for subject_id, site, arm in arms_of(scope.sites)
                if access.sees_arm(actor, site)
            }
        for stored in self.stream(Asked(scope.sites, after, study, now)):
            known = {**stored, "arm": arms.get(stored.get("subject_id", ""))}
            yield {column.name: column.value(known) for column in columns}

    def page_for(
        self, actor: Actor, *, study: Study, now: dt.datetime, limit: int, cursor: str | None
    ) -> Page[dict[str, Any]]:
        """Give one page of the rows that the actor may see.

        Raises:
            Forbidden: the actor may not read this listing at all.
            InvalidInput: the cursor is none of ours.
        """
        after = read_cursor(cursor, (str,) * len(self.key))
        rows = list(islice(self.rows_for(actor, study=study, now=now, after=after), limit + 1))
        more = len(rows) > limit
        mark = tuple(rows[limit - 1][name] for name in self.key) if more else None
        return Page(tuple(rows[:limit]), write_cursor(mark) if mark else None)


def csv_lines(columns: tuple[Column, ...], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Write rows as RFC 4180 CSV, one line at a time, with a header."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([column.name for column in columns])
    yield _taken(buffer)
    for row in rows:
        writer.writerow([_cell(row[column.name]) for column in columns])
        yield _taken(buffer)


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def _cell(value: object) -> object:
    if isinstance(value, list | tuple):
        value = "; ".join(str(part) for part in value)
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return "'" + value
    return value
