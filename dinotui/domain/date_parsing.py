"""Cells become days by the reading of their column; nothing is swapped or guessed (SPEC.md 2 and 4.2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final, Literal, NamedTuple, TypeAlias

from dinotui.domain.date_cells import Cell, Clock, Written, read_cell
from dinotui.domain.date_reading import DateReading, offset_minutes
from dinotui.domain.dates import LAST_DAY, LONGEST_DATE, PartialPolicy, day_of, span_of, to_day, zone_named

DateProblem: TypeAlias = Literal["unreadable-date", "no-such-date", "partial-date", "ambiguous-order"]
DateCorrection: TypeAlias = Literal[
    "excel-serial", "partial-first", "partial-last", "read-in-zone", "two-digit-year", "time-dropped"
]

_SERIAL_EPOCHS: Final = {
    "1900": -25_569,
    "1904": -24_107,
}  # the day of serial 0, as Excel counts from March 1900
_CACHED_CELLS: Final = 50_000
_UTC_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class ParsedDate(NamedTuple):
    """The `day` of a cell (days since 1970-01-01), or the `problem` that it has; both None for no date.

    `correction` is the one thing that a reader of the cell would not have read there: a century, a day of
    the month, another day because of a zone, a serial number's date, a time of day that is gone. Another
    order, separator or spelling is no correction.
    """

    day: int | None = None
    problem: DateProblem | None = None
    correction: DateCorrection | None = None


_NOTHING: Final = ParsedDate()
_UNREADABLE: Final = ParsedDate(problem="unreadable-date")
_NO_SUCH_DATE: Final = ParsedDate(problem="no-such-date")
_AMBIGUOUS: Final = ParsedDate(problem="ambiguous-order")
_PARTIAL: Final = ParsedDate(problem="partial-date")


def parse_date(
    cell: Cell, reading: DateReading, partial: PartialPolicy = "reject", *, open_words: bool = False
) -> ParsedDate:
    """Return the day of `cell` by the `reading` of its column.

    A blank cell has neither day nor problem; with `open_words` (exit columns) the same holds for words like
    "present". Pure, and never raises for any cell; raises UsageError only where `reading` names a time zone
    that this machine does not know.
    """
    written = read_cell(cell)
    form = written.form
    if form == "iso" and written.clock is None:
        day = day_of(*written.numbers)
        return _NO_SUCH_DATE if day is None else ParsedDate(day)
    if form == "blank" or (form == "open" and open_words):
        return _NOTHING
    if form in {"open", "unreadable"}:
        return _UNREADABLE
    if form == "partial":
        return _partial_date(written, partial)
    if form == "serial":
        return ParsedDate(written.numbers[0] + _SERIAL_EPOCHS[reading.serials], None, "excel-serial")
    day_or_problem = _numeric_day(written, reading) if form == "numeric" else written.day(reading.pivot)
    if isinstance(day_or_problem, ParsedDate):
        return day_or_problem
    return _NO_SUCH_DATE if day_or_problem is None else _placed(day_or_problem, written, reading.shift)


def cached_parser(
    reading: DateReading, partial: PartialPolicy = "reject", *, open_words: bool = False
) -> Callable[[Cell], ParsedDate]:
    """Return `parse_date` for one column that remembers the cells it has seen, in bounded memory."""
    seen: dict[Cell, ParsedDate] = {}

    def parse(cell: Cell) -> ParsedDate:
        if isinstance(cell, str) and len(cell) > LONGEST_DATE:
            return _UNREADABLE
        known = seen.get(cell)
        if known is None:
            if len(seen) >= _CACHED_CELLS:
                seen.clear()
            known = seen[cell] = parse_date(cell, reading, partial, open_words=open_words)
        return known

    return parse


def local_moment(day: int, ms: int, zone: tzinfo) -> tuple[int, int, int] | None:
    """Return a moment in UTC as day, milliseconds and offset in minutes in `zone`; None past the years."""
    try:
        local = (_UTC_EPOCH + timedelta(days=day, milliseconds=ms)).astimezone(zone)
        offset = local.utcoffset() or timedelta()
    except (OverflowError, ValueError):
        return None
    seconds = (local.hour * 60 + local.minute) * 60 + local.second
    return to_day(local.date()), seconds * 1000 + local.microsecond // 1000, offset // timedelta(minutes=1)


def _partial_date(written: Written, policy: PartialPolicy) -> ParsedDate:
    span = span_of(written.numbers[0], written.numbers[1] or None)
    if span is None:
        return _NO_SUCH_DATE
    if policy == "reject":
        return _PARTIAL
    return (
        ParsedDate(span[0], None, "partial-first")
        if policy == "first"
        else ParsedDate(span[1], None, "partial-last")
    )


def _numeric_day(written: Written, reading: DateReading) -> int | ParsedDate | None:
    pivot, order = reading.pivot, reading.order
    if order in {"dmy", "mdy"} or (order == "ymd" and written.two_digit):
        return written.day_in(order, pivot)
    day_first, month_first = written.day_in("dmy", pivot), written.day_in("mdy", pivot)
    real = {day_first, month_first, written.day_in("ymd", pivot)} - {None}
    if not real:
        return None
    if len(real) > 1:
        return _AMBIGUOUS
    if day_first is not None and day_first == month_first:
        return day_first
    if reading.needs_answer:  # a column that asks is not read in part
        return _AMBIGUOUS
    # Year-first was said and the year is last, or only a year in front that nobody spoke of gives a date.
    only = day_first if month_first is None else month_first
    return None if order == "ymd" else only


def _placed(day: int, written: Written, shift: str | None) -> ParsedDate:
    """Return the day in the zone that the column is read in, and what became of the time of day."""
    left_over, placed = 0, day
    clock = written.clock
    if clock is not None:
        left_over = clock.ms
        if clock.utc and clock.ms and shift is not None:
            moved = _shifted(day, clock, shift)
            if moved is None or moved[0] > LAST_DAY:
                return _NO_SUCH_DATE
            placed, left_over = moved
    if placed != day:
        return ParsedDate(placed, None, "read-in-zone")
    if written.two_digit:
        return ParsedDate(placed, None, "two-digit-year")
    return ParsedDate(placed, None, "time-dropped" if left_over else None)


def _shifted(day: int, clock: Clock, shift: str) -> tuple[int, int] | None:
    offset = offset_minutes(shift)
    if offset is not None:
        days, ms = divmod(clock.ms + offset * 60_000, 86_400_000)
        return day + days, ms
    if not shift.startswith("zone:"):
        return day, clock.ms
    local = local_moment(day, clock.ms, zone_named(shift.removeprefix("zone:")))
    return local and local[:2]
