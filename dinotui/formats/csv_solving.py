"""Cuts a record whose quotes are broken: a quote closes a cell only if the number of cells then works out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from dinotui.formats.csv_cells import is_open_value, is_value
from dinotui.formats.csv_dialect import Dialect

_SOLUTIONS: Final = 32  # ways to cut one record that are compared
_STEPS: Final = 20_000  # work on one record before it counts as hopeless
_WIDEST: Final = 200


class Solution(NamedTuple):
    """One way to cut a text: how many of its cells hold what looks like a border, and the cells."""

    oddities: int
    cells: list[str]


class _Cell(NamedTuple):
    text: str
    following: int | None  # where the next cell begins; None: this is the last
    odd: bool


@dataclass(slots=True)
class Search:
    """All ways to cut one text, which has no line end, into a cell for each of `values`.

    `values` says which cells must be dates, numbers or open, `required` which cannot be open; `raw` keeps
    doubled quotes.
    """

    text: str
    dialect: Dialect
    values: tuple[bool, ...]
    required: frozenset[int]
    raw: bool
    _steps: int = 0
    _dead: set[tuple[int, int]] = field(default_factory=set)

    def solutions(self) -> list[Solution]:
        """Return the ways; none for a text with more ways or more work than is worth it."""
        if self.dialect.escape or not self.dialect.quote or len(self.values) > _WIDEST:
            return []
        found: list[Solution] = []
        self._from(0, Solution(0, []), found)
        return found if self._steps < _STEPS and len(found) < _SOLUTIONS else []

    def _from(self, start: int, so_far: Solution, found: list[Solution]) -> None:
        position = len(so_far.cells)
        left = len(self.values) - position
        if (start, left) in self._dead or len(found) >= _SOLUTIONS:
            return
        before = len(found)
        for cell in self._cells(start, left):
            self._steps += 1
            if self._steps >= _STEPS:
                return
            if not belongs(cell.text, value=self.values[position], required=position in self.required):
                continue
            longer = Solution(so_far.oddities + cell.odd, [*so_far.cells, cell.text])
            if cell.following is None:
                if left == 1:
                    found.append(longer)
            elif left > 1:
                self._from(cell.following, longer, found)
        if len(found) == before:
            self._dead.add((start, left))

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
                yield _Cell(cell, None if end < 0 else end + 1, quote in cell)
            return
        border = quote + delimiter + quote
        close = text.find(quote, opened + 1)
        while close >= 0:
            after = close + 1
            if after == len(text) or text[after] == delimiter:
                if text.count(delimiter, after) < left - 1:
                    return  # and fewer behind every later end of this cell
                cell = text[opened + 1 : close]
                plain = cell if self.raw else cell.replace(quote * 2, quote)
                yield _Cell(plain, None if after == len(text) else after + 1, border in cell)
            close = text.find(quote, after)


def belongs(cell: str, *, value: bool, required: bool) -> bool:
    """Whether `cell` may stand where a `value` is expected, which is `required` or may be open."""
    return not value or is_value(cell) or (not required and is_open_value(cell))


def without_end(line: str) -> str:
    """Return `line` without its one line end."""
    if line.endswith("\r\n"):
        return line[:-2]
    return line[:-1] if line.endswith(("\n", "\r")) else line
