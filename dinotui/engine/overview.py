"""How things stand, at a glance: what waits, where the user is, what was done last (the first screen)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from dinotui.domain.analytics import CurrentStay, SchengenUse
from dinotui.domain.dates import from_day
from dinotui.domain.errors import DinoError
from dinotui.domain.notification import Notification
from dinotui.engine import history
from dinotui.engine.alerts import make_alerts
from dinotui.engine.analytics import current_stay
from dinotui.engine.history import FoundOperation
from dinotui.engine.importing.waiting import StagedImport, waiting_imports
from dinotui.engine.notifications import list_notifications
from dinotui.engine.schengen import Bound, presence, today_of, use_of
from dinotui.storage import trips
from dinotui.storage.analytics_rows import current_stays
from dinotui.storage.export_rows import TripSpan
from dinotui.storage.store import Store
from dinotui.storage.trips import TripFilter

_MOST_STAYS: Final = 3
_LAST_OPERATIONS: Final = 5
_NEWS: Final = 2


@dataclass(frozen=True, slots=True)
class Glance:
    """What costs next to nothing to find out, whatever the number of trips; `news` are the newest unread messages."""

    trips: int
    operations: int
    waiting: tuple[StagedImport, ...]
    last: tuple[FoundOperation, ...]
    news: tuple[Notification, ...]


@dataclass(frozen=True, slots=True)
class Presently:
    """What takes a pass over all stays: those of today, and Schengen days used (None: none in the window)."""

    stays: tuple[CurrentStay, ...]
    schengen: SchengenUse | None


def glance(store: Store) -> Glance:
    """Return what waits and what was done last."""
    return Glance(
        trips=trips.count(store, TripFilter()),
        operations=history.count_operations(store),
        waiting=tuple(waiting_imports(store)),
        last=tuple(history.operations(store, limit=_LAST_OPERATIONS)),
        news=tuple(list_notifications(store, unread=True, standing=True, limit=_NEWS).notifications),
    )


def presently(store: Store) -> Presently:
    """Return where the user is today, in the user's time zone; what is due is told on the way.

    A message that cannot be stored now is told the next time.
    """
    with suppress(DinoError):
        make_alerts(store)
    day = today_of(store)
    found = current_stays(store, TripSpan(), day, _MOST_STAYS)
    use = use_of(presence(store, from_day(day)), day, applies=Bound(store).applies)
    return Presently(
        stays=tuple(current_stay(stay, day) for stay in found),
        schengen=use if use.applies and use.used else None,
    )
