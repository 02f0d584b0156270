"""Streaming what an export holds: trips newest entry first, on one unchanging snapshot (SPEC.md 3)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, Final, NamedTuple

from dinotui.domain.export import BATCH, ExportRow
from dinotui.storage.database import Database
from dinotui.storage.store import Store

_TRIP: Final = (
    "id, country, country_code, entry_day, exit_day, visa_type, max_days, passport_country, notes,"
    " created_at, updated_at, source"
)
_NOTIFICATION: Final = "n.id, n.kind, n.title, n.message, n.created_at, n.read_at, n.trip_id, n.subject"


class TripSpan(NamedTuple):
    """Which trips are meant: those whose stay touches the days from `from_day` to `to_day`; None is open."""

    from_day: int | None = None
    to_day: int | None = None

    def where(self) -> str:
        """Return the SQL condition for the names of `bindings`."""
        parts = ["user = :user"]
        if self.to_day is not None:
            parts.append("entry_day <= :to_day")
        if self.from_day is not None:
            parts.append("(exit_day IS NULL OR exit_day >= :from_day)")
        return " AND ".join(parts)

    def bindings(self, store: Store, **more: Any) -> dict[str, Any]:
        """Return what the condition's names stand for."""
        found = {"user": store.user, "from_day": self.from_day, "to_day": self.to_day}
        return {name: value for name, value in found.items() if value is not None} | more


class Extent(NamedTuple):
    """How many trips there are, and their first and last day (None without trips)."""

    trips: int
    first_day: int | None
    last_day: int | None


@contextmanager
def snapshot(database: Database) -> Iterator[None]:
    """Run a block of reads on one unchanging state of the file, also inside a transaction that is open."""
    if database.connection.getautocommit():
        with database.read():
            yield
    else:
        yield


def trip_extent(store: Store, span: TripSpan) -> Extent:
    """Return how many trips an export of `span` holds and the days between which they lie."""
    rows = store.database.rows(
        f"SELECT count(*), min(entry_day), max(coalesce(exit_day, entry_day)) FROM trip WHERE {span.where()}",
        span.bindings(store),
    )
    return Extent(*rows[0])


def trip_batches(store: Store, span: TripSpan, limit: int = -1) -> Iterator[list[ExportRow]]:
    """Yield the trips of `span`, newest entry first, `BATCH` at a time, at most `limit`."""
    rows = store.database.stream(
        f"SELECT {_TRIP} FROM trip WHERE {span.where()} ORDER BY entry_day DESC, number DESC LIMIT :limit",
        span.bindings(store, limit=limit),
    )
    while batch := list(islice(rows, BATCH)):
        yield batch  # columns of _TRIP are those of ExportRow


def _told(span: TripSpan) -> str:
    """Return which messages belong to an export of `span`: about a trip in it, or made in it."""
    if span == TripSpan():
        return "FROM notification n WHERE n.user = :user"
    conditions = span.where().replace("user =", "t.user =")
    made = ["n.trip_id IS NULL"]
    if span.from_day is not None:
        made.append("substr(n.created_at, 1, 10) >= date(:from_day * 86400, 'unixepoch')")
    if span.to_day is not None:
        made.append("substr(n.created_at, 1, 10) <= date(:to_day * 86400, 'unixepoch')")
    return (
        "FROM notification n WHERE n.user = :user AND (EXISTS (SELECT 1 FROM trip t WHERE"
        f" t.id = n.trip_id AND {conditions}) OR ({' AND '.join(made)}))"
    )


def count_notifications(store: Store, span: TripSpan) -> int:
    """Return how many messages an export of `span` holds."""
    return int(store.database.value(f"SELECT count(*) {_told(span)}", span.bindings(store)))


def notification_batches(store: Store, span: TripSpan, limit: int = -1) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the messages of `span`, newest first, columns as in `NOTIFICATION_FIELDS`."""
    rows = store.database.stream(
        f"SELECT {_NOTIFICATION} {_told(span)} ORDER BY n.number DESC LIMIT :limit",
        span.bindings(store, limit=limit),
    )
    while batch := list(islice(rows, BATCH)):
        yield batch


def is_logged(store: Store, operation_id: str) -> bool:
    """Return whether the log holds the operation, for good."""
    return store.database.value("SELECT 1 FROM operation WHERE id = ?", (operation_id,)) is not None
