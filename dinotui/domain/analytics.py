"""Computed figures about a user's stays (SPEC.md 2, Analytics). Nothing here is ever stored.

Both days of a stay count; an open stay counts up to `as_of`. A day in two countries counts in each of them,
and once in a year's or the grand total. A visit counts in every year that it touches.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from dinotui.domain.wire import Wire

MOST_COUNTRIES: Final = 500  # entries of `per_country`; `more_countries` counts the others
MOST_YEARS: Final = 100  # of one country, the newest
MOST_PERIODS: Final = 50
MOST_CURRENT: Final = 100


class YearCount(Wire):
    """Visits to one country that touch a year, and days there in it."""

    year: int
    visits: int
    days: int


class CountryCount(Wire):
    """One country under the name the user last wrote, its years newest first."""

    country: str
    country_code: str | None
    visits: int
    days: int
    years: tuple[YearCount, ...]


class YearTotal(Wire):
    """One year: visits that touch it, days abroad counted once, and how many countries had some."""

    year: int
    visits: int
    days: int
    countries: int


class CurrentStay(Wire):
    """A stay that goes on today. `days_left` of its max days is negative once it is too long."""

    trip_id: str
    number: int
    country: str
    country_code: str | None
    entry_date: dt.date
    exit_date: dt.date | None
    days_so_far: int
    max_days: int | None
    days_left: int | None
    share: float | None


class LongStay(Wire):
    """A stay with its days, an open one up to today."""

    trip_id: str
    number: int
    country: str
    country_code: str | None
    entry_date: dt.date
    exit_date: dt.date | None
    days: int
    max_days: int | None


class MaxDaysUse(Wire):
    """How much of their max days the stays that have some used; 1.0 is all of them."""

    stays: int
    over: int
    average_share: float | None
    highest_share: float | None
    highest: LongStay | None


class Window(Wire):
    """A window of 180 days and the days spent inside it."""

    start: dt.date
    end: dt.date
    days: int


class SchengenUse(Wire):
    """The 90 days in 180. `applies` is False for a home passport with free movement.

    `left` is what remains of 90 today, `allowed` how many days one may stay who enters (or stays on) today,
    `worst` the window with the most days of all that is recorded.
    """

    applies: bool
    used: int
    left: int
    over: int
    window_start: dt.date
    allowed: int
    worst: Window | None


class PossibleStay(Wire):
    """How many days somebody may stay who enters on a day, 0 to 90, and the last of them."""

    entry: dt.date
    days: int
    until: dt.date | None


class UsedOn(Wire):
    """How many of the 90 days are used on a day; `ahead` of today none is added to what is recorded."""

    day: dt.date
    used: int
    ahead: bool


class SchengenOutlook(Wire):
    """Stays that entering on some days allows, and how the count of used days moves."""

    applies: bool
    entries: tuple[PossibleStay, ...]
    used: tuple[UsedOn, ...]


class Period(Wire):
    """Days in a row, both ends inside; `trip_ids` names some of the stays that overlap in it."""

    start: dt.date
    end: dt.date
    days: int
    trip_ids: tuple[str, ...] = ()


class Periods(Wire):
    """All periods of a kind, counted, and the newest of them."""

    count: int = 0
    days: int = 0
    longest: Period | None = None
    newest: tuple[Period, ...] = ()


class Analytics(Wire):
    """Everything computed, as of one day."""

    as_of: dt.date
    visits: int
    countries: int
    days: int
    open_stays: int
    per_country: tuple[CountryCount, ...]
    more_countries: int
    per_year: tuple[YearTotal, ...]
    current_stays: tuple[CurrentStay, ...]
    longest_stay: LongStay | None
    max_days: MaxDaysUse
    schengen: SchengenUse
    overlaps: Periods
    gaps: Periods
