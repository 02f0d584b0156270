"""Reads tables whose quotes are broken, record by record, and never swallows a record for it.

Used where `csv.reader` meets a quote that it cannot explain, and for the legacy form, whose writer does not
escape quotes. A quote closes a cell only where a delimiter or the line's end follows *and* the record then
has the right number of cells. Where that has exactly one answer the true cells are recovered; otherwise the
record is flagged at its line and reading goes on with the next line.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from dinotui.domain.errors import LimitError
from dinotui.formats.csv_cells import is_open_value, is_value
from dinotui.formats.csv_dialect import Dialect
from dinotui.formats.csv_layout import Layout
from dinotui.formats.text_lines import MARK, TextFile
from dinotui.locale import _

_SOLUTIONS: Final = 16  # ways to cut one record that are compared
_STEPS: Final = 20_000  # work on one record before it counts as hopeless
_JOINED: Final = 40  # lines that one record with broken quotes may span
_FAR: Final = 1_000  # lines that one well-formed record may span
_NEAR: Final = 16  # the same after many records with quotes that never close


class Cut(NamedTuple):
    """A record as it was cut: its first line, its number of lines, its cells, and whether they are sure."""

    line: int
    lines: int
    cells: list[str]
    sure: bool


@dataclass(slots=True)
class Repair:
    """Cuts one table; `rows` may be called once."""

    text: TextFile
    dialect: Dialect
    layout: Layout
    _reach: int = _FAR
    _waiting: deque[str] = field(default_factory=deque)

    def rows(self, lines: Iterator[str], first_line: int) -> Iterator[Cut]:
        """Yield the records of `lines`, whose first is line `first_line`; a blank line has no cells."""
        number = first_line
        while (line := self._next(lines)) is not None:
            line = line.lstrip(MARK)
            if self.layout.comments and line.startswith("#"):
                yield Cut(number, 1, [], sure=True)
                number += 1
                continue
            if self.dialect.quote and self.dialect.quote in line:
                cut = self._cut(line, number, lines)
            else:
                cut = Cut(number, 1, self._split(line), sure=True)
            if len(line) > self._limit and any(len(cell) > self._limit for cell in cut.cells):
                raise self._too_long(number)
            yield cut
            number += cut.lines

    def looks_whole(self, line: str) -> bool:
        """Whether one line by itself is a record of this table: its width, and values where values belong."""
        cells = self._strict([line])
        if cells is None or len(cells) != self.layout.width or len(cells) < 2:
            return False
        if not any(self.layout.values):
            return True
        placed = [cell for cell, value in zip(cells, self.layout.values, strict=True) if value]
        return all(map(is_open_value, placed)) and any(map(is_value, placed))

    @property
    def _limit(self) -> int:
        return self.text.limits.cell_characters

    def _too_long(self, line: int) -> LimitError:
        message = _(
            "A cell on line {line} is longer than {limit} characters. Shorten it or correct its quotes."
        )
        message = message.format(line=line, limit=self._limit)
        return LimitError("cell-too-long", message, self.text.place(line))

    def _next(self, lines: Iterator[str]) -> str | None:
        return self._waiting.popleft() if self._waiting else next(lines, None)

    def _split(self, line: str) -> list[str]:
        text = _without_end(line)
        return text.split(self.dialect.delimiter) if text else []

    def _cut(self, line: str, number: int, lines: Iterator[str]) -> Cut:
        cells = self._strict([line])
        if cells is not None and (len(cells) == self.layout.width or self.layout.form != "legacy"):
            return Cut(number, 1, cells, sure=True)
        solved = self._solve(line)
        if solved is not None:
            return Cut(number, 1, solved, sure=True)
        if cells is None:
            pending = [line]
            joined = self._whole_record(number, pending, lines) or self._joined(pending, lines)
            if joined is not None:
                self._reach = _FAR
                return Cut(number, len(pending), joined, sure=True)
            self._waiting.extendleft(reversed(pending[1:]))
            self._reach = max(_NEAR, self._reach // 2)
        return Cut(number, 1, self._loosely(line), sure=cells is not None)

    def _whole_record(self, number: int, pending: list[str], lines: Iterator[str]) -> list[str] | None:
        """Read on as far as the quote reaches; lines that were not needed wait."""
        length = len(pending[0])

        def following() -> Iterator[str]:
            nonlocal length
            yield pending[0]
            while len(pending) < self._reach and length <= self._limit:
                line = self._next(lines)
                if line is None:
                    return
                pending.append(line)
                length += len(line)
                yield line

        cells = self._strict_first(following())
        if (
            cells is not None
            and len(cells) == self.layout.width
            and not any(map(self.looks_whole, pending[1:]))
        ):
            return cells
        if length > self._limit and not any(map(self.looks_whole, pending[1:_JOINED])):
            raise self._too_long(number)
        self._waiting.extendleft(reversed(pending[1:]))
        del pending[1:]
        return None

    def _joined(self, pending: list[str], lines: Iterator[str]) -> list[str] | None:
        """Add line after line until the record can be cut, but never one that is a record by itself."""
        length = len(pending[0])
        while len(pending) < min(_JOINED, self._reach) and length <= self._limit:
            line = self._next(lines)
            if line is None:
                return None
            if self.looks_whole(line):
                self._waiting.appendleft(line)
                return None
            pending.append(line)
            length += len(line)
            if self.dialect.quote in line and (cells := self._solve("".join(pending))) is not None:
                return cells
        return None

    def _strict(self, lines: list[str]) -> list[str] | None:
        return self._strict_first(iter(lines))

    def _strict_first(self, lines: Iterator[str]) -> list[str] | None:
        try:
            cells: list[str] | None = next(self.dialect.reader(lines, strict=True), None)
        except csv.Error:
            return None
        return cells

    def _loosely(self, line: str) -> list[str]:
        """Return what can be made of one line with a broken quote, for the user to look at."""
        try:
            cells: list[str] = next(self.dialect.reader([_without_end(line)], strict=False), [])
        except csv.Error:
            return self._split(line)
        return cells

    def _solve(self, text: str) -> list[str] | None:
        """Return the only way to cut `text` into the right number of cells, None unless there is one."""
        search = _Search(
            _without_end(text), self.dialect, self.layout.width, raw=self.layout.form == "legacy"
        )
        found = search.solutions()
        if len(found) > 1 and any(self.layout.values):
            found = [cells for cells in found if self._fits(cells)]
        return found[0] if len(found) == 1 and self._fits(found[0]) else None

    def _fits(self, cells: list[str]) -> bool:
        return all(
            is_open_value(cell) for cell, value in zip(cells, self.layout.values, strict=True) if value
        )


@dataclass(slots=True)
class _Search:
    """All ways to cut one text into `width` cells; `raw` keeps doubled quotes as they stand."""

    text: str
    dialect: Dialect
    width: int
    raw: bool
    _steps: int = 0
    _dead: set[tuple[int, int]] = field(default_factory=set)

    def solutions(self) -> list[list[str]]:
        if self.dialect.escape or not self.dialect.quote or self.width > 200:
            return []
        found: list[list[str]] = []
        self._from(0, [], found)
        return found if self._steps < _STEPS and len(found) < _SOLUTIONS else []

    def _from(self, start: int, cells: list[str], found: list[list[str]]) -> None:
        left = self.width - len(cells)
        if (start, left) in self._dead or len(found) >= _SOLUTIONS:
            return
        before = len(found)
        for cell, after in self._cells(start):
            self._steps += 1
            if self._steps >= _STEPS:
                return
            if after is None:
                if left == 1:
                    found.append([*cells, cell])
            elif left > 1:
                self._from(after, [*cells, cell], found)
        if len(found) == before:
            self._dead.add((start, left))

    def _cells(self, start: int) -> Iterator[tuple[str, int | None]]:
        """Yield every cell that can begin at `start` with the start of the next (None: the text ends)."""
        text, quote, delimiter = self.text, self.dialect.quote, self.dialect.delimiter
        opened = start
        while self.dialect.skip_space and text.startswith(" ", opened):
            opened += 1
        if not text.startswith(quote, opened):
            end = text.find(delimiter, opened)
            cell = text[opened:] if end < 0 else text[opened:end]
            if "\n" not in cell and "\r" not in cell:
                yield cell, None if end < 0 else end + 1
            return
        close = text.find(quote, opened + 1)
        while close >= 0:
            after = close + 1
            if after == len(text) or text[after] == delimiter:
                cell = text[opened + 1 : close]
                yield (
                    cell if self.raw else cell.replace(quote * 2, quote),
                    None if after == len(text) else after + 1,
                )
            close = text.find(quote, after)


def _without_end(line: str) -> str:
    """Return `line` without its one line end."""
    if line.endswith("\r\n"):
        return line[:-2]
    return line[:-1] if line.endswith(("\n", "\r")) else line
