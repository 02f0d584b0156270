"""Stays that a stay being typed runs into, before it is saved (SPEC.md 4.3)."""

from __future__ import annotations

from typing import Any, Final

from dinotui.storage.store import Store
from dinotui.storage.trips import TripFilter, page

_MOST: Final = 3


def overlapping(
    store: Store, entry_day: int, exit_day: int | None, *, apart_from: int | None = None
) -> list[dict[str, Any]]:
    """Return up to three stored stays that share more than a border day with these days, newest first.

    Stays of the very same days count as well. `exit_day` None means that the stay goes on; `apart_from` is the
    number of the trip that is being edited.
    """
    inside = TripFilter(from_day=entry_day + 1, to_day=None if exit_day is None else exit_day - 1)
    found = page(store, inside, limit=_MOST + 1)
    if exit_day == entry_day:
        same = page(store, TripFilter(from_day=entry_day, to_day=entry_day), limit=2 * _MOST)
        found += [row for row in same if row["entry_day"] == row["exit_day"] == entry_day]
    return [row for row in found if row["number"] != apart_from][:_MOST]
