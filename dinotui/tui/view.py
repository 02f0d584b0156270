"""How the user wants things shown: which day it is, and how dates and times are written.

The preferences in force are kept in one place, as the language is: drawing functions ask here.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, tzinfo
from typing import NamedTuple

from dinotui.domain.dates import from_day, iso_day, zone_named
from dinotui.domain.errors import UsageError
from dinotui.domain.preferences import DateFormat, Preferences, shown_date
from dinotui.engine.preferences import get_preferences
from dinotui.engine.schengen import today_of
from dinotui.storage.store import Store

_WIDEST = 13
_state: dict[str, Preferences] = {"preferences": Preferences()}


class View(NamedTuple):
    """`today` in days since 1970-01-01, in the user's time zone."""

    today: int
    date_format: DateFormat = "YYYY-MM-DD"

    def day(self, day: int) -> str:
        """Return a day as the user reads it."""
        return shown_date(from_day(day), self.date_format)

    def date(self, day: date) -> str:
        """Return a date as the user reads it."""
        return shown_date(day, self.date_format)

    @property
    def date_width(self) -> int:
        """How many cells a date takes at most."""
        return _WIDEST if self.date_format == "YYYY. M. D." else 10


def view_of(store: Store) -> View:
    """Return the view of the store's user, now."""
    return View(today_of(store), get_preferences(store).date_format)


def preferences_in_force() -> Preferences:
    """Return the preferences that everything is shown by."""
    return _state["preferences"]


def use_preferences(preferences: Preferences) -> None:
    """Show dates and times by these preferences from now on."""
    _state["preferences"] = preferences


def zone_in_force() -> tzinfo | None:
    """Return the user's time zone, None for this machine's."""
    name = preferences_in_force().time_zone
    with suppress(UsageError):
        return zone_named(name) if name else None
    return None


def shown_date_text(text: str) -> str:
    """Return ``YYYY-MM-DD`` as the user reads a date; any other text as it is."""
    day = iso_day(text)
    return text if day is None else shown_date(from_day(day), preferences_in_force().date_format)


def shown_moment(moment: datetime) -> str:
    """Return an instant as date and time to the minute, in the user's zone and form."""
    there = moment.astimezone(zone_in_force())
    return f"{shown_date(there.date(), preferences_in_force().date_format)} {there:%H:%M}"


def shown_instant(timestamp: str) -> str:
    """Return an instant of the log (ISO 8601) as `shown_moment` does; what is none as it is."""
    try:
        return shown_moment(datetime.fromisoformat(timestamp))
    except (ValueError, OverflowError):
        return timestamp


def date_width_in_force() -> int:
    """How many cells a date takes at most, as dates are shown now."""
    return View(0, preferences_in_force().date_format).date_width
