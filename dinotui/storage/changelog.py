"""The change log: every operation's changesets, recorded by SQLite's session extension and reversible.

A changeset holds each row before and after; how undo and redo use it is told in `reversing`. Large operations
record several parts, so that memory stays bounded, and undo takes them in reverse (DESIGN.md, The one flow, 4).
Trips that come in by the thousand are recorded as whole rows, without watching each.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import apsw

from dinotui.domain.ids import new_id
from dinotui.storage import whole_rows
from dinotui.storage.database import Database, utc_now
from dinotui.storage.store import Store
from dinotui.storage.tables import Operation, OperationChange

RECORDED_TABLES: Final = ("trip", "preference", "notification", "rule", "export_profile")
PART_ROWS: Final = 10_000  # rows of a part: some MB while it is recorded, some 10 ms to show a page of it


class Counts(NamedTuple):
    """Rows that a part or an operation inserted, updated and deleted."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0

    def plus(self, other: Counts) -> Counts:
        """Return the sum, field by field."""
        return Counts(*(a + b for a, b in zip(self, other, strict=True)))


class Measured(NamedTuple):
    """What a part changes: its counts, and the lowest and highest number of the trips in it."""

    counts: Counts
    lowest: int | None
    highest: int | None


class _Waiting(NamedTuple):
    """A part on its way to the log: what is in it, and its bytes as another thread compresses them."""

    part: int
    measured: Measured
    packed: Future[bytes]


@dataclass(slots=True)
class Recorder:
    """An operation that is being made. `number` stamps the rows it changes (`changed_by`)."""

    store: Store
    number: int
    id: str
    counts: Counts = field(default_factory=Counts)
    _parts: int = 0
    _waiting: _Waiting | None = None
    _packer: ThreadPoolExecutor | None = None

    @contextmanager
    def part(self) -> Iterator[None]:
        """Record the changes of a block as one part of the operation."""
        database = self.store.database
        session = apsw.Session(database.connection, "main")
        try:
            for table in RECORDED_TABLES:
                session.attach(table)
            yield
            changes = session.changeset()
        finally:
            session.close()
        if changes:
            self._keep(changes, measure(changes))

    def keep_rows(self, packed: bytes, measured: Measured) -> None:
        """Take the trips that were added, or removed again, as a part of their own (see `whole_rows`)."""
        self._keep(packed, measured)

    def _keep(self, changes: bytes, measured: Measured) -> None:
        """Count a part, and store the one before it; a second part means that more will come."""
        self.counts = self.counts.plus(measured.counts)
        self._store_waiting()
        packed: Future[bytes] = Future()
        if self._parts == 0:
            packed.set_result(zlib.compress(changes, 1))
        else:
            self._packer = self._packer or ThreadPoolExecutor(1)
            packed = self._packer.submit(zlib.compress, changes, 1)
        self._waiting = _Waiting(self._parts, measured, packed)
        self._parts += 1

    def _store_waiting(self) -> None:
        if self._waiting is None:
            return
        part, (counts, lowest, highest), packed = self._waiting
        self._waiting = None
        row = OperationChange.insert(
            operation=self.number,
            part=part,
            inserted=counts.inserted,
            updated=counts.updated,
            deleted=counts.deleted,
            lowest_trip=lowest,
            highest_trip=highest,
            changeset=packed.result(),
        )
        self.store.database.run(row)

    def finish(self) -> None:
        """Store what is still on its way to the log; `operation` sees to it."""
        try:
            self._store_waiting()
        finally:
            self.abandon()

    def abandon(self) -> None:
        """End the thread that compresses; nothing more is stored."""
        if self._packer is not None:
            self._packer.shutdown()
            self._packer = None

    def describe(self, **columns: Any) -> None:
        """Set columns of the operation's entry (summary, state, backup_id, details …)."""
        if "details" in columns:
            columns["details"] = json.dumps(columns["details"], ensure_ascii=False)
        self.store.database.run(Operation.update(**columns).where(Operation.number == self.number))


@contextmanager
def operation(store: Store, kind: str, *, id: str | None = None, source: str = "") -> Iterator[Recorder]:  # noqa: A002 - the column's name
    """Make an operation in one transaction: a log entry and whatever the block records in parts.

    The block runs inside `Database.write`; an exception leaves no trace.
    """
    with store.database.write():
        made = id or new_id()
        number = store.database.run(
            Operation.insert(
                user=store.user,
                id=made,
                kind=kind,
                state="done",
                timestamp=utc_now(),
                source=source,
                summary="",
                details="{}",
            )
        )
        recorder = Recorder(store, int(number), made)
        try:
            yield recorder
            recorder.finish()
        finally:
            recorder.abandon()


def measure(changes: bytes) -> Measured:
    """Return what a changeset holds."""
    inserted = updated = deleted = 0
    lowest: int | None = None
    highest: int | None = None
    for change in apsw.Changeset.iter(changes):
        values = change.old if change.opcode != apsw.SQLITE_INSERT else change.new
        if change.opcode == apsw.SQLITE_INSERT:
            inserted += 1
        elif change.opcode == apsw.SQLITE_DELETE:
            deleted += 1
        else:
            updated += 1
        if change.name == "trip" and values is not None:
            number = values[0]
            assert isinstance(number, int)
            lowest = number if lowest is None or number < lowest else lowest
            highest = number if highest is None or number > highest else highest
    return Measured(Counts(inserted, updated, deleted), lowest, highest)


def recount(stored: bytes, recorded: Counts) -> Counts:
    """Return the rows that a stored part holds; `recorded` says whether whole rows were added or removed.

    Raises `zlib.error`, `apsw.Error`, `TypeError` or `ValueError` where the part cannot be read.
    """
    changes = zlib.decompress(stored)
    if not changes.startswith(whole_rows.MARK):
        return measure(changes).counts
    count = len(whole_rows.unpack(changes).named())
    return Counts(inserted=count) if recorded.inserted else Counts(deleted=count)


class RowChange(NamedTuple):
    """One row of an operation: table, key, and columns before and after (None: the row was not there)."""

    table: str
    key: tuple[Any, ...]
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def changes_of(
    database: Database, operation_number: int, offset: int, limit: int, trip: int | None = None
) -> list[RowChange]:
    """Return a page of the rows that an operation changed; `trip` keeps only that trip's number.

    Only the parts that the page touches are decompressed.
    """
    page: list[RowChange] = []
    parts = database.rows(
        "SELECT part, inserted + updated + deleted, lowest_trip, highest_trip FROM operation_change"
        " WHERE operation = ? ORDER BY part",
        (operation_number,),
    )
    for part, rows, lowest, highest in parts:
        if trip is not None and (lowest is None or not lowest <= trip <= highest):
            continue
        if trip is None and offset >= rows:
            offset -= rows
            continue
        for change in sorted(decoded(database, operation_number, part), key=_order):
            if trip is not None and (change.table != "trip" or change.key != (trip,)):
                continue
            if offset > 0:
                offset -= 1
            elif len(page) < limit:
                page.append(change)
            else:
                return page
    return page


def stream_changes(database: Database, operation_number: int) -> Iterator[RowChange]:
    """Yield all rows that an operation changed, in the order of its pages, each part decompressed once."""
    parts = database.rows(
        "SELECT part FROM operation_change WHERE operation = ? ORDER BY part", (operation_number,)
    )
    for (part,) in parts:
        yield from sorted(decoded(database, operation_number, part), key=_order)


def _order(change: RowChange) -> tuple[int, tuple[Any, ...]]:
    """Order rows by table and key: a changeset has them in no order that a reader would know."""
    return RECORDED_TABLES.index(change.table), change.key


def decoded(database: Database, operation_number: int, part: int) -> Iterator[RowChange]:
    """Yield the rows of one part, in no order that a reader would know."""
    inserted, changes = stored_part(database, operation_number, part)
    if changes.startswith(whole_rows.MARK):
        for row in whole_rows.unpack(changes).named():
            yield RowChange("trip", (row["number"],), *((None, row) if inserted else (row, None)))
        return
    names = {table: columns_of(database, table) for table in RECORDED_TABLES}
    for change in apsw.Changeset.iter(changes):
        columns = names[change.name]
        values = change.old if change.opcode != apsw.SQLITE_INSERT else change.new
        assert values is not None
        key = tuple(values[column] for column in sorted(change.pk_columns))
        yield RowChange(change.name, key, _named(columns, change.old), _named(columns, change.new))


def _named(columns: list[str], values: tuple[Any, ...] | None) -> dict[str, Any] | None:
    if values is None:
        return None
    return {name: value for name, value in zip(columns, values, strict=True) if value is not apsw.no_change}


def columns_of(database: Database, table: str) -> list[str]:
    """Return the names of a table's columns, in its order."""
    return [row[1] for row in database.rows(f"PRAGMA table_info({table})")]


def stored_part(database: Database, operation_number: int, part: int) -> tuple[int, bytes]:
    """Return how many rows a part inserted, and its changeset or its whole rows."""
    inserted, stored = database.rows(
        "SELECT inserted, changeset FROM operation_change WHERE operation = ? AND part = ?",
        (operation_number, part),
    )[0]
    return inserted, zlib.decompress(stored)
