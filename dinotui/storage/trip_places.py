"""Where a trip stands in a list, and which trips a filter keeps: numbers only, never whole rows."""

from __future__ import annotations

from collections.abc import Iterator

from dinotui.storage.store import Store
from dinotui.storage.trips import TripFilter


def rank(store: Store, key: tuple[int, int]) -> int:
    """Return how many of the user's trips stand before `key` (entry day, number) in newest-first order."""
    sql = "SELECT count(*) FROM trip WHERE user = ? AND (entry_day, number) > (?, ?)"
    return int(store.database.value(sql, (store.user, *key)))


def numbers(store: Store, chosen: TripFilter) -> Iterator[int]:
    """Yield the numbers of the trips that the filter keeps, newest entry first."""
    condition, values = chosen.where()
    sql = f"SELECT number FROM trip WHERE {condition} ORDER BY entry_day DESC, number DESC"
    for (number,) in store.database.stream(sql, {**values, "user": store.user}):
        yield number
