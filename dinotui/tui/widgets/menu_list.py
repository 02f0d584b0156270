"""A short list of things to choose, in groups: its empty rows part the groups and are stepped over."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from dinotui.tui.widgets.paged_list import PagedList, Place
from dinotui.tui.widgets.row_source import ListSource, Row

GAP = Row(None, ())
"""An empty row between two groups."""


class MenuList(PagedList):
    """A `PagedList` without titles whose cursor never stands on a row without a key."""

    def show(self, rows: Sequence[Row], first: Hashable | None = None) -> None:
        """Show `rows`; the cursor stays on its key, or goes to `first` when there was none yet."""
        key = self.place.key if self.count else first
        top = self.top
        keys = [row.key for row in rows]
        self.set_source(ListSource(rows))
        self.restore(Place(keys.index(key) if key in keys else 0, top, None))

    def move_to(self, index: int) -> None:
        """Put the cursor on row `index`, or on the next one in the same direction that can be chosen."""
        step = 1 if index >= self.cursor else -1
        index = min(max(0, index), max(0, self.count - 1))
        while 0 <= index < self.count and not self._can_stand(index):
            index += step
        if 0 <= index < self.count:
            super().move_to(index)

    def _can_stand(self, index: int) -> bool:
        row = self._row(index)
        return row is not None and row.key is not None
