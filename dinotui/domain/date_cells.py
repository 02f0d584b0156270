"""What one cell says about a date, before anyone knows the order of its column (SPEC.md 4.2).

`read_cell` reads the writing only: which numbers stand where, which of them is surely the year, and what
time of day and zone follow. It never decides between day-first and month-first.

Every pattern is linear on texts of at most `LONGEST_DATE` characters; longer texts are refused by length.
Two groups of digits with a two-digit number at either end (``Sep-19``, ``9/19``) are not read: they may be
a day or a year.
"""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple, TypeAlias

from dinotui.domain.date_words import MONTHS, WEEKDAY_LETTERS, WEEKDAYS, ZONE_WORDS
from dinotui.domain.dates import EARLIEST_YEAR, LONGEST_DATE, DateOrder, day_of, folded, is_open_stay

Cell: TypeAlias = str | int | float | bool | None
Form: TypeAlias = Literal[
    "blank", "open", "unreadable", "iso", "month_name", "korean", "numeric", "partial", "serial"
]


class Clock(NamedTuple):
    """A time of day: milliseconds since midnight, and whether they are UTC (else: as written, no shift)."""

    ms: int
    utc: bool


class Written(NamedTuple):
    """What a cell says.

    `numbers` by `form`: year, month, day for iso, month_name and korean; the three numbers as they stand for
    numeric (the year is last, or has two digits); year, month or 0, 0 for partial; serial, 0, 0 for serial.
    `two_digit`: the year, wherever it is, has two digits.
    """

    form: Form
    numbers: tuple[int, int, int] = (0, 0, 0)
    two_digit: bool = False
    clock: Clock | None = None

    def day(self, pivot: int) -> int | None:
        """Return the day of an iso, month_name or korean cell, None where there is no such date."""
        year, month, day = self.numbers
        return day_of(self._full(year, pivot), month, day)

    def day_in(self, order: DateOrder, pivot: int) -> int | None:
        """Return the day of a numeric cell read in `order`, None where that gives no date.

        A year of four digits at the end is never anything else, so year-first gives no date then.
        """
        first, second, third = self.numbers
        if order == "dmy":
            return day_of(self._full(third, pivot), second, first)
        if order == "mdy":
            return day_of(self._full(third, pivot), first, second)
        return day_of(self._full(first, pivot), second, third) if self.two_digit else None

    def _full(self, year: int, pivot: int) -> int:
        return full_year(year, pivot) if self.two_digit else year


def full_year(year: int, pivot: int) -> int:
    """Return the year that two digits mean: 2000 to 2000 + `pivot`, or the rest of the century before."""
    return year + (2000 if year <= pivot else 1900)


def is_too_early(cell: Cell) -> bool:
    """Tell whether `cell` names a year of four digits before the earliest one that is read."""
    written = read_cell(cell)
    if written.form in ("blank", "open", "unreadable", "serial") or written.two_digit:
        return False
    return written.numbers[2 if written.form == "numeric" else 0] < EARLIEST_YEAR


_BLANK: Final = Written("blank")
_OPEN: Final = Written("open")
_UNREADABLE: Final = Written("unreadable")

# A bare number is a year within YEARS, an Excel serial within SERIALS (1954-10-03 to 2119-01-10, or 1958 to
# 2123 in the 1904 system), YYYYMMDD within YEARS of it, and nothing otherwise.
_YEARS: Final = range(1900, 2201)
_SERIALS: Final = range(20_000, 80_001)

_GAP = r"(?: ?[-/.,_·‐-―−] ?| )"
_MAYBE = rf"{_GAP}?"
_NAME = r"([^\W\d_]{3,12})\.?"
_ORDINAL = r"(?:st|nd|rd|th)?"
_ISO: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?([Zz]|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_TIME: Final = re.compile(
    r"[t ,] ?(?:(오전|오후|am|pm) ?)?([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?"
    r"(?: ?(am|pm|a\.m\.|p\.m\.))?"
    rf" ?(z|(?:utc|gmt)?[+\-−][0-9]{{2}}(?::?[0-9]{{2}})?|utc|gmt|{'|'.join(ZONE_WORDS)})?"
    r"(?: ?\([^()]*\)| ?\[[^\[\]]*\])?$"
)
_THREE: Final = re.compile(rf"([0-9]{{1,4}}){_GAP}([0-9]{{1,2}}){_GAP}([0-9]{{1,4}})\.?")
_DIGITS: Final = re.compile(r"[0-9]{4}|[0-9]{8}|[0-9]{5}(?:\.[0-9]{1,15})?")
_MARKED: Final = re.compile(
    r"([0-9]{4}|[0-9]{2}) ?[년年](?: ?([0-9]{1,2}) ?[월月](?: ?([0-9]{1,2})(?: ?[일日])?)?)?"
)
_NAMED: Final = (  # a pattern and where its groups hold the year, the name of the month and the day
    (
        re.compile(
            rf"([0-9]{{1,2}}){_ORDINAL}{_MAYBE}(?:of |de )?{_NAME}{_MAYBE}(?:de )?'?([0-9]{{4}}|[0-9]{{2}})"
        ),
        (3, 2, 1),
    ),
    (re.compile(rf"{_NAME}{_MAYBE}([0-9]{{1,2}}){_ORDINAL}{_GAP}'?([0-9]{{4}}|[0-9]{{2}})"), (3, 1, 2)),
    (re.compile(rf"([0-9]{{4}}){_MAYBE}{_NAME}{_MAYBE}([0-9]{{1,2}}){_ORDINAL}"), (1, 2, 3)),
)
_NAME_YEAR: Final = re.compile(rf"{_NAME}{_MAYBE}(?:de )?([0-9]{{4}})")
_YEAR_NAME: Final = re.compile(rf"([0-9]{{4}}){_MAYBE}{_NAME}")
_YEAR_MONTH: Final = re.compile(rf"([0-9]{{4}}){_GAP}([0-9]{{1,2}})\.?")
_MONTH_YEAR: Final = re.compile(rf"([0-9]{{1,2}}){_GAP}([0-9]{{4}})")
_DAYS = "|".join(WEEKDAYS)
_WEEKDAY: Final = re.compile(
    rf"^(?:(?:{_DAYS})(?:[.,] ?| )|\((?:{_DAYS}|[{WEEKDAY_LETTERS}])\) ?)"
    rf"|(?:[ ,]+(?:{_DAYS})\.?|[ ,]*\((?:{_DAYS}|[{WEEKDAY_LETTERS}])\.?\))$"
)


def read_cell(cell: Cell) -> Written:
    """Return what `cell` says; never raises."""
    if isinstance(cell, str):
        match = _ISO.fullmatch(cell) if len(cell) <= LONGEST_DATE else None
        return _read_iso(match) if match else _read_text(cell)
    if cell is None:
        return _BLANK
    if not 0 < cell < 100_000_000:  # NaN is not either; True is 1, which is no date
        return _UNREADABLE
    whole = int(cell)
    return _read_number(whole, cell - whole)


def _read_iso(match: re.Match[str]) -> Written:
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    clock = None
    if hour is not None:
        clock = _clock(int(hour), int(minute), second, fraction, zone)
        if clock is None:
            return _UNREADABLE
    return Written("iso", (int(year), int(month), int(day)), False, clock)


def _read_text(text: str) -> Written:
    if len(text) > LONGEST_DATE:
        return _UNREADABLE
    whole = folded(text)
    if not whole:
        return _BLANK
    head, clock = whole, None
    if ":" in whole and (match := _TIME.search(whole)):
        clock = _read_time(match)
        if clock is None:
            return _UNREADABLE
        head = whole[: match.start()].rstrip(" ,")
    written = _read_head(head)
    if written is None:
        bare = _WEEKDAY.sub("", head)
        written = _read_head(bare) if bare != head else None
    if written is None:
        return _OPEN if is_open_stay(text) else _UNREADABLE
    if clock is None:
        return written
    return _UNREADABLE if written.form in {"partial", "serial"} else written._replace(clock=clock)


def _read_head(head: str) -> Written | None:
    """Return what a folded text without time of day says, None where it says nothing."""
    if match := _THREE.fullmatch(head):
        return _read_three(*match.groups())
    if _DIGITS.fullmatch(head):
        return _read_digits(head)
    if match := _MARKED.fullmatch(head):
        year, month, day = (int(group or 0) for group in match.groups())
        if month and match[3]:
            return Written("korean", (year, month, day), len(match[1]) == 2)
        return Written("partial", (year, month, 0)) if len(match[1]) == 4 else None
    if match := _YEAR_MONTH.fullmatch(head):
        return _month_of(int(match[1]), int(match[2]))
    if match := _MONTH_YEAR.fullmatch(head):
        return _month_of(int(match[2]), int(match[1]))
    return _read_named(head)


def _month_of(year: int, month: int) -> Written:
    # A month 0 would look like a year alone, which the text does not say.
    return Written("partial", (year, month or 13, 0))


def _read_three(first: str, second: str, third: str) -> Written | None:
    numbers = (int(first), int(second), int(third))
    if len(first) == 4 and len(third) <= 2:
        return Written("iso", numbers)
    if len(first) <= 2 and len(third) == 4:
        return Written("numeric", numbers)
    if len(first) <= 2 and len(third) <= 2:
        return Written("numeric", numbers, two_digit=True)
    return None


def _read_digits(text: str) -> Written | None:
    digits, _dot, fraction = text.partition(".")
    written = _read_number(int(digits), float(f"0.{fraction or 0}"))
    return None if written is _UNREADABLE else written


def _read_number(whole: int, fraction: float) -> Written:
    if whole in _SERIALS:
        return Written("serial", (whole, 0, 0))
    if fraction:
        return _UNREADABLE
    if whole in _YEARS:
        return Written("partial", (whole, 0, 0))
    if whole // 10_000 in _YEARS:
        return Written("iso", (whole // 10_000, whole // 100 % 100, whole % 100))
    return _UNREADABLE


def _read_named(head: str) -> Written | None:
    for pattern, (year_at, name_at, day_at) in _NAMED:
        if match := pattern.fullmatch(head):
            year, month = match[year_at], MONTHS.get(match[name_at])
            if month:
                return Written("month_name", (int(year), month, int(match[day_at])), len(year) == 2)
    for pattern, year_at in ((_NAME_YEAR, 2), (_YEAR_NAME, 1)):
        if (match := pattern.fullmatch(head)) and (month := MONTHS.get(match[3 - year_at])):
            return Written("partial", (int(match[year_at]), month, 0))
    return None


def _read_time(match: re.Match[str]) -> Clock | None:
    before, hour_text, minute, second, fraction, after, zone = match.groups()
    half = before or after
    hour = int(hour_text)
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half in {"오후", "pm", "p.m."} else 0)
    return _clock(hour, int(minute), second, fraction, zone)


def _clock(
    hour: int, minute: int, second: str | None, fraction: str | None, zone: str | None
) -> Clock | None:
    seconds = int(second or 0)
    if hour > 23 or minute > 59 or seconds > 59:
        return None
    ms = ((hour * 60 + minute) * 60 + seconds) * 1000 + int(((fraction or "") + "000")[:3])
    return Clock(ms, _is_utc(zone))


def _is_utc(zone: str | None) -> bool:
    """Tell whether a zone as written has offset 0; a missing or another zone leaves the date as written."""
    if not zone:
        return False
    offset = zone.casefold().removeprefix("utc").removeprefix("gmt")
    return offset in {"", "z"} or (offset[0] in "+-−" and not offset.strip("+-−0:"))
