"""Figures about a user's stays (SPEC.md 2): one pass over an index, whatever the number of trips."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import islice
from typing import Any, Final, TypeAlias

from dinotui.domain.analytics import (
    MOST_COUNTRIES,
    MOST_CURRENT,
    MOST_PERIODS,
    MOST_YEARS,
    Analytics,
    CountryCount,
    CurrentStay,
    LongStay,
    MaxDaysUse,
    Period,
    Periods,
    YearCount,
    YearTotal,
)
from dinotui.domain.coverage import Calendar, Coverage, Span, Tally, by_year, year_parts
from dinotui.domain.dates import from_day
from dinotui.domain.schengen import Presence
from dinotui.engine.progress import Stop, never, stop_if
from dinotui.engine.schengen import Bound, today_of, use_of
from dinotui.storage import analytics_rows as rows
from dinotui.storage.analytics_rows import Stay
from dinotui.storage.export_rows import TripSpan, snapshot
from dinotui.storage.store import Store

_MOST_UNKNOWN: Final = 10_000  # countries without a code that are told apart; more are counted together
_CHUNK: Final = 20_000  # stays taken at a time, between two looks at the stop switch
_PERIOD_TRIPS: Final = 5  # ids that an overlap names at most
_Key: TypeAlias = tuple[str | None, str]


def analytics(
    store: Store,
    today: dt.date | None = None,
    *,
    span: TripSpan | None = None,
    shift: int = 0,
    cancelled: Stop = never,
) -> Analytics:
    """Return all figures as of `today` (by default now, in the user's time zone).

    `span` keeps the trips whose stay touches it; `shift` moves every stay and today by whole days, as an
    anonymised export does. Raises `Cancelled`.
    """
    with snapshot(store.database):
        return _Figures(store, span or TripSpan(), today_of(store, today), shift, cancelled).result()


class _Figures:
    """One computation: what the pass over the stays adds up, and what is made of it."""

    def __init__(self, store: Store, span: TripSpan, today: int, shift: int, cancelled: Stop) -> None:
        self._store, self._span, self._cancelled = store, span, cancelled
        self._stored_today, self._today, self._shift = today, today + shift, shift
        self._calendar = Calendar()
        self._bound = Bound(store)
        self._tallies: dict[_Key, Tally] = {}
        self._others = Tally()
        self._inside: list[Span] = []
        first, last, self._open = rows.day_bounds(store, span) or (today, today, 0)
        self._first, self._last = first + shift, (max(last, today) if self._open else last) + shift
        self._cover = Coverage(self._first, self._last)

    def result(self) -> Analytics:
        """Read the stays and return what they come to."""
        self._read()
        per_year, gaps = self._by_year()
        overlaps = list(self._cover.overlaps())
        ranked = sorted(self._tallies.items(), key=lambda item: (-item[1].days, item[0][0] or "", item[0][1]))
        longest = rows.longest_stay(self._store, self._span, self._stored_today)
        return Analytics(
            as_of=from_day(self._today),
            visits=sum(tally.visits for tally in self._all()),
            countries=len(self._tallies),
            days=sum(year.days for year in per_year),
            open_stays=self._open,
            per_country=tuple(self._country(key, tally) for key, tally in ranked[:MOST_COUNTRIES]),
            more_countries=max(0, len(ranked) - MOST_COUNTRIES),
            per_year=per_year,
            current_stays=self._current(),
            longest_stay=longest and self._long(longest),
            max_days=self._max_days(),
            schengen=use_of(Presence(self._inside), self._today, applies=self._bound.applies),
            overlaps=_periods(overlaps, self._trips_in(overlaps[-MOST_PERIODS:])),
            gaps=_periods(gaps, {}),
        )

    def _all(self) -> Sequence[Tally]:
        return (*self._tallies.values(), self._others)

    def _read(self) -> None:
        stays = rows.stays_by_country(self._store, self._span)
        while chunk := list(islice(stays, _CHUNK)):
            stop_if(self._cancelled)
            groups: dict[_Key, list[tuple[Any, ...]]] = defaultdict(list)
            for row in chunk:
                groups[row[:2] if row[0] is None else (row[0], "")].append(row)
            for key, group in groups.items():
                self._add(key, group)
        for tally in self._all():
            tally.close()

    def _add(self, key: _Key, group: list[tuple[Any, ...]]) -> None:
        """Count stays of one country, in order of entry."""
        shift, today = self._shift, self._today
        starts = [row[2] + shift for row in group]
        ends = [today if row[3] is None else row[3] + shift for row in group]
        (self._tallies.get(key) or self._tally(key)).add(starts, ends, self._calendar)
        begun = [span for span in zip(starts, ends, strict=True) if span[0] <= span[1]]
        self._cover.add([start for start, _end in begun], [end for _start, end in begun])
        self._inside += self._bound.counted_days(key[0], starts, ends, [(row[4], row[5]) for row in group])

    def _tally(self, key: _Key) -> Tally:
        if key[0] is None and len(self._tallies) >= _MOST_UNKNOWN:
            return self._others
        self._tallies[key] = made = Tally()
        return made

    def _by_year(self) -> tuple[tuple[YearTotal, ...], list[Span]]:
        """Return the totals by year, newest first, and the days between stays that no stay covers."""
        days: dict[int, int] = defaultdict(int)
        gaps: list[Span] = []
        for cover, start, end in self._cover.runs():
            if cover:
                for year, count in year_parts((start, end), self._calendar):
                    days[year] += count
            elif start > self._first and end < self._last:
                gaps.append((start, end))
        visit_steps: Counter[int] = Counter()
        country_steps: Counter[int] = Counter()
        for tally in self._all():
            visit_steps.update(tally.visit_steps)
            country_steps.update(tally.present_steps(self._calendar))
        visits, countries = by_year(visit_steps), by_year(country_steps)
        totals = (
            YearTotal(
                year=year,
                visits=visits.get(year, 0),
                days=days.get(year, 0),
                countries=countries.get(year, 0),
            )
            for year in sorted({*visits, *days}, reverse=True)
        )
        return tuple(totals), gaps

    def _country(self, key: _Key, tally: Tally) -> CountryCount:
        return CountryCount(
            country=rows.latest_name(self._store, *key),
            country_code=key[0],
            visits=tally.visits,
            days=tally.days,
            years=tuple(
                YearCount(year=year, visits=visits, days=days)
                for year, visits, days in tally.newest_years(MOST_YEARS, self._calendar)
            ),
        )

    def _current(self) -> tuple[CurrentStay, ...]:
        found = rows.current_stays(self._store, self._span, self._stored_today, MOST_CURRENT)
        return tuple(current_stay(stay, self._stored_today, self._shift) for stay in found)

    def _long(self, stay: Stay) -> LongStay:
        leaving = self._stored_today if stay.exit_day is None else stay.exit_day
        return LongStay(
            trip_id=stay.id,
            number=stay.number,
            country=stay.country,
            country_code=stay.country_code,
            entry_date=from_day(stay.entry_day + self._shift),
            exit_date=None if stay.exit_day is None else from_day(stay.exit_day + self._shift),
            days=leaving - stay.entry_day + 1,
            max_days=stay.max_days,
        )

    def _max_days(self) -> MaxDaysUse:
        figures, fullest = rows.max_days_use(self._store, self._span, self._stored_today)
        return MaxDaysUse(
            stays=figures.stays,
            over=figures.over,
            average_share=_rounded(figures.average),
            highest_share=_rounded(figures.highest),
            highest=fullest and self._long(fullest),
        )

    def _trips_in(self, spans: list[Span]) -> dict[Span, list[str]]:
        """Return the ids of some stays of each overlap; one more pass, over the stays near them."""
        if not spans:
            return {}
        numbers: dict[Span, list[int]] = {span: [] for span in spans}
        starts, ends = [start for start, _end in spans], [end for _start, end in spans]
        shift, today = self._shift, self._today
        near = rows.stays_touching(self._store, self._span, starts[0] - shift, ends[-1] - shift)
        for number, entry, leaving in near:
            first, last = entry + shift, today if leaving is None else leaving + shift
            for span in spans[bisect_left(ends, first + 1) : bisect_left(starts, last)]:
                if len(numbers[span]) < _PERIOD_TRIPS:
                    numbers[span].append(number)
        ids = rows.trip_ids(self._store, {number for found in numbers.values() for number in found})
        return {span: [ids[number] for number in sorted(found)] for span, found in numbers.items()}


def current_stay(stay: Stay, today: int, shift: int = 0) -> CurrentStay:
    """Return a stay that goes on on `today` with its days so far and what is left of its max days."""
    so_far = today - stay.entry_day + 1
    return CurrentStay(
        trip_id=stay.id,
        number=stay.number,
        country=stay.country,
        country_code=stay.country_code,
        entry_date=from_day(stay.entry_day + shift),
        exit_date=None if stay.exit_day is None else from_day(stay.exit_day + shift),
        days_so_far=so_far,
        max_days=stay.max_days,
        days_left=None if stay.max_days is None else stay.max_days - so_far,
        share=None if stay.max_days is None else _rounded(so_far / stay.max_days),
    )


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def _periods(spans: list[Span], trips: dict[Span, list[str]]) -> Periods:
    def period(span: Span) -> Period:
        start, end = span
        return Period(
            start=from_day(start),
            end=from_day(end),
            days=end - start + 1,
            trip_ids=tuple(trips.get(span, ())),
        )

    longest = max(spans, key=lambda span: span[1] - span[0], default=None)
    return Periods(
        count=len(spans),
        days=sum(end - start + 1 for start, end in spans),
        longest=longest and period(longest),
        newest=tuple(period(span) for span in reversed(spans[-MOST_PERIODS:])),
    )
