"""The rows of one worksheet as they stream by: cells by their place, values as what they are (SPEC.md 4.1).

What a sheet declares about its size is never read. An empty row costs nothing and gives nothing. The row
number is that of the sheet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from dinotui.domain.errors import LimitError
from dinotui.formats.base import Cell, Limits
from dinotui.formats.xlsx_dates import DateKind, serial_text
from dinotui.formats.xlsx_markup import Characters, End, Start, feed
from dinotui.formats.xlsx_package import Package, Sheet
from dinotui.formats.xlsx_strings import SharedStrings, cell_too_long, plain_text
from dinotui.locale import _

_NUMBER: Final = re.compile(r"-?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_INSTANT: Final = re.compile(r"(\d{4}-\d{2}-\d{2})T00:00(:00(\.0+)?)?Z?")
_EXACT: Final = 1 << 53  # from here on a floating-point number skips integers
_LONGEST_ROW_NUMBER: Final = 9
_LONGEST_COLUMN: Final = 3
_DIGITS: Final = "0123456789"
_REMEMBERED: Final = 50_000


class SheetRow(NamedTuple):
    """One row that holds something: its 1-based number in the sheet, and its cells up to the last filled one."""

    number: int
    cells: list[Cell]


@dataclass(slots=True)
class SheetReader:
    """Reads the sheets of one workbook. `uncached` counts formulas without a stored value in the last one."""

    package: Package
    limits: Limits
    scratch: Path
    uncached: int = 0
    strings: SharedStrings = field(init=False)
    _dates: dict[tuple[str, DateKind], Cell] = field(default_factory=dict)
    _columns: dict[str, int] = field(default_factory=dict)
    _styles: dict[str, DateKind | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.strings = SharedStrings(self.package, self.limits, self.scratch)

    def rows(self, sheet: Sheet) -> Iterator[list[SheetRow]]:
        """Yield the rows of `sheet` that hold something, as many at a time as a piece of the file gives.

        Raises `FormatError` for a broken sheet, `LimitError` for too many columns or a text too long.
        """
        self.uncached = 0
        ready: list[SheetRow] = []
        for _piece in feed(self.package, sheet.part, lambda prefix: self._handlers(prefix, sheet, ready)):
            if ready:
                yield ready.copy()
                ready.clear()

    def _handlers(self, prefix: str, sheet: Sheet, ready: list[SheetRow]) -> tuple[Start, End, Characters]:
        """Return the handlers, as functions that share their variables: a sheet has millions of cells."""
        cell_, row_, value_, text_ = prefix + "c", prefix + "row", prefix + "v", prefix + "t"
        formula_, phonetic_ = prefix + "f", prefix + "rPh"
        columns, column_of, value_of = self._columns, self._column, self._value
        longest, widest = self.limits.cell_characters, self.limits.columns
        cells: list[Cell] = []
        number = column = 0
        kind = style = text = None
        taking = formula = spoken = False

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal number, column, kind, style, text, taking, formula, spoken
            if name == cell_:
                kind, style, text = attributes.get("t"), attributes.get("s"), None
                formula = False
                reference = attributes.get("r")
                if reference is None:
                    column += 1
                else:
                    letters = reference.rstrip(_DIGITS)
                    column = columns.get(letters) or column_of(letters)
            elif name in (value_, text_):
                taking = not spoken
                if taking and text is None:
                    text = ""
            elif name == row_:
                cells.clear()
                column = 0
                number = self._row_number(attributes.get("r"), number)
            elif name == formula_:
                formula = True
            elif name == phonetic_:
                spoken = True

        def characters(piece: str) -> None:
            nonlocal text
            if taking:
                text = piece if not text else text + piece
                if len(text) > longest:
                    raise cell_too_long(self.limits, self._place(sheet, number))

        def end(name: str) -> None:
            nonlocal taking, spoken
            if name == cell_:
                if not text and (text is None or kind is None or kind == "n"):
                    self.uncached += formula
                elif (value := value_of(text, kind, style)) is not None:
                    place = column - 1
                    if place >= widest and value != "":
                        raise self._too_wide(sheet)
                    if place >= widest:
                        pass
                    elif place < len(cells):
                        if cells[place] is not None:
                            raise self.package.broken()
                        cells[place] = value
                    else:
                        cells.extend([None] * (place - len(cells)))
                        cells.append(value)
            elif name in (value_, text_):
                taking = False
            elif name == row_:
                while cells and (cells[-1] is None or cells[-1] == ""):
                    cells.pop()
                if cells:
                    ready.append(SheetRow(number, cells.copy()))
            elif name == phonetic_:
                spoken = False

        return start, end, characters

    def _value(self, text: str, kind: str | None, style: str | None) -> Cell:
        if kind == "s":
            if not text.isdecimal():
                raise self.package.broken()
            return self.strings[int(text)]
        if kind is None or kind == "n":
            return self._number(text, style)
        if kind in {"str", "inlineStr"}:
            return plain_text(text)
        if kind == "b":
            return text.strip().lower() in {"1", "true"}
        if kind == "d":
            midnight = _INSTANT.fullmatch(text)
            return midnight[1] if midnight else text
        return text  # an error such as #N/A, which is the value that the user sees

    def _number(self, text: str, style: str | None) -> Cell:
        if style is None:
            return plain_number(text)
        try:
            kind = self._styles[style]
        except KeyError:
            kinds, at = self.package.date_kinds, int(style) if style.isdecimal() else -1
            kind = self._styles[style] = kinds[at] if 0 <= at < len(kinds) else None
        if kind is None:
            return plain_number(text)
        try:
            return self._dates[text, kind]
        except KeyError:
            if len(self._dates) >= _REMEMBERED:
                self._dates.clear()
            number = plain_number(text)
            shown = (
                None if isinstance(number, str) else serial_text(number or 0, kind, self.package.date_system)
            )
            self._dates[text, kind] = value = number if shown is None or number is None else shown
            return value

    def _row_number(self, given: str | None, before: int) -> int:
        if given is None:
            return before + 1
        if not given.isdecimal() or len(given) > _LONGEST_ROW_NUMBER:
            raise self.package.broken()
        return int(given)

    def _column(self, letters: str) -> int:
        """Return the 1-based number of column `letters`, and remember it."""
        if not 0 < len(letters) <= _LONGEST_COLUMN or not letters.isascii() or not letters.isalpha():
            raise self.package.broken()
        number = 0
        for letter in letters.upper():
            number = number * 26 + ord(letter) - ord("A") + 1
        self._columns[letters] = number
        return number

    def _too_wide(self, sheet: Sheet) -> LimitError:
        message = _("The sheet has more than {limit} columns.").format(limit=self.limits.columns)
        return LimitError("too-many-columns", message, self._place(sheet))

    def _place(self, sheet: Sheet, row: int | None = None) -> str:
        if row is None:
            return _("{file}, sheet {sheet}").format(file=self.package.where, sheet=sheet.name)
        return _("{file}, sheet {sheet}, row {row}").format(
            file=self.package.where, sheet=sheet.name, row=row
        )


def plain_number(text: str) -> Cell:
    """Return a cell's number, whole where it is whole; text that is no number stays text, empty is None."""
    if text.isdigit() and text.isascii() and len(text) < 19:
        return int(text)
    text = text.strip(" \t\r\n")
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        return text
    if text.lstrip("-").isdigit() and len(text) < 19:
        return int(text)
    value = float(text)
    if value.is_integer() and abs(value) < _EXACT:
        return int(value)
    return text if value in {float("inf"), float("-inf")} else value
