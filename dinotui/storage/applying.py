"""Carrying out a plan: set-based, in one transaction of the database, recorded for undo.

Only the database is written; the staging file is attached to be read. `OUTCOME` is the one place that says
what a staged update leaves in a trip, so that preview and apply cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from dinotui.domain.errors import Cancelled, StorageError
from dinotui.storage import whole_rows
from dinotui.storage.bulk import indexes_aside
from dinotui.storage.changelog import PART_ROWS, Counts, Measured, Recorder
from dinotui.storage.database import Database, utc_now

_RECORD_ID: Final = """CASE
  WHEN r.id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM trip t WHERE t.user = :user AND t.id = r.id)
    AND NOT EXISTS (SELECT 1 FROM stage.match m WHERE m.record = r.record AND m.same_id AND m.twin IS NOT NULL)
  THEN r.id ELSE :prefix || printf('%012x', r.record) END"""

_CREATE: Final = f"""
INSERT INTO trip (number, user, id, country, country_code, country_fold, entry_day, exit_day, visa_type, visa_fold,
  max_days, passport_country, passport_fold, notes, created_at, updated_at, source, changed_by)
SELECT c.trip, :user, {_RECORD_ID}, r.country, r.country_code, r.country_fold, r.entry_day, r.exit_day, r.visa_type,
  r.visa_fold, r.max_days, r.passport_country, r.passport_fold, r.notes, coalesce(r.created_at, :now),
  coalesce(r.updated_at, r.created_at, :now), coalesce(r.source, :source), :operation
FROM temp.created c CROSS JOIN stage.record r ON r.record = c.record
WHERE c.record BETWEEN :low AND :high ORDER BY c.record
"""
_CREATED: Final = """
INSERT INTO temp.created (record, trip)
SELECT record, :last + row_number() OVER (ORDER BY record) FROM stage.planned WHERE action = 'create'
"""

# Column of trip, and the value an update leaves there: a decided one, else the incoming one unless it is
# empty or means the same (same country by code, same folded text).
OUTCOME: Final = {
    "country": "CASE WHEN :full OR d.differs & 1 THEN r.country ELSE trip.country END",
    "country_code": "CASE WHEN :full OR d.differs & 1 THEN r.country_code ELSE trip.country_code END",
    "country_fold": "CASE WHEN :full OR d.differs & 1 THEN r.country_fold ELSE trip.country_fold END",
    "entry_day": "r.entry_day",
    "exit_day": "CASE WHEN :full THEN r.exit_day ELSE coalesce(r.exit_day, trip.exit_day) END",
    "visa_type": "CASE WHEN :full OR d.differs & 8 THEN r.visa_type ELSE trip.visa_type END",
    "visa_fold": "CASE WHEN :full OR d.differs & 8 THEN r.visa_fold ELSE trip.visa_fold END",
    "max_days": "CASE WHEN :full THEN r.max_days ELSE coalesce(r.max_days, trip.max_days) END",
    "passport_country": "CASE WHEN :full OR d.differs & 32 THEN r.passport_country ELSE trip.passport_country END",
    "passport_fold": "CASE WHEN :full OR d.differs & 32 THEN r.passport_fold ELSE trip.passport_fold END",
    "notes": "CASE WHEN :full OR d.differs & 64 THEN r.notes ELSE trip.notes END",
}


def _decided(column: str, formula: str) -> str:
    return (
        f"CASE WHEN json_type(d.fields, '$.{column}') IS NULL THEN {formula}"
        f" ELSE json_extract(d.fields, '$.{column}') END"
    )


_UPDATE: Final = f"""
UPDATE trip SET {", ".join(f"{column} = {_decided(column, formula)}" for column, formula in OUTCOME.items())},
  updated_at = :now, changed_by = :operation
FROM temp.due d JOIN stage.record r ON r.record = d.record
WHERE trip.number = d.trip AND trip.user = :user AND d.record BETWEEN :low AND :high
"""
_DUE: Final = """
CREATE TEMP TABLE due AS
SELECT p.record, coalesce(p.trip, c.trip) AS trip, p.differs, coalesce(p.fields, '{}') AS fields
FROM stage.planned p LEFT JOIN temp.created c ON c.record = p.twin
WHERE p.action = 'update' AND coalesce(p.trip, c.trip) IS NOT NULL
"""


def apply_plan(
    recorder: Recorder,
    *,
    full: bool,
    source: str,
    report: Callable[[int], None] = lambda _done: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> None:
    """Carry out the plan of the `attached` staging file inside `recorder`'s operation.

    `full` lets empty values erase (replace). Raises `Cancelled`, which rolls everything back.
    """
    database = recorder.store.database
    values: dict[str, object] = {
        "user": recorder.store.user,
        "prefix": recorder.id[:24],
        "now": utc_now(),
        "source": source,
        "operation": recorder.number,
        "full": full,
    }
    last = database.value("SELECT coalesce(max(record), 0) FROM stage.record")
    newest = database.value("SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'trip'), 0)")
    coming = database.execute(_CREATED, {"last": newest})
    with indexes_aside(database, "trip", coming):
        for low in range(1, last + 1, PART_ROWS):
            if cancelled():
                raise Cancelled
            _create(recorder, {**values, "low": low, "high": low + PART_ROWS - 1})
            report(min(low + PART_ROWS - 1, last))
        _update(recorder, values, cancelled)
        _remove(recorder)


def _create(recorder: Recorder, values: dict[str, object]) -> None:
    database = recorder.store.database
    bounds = database.rows(
        "SELECT count(*), min(trip), max(trip) FROM temp.created WHERE record BETWEEN ? AND ?",
        (values["low"], values["high"]),
    )
    count, lowest, highest = bounds[0]
    if count:
        database.execute(_CREATE, values)
        added = whole_rows.pack(database, lowest, highest, recorder.number)
        recorder.keep_rows(added, Measured(Counts(inserted=count), lowest, highest))


def _update(recorder: Recorder, values: dict[str, object], cancelled: Callable[[], bool]) -> None:
    database = recorder.store.database
    database.execute(_DUE)
    database.execute("CREATE UNIQUE INDEX temp.due_record ON due (record)")
    bound = {name: values[name] for name in ("user", "now", "operation", "full")}
    last = database.value("SELECT coalesce(max(record), 0) FROM temp.due")
    for low in range(1, last + 1, PART_ROWS):
        if cancelled():
            raise Cancelled
        with recorder.part():
            database.execute(_UPDATE, {**bound, "low": low, "high": low + PART_ROWS - 1})


def _remove(recorder: Recorder) -> None:
    database = recorder.store.database
    gone = database.value("SELECT count(*) FROM stage.removal")
    for _step in range(0, gone, PART_ROWS):
        with recorder.part():
            database.execute(
                "DELETE FROM trip WHERE user = ? AND number IN"
                " (SELECT trip FROM stage.removal WHERE trip IN (SELECT number FROM trip) LIMIT ?)",
                (recorder.store.user, PART_ROWS),
            )


class attached:  # noqa: N801 - used as `with attached(...)`
    """A staging file attached to a database as ``stage``, with the temporary tables of one apply."""

    def __init__(self, database: Database, staging: Path) -> None:
        self._database = database
        self._staging = staging

    def __enter__(self) -> None:
        self._database.execute("ATTACH ? AS stage", (str(self._staging),))
        self._database.execute("PRAGMA stage.cache_size = -8000")
        self._database.execute(
            "CREATE TEMP TABLE created (record INTEGER PRIMARY KEY, trip INTEGER NOT NULL)"
        )

    def __exit__(self, *_exception: object) -> None:
        with suppress(StorageError):  # what is done is stored by now: tidying up must not say otherwise
            self._database.execute("DROP TABLE IF EXISTS temp.created")
            self._database.execute("DROP TABLE IF EXISTS temp.due")
            self._database.execute("DETACH stage")


def created_ids(database: Database, limit: int) -> dict[int, str]:
    """Return the ids of the first new trips by record (after `apply_plan`, inside the same `attached`)."""
    return dict(
        database.rows(
            "SELECT c.record, t.id FROM temp.created c JOIN trip t ON t.number = c.trip ORDER BY c.record LIMIT ?",
            (limit,),
        )
    )


def changed_ids(database: Database, limit: int) -> dict[int, str]:
    """Return, by record, the ids of trips that one record made and another of the same file then changed."""
    return dict(
        database.rows(
            "SELECT d.record, t.id FROM temp.due d JOIN temp.created c ON c.trip = d.trip"
            " JOIN trip t ON t.number = d.trip ORDER BY d.record LIMIT ?",
            (limit,),
        )
    )
