"""Trips in the database: single ones, and pages by keyset, newest entry first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from dinotui.domain.dates import day_text, from_day
from dinotui.domain.errors import NotFound, UsageError
from dinotui.domain.trip import Trip
from dinotui.domain.visible import visible
from dinotui.locale import _
from dinotui.storage.store import Store
from dinotui.storage.tables import TripRow
from dinotui.storage.words import with_words

_COLUMNS: Final = tuple(TripRow._meta.fields)  # noqa: SLF001 - Peewee's documented name for its metadata
_CHUNK: Final = 500
_ID: Final = "id:"
_SEARCHED: Final = (
    "country || ' ' || coalesce(country_code, '') || ' ' || visa_type || ' ' || passport_country || ' ' || notes"
    " || ' ' || date(entry_day * 86400, 'unixepoch') || ' #' || number"
)


@dataclass(frozen=True, slots=True)
class TripFilter:
    """Which trips to list: any of country (text or code), a span of days, and words in any text.

    A stay is in the span when it touches it; days count from 1970-01-01.
    """

    country: str = ""
    country_code: str | None = None
    from_day: int | None = None
    to_day: int | None = None
    text: str = ""

    def where(self) -> tuple[str, dict[str, Any]]:
        """Return the SQL condition and its bindings."""
        parts = ["user = :user"]
        values: dict[str, Any] = {}
        if self.country or self.country_code:
            parts.append("(country_code = :code OR country_fold = :country)")
            values |= {"code": self.country_code, "country": self.country}
        if self.from_day is not None:
            parts.append("(exit_day IS NULL OR exit_day >= :from_day)")
            values["from_day"] = self.from_day
        if self.to_day is not None:
            parts.append("entry_day <= :to_day")
            values["to_day"] = self.to_day
        words, bindings = with_words(_SEARCHED, self.text)
        return " AND ".join(parts + words), values | bindings


def trip_of(row: dict[str, Any]) -> Trip:
    """Return the trip that a stored row is."""
    return Trip(
        number=row["number"],
        id=row["id"],
        country=row["country"],
        country_code=row["country_code"],
        entry_date=from_day(row["entry_day"]),
        exit_date=None if row["exit_day"] is None else from_day(row["exit_day"]),
        visa_type=row["visa_type"],
        max_days=row["max_days"],
        passport_country=row["passport_country"],
        notes=row["notes"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        source=row["source"],
    )


def highest_number(store: Store) -> int:
    """Return the highest number that any trip has, 0 where there is none; reads one row."""
    return int(store.database.value("SELECT max(number) FROM trip") or 0)


def rows_by_number(store: Store, numbers: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Return the user's stored rows with these numbers."""
    wanted = list(dict.fromkeys(numbers))
    found: dict[int, dict[str, Any]] = {}
    for start in range(0, len(wanted), _CHUNK):
        chosen = wanted[start : start + _CHUNK]
        # the plus keeps SQLite from walking all of the user's trips by an index that begins with user
        sql = f"SELECT {', '.join(_COLUMNS)} FROM trip WHERE number IN ({', '.join('?' * len(chosen))}) AND +user = ?"
        for values in store.database.rows(sql, (*chosen, store.user)):
            row = dict(zip(_COLUMNS, values, strict=True))
            found[row["number"]] = row
    return found


def find_row(store: Store, key: str) -> dict[str, Any]:
    """Return the stored row of the trip with this id or else number (``412`` or ``#412``); raises `NotFound`.

    For keys that the program knows. What a person writes may mean either: see `named_row`.
    """
    row = _row_with_id(store, key) or _row_with_number(store, key)
    if row is None:
        raise _no_such_trip(key)
    return row


def named_row(store: Store, word: str) -> dict[str, Any]:
    """Return the stored row of the trip that a person names: ``412``, ``#412``, an id, or ``id:`` and an id.

    ``#412`` is the number wherever there is one, ``id:412`` the id. Raises `NotFound`, and `UsageError` where a
    bare word is the number of one trip and the id of another.
    """
    if word.startswith("#"):
        row = _row_with_number(store, word) or _row_with_id(store, word)
    elif word.startswith(_ID):
        row = _row_with_id(store, word.removeprefix(_ID)) or _row_with_id(store, word)
    else:
        row, other = _row_with_id(store, word), _row_with_number(store, word)
        if row is not None and other is not None and row["number"] != other["number"]:
            message = _(
                "“{word}” is the number of the trip to {numbered} and the id of #{number}, the one to {named}. "
                "Write #{word} for the number or id:{word} for the id."
            )
            message = message.format(
                word=visible(word), numbered=_named(other), named=_named(row), number=row["number"]
            )
            raise UsageError("ambiguous-trip", message)
        row = row or other
    if row is None:
        raise _no_such_trip(word)
    return row


def _row_with_id(store: Store, key: str) -> dict[str, Any] | None:
    query = TripRow.select().where((TripRow.user == store.user) & (TripRow.id == key)).dicts()
    return next(iter(store.database.run(query)), None)


def _row_with_number(store: Store, key: str) -> dict[str, Any] | None:
    number = key.removeprefix("#")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    return rows_by_number(store, [int(number)]).get(int(number))


def _named(row: Mapping[str, Any]) -> str:
    return f"{visible(row['country'])} ({day_text(row['entry_day'])})"


def _no_such_trip(key: str) -> NotFound:
    return NotFound(
        "no-such-trip", _("There is no trip {key}. List them with: dinotui trips.").format(key=visible(key))
    )


def row_of_id(store: Store, trip_id: str) -> dict[str, Any]:
    """Return the stored row of the trip with just this id, whatever its number; raises `NotFound`."""
    row = _row_with_id(store, trip_id)
    if row is None:
        raise NotFound("trip-gone", _("This trip is not there any more."), visible(trip_id))
    return row


def count(store: Store, chosen: TripFilter) -> int:
    """Return how many trips the filter keeps."""
    condition, values = chosen.where()
    return int(
        store.database.value(f"SELECT count(*) FROM trip WHERE {condition}", {**values, "user": store.user})
    )


def stream(store: Store, chosen: TripFilter) -> Iterator[dict[str, Any]]:
    """Yield the stored rows that the filter keeps, newest entry first."""
    yield from _query(store, chosen, "", {}, "DESC", -1)


def page(
    store: Store,
    chosen: TripFilter,
    *,
    after: tuple[int, int] | None = None,
    limit: int = 100,
    backwards: bool = False,
) -> list[dict[str, Any]]:
    """Return a page, newest entry first, that follows `after` (entry day, number) or, backwards, precedes it.

    Backwards with no `after` is the last page. Pages go by keyset, never by offset.
    """
    sign, order = (">", "ASC") if backwards else ("<", "DESC")
    keyset = f" AND (entry_day, number) {sign} (:after_day, :after_number)" if after else ""
    values = {"after_day": after[0], "after_number": after[1]} if after else {}
    rows = list(_query(store, chosen, keyset, values, order, limit))
    return rows[::-1] if backwards else rows


def _query(
    store: Store, chosen: TripFilter, keyset: str, keys: dict[str, int], order: str, limit: int
) -> Iterator[dict[str, Any]]:
    condition, values = chosen.where()
    sql = (
        f"SELECT {', '.join(_COLUMNS)} FROM trip WHERE {condition}{keyset}"
        f" ORDER BY entry_day {order}, number {order} LIMIT :limit"
    )
    for row in store.database.stream(sql, {**values, **keys, "user": store.user, "limit": limit}):
        yield dict(zip(_COLUMNS, row, strict=True))
