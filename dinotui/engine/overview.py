"""How things stand, at a glance: what waits, where the user is, what was done last (the first screen)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dinotui.domain.analytics import CurrentStay, SchengenUse
from dinotui.domain.dates import from_day
from dinotui.engine import history
from dinotui.engine.analytics import current_stay
from dinotui.engine.history import FoundOperation
from dinotui.engine.importing.deciding import StagedImport
from dinotui.engine.importing.waiting import waiting_imports
from dinotui.engine.schengen import Bound, presence, today_of, use_of
from dinotui.storage import trips
from dinotui.storage.analytics_rows import current_stays
from dinotui.storage.export_rows import TripSpan
from dinotui.storage.store import Store
from dinotui.storage.trips import TripFilter

_MOST_STAYS: Final = 3
_LAST_OPERATIONS: Final = 5


@dataclass(frozen=True, slots=True)
class Glance:
    """What costs next to nothing to find out, whatever the number of trips."""

    trips: int
    operations: int
    waiting: tuple[StagedImport, ...]
    last: tuple[FoundOperation, ...]


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
    )


def presently(store: Store) -> Presently:
    """Return where the user is today, in the user's time zone."""
    day = today_of(store)
    found = current_stays(store, TripSpan(), day, _MOST_STAYS)
    use = use_of(presence(store, from_day(day)), day, applies=Bound(store).applies)
    return Presently(
        stays=tuple(current_stay(stay, day) for stay in found),
        schengen=use if use.applies and use.used else None,
    )
