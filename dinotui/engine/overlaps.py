"""Stays that a stay being typed runs into, before it is saved (SPEC.md 4.3)."""

from __future__ import annotations

from typing import Any, Final

from dinotui.storage.store import Store
from dinotui.storage.trips import TripFilter, page

_MOST: Final = 3


def overlapping(
    store: Store, entry_day: int, exit_day: int | None, today: int, *, apart_from: int | None = None
) -> list[dict[str, Any]]:
    """Return up to three stored stays that share more than a border day with these days, newest first.

    Stays of the very same day count as well. A stay without an exit (`exit_day` None) goes on up to `today`;
    `apart_from` is the number of the trip that is being edited.
    """
    leaving = max(entry_day, today) if exit_day is None else exit_day
    found = page(store, TripFilter(from_day=entry_day + 1, to_day=leaving - 1), limit=2 * _MOST)
    if leaving == entry_day:
        same = page(store, TripFilter(from_day=entry_day, to_day=entry_day), limit=2 * _MOST)
        found += [row for row in same if row["entry_day"] == row["exit_day"] == entry_day]
    return [row for row in found if row["number"] != apart_from and _goes_beyond(row, entry_day, today)][
        :_MOST
    ]


def _goes_beyond(row: dict[str, Any], day: int, today: int) -> bool:
    """Tell whether a stay without an exit, which goes on up to `today`, reaches behind `day`."""
    return row["exit_day"] is not None or max(row["entry_day"], today) > day
