"""What the cells below a header look like: dates, countries, visa types, numbers of days, long texts.

Only for choosing columns: nothing here reads a value that is stored. A share is of the filled cells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cached_property
from statistics import median
from typing import Final, NamedTuple, TypeAlias

from dinotui.domain.checks import parse_max_days
from dinotui.domain.country import looks_like_us_states, recognise
from dinotui.domain.date_cells import read_cell
from dinotui.domain.dates import day_of, is_open_stay
from dinotui.domain.visa import looks_like_visa
from dinotui.formats.base import Cell

_Test: TypeAlias = Callable[[Cell], bool]

SAMPLED: Final = 200  # rows that are looked at
_LONGEST_LOOK: Final = 200  # characters of a cell that are looked at
_LONGEST_NAME: Final = 60  # characters of a country
_FULL_DATES: Final = frozenset({"iso", "month_name", "korean", "numeric"})
_USUAL_LIMITS: Final = frozenset(
    {30, 42, 45, 59, 60, 89, 90, 120, 150, 179, 180, 182, 183, 240, 270, 300}
    | {360, 364, 365, 366, 540, 720, 730, 1095, 1825, 3650}
)
_YES_NO: Final = frozenset(
    {"yes", "no", "y", "n", "true", "false", "o", "x", "t", "f", "예", "아니오", "아니요", "유", "무"}
)
_SERIAL_EPOCH: Final = 25_569  # the day 1970-01-01 as Excel counts


class Contents:
    """The sampled cells of one column."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        looked = [cell[:_LONGEST_LOOK] if isinstance(cell, str) else cell for cell in cells]
        self.cells: Final = [None if isinstance(cell, str) and not cell.strip() else cell for cell in looked]
        self._filled = Counter((type(cell), cell) for cell in self.cells if cell is not None)

    @property
    def filled(self) -> int:
        """How many cells hold something."""
        return self._filled.total()

    @property
    def distinct(self) -> int:
        """How many different values there are."""
        return len(self._filled)

    @cached_property
    def dates(self) -> float:
        """Share of whole dates; words like "present" count neither way."""
        here = self._share(lambda cell: read_cell(cell).form in _FULL_DATES)
        return here / (1 - self.open_words) if self.open_words < 1 else 0.0

    @cached_property
    def open_words(self) -> float:
        """Share of words that say that a stay goes on."""
        return self._share(lambda cell: isinstance(cell, str) and is_open_stay(cell))

    @cached_property
    def date_numbers(self) -> float:
        """Share of numbers that may be a spreadsheet's dates."""
        return self._share(lambda cell: read_cell(cell).form == "serial")

    @cached_property
    def partial_dates(self) -> float:
        """Share of years and months without a day."""
        return self._share(lambda cell: read_cell(cell).form == "partial")

    @cached_property
    def countries(self) -> float:
        """Share of texts that name a country, clearly or not; 0 for a column of American states."""
        share = self._share(lambda cell: isinstance(cell, str) and _names_country(cell))
        return 0.0 if share and looks_like_us_states(self._texts()) else share

    @cached_property
    def short_texts(self) -> float:
        """Share of texts of up to three characters, as codes of countries and of airports are."""
        return self._share(lambda cell: isinstance(cell, str) and len(cell.strip()) <= 3)

    @cached_property
    def country_codes(self) -> float:
        """Share of two- or three-letter texts that name a country."""
        return self._share(
            lambda cell: isinstance(cell, str) and len(cell.strip()) < 4 and _names_country(cell)
        )

    @cached_property
    def visas(self) -> float:
        """Share of texts that look like a visa type."""
        return self._share(lambda cell: isinstance(cell, str) and looks_like_visa(cell))

    @cached_property
    def day_counts(self) -> float:
        """Share of whole numbers of days from 1 to 3650, or words for "no limit"."""
        return self._share(lambda cell: parse_max_days(cell).problem is None)

    @cached_property
    def usual_limits(self) -> float:
        """Share of numbers of days that visas usually grant (30, 90, 180 ...)."""
        return self._share(lambda cell: parse_max_days(cell).value in _USUAL_LIMITS)

    @cached_property
    def yes_or_no(self) -> float:
        """Share of truth values."""
        return self._share(lambda cell: isinstance(cell, bool) or _is_yes_or_no(cell))

    @cached_property
    def numbers(self) -> float:
        """Share of numbers, written as such or as text."""
        return self._share(lambda cell: not isinstance(cell, bool) and _is_number(cell))

    @cached_property
    def without_digits(self) -> float:
        """Share of texts without a digit: names, not numbers of documents."""
        return self._share(lambda cell: isinstance(cell, str) and not any(sign.isdigit() for sign in cell))

    @cached_property
    def sentences(self) -> float:
        """Share of texts of several words that are neither dates nor countries nor visa types."""
        return self._share(_is_sentence)

    @property
    def counts_up(self) -> bool:
        """Whether the cells only number the rows: 0, 1, 2 ... or 1, 2, 3 ..."""
        values = [cell for cell in self.cells if cell is not None]
        if len(values) < 2 or len(values) != len(self.cells) or not all(_is_whole(cell) for cell in values):
            return False
        numbers = [int(cell) for cell in values]
        return numbers[0] in (0, 1) and numbers == list(range(numbers[0], numbers[0] + len(numbers)))

    def _share(self, test: _Test) -> float:
        if not self._filled:
            return 0.0
        return sum(count for (_type, cell), count in self._filled.items() if test(cell)) / self.filled

    def _texts(self) -> list[str]:
        return [cell.strip() for _type, cell in self._filled if isinstance(cell, str)]


class DateOrder(NamedTuple):
    """How often the date of one column is before, equal to, after that of another, in rows that have both."""

    before: int = 0
    same: int = 0
    after: int = 0
    gap: float = 0  # median days from the first to the second

    @property
    def rows(self) -> int:
        """How many rows could be compared."""
        return self.before + self.same + self.after

    @property
    def first_is_earlier(self) -> bool:
        """Whether the first column is never after the second, and before it at least once."""
        return self.before > 0 and self.after == 0


def date_order(first: Contents, second: Contents) -> DateOrder:
    """Compare two date columns row by row; where day and month may be swapped, both readings must agree."""
    pairs = list(zip(first.cells, second.cells, strict=True))
    found = {_compared(pairs, day_first) for day_first in (True, False)}
    best = max(order.rows for order in found)
    found = {order for order in found if order.rows == best}
    agreed = len({(order.before > 0, order.after > 0) for order in found}) == 1
    return found.pop() if agreed else DateOrder()


def _compared(pairs: Sequence[tuple[Cell, Cell]], day_first: bool) -> DateOrder:
    gaps = [
        later - earlier
        for one, other in pairs
        if (earlier := _day(one, day_first)) is not None and (later := _day(other, day_first)) is not None
    ]
    if not gaps:
        return DateOrder()
    before = sum(gap > 0 for gap in gaps)
    same = sum(gap == 0 for gap in gaps)
    return DateOrder(before, same, len(gaps) - before - same, median(gaps))


def _day(cell: Cell, day_first: bool) -> int | None:
    written = read_cell(cell)
    one, two, three = written.numbers
    if written.form == "serial":
        return one - _SERIAL_EPOCH
    if written.form == "numeric":
        year = three + (0 if three > 99 else 2000 if three < 50 else 1900)
        return day_of(year, *((two, one) if day_first else (one, two)))
    if written.form in _FULL_DATES:
        return day_of(one + (0 if one > 99 else 2000 if one < 50 else 1900), two, three)
    return None


def _names_country(text: str) -> bool:
    return len(text) <= _LONGEST_NAME and recognise(text).status in ("known", "ambiguous")


def _is_whole(cell: Cell) -> bool:
    if isinstance(cell, str):
        return len(cell) < 10 and cell.strip().isascii() and cell.strip().isdigit()
    return isinstance(cell, int) and not isinstance(cell, bool)


def _is_number(cell: Cell) -> bool:
    if isinstance(cell, int | float):
        return True
    text = str(cell).strip().replace(",", "").replace(".", "", 1).lstrip("+-")
    return text.isascii() and text.isdigit()


def _is_yes_or_no(cell: Cell) -> bool:
    return isinstance(cell, str) and cell.strip().casefold() in _YES_NO


def _is_sentence(cell: Cell) -> bool:
    if not isinstance(cell, str):
        return False
    text = cell.strip()
    if len(text) < 8 or len(text.split()) < 2 or looks_like_visa(text) or _names_country(text):
        return False
    return read_cell(text).form == "unreadable"
