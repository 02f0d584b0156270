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


def all_records(view: Staging, total: int) -> KeysetSource:
    """Return all `total` records in file order."""

    def after(key: Hashable | None, limit: int) -> Sequence[Row]:
        number = key if isinstance(key, int) else None
        return [plan_row(row) for row in preview.page(view, PreviewFilter(), after=number, limit=limit)]

    def before(key: Hashable | None, limit: int) -> Sequence[Row]:
        number = key if isinstance(key, int) else None
        return [
            plan_row(row)
            for row in preview.page(view, PreviewFilter(), after=number, limit=limit, backwards=True)
        ]

    return KeysetSource(lambda: total, after, before)


class FoundRecords:
    """The records that a search has found, by number, in file order."""

    def __init__(self, view: Staging, numbers: array[int]) -> None:
        self._view = view
        self.numbers = numbers

    def count(self) -> int:
        """Return how many are found."""
        return len(self.numbers)

    def rows(self, offset: int, limit: int) -> Sequence[Row]:
        """Return up to `limit` rows from `offset`."""
        found = []
        for number in self.numbers[offset : offset + limit]:
            row = preview.record(self._view, number)
            found.append(plan_row(row) if row is not None else Row(number, (Cell(str(number), "dim"),)))
        return found


def search(view: Staging, chosen: PreviewFilter, cancelled: Callable[[], bool] = lambda: False) -> array[int]:
    """Return the numbers of the records that the filter keeps."""
    numbers: array[int] = array("q")
    for number in preview.numbers(view, chosen):
        numbers.append(number)
        if not len(numbers) % 1024 and cancelled():
            break
    return numbers
