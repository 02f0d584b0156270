"""Dates of whole columns: the order of day and month is judged on every cell at once (SPEC.md 4.2).

A `ColumnJudge` is fed each cell of a column and gives a `DateReading`; `parse_date` reads a cell by it.
Nothing is ever swapped: a cell that contradicts the order of its column is a problem of its record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from dinotui.domain.date_cells import Cell, Written, full_year, read_cell
from dinotui.domain.date_parsing import (
    DateCorrection,
    DateProblem,
    ParsedDate,
    cached_parser,
    local_moment,
    parse_date,
)
from dinotui.domain.date_reading import (
    TWO_DIGIT_PIVOT,
    UTC_MIDNIGHT,
    DateEvidence,
    DateReading,
    EvidenceName,
    OrderProof,
    OrderSource,
    SerialSystem,
    offset_text,
)
from dinotui.domain.date_words import DOUBTFUL_MIDNIGHTS, REAL_OFFSETS
from dinotui.domain.dates import LONGEST_DATE, DateOrder, span_of, zone_named
from dinotui.domain.visible import visible

__all__ = [
    "ColumnJudge",
    "DateCorrection",
    "DateEvidence",
    "DateProblem",
    "DateReading",
    "ParsedDate",
    "cached_parser",
    "judge_together",
    "parse_date",
]

_DISTINCT_CELLS: Final = 50_000  # as many texts are counted before they are read and forgotten
_EXAMPLES: Final = 3
_EXAMPLE_LENGTH: Final = 40
_ORDERS: Final[tuple[DateOrder, ...]] = ("dmy", "mdy", "ymd")
_DAYS: Final = range(1, 32)
_MANY_TIMES: Final = 2  # from here on it does not matter how many times of day there are
_Span: TypeAlias = tuple[int, int]  # least and greatest


class ColumnJudge:
    """Collects the evidence of one column, in memory that does not grow with the file."""

    def __init__(self) -> None:
        self._waiting: Counter[Cell] = Counter()
        self._tally = _Tally()

    def feed_all(self, cells: Sequence[Cell]) -> None:
        """Take the cells of many more rows."""
        texts: list[str] = [cell for cell in cells if type(cell) is str]
        plain = len(texts) + cells.count(None) == len(cells)
        if plain and max(map(len, texts), default=0) <= LONGEST_DATE:
            self._waiting.update(cells)
            if len(self._waiting) >= _DISTINCT_CELLS:
                self._read_waiting()
            return
        for cell in cells:
            self.feed(cell)

    def feed(self, cell: Cell) -> None:
        """Take the cell of one more row."""
        if isinstance(cell, str):
            if len(cell) > LONGEST_DATE:  # neither kept nor hashed: it may be a megabyte
                self._tally.add(read_cell(cell), 1, cell)
                return
        elif cell is not None and not -1e15 < cell < 1e15:
            self._tally.add(read_cell(cell), 1, "")
            return
        waiting = self._waiting
        if cell in waiting:
            waiting[cell] += 1
            return
        if len(waiting) >= _DISTINCT_CELLS:
            self._read_waiting()
        waiting[cell] = 1

    def judge(
        self,
        time_zone: str | None,
        override: DateOrder | None = None,
        serials: SerialSystem = "1900",
    ) -> DateReading:
        """Return how the column is read; `judge_together` is better where a file has several date columns.

        `time_zone` is the user's IANA zone (None: UTC), `override` the order that the user gave. Raises
        UsageError where the zone is needed and unknown. More cells may be fed afterwards.
        """
        return judge_together([self], time_zone, override, serials)[0]

    def _read_waiting(self) -> None:
        for cell, count in self._waiting.items():
            self._tally.add(read_cell(cell), count, cell)
        self._waiting.clear()

    def _finished(self) -> _Tally:
        self._read_waiting()
        return self._tally


def judge_together(
    judges: Sequence[ColumnJudge],
    time_zone: str | None,
    override: DateOrder | None = None,
    serials: SerialSystem = "1900",
) -> list[DateReading]:
    """Return the readings of several date columns of one file, which share one order.

    Proof in one column settles the others; proof for different orders in different columns makes all of
    those that need an order ask. Times of day are judged column by column. Arguments as `ColumnJudge.judge`.
    """
    tallies = [judge._finished() for judge in judges]  # noqa: SLF001 - the same module
    joined = _OrderFacts()
    for tally in tallies:
        joined = joined.plus(tally.facts)
    return [_reading(tally, joined, time_zone, override, serials) for tally in tallies]


class _Verdict(NamedTuple):
    order: DateOrder | None = None
    conflict: bool = False
    year_may_be_first: bool = False


@dataclass(slots=True)
class _OrderFacts:
    """What the all-numeric cells prove. A cell counts in one of the first four or in none.

    `day_or_year` cells have two-digit numbers and are dates with the day or with the year first.
    `not_year` counts every cell that cannot begin with its year.
    """

    day: int = 0
    day_or_year: int = 0
    month: int = 0
    year: int = 0
    not_year: int = 0
    first: _Span | None = None
    last: _Span | None = None

    def plus(self, other: _OrderFacts) -> _OrderFacts:
        return _OrderFacts(
            self.day + other.day,
            self.day_or_year + other.day_or_year,
            self.month + other.month,
            self.year + other.year,
            self.not_year + other.not_year,
            _joined(self.first, other.first),
            _joined(self.last, other.last),
        )

    def add(self, written: Written, name: EvidenceName, count: int) -> None:
        can_be_year = written.day_in("ymd", TWO_DIGIT_PIVOT) is not None
        if name == "day_first_only" and can_be_year:
            self.day_or_year += count
        elif name == "day_first_only":
            self.day += count
        elif name == "month_first_only":
            self.month += count
        elif name == "year_first_only":
            self.year += count
        if not can_be_year:
            self.not_year += count
        if written.two_digit:
            first, _middle, last = (full_year(number, TWO_DIGIT_PIVOT) for number in written.numbers)
            self.first = _joined(self.first, (first, first))
            self.last = _joined(self.last, (last, last))

    def proof(self) -> OrderProof:
        year_is_open = self.year or self.verdict().year_may_be_first
        day = self.day if year_is_open else self.day + self.day_or_year
        return OrderProof(day_first=day, month_first=self.month, year_first=self.year)

    def verdict(self) -> _Verdict:
        day = self.day + self.day_or_year
        if (day and self.month) or (self.year and self.not_year):
            return _Verdict(conflict=True)
        if self.year:
            # One slip such as 45/01/19 must not turn a column of days and months round.
            doubtful = _width(self.first) > _width(self.last)
            return _Verdict(year_may_be_first=True) if doubtful else _Verdict("ymd")
        if self.month:
            return _Verdict("mdy")
        if not day:
            return _Verdict()
        # 19.9.5, 19.10.7 are dates with the day first too. Years vary less than days of the month.
        doubtful = not self.not_year and _width(self.last) > _width(self.first)
        return _Verdict(year_may_be_first=True) if doubtful else _Verdict("dmy")


@dataclass(slots=True)
class _Tally:
    """Counts, a few examples and the extremes of a column; its size does not depend on the column's."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[EvidenceName, list[str]] = field(default_factory=dict)
    facts: _OrderFacts = field(default_factory=_OrderFacts)
    utc_times: set[int] = field(default_factory=set)
    utc_days: _Span | None = None

    def add(self, written: Written, count: int, cell: Cell) -> None:
        name = _evidence_name(written)
        self.counts[name] += count
        if name not in {"unreadable", "no_such_date", "open", "blank", "partial"}:
            self.counts["two_digit_year"] += count * written.two_digit
            self._add_clock(written, count)
            if written.form == "numeric":
                self.facts.add(written, name, count)
        examples = self.examples.setdefault(name, [])
        if len(examples) < _EXAMPLES and name != "blank":
            example = _example(cell)
            if example and example not in examples:
                examples.append(example)

    def _add_clock(self, written: Written, count: int) -> None:
        if written.clock is None:
            return
        self.counts["datetime"] += count
        if not written.clock.utc:
            return
        self.counts["utc_datetime"] += count
        if len(self.utc_times) < _MANY_TIMES:
            self.utc_times.add(written.clock.ms)
        day = _any_day(written)
        self.utc_days = _joined(self.utc_days, (day, day))


def _evidence_name(written: Written) -> EvidenceName:
    form = written.form
    if form in {"iso", "month_name", "korean"}:
        return form if written.day(TWO_DIGIT_PIVOT) is not None else "no_such_date"
    if form == "partial":
        year, month, _day = written.numbers
        return "partial" if span_of(year, month or None) else "no_such_date"
    if form != "numeric":
        return form
    day_first, month_first, year_first = (written.day_in(order, TWO_DIGIT_PIVOT) for order in _ORDERS)
    if day_first is not None and month_first is not None:
        return (
            "same_either_way"
            if {day_first, month_first, year_first} <= {day_first, None}
            else "both_possible"
        )
    if day_first is not None:
        return "day_first_only"
    if month_first is not None:
        return "month_first_only"
    # 31/11/19 is a slip rather than a day of 2031: only a number that is no day at all proves a year.
    return "year_first_only" if year_first is not None and written.numbers[0] not in _DAYS else "no_such_date"


def _reading(
    tally: _Tally,
    joined: _OrderFacts,
    time_zone: str | None,
    override: DateOrder | None,
    serials: SerialSystem,
) -> DateReading:
    evidence = DateEvidence(**{name: count for name, count in tally.counts.items() if count})
    verdict = joined.verdict()
    order, source = override or verdict.order, _source(tally, verdict.order, override)
    return DateReading(
        order=order,
        order_from=source,
        needs_answer=order is None and evidence.ordered > 0,
        conflict=verdict.conflict and evidence.ordered > 0,
        year_may_be_first=verdict.year_may_be_first and evidence.ordered > 0,
        evidence=evidence,
        proof=joined.proof(),
        examples={name: tuple(cells) for name, cells in tally.examples.items() if cells},
        shift=_shift(tally, time_zone),
        serials=serials,
    )


def _source(tally: _Tally, proved: DateOrder | None, override: DateOrder | None) -> OrderSource | None:
    if override is not None:
        return "override"
    if proved is None:
        return None
    return "column" if tally.facts.verdict().order == proved else "other-column"


def _shift(tally: _Tally, time_zone: str | None) -> str | None:
    if not tally.utc_times:
        return None
    if tally.utc_times == {0}:
        return UTC_MIDNIGHT
    if len(tally.utc_times) == 1 and tally.utc_days is not None:
        offset = _offset_of_midnight(min(tally.utc_times), tally.utc_days, time_zone)
        if offset is not None:
            return f"column-offset:{offset_text(offset)}"
    if time_zone:
        zone_named(time_zone)  # an unknown zone is told here, not at the first cell
    return f"zone:{time_zone or 'UTC'}"


def _offset_of_midnight(ms: int, days: _Span, time_zone: str | None) -> int | None:
    """Return the offset in minutes at which the UTC time `ms` is midnight, None where no place has it.

    Between 10:00 and 12:00 there are two; the user's own zone decides if it is one of them on those days.
    """
    minutes, rest = divmod(ms, 60_000)
    offsets = [] if rest else [one for one in (-minutes, 1440 - minutes) if one in REAL_OFFSETS]
    if len(offsets) < 2:
        return offsets[0] if offsets else None
    if time_zone:
        zone = zone_named(time_zone)
        moments = [local_moment(day, ms, zone) for day in days]
        own = {moment[2] for moment in moments if moment is not None}
        if len(own) == 1 and own <= set(offsets):
            return own.pop()
    return DOUBTFUL_MIDNIGHTS[minutes]


def _any_day(written: Written) -> int:
    """Return a day of a dated cell; where two orders give one, either will do for the season."""
    if written.form != "numeric":
        return written.day(TWO_DIGIT_PIVOT) or 0
    days = (written.day_in(order, TWO_DIGIT_PIVOT) for order in _ORDERS)
    return next((day for day in days if day is not None), 0)


def _example(cell: Cell) -> str:
    text = str(cell)
    return visible(text if len(text) <= _EXAMPLE_LENGTH else text[:_EXAMPLE_LENGTH] + "…")


def _joined(one: _Span | None, other: _Span | None) -> _Span | None:
    if one is None or other is None:
        return one or other
    return min(one[0], other[0]), max(one[1], other[1])


def _width(span: _Span | None) -> int:
    return span[1] - span[0] if span else 0
