"""Looking ahead under the Schengen rule: how long one may stay after entering on a day, how the count moves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from dinotui.domain.analytics import PossibleStay, SchengenOutlook, UsedOn
from dinotui.domain.dates import LAST_DAY, from_day, to_day
from dinotui.domain.schengen import Presence
from dinotui.engine.schengen import Bound, presence, today_of
from dinotui.storage.store import Store

AHEAD: Final = (0, 7, 14, 30, 60, 90, 180)
"""Days from today on whose stays are looked at where no day is named."""

_MONTHS_BACK: Final = 11
_MONTHS_AHEAD: Final = 5


def outlook(
    store: Store, today: dt.date | None = None, *, entries: Sequence[dt.date] | None = None
) -> SchengenOutlook:
    """Return the stays that entering on some days allows, and the days used at the ends of months around today.

    `entries` are the days to enter on, by default today and some that follow; the past counts as recorded,
    and from the last recorded day on nobody is taken to be inside.
    """
    day = today_of(store, today)
    inside = presence(store, from_day(day))
    chosen = (
        [day + ahead for ahead in AHEAD if day + ahead <= LAST_DAY]
        if entries is None
        else [to_day(each) for each in entries]
    )
    return SchengenOutlook(
        applies=Bound(store).applies,
        entries=tuple(possible_stay(inside, each) for each in chosen),
        used=tuple(
            UsedOn(day=from_day(each), used=inside.used(each), ahead=each > day) for each in _month_ends(day)
        ),
    )


def possible_stay(inside: Presence, entry_day: int) -> PossibleStay:
    """Return how many days somebody may stay who enters on `entry_day`, and the last of them."""
    days = inside.allowed(entry_day)
    last = entry_day + days - 1
    return PossibleStay(
        entry=from_day(entry_day), days=days, until=from_day(last) if days and last <= LAST_DAY else None
    )


def _month_ends(day: int) -> list[int]:
    """Return the last days of the months before and after that of `day`, and `day` for its own month."""
    today = from_day(day)
    found = []
    for month in range(-_MONTHS_BACK, _MONTHS_AHEAD + 1):
        years, number = divmod(today.month - 1 + month, 12)
        following = today.year + years + (number == 11)
        if dt.MINYEAR <= following <= dt.MAXYEAR and today.year + years >= dt.MINYEAR:
            first_of_next = dt.date(following, 1 if number == 11 else number + 2, 1)
            found.append(day if month == 0 else to_day(first_of_next) - 1)
    return found
