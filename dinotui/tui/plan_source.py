"""Rows of the plan for a list: all records by keyset, or the records that a search has found so far."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Hashable, Sequence
from typing import Final

from dinotui.engine.importing import preview
from dinotui.engine.importing.preview import PreviewFilter
from dinotui.storage.staging import Staging
from dinotui.tui.cells import Cell
from dinotui.tui.plan_rows import plan_row
from dinotui.tui.widgets.row_source import KeysetSource, Row

SMALL: Final = 3_000
"""Records up to which a search is so quick that the screen does it itself."""


def all_records(view: Staging, total: int, *, several: bool = False) -> KeysetSource:
    """Return all `total` records in file order, of one table or of `several`."""

    def after(key: Hashable | None, limit: int) -> Sequence[Row]:
        number = key if isinstance(key, int) else None
        page = preview.page(view, PreviewFilter(), after=number, limit=limit)
        return [plan_row(row, several=several) for row in page]

    def before(key: Hashable | None, limit: int) -> Sequence[Row]:
        number = key if isinstance(key, int) else None
        page = preview.page(view, PreviewFilter(), after=number, limit=limit, backwards=True)
        return [plan_row(row, several=several) for row in page]

    return KeysetSource(lambda: total, after, before)


class FoundRecords:
    """The records that a search has found, by number, in file order."""

    def __init__(self, view: Staging, numbers: array[int], *, several: bool = False) -> None:
        self._view = view
        self._several = several
        self.numbers = numbers

    def count(self) -> int:
        """Return how many are found."""
        return len(self.numbers)

    def rows(self, offset: int, limit: int) -> Sequence[Row]:
        """Return up to `limit` rows from `offset`."""
        found = []
        for number in self.numbers[offset : offset + limit]:
            row = preview.record(self._view, number)
            gone = Row(number, (Cell(str(number), "dim"),))
            found.append(gone if row is None else plan_row(row, several=self._several))
        return found


def search(view: Staging, chosen: PreviewFilter, cancelled: Callable[[], bool] = lambda: False) -> array[int]:
    """Return the numbers of the records that the filter keeps."""
    numbers: array[int] = array("q")
    for number in preview.numbers(view, chosen):
        numbers.append(number)
        if not len(numbers) % 1024 and cancelled():
            break
    return numbers
