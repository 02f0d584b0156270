"""Counting days of many stays in linear time: how often each day is covered, and per country and year.

Stays come as two lists, first and last days, many at a time. An end before the start (a stay that has not
begun) is a visit without days.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import accumulate, groupby, pairwise
from typing import TypeAlias

from dinotui.domain.dates import from_day, to_day

Span: TypeAlias = tuple[int, int]


class Calendar(dict[int, int]):
    """The year of a day, remembered."""

    def __missing__(self, day: int) -> int:
        self[day] = year = from_day(day).year
        return year


def year_parts(span: Span, calendar: Calendar) -> Iterator[tuple[int, int]]:
    """Yield each year that a span of days touches with the days it has there."""
    start, end = span
    for year in range(calendar[start], calendar[end] + 1):
        first, last = to_day(date(year, 1, 1)), to_day(date(year, 12, 31))
        yield year, min(end, last) - max(start, first) + 1


class Coverage:
    """How often each day from `first` to `last` is covered; adding a stay costs the same for any length."""

    def __init__(self, first: int, last: int) -> None:
        self._first, self._last = first, last
        self._starts: Counter[int] = Counter()
        self._ends: Counter[int] = Counter()

    def add(self, starts: Sequence[int], ends: Sequence[int]) -> None:
        """Cover the days of stays; none of them ends before it starts."""
        self._starts.update(starts)
        self._ends.update(ends)

    def runs(self) -> Iterator[tuple[int, int, int]]:
        """Yield days in a row with the same cover: 0, 1 or 2 (that or more), first day, last day."""
        return self._runs(after_end=1)

    def overlaps(self) -> Iterator[Span]:
        """Yield days in a row on which stays overlap; sharing only a border day is no overlap.

        Each stay counts from its first to the day before its last; two that still meet overlap up to the
        day after.
        """
        return ((first, last + 1) for cover, first, last in self._runs(after_end=0) if cover > 1)

    def _runs(self, after_end: int) -> Iterator[tuple[int, int, int]]:
        steps = array("q", bytes(8 * (self._last - self._first + 2)))
        for day, count in self._starts.items():
            steps[day - self._first] += count
        for day, count in self._ends.items():
            steps[day + after_end - self._first] -= count
        steps.pop()  # the day after the last
        day = self._first
        for cover, days in groupby(min(count, 2) for count in accumulate(steps)):
            length = sum(1 for _day in days)
            yield cover, day, day + length - 1
            day += length


class Tally:
    """Visits and days of one country, by year. Stays come in order of their first day."""

    __slots__ = ("_open", "_steps", "days", "spans", "visits", "years")

    def __init__(self) -> None:
        self.visits = self.days = 0
        self.spans: list[Span] = []  # days in a row, without a gap and without overlap
        self.years: dict[int, int] = defaultdict(int)  # days by year
        self._open: Span | None = None
        self._steps: Counter[int] = Counter()  # up in the year a visit begins, down after its last

    def add(self, starts: Sequence[int], ends: Sequence[int], calendar: Calendar) -> None:
        """Count visits; days count once where visits overlap."""
        year_of = calendar.__getitem__
        self.visits += len(starts)
        self._steps.update(map(year_of, starts))
        for year, count in Counter(map(year_of, map(max, starts, ends))).items():
            self._steps[year + 1] -= count
        start, end = self._open or (0, -1)
        for first, last in zip(starts, ends, strict=True):
            if last < first:
                continue
            if first > end + 1 or end < start:
                if end >= start:
                    self.spans.append((start, end))
                start, end = first, last
            elif last > end:
                end = last
        self._open = (start, end)

    def close(self, calendar: Calendar) -> None:
        """Add up the days; to be called once after the last visit."""
        if self._open and self._open[1] >= self._open[0]:
            self.spans.append(self._open)
        for span in self.spans:
            self.days += span[1] - span[0] + 1
            for year, days in year_parts(span, calendar):
                self.years[year] += days

    def visits_by_year(self) -> dict[int, int]:
        """Return how many visits touch each year."""
        now, result = 0, dict[int, int]()
        for year, following in pairwise(sorted(self._steps)):
            now += self._steps[year]
            if now:
                result.update(dict.fromkeys(range(year, following), now))
        return result
