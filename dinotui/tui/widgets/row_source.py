"""Where a list gets its rows: a protocol, and the small window of rows that is held in memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from typing import Final, NamedTuple, Protocol

from dinotui.tui.cells import CellLike

BLOCK: Final = 64
"""Rows asked for at once; offsets are always multiples of it, so a source can keep the key of each block."""

_BLOCKS_KEPT: Final = 5


class Row(NamedTuple):
    """A row: its lasting key, its cells as raw text, and a style name for all of it (see `Cell`)."""

    key: Hashable
    cells: tuple[CellLike, ...]
    style: str = ""


class RowSource(Protocol):
    """Rows in a fixed order, read a block at a time on the screen's thread: answer within a few ms."""

    def count(self) -> int:
        """Return how many rows there are now; it may grow."""

    def rows(self, offset: int, limit: int) -> Sequence[Row]:
        """Return up to `limit` rows from `offset`; fewer only at the end."""


class ListSource:
    """Rows that are in memory already (short lists)."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows

    def count(self) -> int:
        """Return how many rows there are."""
        return len(self._rows)

    def rows(self, offset: int, limit: int) -> Sequence[Row]:
        """Return the rows from `offset`."""
        return self._rows[offset : offset + limit]


class KeysetSource:
    """Rows of a keyset-paged query: block after block by the key of the row before it, never by OFFSET.

    `after` returns up to `limit` rows behind a key (None: from the start), `before` up to `limit` rows in
    front of a key in list order (None: from the end), `total` how many there are.
    """

    def __init__(
        self,
        total: Callable[[], int],
        after: Callable[[Hashable | None, int], Sequence[Row]],
        before: Callable[[Hashable | None, int], Sequence[Row]],
    ) -> None:
        self._total, self._after, self._before = total, after, before
        self._last_keys: dict[int, Hashable | None] = {0: None}
        self._first_keys: dict[int, Hashable] = {}
        self._count: int | None = None

    def count(self) -> int:
        """Return how many rows there are, asked once and after `forget`."""
        if self._count is None:
            self._count = self._total()
        return self._count

    def forget(self) -> None:
        """Ask everything anew: the data changed."""
        self._last_keys, self._first_keys, self._count = {0: None}, {}, None

    def rows(self, offset: int, limit: int) -> Sequence[Row]:
        """Return the rows from `offset`, by the nearest known key."""
        if offset in self._last_keys:
            found = self._after(self._last_keys[offset], limit)
        elif offset + limit in self._first_keys:
            found = self._before(self._first_keys[offset + limit], limit)
        elif offset + limit >= self.count():
            found = self._before(None, max(0, self.count() - offset))
        else:
            found = self._walk(offset, limit)
        self._note(offset, found)
        return found

    def _walk(self, offset: int, limit: int) -> Sequence[Row]:
        """Go forward from the nearest block that is known."""
        start = max(known for known in self._last_keys if known <= offset)
        while start < offset:
            block = self._after(self._last_keys[start], min(BLOCK, offset - start))
            if not block:
                return []
            start += len(block)
            self._last_keys[start] = block[-1].key
        return self._after(self._last_keys[start], limit)

    def _note(self, offset: int, found: Sequence[Row]) -> None:
        if found:
            self._last_keys[offset + len(found)] = found[-1].key
            self._first_keys[offset] = found[0].key


class RowWindow:
    """The few blocks of a source that are in memory."""

    def __init__(self, source: RowSource) -> None:
        self.source = source
        self._blocks: OrderedDict[int, Sequence[Row]] = OrderedDict()
        self.count = source.count()

    def row(self, index: int) -> Row | None:
        """Return the row at `index`, reading its block if need be; None past the end."""
        if not 0 <= index < self.count:
            return None
        start = index - index % BLOCK
        block = self._blocks.get(start)
        if block is None:
            block = self._blocks[start] = self.source.rows(start, BLOCK)
            while len(self._blocks) > _BLOCKS_KEPT:
                self._blocks.popitem(last=False)
        else:
            self._blocks.move_to_end(start)
        return block[index - start] if index - start < len(block) else None

    def refresh(self) -> None:
        """Forget the rows in memory and count anew."""
        self._blocks.clear()
        self.count = self.source.count()

    def find(self, key: Hashable, near: int) -> int | None:
        """Return the index of the row with `key` if it is within two blocks of `near`."""
        for start in sorted(
            range(max(0, near - near % BLOCK - BLOCK), min(self.count, near + 2 * BLOCK), BLOCK),
            key=lambda block: abs(block - near),
        ):
            for index in range(start, min(start + BLOCK, self.count)):
                row = self.row(index)
                if row is not None and row.key == key:
                    return index
        return None

    @property
    def held(self) -> int:
        """How many rows are in memory."""
        return sum(len(block) for block in self._blocks.values())
