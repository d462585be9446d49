"""What a listing is: declared columns over rows that the reader may see, filtered, ordered, in pages."""

import datetime as dt
import heapq
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from backend import access
from backend.access import Action, Actor
from backend.clinical.rules import Ruleset
from backend.errors import Fault, Forbidden, InvalidInput
from backend.files.sheet import TEXT
from backend.listings.selection import Selection, SortKey, mark_of, rank
from backend.models.frame import Frame
from backend.models.study import Study
from backend.models.subject import arms_of
from backend.services.paging import Page, read_cursor, write_cursor

# Rows in another order than the database's own are sorted in memory.
SORTED_ROWS = 50_000
EVERYBODY = "Enrolled subjects of the sites that the reader may see"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in JSON and CSV, its label, where it comes from in CDISC, and its type."""

    name: str
    label: str
    origin: str
    value: Callable[[Mapping[str, Any]], Any]
    type: str = TEXT
    # Shown only to those who may see the arm and said why.
    unblinding: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What a listing's rows are asked for: some sites (None: all), after a mark, from a frame.

    `clinical`: at which sites (None: all) the reader may see what the trail keeps of health data.
    """

    frame: Frame
    sites: Collection[str] | None
    after: tuple[Any, ...] | None
    study: Study
    ruleset: Ruleset
    clinical: Collection[str] | None = ()

    @property
    def now(self) -> dt.datetime:
        """Give the moment as of which something is overdue."""
        return self.frame.now


@dataclass(frozen=True, slots=True)
class View:
    """Who reads, from where, and whether the arms are shown: then the reason is in the audit trail."""

    actor: Actor
    frame: Frame
    study: Study
    ruleset: Ruleset
    unblinded: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """One listing: who may read it, its columns, and its rows in a stable order.

    `stream` gives stored rows, with their `subject_id` where they are about one. `key` are the
    columns that make the mark, in the order of the rows; their values are texts or moments.
    """

    name: str
    title: str
    action: Action
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    stream: Callable[[Asked], Iterator[Mapping[str, Any]]]
    population: str = EVERYBODY

    def columns_for(self, view: View) -> tuple[Column, ...]:
        """Give the columns of this view: the arm's only where it is unblinded."""
        return tuple(column for column in self.columns if view.unblinded or not column.unblinding)

    def rows_for(
        self, view: View, selection: Selection, *, after: tuple[Any, ...] | None = None
    ) -> Iterator[dict[str, Any]]:
        """Give every selected row that the reader may see, one at a time, by column name.

        `after` is a mark of the listing's own order: another order has no use for it. Rows come as they are read; only another order than the listing's own holds them in memory.

        Raises:
            Forbidden: the reader may not read this listing at all.
            InvalidInput: more rows than can be put into another order.
        """
        rows = self._selected(view, selection, after)
        if selection.sort is None:
            return rows
        # One more than may be, so that nothing is left out unsaid.
        found = list(islice(rows, SORTED_ROWS + 1))
        if len(found) > SORTED_ROWS:
            detail = f"more than {SORTED_ROWS} rows: narrow the filters, or leave the order out"
            raise InvalidInput(faults=(Fault("sort", detail),))
        return iter(sorted(found, key=self._sort_key(selection)))

    def page_for(
        self, view: View, selection: Selection, *, limit: int, cursor: str | None
    ) -> Page[dict[str, Any]]:
        """Give one page of the selected rows that the reader may see.

        Raises:
            Forbidden: the reader may not read this listing at all.
            InvalidInput: the cursor is none of ours.
        """
        parts = len(self.key) + (selection.sort is not None)
        after = read_cursor(cursor, (str,) * parts)
        if selection.sort is None:
            rows = list(islice(self.rows_for(view, selection, after=after), limit + 1))
        else:
            key = self._sort_key(selection)
            later = self._selected(view, selection, None)
            if after is not None:
                start = rank(key, after)
                later = (row for row in later if key(row) > start)
            rows = heapq.nsmallest(limit + 1, later, key=key)
        mark = mark_of(rows[limit - 1], selection.sort, self.key) if len(rows) > limit else None
        return Page(tuple(rows[:limit]), write_cursor(mark) if mark else None)

    def _sort_key(self, selection: Selection) -> SortKey:
        column = next(column for column in self.columns if column.name == selection.sort)
        return SortKey(column.name, column.type, self.key, descending=selection.descending)

    def _selected(
        self, view: View, selection: Selection, after: tuple[Any, ...] | None
    ) -> Iterator[dict[str, Any]]:
        scope = access.scope(view.actor, self.action)
        if scope == access.Scope():
            raise Forbidden
        columns = self.columns_for(view)
        arms: Mapping[str, str] = {}
        if any(column.unblinding for column in columns):
            arms = {
                subject_id: arm
                for subject_id, site, arm in arms_of(view.frame, scope.sites)
                if access.sees_arm(view.actor, site)
            }
        wanted = selection.checks(columns)
        clinical = access.scope(view.actor, Action.ASSESSMENT_READ).sites
        asked = Asked(view.frame, scope.sites, after, view.study, view.ruleset, clinical)
        for stored in self.stream(asked):
            known = {**stored, "arm": arms.get(stored.get("subject_id", ""))} if arms else stored
            row = {
                column.name: None if column.unblinding and not arms else column.value(known)
                for column in columns
            }
            if all(check(row) for check in wanted):
                yield row
