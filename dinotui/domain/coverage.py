"""Counting days of many stays in linear time: how often each day is covered, and per country and year.

Stays come as two lists, first and last days, many at a time. An end before the start (a stay that has not
begun) is a visit without days.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
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


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return sorted spans with those joined that overlap or follow each other without a gap."""
    joined: list[Span] = []
    for start, end in spans:
        if joined and start <= joined[-1][1] + 1:
            if end > joined[-1][1]:
                joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


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


def by_year(steps: Counter[int]) -> dict[int, int]:
    """Return the count of each year from how much it changes with the beginning of a year."""
    now, result = 0, dict[int, int]()
    for year, following in pairwise(sorted(steps)):
        now += steps[year]
        if now:
            result.update(dict.fromkeys(range(year, following), now))
    return result


class Tally:
    """Visits and days of one country. Stays come in order of their first day.

    Years are spread out on demand only: a stay may span thousands of them.
    """

    __slots__ = ("_open", "_spans", "days", "visit_steps", "visits")

    def __init__(self) -> None:
        self.visits = self.days = 0
        self.visit_steps: Counter[int] = Counter()
        """By year: up where a visit begins, down after its last year (`by_year`)."""
        self._spans: list[Span] = []  # days in a row, without overlap
        self._open: Span | None = None

    def add(self, starts: Sequence[int], ends: Sequence[int], calendar: Calendar) -> None:
        """Count visits; days count once where visits overlap."""
        year_of = calendar.__getitem__
        self.visits += len(starts)
        self.visit_steps.update(map(year_of, starts))
        for year, count in Counter(map(year_of, map(max, starts, ends))).items():
            self.visit_steps[year + 1] -= count
        start, end = self._open or (0, -1)
        for first, last in zip(starts, ends, strict=True):
            if last < first:
                continue
            if first > end + 1 or end < start:
                if end >= start:
                    self._spans.append((start, end))
                start, end = first, last
            elif last > end:
                end = last
        self._open = (start, end)

    def close(self) -> None:
        """Add up the days; to be called once after the last visit."""
        if self._open and self._open[1] >= self._open[0]:
            self._spans.append(self._open)
        self.days = sum(end - start + 1 for start, end in self._spans)

    def present_steps(self, calendar: Calendar) -> Counter[int]:
        """Return in which years there are days: up where a run of years begins, down after it (`by_year`)."""
        steps: Counter[int] = Counter()
        for first, last in merged((calendar[start], calendar[end]) for start, end in self._spans):
            steps[first] += 1
            steps[last + 1] -= 1
        return steps

    def newest_years(self, most: int, calendar: Calendar) -> list[tuple[int, int, int]]:
        """Return year, visits and days of the newest years, at most so many, the newest first."""
        visits = by_year(self.visit_steps)
        chosen = sorted(visits, reverse=True)[:most]
        days: dict[int, int] = defaultdict(int)
        oldest = to_day(date(chosen[-1], 1, 1)) if chosen else 0
        for start, end in reversed(self._spans):
            if end < oldest:
                break
            for year, count in year_parts((max(start, oldest), end), calendar):
                days[year] += count
        return [(year, visits[year], days[year]) for year in chosen]
