"""Cuts a record whose quotes are broken: a quote closes a cell only if the number of cells then works out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from dinotui.formats.csv_cells import is_open_value, is_value
from dinotui.formats.csv_dialect import Dialect

_SOLUTIONS: Final = 32  # ways to cut one record that are compared
MOST_STEPS: Final = 20_000  # work on one record before it counts as hopeless
_WIDEST: Final = 200


class Solution(NamedTuple):
    """One way to cut a text: how many of its cells hold what looks like a border, and the cells."""

    oddities: int
    cells: list[str]


class _Cell(NamedTuple):
    text: str
    following: int | None  # where the next cell begins; None: this is the last
    odd: int


@dataclass(frozen=True, slots=True)
class Shape:
    """What a record of one table looks like, cell by cell.

    `values` says which cells are dates, numbers or open, `required` which of them are never open, `prose`
    which may hold line breaks and quotes that look like borders (None: all). With `raw` a doubled quote is
    two quotes, as a writer leaves it that does not escape.
    """

    values: tuple[bool, ...]
    required: frozenset[int] = frozenset()
    prose: frozenset[int] | None = None
    raw: bool = False

    def accepts(self, position: int, text: str, *, odd: bool = False) -> bool:
        """Whether `text` may be the cell at `position`; `odd` says that it holds what looks like a border."""
        if self.values[position] and not is_value(text):
            return position not in self.required and is_open_value(text)
        plain = not odd and "\n" not in text and "\r" not in text
        return plain or self.prose is None or position in self.prose

    def fits(self, cells: list[str]) -> bool:
        """Whether the cells may be a whole record."""
        return len(cells) == len(self.values) and all(self.accepts(i, cell) for i, cell in enumerate(cells))


@dataclass(slots=True)
class Search:
    """All ways to cut one text, which has no line end, into a record of `shape`."""

    text: str
    dialect: Dialect
    shape: Shape
    most: int = MOST_STEPS
    steps: int = 0
    _dead: set[tuple[int, int]] = field(default_factory=set)

    def solutions(self) -> list[Solution]:
        """Return the ways; none for a text with more ways or more work than is worth it."""
        if self.dialect.escape or not self.dialect.quote or len(self.shape.values) > _WIDEST:
            return []
        found: list[Solution] = []
        self._from(0, Solution(0, []), found)
        return found if self.steps < self.most and len(found) < _SOLUTIONS else []

    def _from(self, start: int, so_far: Solution, found: list[Solution]) -> None:
        position = len(so_far.cells)
        left = len(self.shape.values) - position
        if (start, left) in self._dead or len(found) >= _SOLUTIONS:
            return
        before = len(found)
        for cell in self._cells(start, left):
            self.steps += 1
            if self.steps >= self.most:
                return
            if not self.shape.accepts(position, cell.text, odd=cell.odd > 0):
                continue
            longer = Solution(so_far.oddities + cell.odd, [*so_far.cells, cell.text])
            if cell.following is None:
                if left == 1:
                    found.append(longer)
            elif left > 1:
                self._from(cell.following, longer, found)
        if len(found) == before:
            self._dead.add((start, left))

    def _odd(self, cell: str) -> int:
        """Return how much in a cell looks like its border."""
        quote, delimiter = self.dialect.quote, self.dialect.delimiter
        borders = (quote + delimiter, delimiter + quote, quote + delimiter + quote)
        return sum(border in cell for border in borders)

    def _cells(self, start: int, left: int) -> Iterator[_Cell]:
        """Yield every cell that can begin at `start` and leave enough text for `left` - 1 more."""
        text, quote, delimiter = self.text, self.dialect.quote, self.dialect.delimiter
        opened = start
        while self.dialect.skip_space and text.startswith(" ", opened):
            opened += 1
        if not text.startswith(quote, opened):
            end = text.find(delimiter, opened)
            cell = text[opened:] if end < 0 else text[opened:end]
            if "\n" not in cell and "\r" not in cell:
                yield _Cell(cell, None if end < 0 else end + 1, int(quote in cell))
            return
        close = text.find(quote, opened + 1)
        while close >= 0:
            after = close + 1
            if after == len(text) or text[after] == delimiter:
                if text.count(delimiter, after) < left - 1:
                    return  # and fewer behind every later end of this cell
                cell = text[opened + 1 : close]
                plain = cell if self.shape.raw else cell.replace(quote * 2, quote)
                yield _Cell(plain, None if after == len(text) else after + 1, self._odd(cell))
            close = text.find(quote, after)


def without_end(line: str) -> str:
    """Return `line` without its one line end."""
    if line.endswith("\r\n"):
        return line[:-2]
    return line[:-1] if line.endswith(("\n", "\r")) else line
