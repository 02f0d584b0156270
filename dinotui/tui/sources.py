"""Rows of lists from the database: keyset pages around places that are known, never OFFSET."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from dinotui.engine import history
from dinotui.engine.history import Change, FoundOperation
from dinotui.engine.left_out import count_left_out, left_out
from dinotui.locale import _
from dinotui.storage import trip_places
from dinotui.storage import trips as stored_trips
from dinotui.storage.store import Store
from dinotui.storage.trips import TripFilter, rows_by_number
from dinotui.tui.cells import Cell
from dinotui.tui.rows import OperationKey, TripKey, change_row, left_out_change, operation_row, trip_row
from dinotui.tui.view import View
from dinotui.tui.widgets.row_source import BLOCK, KeysetSource, Row

_STEP: Final = 4096
"""Rows that one query walks over on the way to a place that is not known."""


_PAGES_KEPT: Final = 8


class _Anchor(NamedTuple):
    """A row whose place is known."""

    place: int
    key: tuple[int, int] | None


class TripSource:
    """All trips of the user by entry date, newest first or oldest first.

    It remembers where rows it has read stand, and reads any page from the nearest of them.
    """

    def __init__(self, store: Store, view: View, *, oldest_first: bool = False) -> None:
        self._store = store
        self._view = view
        self._oldest_first = oldest_first
        self._count: int | None = None
        self._known: dict[int, tuple[int, int]] = {}

    def count(self) -> int:
        """Return how many trips there are, asked once."""
        if self._count is None:
            self._count = stored_trips.count(self._store, TripFilter())
        return self._count

    def rank(self, key: TripKey) -> int:
        """Return where the trip `key` stands, or would stand; rows near it are read from there."""
        place = (key.day, key.number)
        before = trip_places.rank(self._store, place)
        there = bool(rows_by_number(self._store, [key.number]))
        index = self.count() - before - there if self._oldest_first else before
        if there:
            self._known[index] = place
        elif behind := self._page(place, 1):
            self._note(index, behind[0])
        return index

    def rows(self, offset: int, limit: int) -> Sequence[Row]:
        """Return up to `limit` rows from `offset`."""
        found = self._page(self._key_at(offset - 1), limit)
        if found:
            self._note(offset, found[0])
            self._note(offset + len(found) - 1, found[-1])
        return [trip_row(row, self._view) for row in found]

    def _key_at(self, index: int) -> tuple[int, int] | None:
        """Return the key of the row at `index`, None in front of the first row."""
        if index < 0:
            return None
        while (at := self._nearest(index)).place != index:
            step = min(_STEP, abs(index - at.place))
            backwards = at.place > index
            found = self._page(at.key, step, backwards=backwards)
            if not found:
                return at.key
            self._note(
                at.place - len(found) if backwards else at.place + len(found), found[0 if backwards else -1]
            )
        return at.key

    def _nearest(self, index: int) -> _Anchor:
        anchors = [
            _Anchor(-1, None),
            _Anchor(self.count(), None),
            *(_Anchor(*item) for item in self._known.items()),
        ]
        return min(anchors, key=lambda anchor: abs(anchor.place - index))

    def _note(self, index: int, row: dict[str, Any]) -> None:
        self._known[index] = (row["entry_day"], row["number"])

    def _page(
        self, key: tuple[int, int] | None, limit: int, *, backwards: bool = False
    ) -> list[dict[str, Any]]:
        turned = backwards != self._oldest_first
        found = stored_trips.page(self._store, TripFilter(), after=key, limit=limit, backwards=turned)
        return found[::-1] if self._oldest_first else found


class FoundTrips:
    """The trips that a search has found so far, by number, in the order they are shown."""

    def __init__(self, store: Store, view: View, numbers: array[int]) -> None:
        self._store = store
        self._view = view
        self.numbers = numbers

    def count(self) -> int:
        """Return how many are found by now."""
        return len(self.numbers)

    def rank(self, key: TripKey) -> int:
        """Return where the trip stands; where it is not found (any more), the end."""
        try:
            return self.numbers.index(key.number)
        except ValueError:
            return len(self.numbers)

    def rows(self, offset: int, limit: int) -> Sequence[Row]:
        """Return up to `limit` rows from `offset`; one that is gone meanwhile says so."""
        wanted = self.numbers[offset : offset + limit]
        found = rows_by_number(self._store, wanted)
        return [
            trip_row(found[number], self._view) if number in found else _gone(number) for number in wanted
        ]


def _gone(number: int) -> Row:
    return Row(TripKey(0, number, ""), (Cell(str(number), "dim"), Cell(_("deleted meanwhile"), "dim")), "dim")


class Found(NamedTuple):
    """What a search has found by now, and whether that is all."""

    numbers: array[int]
    complete: bool


def search_trips(
    text: str, *, oldest_first: bool = False
) -> Callable[[Store, Callable[[Found], None], Callable[[], bool]], None]:
    """Return a reading that publishes what it has `Found` for `text`: the first ones soon, then all."""

    def read(store: Store, publish: Callable[[Found], None], cancelled: Callable[[], bool]) -> None:
        numbers: array[int] = array("q")
        next_shown = 64
        for number in trip_places.numbers(store, TripFilter(text=text)):
            numbers.append(number)
            if not len(numbers) % 1024 and cancelled():
                return
            if len(numbers) == next_shown and not oldest_first:
                publish(Found(array("q", numbers), complete=False))
                next_shown *= 16
        publish(Found(array("q", reversed(numbers)) if oldest_first else numbers, complete=True))

    return read


def operation_source(store: Store, text: str = "") -> KeysetSource:
    """Return the log as rows, newest first; `text` keeps what holds every word of it."""

    def rows(found: Sequence[FoundOperation]) -> Sequence[Row]:
        return [operation_row(operation) for operation in found]

    def after(key: object, limit: int) -> Sequence[Row]:
        before_number = key.number if isinstance(key, OperationKey) else None
        return rows(history.operations(store, before=before_number, limit=limit, text=text))

    def before(key: object, limit: int) -> Sequence[Row]:
        number = key.number if isinstance(key, OperationKey) else 0
        return rows(history.operations(store, after=number, limit=limit, text=text))

    return KeysetSource(lambda: history.count_operations(store, text=text), after, before)


class ChangeSource:
    """The rows that an operation changed, in the order of the log, and behind them the records that it left out.

    The engine decodes a part of the log for each page, so the pages near the cursor are kept.
    """

    def __init__(self, store: Store, operation: FoundOperation) -> None:
        self._store = store
        self._operation = operation
        self._count: int | None = None
        self._changed: int | None = None
        self._pages: OrderedDict[int, list[Change]] = OrderedDict()

    def count(self) -> int:
        """Return how many rows there are, asked once."""
        if self._count is None:
            self._count = self.changed() + count_left_out(self._store, self._operation)
        return self._count

    def rows(self, offset: int, limit: int) -> Sequence[Row]:
        """Return up to `limit` rows from `offset`."""
        first = offset - offset % BLOCK
        found = [change for start in range(first, offset + limit, BLOCK) for change in self._page(start)]
        return [change_row(change) for change in found[offset - first : offset - first + limit]]

    def change(self, index: int) -> Change | None:
        """Return the change at `index`, None where there is none."""
        page = self._page(index - index % BLOCK)
        return page[index % BLOCK] if index % BLOCK < len(page) else None

    def forget(self) -> None:
        """Read the pages again: what is said of a record that was left out is in the language of then."""
        self._pages.clear()

    def _page(self, start: int) -> list[Change]:
        if start >= self.count():
            return []
        if start not in self._pages:
            self._pages[start] = self._read(start)
            while len(self._pages) > _PAGES_KEPT:
                self._pages.popitem(last=False)
        return self._pages[start]

    def changed(self) -> int:
        """Return how many of the rows were changed, asked once."""
        if self._changed is None:
            self._changed = history.count_changes(self._store, self._operation)
        return self._changed

    def _read(self, start: int) -> list[Change]:
        found: list[Change] = []
        if start < self.changed():
            found = history.changes(self._store, self._operation, offset=start, limit=BLOCK)
        if len(found) < BLOCK:
            first = max(start - self.changed(), 0)
            left = left_out(self._store, self._operation, offset=first, limit=BLOCK - len(found))
            found += [left_out_change(record) for record in left]
        return found
