"""Telling the user in time: a stay near or past its max days, the 90 Schengen days nearly or more than used.

Each is told once. What is told is named by a subject that stays the same as long as the reason does: the
trip and its last allowed day, or the day since when the Schengen count has been that high.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final, NamedTuple

from dinotui.domain import schengen
from dinotui.domain.dates import day_text, from_day
from dinotui.domain.notification import OVERSTAY, SCHENGEN_NEAR, SCHENGEN_OVER, STAY_LIMIT
from dinotui.domain.preferences import Preferences, shown_date
from dinotui.engine.notifications import add_notification
from dinotui.engine.preferences import get_preferences
from dinotui.engine.schengen import presence, today_of
from dinotui.locale import _, ngettext
from dinotui.storage.analytics_rows import Stay, current_stays
from dinotui.storage.export_rows import TripSpan
from dinotui.storage.notification_rows import subjects_told
from dinotui.storage.store import Store

_MOST: Final = 100  # current stays that are looked at, the newest


class Alert(NamedTuple):
    """Something to tell, and the subject under which it is told once."""

    kind: str
    subject: str
    title: str
    message: str
    trip_id: str | None = None


def make_alerts(store: Store, today: dt.date | None = None) -> int:
    """Tell the user what is due as of `today` and was not told before; return how many messages are new."""
    told = subjects_told(store)
    due = [alert for alert in alerts_due(store, today) if alert.subject not in told]
    return sum(
        add_notification(
            store, alert.kind, alert.title, alert.message, subject=alert.subject, trip_id=alert.trip_id
        )
        for alert in due
    )


def alerts_due(store: Store, today: dt.date | None = None) -> list[Alert]:
    """Return what there is to tell as of `today`, told before or not."""
    day, preferences = today_of(store, today), get_preferences(store)
    found: list[Alert] = []
    for stay in current_stays(store, TripSpan(), day, _MOST):
        found += _stay_alerts(stay, day, preferences)
    if schengen.bound_by_rule(preferences.home_passport):
        found += _schengen_alerts(store, day, preferences)
    return found


def _stay_alerts(stay: Stay, day: int, preferences: Preferences) -> Iterator[Alert]:
    if stay.max_days is None:
        return
    last = stay.entry_day + stay.max_days - 1
    left, where = last - day, {"country": stay.country, "date": _shown(last, preferences)}
    if left < 0:
        message = ngettext(
            "Your stay in {country} was allowed until {date}; it is {count} day over.",
            "Your stay in {country} was allowed until {date}; it is {count} days over.",
            -left,
        ).format(count=-left, **where)
        subject = f"{OVERSTAY}:{stay.id}:{day_text(last)}"
        yield Alert(OVERSTAY, subject, _("Stay too long: {country}").format(**where), message, stay.id)
        return
    reached = [days for days in preferences.visa_expiry_days if left <= days]
    if reached and (stay.exit_day is None or stay.exit_day > last):  # who leaves in time needs no warning
        message = ngettext(
            "Your stay in {country} may last until {date}: {count} day is left.",
            "Your stay in {country} may last until {date}: {count} days are left.",
            left,
        ).format(count=left, **where)
        subject = f"{STAY_LIMIT}:{stay.id}:{day_text(last)}:{reached[0]}"
        yield Alert(STAY_LIMIT, subject, _("Stay ends soon: {country}").format(**where), message, stay.id)


def _schengen_alerts(store: Store, day: int, preferences: Preferences) -> Iterator[Alert]:
    inside = presence(store, from_day(day))
    used = inside.used(day)
    over = inside.run_since(day, schengen.LIMIT + 1)
    if over is not None:
        message = _("{used} of 90 days are used in the 180 days up to today: {count} too many.")
        yield Alert(
            SCHENGEN_OVER,
            f"{SCHENGEN_OVER}:{day_text(over)}",
            _("Schengen: more than 90 days"),
            message.format(used=used, count=used - schengen.LIMIT),
        )
        return
    near = inside.run_since(day, max(1, schengen.LIMIT - preferences.schengen_warning_days))
    if near is not None:
        message = ngettext(
            "{used} of 90 days are used in the 180 days up to today: {count} is left.",
            "{used} of 90 days are used in the 180 days up to today: {count} are left.",
            schengen.LIMIT - used,
        )
        yield Alert(
            SCHENGEN_NEAR,
            f"{SCHENGEN_NEAR}:{day_text(near)}",
            _("Schengen: 90 days nearly used"),
            message.format(used=used, count=schengen.LIMIT - used),
        )


def _shown(day: int, preferences: Preferences) -> str:
    return shown_date(from_day(day), preferences.date_format)
