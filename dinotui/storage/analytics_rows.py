"""What the analytics read of the trips: a stream of stays by country, and figures that SQL adds up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from dinotui.storage.export_rows import TripSpan
from dinotui.storage.store import Store

_STAY: Final = "id, number, country, country_code, entry_day, exit_day, max_days"


class Stay(NamedTuple):
    """One stay as the figures about single stays need it; days since 1970-01-01."""

    id: str
    number: int
    country: str
    country_code: str | None
    entry_day: int
    exit_day: int | None
    max_days: int | None


class MaxDaysFigures(NamedTuple):
    """Stays with max days that have begun: how many, how many too long, shares of max days used."""

    stays: int
    over: int
    average: float | None
    highest: float | None


def stays_by_country(store: Store, span: TripSpan) -> Iterator[tuple[Any, ...]]:
    """Yield code, folded name, entry, exit, folded visa and passport; entries in order within a country.

    Read from the index alone: a million stays in under a second.
    """
    return store.database.stream(
        "SELECT country_code, country_fold, entry_day, exit_day, visa_fold, passport_fold FROM trip"
        f" WHERE {span.where()} ORDER BY country_code, entry_day",
        span.bindings(store),
    )


def day_bounds(store: Store, span: TripSpan) -> tuple[int, int, int] | None:
    """Return the first entry, the last exit or entry, and how many stays are open; None without stays."""
    rows = store.database.rows(
        "SELECT min(entry_day), max(coalesce(exit_day, entry_day)), sum(exit_day IS NULL) FROM trip"
        f" WHERE {span.where()}",
        span.bindings(store),
    )
    return None if rows[0][0] is None else rows[0]


def latest_name(store: Store, code: str | None, fold: str) -> str:
    """Return how the user wrote a country last, found by its code or, without one, its folded text."""
    condition = "country_code = :code" if code else "country_code IS NULL AND country_fold = :fold"
    name = store.database.value(
        f"SELECT country FROM trip WHERE user = :user AND {condition} ORDER BY entry_day DESC LIMIT 1",
        {"user": store.user, "code": code, "fold": fold} if not code else {"user": store.user, "code": code},
    )
    return str(name or code or fold)


def current_stays(store: Store, span: TripSpan, today: int, limit: int) -> list[Stay]:
    """Return the stays that go on on `today`, the newest first."""
    rows = store.database.rows(
        f"SELECT {_STAY} FROM trip WHERE {span.where()} AND entry_day <= :today"
        " AND (exit_day IS NULL OR exit_day >= :today) ORDER BY entry_day DESC, number DESC LIMIT :limit",
        span.bindings(store, today=today, limit=limit),
    )
    return [Stay(*row) for row in rows]


def longest_stay(store: Store, span: TripSpan, today: int) -> Stay | None:
    """Return the stay with the most days, an open one counted up to `today`, the newer of two alike."""
    number = store.database.value(  # all of it is in an index; only the winner's row is read
        f"SELECT number FROM trip WHERE {span.where()} AND (exit_day IS NOT NULL OR entry_day <= :today)"
        " ORDER BY coalesce(exit_day, :today) - entry_day DESC, entry_day DESC, number DESC LIMIT 1",
        span.bindings(store, today=today),
    )
    return None if number is None else _stay(store, number)


def max_days_use(store: Store, span: TripSpan, today: int) -> tuple[MaxDaysFigures, Stay | None]:
    """Return how much of their max days the stays used, and the stay that used the greatest share.

    The plus keeps SQLite from going through an index to rows that it has to read all.
    """
    rows = store.database.rows(
        "SELECT count(*), coalesce(sum(days > max_days), 0), avg(days * 1.0 / max_days), max(days * 1.0 / max_days),"
        " number FROM (SELECT coalesce(exit_day, :today) - entry_day + 1 AS days, max_days, number FROM trip"
        f" WHERE +{span.where()} AND max_days IS NOT NULL AND (exit_day IS NOT NULL OR entry_day <= :today))",
        span.bindings(store, today=today),
    )
    *figures, number = rows[0]
    return MaxDaysFigures(*figures), None if number is None else _stay(store, number)


def _stay(store: Store, number: int) -> Stay:
    rows = store.database.rows(f"SELECT {_STAY} FROM trip WHERE number = ?", (number,))
    return Stay(*rows[0])


def stays_touching(
    store: Store, span: TripSpan, first: int, last: int
) -> Iterator[tuple[int, int, int | None]]:
    """Yield number, entry and exit of the stays that touch the days from `first` to `last`."""
    return store.database.stream(  # the plus keeps SQLite on the index that holds all of these columns
        f"SELECT number, entry_day, exit_day FROM trip WHERE {span.where()} AND +entry_day <= :last"
        " AND (exit_day IS NULL OR exit_day >= :first)",
        span.bindings(store, first=first, last=last),
    )


def trip_ids(store: Store, numbers: Iterable[int]) -> dict[int, str]:
    """Return the ids of a few trips by number."""
    found = {}
    for number in numbers:
        id_ = store.database.value("SELECT id FROM trip WHERE user = ? AND number = ?", (store.user, number))
        found[number] = str(id_)
    return found
