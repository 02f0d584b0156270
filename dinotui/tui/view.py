"""How the user wants things shown: which day it is, and how a date is written."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from dinotui.domain.dates import from_day
from dinotui.domain.preferences import DateFormat, shown_date
from dinotui.engine.preferences import get_preferences
from dinotui.engine.schengen import today_of
from dinotui.storage.store import Store


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
        return 13 if self.date_format == "YYYY. M. D." else 10


def view_of(store: Store) -> View:
    """Return the view of the store's user, now."""
    return View(today_of(store), get_preferences(store).date_format)
