"""Reads tables whose quotes are broken, record by record, and never swallows a record for it.

Used where `csv.reader` meets a quote that it cannot explain, and for the legacy form, whose writer does not
escape quotes. What `Search` can cut in one best way is recovered; any other record is flagged at its line and
reading goes on with the next line.
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
from dinotui.formats.csv_solving import MOST_STEPS, Search, Shape, without_end
from dinotui.formats.text_lines import MARK, TextFile
from dinotui.locale import _

_LEGACY_REQUIRED: Final = frozenset({1, 7})  # entry date, and created at, which the writer knew
_LEGACY_PROSE: Final = frozenset({6})  # notes
_JOINED: Final = 40  # lines that one record with broken quotes may span
_FAR: Final = 1_000  # lines that one well-formed record may span
_SPARE: Final = (
    150_000  # steps (a second or so) that records without a solution may take before they take few
)
_WON: Final = 1_000  # steps that a record with a solution earns
_FEW_STEPS: Final = 100
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
    _spare: int = _SPARE
    _waiting: deque[str] = field(default_factory=deque)
    _legacy: bool = field(init=False)
    _shape: Shape = field(init=False)

    def __post_init__(self) -> None:
        values = self.layout.values
        self._legacy = self.layout.form == "legacy"
        self._shape = Shape(values)
        if self._legacy:
            self._shape = Shape(values, required=_LEGACY_REQUIRED, prose=_LEGACY_PROSE, raw=True)

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
                raise self.too_long(number)
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

    def too_long(self, line: int) -> LimitError:
        """Return the error for a cell past the limit in the record at `line`."""
        message = _(
            "A cell on line {line} is longer than {limit} characters. Shorten it or correct its quotes."
        )
        message = message.format(line=line, limit=self._limit)
        return LimitError("cell-too-long", message, self.text.place(line))

    def _next(self, lines: Iterator[str]) -> str | None:
        return self._waiting.popleft() if self._waiting else next(lines, None)

    def _split(self, line: str) -> list[str]:
        text = without_end(line)
        return text.split(self.dialect.delimiter) if text else []

    def _cut(self, line: str, number: int, lines: Iterator[str]) -> Cut:
        cells = self._strict([line])
        if cells is not None and (not self._legacy or self._shape.fits(cells)):
            return Cut(number, 1, cells, sure=True)
        solved = self._solve(line)
        if solved is not None:
            return Cut(number, 1, solved, sure=True)
        if (cells is None or self._legacy) and not self._record_follows(lines):
            pending = [line]
            joined = self._whole_record(number, pending, lines) or self._joined(pending, lines)
            if joined is not None:
                self._reach = _FAR
                return Cut(number, len(pending), joined, sure=True)
            self._waiting.extendleft(reversed(pending[1:]))
            self._reach = max(_NEAR, self._reach // 2)
        return Cut(number, 1, self._loosely(line), sure=cells is not None)

    def _record_follows(self, lines: Iterator[str]) -> bool:
        """Whether the next line is or begins a record, so that nothing may be joined to this one."""
        following = self._next(lines)
        if following is None:
            return True
        self._waiting.appendleft(following)
        return self._begins_record(following)

    def _begins_record(self, line: str) -> bool:
        """Whether a value stands where a record has its first one."""
        values = self.layout.values
        if True not in values:
            return self.looks_whole(line)
        first = values.index(True)
        cells = self._loosely(line)
        return len(cells) > first + 1 and is_value(cells[first])

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
        if cells is not None and self._shape.fits(cells) and not any(map(self._begins_record, pending[1:])):
            return cells
        if length > self._limit and not any(map(self.looks_whole, pending[1:_JOINED])):
            raise self.too_long(number)
        self._waiting.extendleft(reversed(pending[1:]))
        del pending[1:]
        return None

    def _joined(self, pending: list[str], lines: Iterator[str]) -> list[str] | None:
        """Add line after line until the record can be cut, but never one that is a record by itself."""
        length = len(pending[0])
        while len(pending) < min(_JOINED, self._reach) and length <= self._limit and self._spare > 0:
            line = self._next(lines)
            if line is None:
                return None
            alone = self._strict([line])
            if self._begins_record(line) or (alone is not None and len(alone) == self.layout.width):
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
            cells: list[str] = next(self.dialect.reader([without_end(line)], strict=False), [])
        except csv.Error:
            return self._split(line)
        return cells

    def _solve(self, text: str) -> list[str] | None:
        """Return the only way to cut `text` into the right number of cells, None unless there is one."""
        most = max(_FEW_STEPS, min(MOST_STEPS, self._spare))
        search = Search(without_end(text), self.dialect, self._shape, most)
        found = sorted(search.solutions())
        self._spare = min(_SPARE, self._spare + _WON) if found else self._spare - search.steps
        if not found or (len(found) > 1 and found[0].oddities == found[1].oddities):
            return None
        return found[0].cells
