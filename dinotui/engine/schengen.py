"""The Schengen rule for one user: which stays count, how many of the 90 days are used (SPEC.md 2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import groupby, islice
from operator import itemgetter
from typing import Final, TypeAlias

from dinotui.domain import schengen
from dinotui.domain.analytics import SchengenUse, Window
from dinotui.domain.coverage import merged
from dinotui.domain.dates import from_day, to_day, today
from dinotui.domain.schengen import LIMIT, WINDOW, Presence
from dinotui.engine.preferences import get_preferences
from dinotui.storage.analytics_rows import stays_by_country
from dinotui.storage.export_rows import TripSpan
from dinotui.storage.store import Store

_Span: TypeAlias = tuple[int, int]
_CHUNK: Final = 20_000


def today_of(store: Store, given: dt.date | None = None) -> int:
    """Return the day of `given`, or today's in the user's time zone."""
    return today(get_preferences(store).time_zone) if given is None else to_day(given)


def presence(store: Store, today: dt.date | None = None) -> Presence:
    """Return the days inside the Schengen area that count for this user; open stays go on to `today`."""
    day, bound = today_of(store, today), Bound(store)
    spans: list[_Span] = []
    for code, stays in groupby(stays_by_country(store, TripSpan()), key=itemgetter(0)):
        while chunk := list(islice(stays, _CHUNK)):
            ends = [day if row[3] is None else row[3] for row in chunk]
            spans += bound.counted_days(code, [row[2] for row in chunk], ends, [row[4:6] for row in chunk])
    return Presence(spans)


class Bound:
    """Which stays count for this user: by place, time, visa type, and the passport travelled on."""

    def __init__(self, store: Store) -> None:
        self.applies = schengen.bound_by_rule(get_preferences(store).home_passport)
        self._counts: dict[tuple[str, str], bool] = {}

    def counted_days(
        self, code: str | None, starts: Sequence[int], ends: Sequence[int], papers: Sequence[tuple[str, str]]
    ) -> list[_Span]:
        """Return the days that count of stays in one country as joined spans.

        `papers` holds each stay's folded visa type and passport (a code where it is known); a stay without a
        passport was travelled on the home passport. The starts are in order.
        """
        if schengen.counts_since(code) is None:
            return []
        counts = {pair: self._paper_counts(pair) for pair in set(papers)}
        found = (
            schengen.counted_days(code, start, end)
            for start, end, pair in zip(starts, ends, papers, strict=True)
            if counts[pair]
        )
        return merged(span for span in found if span is not None)

    def _paper_counts(self, papers: tuple[str, str]) -> bool:
        if papers not in self._counts:
            visa, passport = papers
            bound = schengen.bound_by_rule(passport) if passport else self.applies
            self._counts[papers] = bound and schengen.visa_counts(visa)
        return self._counts[papers]


def use_of(inside: Presence, day: int, *, applies: bool) -> SchengenUse:
    """Return what is used and left on `day`."""
    used, worst = inside.used(day), inside.worst()
    return SchengenUse(
        applies=applies,
        used=used,
        left=max(0, LIMIT - used),
        over=max(0, used - LIMIT),
        window_start=from_day(day - WINDOW + 1),
        allowed=inside.allowed(day),
        worst=worst
        and Window(start=from_day(worst.day - WINDOW + 1), end=from_day(worst.day), days=worst.days),
    )
