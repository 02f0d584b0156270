"""The Schengen rule: at most 90 days in any 180 (Regulation (EU) 2016/399, article 6).

Entry and exit day both count. On every day one looks back at the 180 days that end with it. Days count from
1970-01-01. Who is bound by the rule, and where and since when, is data (``data/schengen.json``).
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Final, NamedTuple

from dinotui.domain.coverage import merged
from dinotui.domain.dates import to_day
from dinotui.domain.folding import fold

LIMIT: Final = 90
WINDOW: Final = 180

_DATA: Final = Path(__file__).parent / "data" / "schengen.json"


@dataclass(frozen=True, slots=True)
class _Data:
    """The first day that counts by code, passports with free movement, folded visa types that do not count."""

    since: dict[str, int]
    free_movement: frozenset[str]
    uncounted: frozenset[str]


class Worst(NamedTuple):
    """The window with the most days: its last day and how many of its 180 days were spent inside."""

    day: int
    days: int


def counts_since(code: str | None) -> int | None:
    """Return the first day on which a stay in `code` counts, None for a place outside."""
    return _data().since.get(code or "")


def counted_days(code: str | None, entry_day: int, exit_day: int) -> tuple[int, int] | None:
    """Return the part of a stay that counts, first and last day, None where none does."""
    since = counts_since(code)
    if since is None or exit_day < max(since, entry_day):
        return None
    return max(since, entry_day), exit_day


def bound_by_rule(passport_code: str | None) -> bool:
    """Tell whether a holder of that passport (None: not known) is bound by the rule."""
    return passport_code not in _data().free_movement


def visa_counts(visa_fold: str) -> bool:
    """Tell whether days under that visa type (folded) count; residence permits and long stays do not."""
    return visa_fold not in _data().uncounted


class Presence:
    """The days somebody spent inside, as disjoint spans; every answer costs a binary search."""

    def __init__(self, stays: Iterable[tuple[int, int]]) -> None:
        """Take counted stays as first and last day, in any order; they may overlap."""
        spans = merged(sorted(stays))
        self._starts = [start for start, _end in spans]
        self._ends = [end for _start, end in spans]
        self._before = [0, *accumulate(end - start + 1 for start, end in spans)]

    def until(self, day: int) -> int:
        """Return how many days up to and with `day` were spent inside."""
        after = bisect_right(self._starts, day)
        if after == 0:
            return 0
        return self._before[after] - max(0, self._ends[after - 1] - day)

    def inside(self, day: int) -> bool:
        """Tell whether `day` was spent inside."""
        return self.until(day) > self.until(day - 1)

    def used(self, day: int) -> int:
        """Return how many of the 180 days that end with `day` were spent inside."""
        return self.until(day) - self.until(day - WINDOW)

    def worst(self) -> Worst | None:
        """Return the first day whose window holds the most days, None where there is no day inside.

        The count can only stop growing where a stay ends, or where the window's start reaches a stay.
        """
        turns = {*self._ends, *(start + WINDOW - 1 for start in self._starts)}
        return max(
            (Worst(day, self.used(day)) for day in turns), key=lambda w: (w.days, -w.day), default=None
        )

    def allowed(self, entry_day: int) -> int:
        """Return how many days somebody may stay who enters on `entry_day`, 0 to 90.

        Stays up to the day before count; later ones are taken as not yet travelled.
        """
        until = entry_day - 1
        earlier = self.until(until)
        for days in range(1, LIMIT + 1):
            passed = self.until(min(entry_day + days - 1 - WINDOW, until))
            if earlier - passed + days > LIMIT:
                return days - 1
        return LIMIT

    def run_since(self, day: int, least: int) -> int | None:
        """Return since which day without a break at least `least` days were used, None if not on `day`."""
        if self.used(day) < least:
            return None
        while self.used(day - 1) >= least:
            day -= 1
        return day


@cache
def _data() -> _Data:
    found = json.loads(_DATA.read_text(encoding="utf-8"))
    since = {code: to_day(date.fromisoformat(day)) for code, day in found["members"].items()}
    since |= {code: since[around] for code, around in found["within"].items()}
    return _Data(
        since,
        frozenset(found["free_movement"]),
        frozenset(fold(name) for name in found["uncounted_visa_types"]),
    )
