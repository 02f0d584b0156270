"""A staged import: its own SQLite file beside the database (DESIGN.md, The one flow, 1).

It holds what the file says (original cells), what was understood (normalised records with problems), what
may repeat what (matches), the plan, and every decision, each durable as it is made. No transaction writes
it and the database at once. The file is dropped when the import is done or discarded.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

import msgspec

from dinotui.domain.errors import NotFound, StorageError
from dinotui.domain.source_rows import SourceRows
from dinotui.domain.visible import visible
from dinotui.locale import _
from dinotui.storage.database import Database
from dinotui.storage.filesystem import private_folder, told_plainly
from dinotui.storage.owners import take_lock

STAGING_ID: Final = 0x44494E53  # "DINS"
STAGING_VERSION: Final = 2
HALF_MADE: Final = "half-made-import"
"""The code of the error for a staging file whose maker was interrupted: nothing is lost with it."""

ENDS_FIRST: Final = 128
"""The bit in `differs` of a pair that cannot be updated as it is: the trip would end before it begins."""

_SCHEMA: Final = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE source_table (
  number INTEGER PRIMARY KEY, name TEXT NOT NULL, columns TEXT NOT NULL, settings TEXT NOT NULL
);
CREATE TABLE source_row (
  record INTEGER PRIMARY KEY, source_table INTEGER NOT NULL, line INTEGER NOT NULL, problem TEXT,
  cells TEXT NOT NULL
);
CREATE TABLE record (
  record INTEGER PRIMARY KEY, id TEXT, country TEXT NOT NULL, country_code TEXT, country_fold TEXT NOT NULL,
  entry_day INTEGER, exit_day INTEGER, visa_type TEXT NOT NULL, visa_fold TEXT NOT NULL, max_days INTEGER,
  passport_country TEXT NOT NULL, passport_fold TEXT NOT NULL, notes TEXT NOT NULL,
  created_at TEXT, updated_at TEXT, source TEXT,
  valid INTEGER NOT NULL, corrected INTEGER NOT NULL, warned INTEGER NOT NULL, problems TEXT
);
CREATE TABLE fix (record INTEGER NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (record, field))
  WITHOUT ROWID;
CREATE TABLE match (
  record INTEGER NOT NULL, trip INTEGER, twin INTEGER, same_id INTEGER NOT NULL, points INTEGER NOT NULL,
  confidence INTEGER NOT NULL, differs INTEGER NOT NULL
);
CREATE TABLE plan (
  record INTEGER PRIMARY KEY, action TEXT NOT NULL, reason TEXT NOT NULL, trip INTEGER, twin INTEGER,
  points INTEGER, confidence INTEGER, differs INTEGER, seen_change INTEGER
);
CREATE TABLE decision (
  record INTEGER PRIMARY KEY, action TEXT NOT NULL, fields TEXT NOT NULL DEFAULT '{}', made_by TEXT NOT NULL,
  step INTEGER NOT NULL
);
CREATE TABLE removal (trip INTEGER PRIMARY KEY);
CREATE TABLE overlap (
  record INTEGER PRIMARY KEY, trip INTEGER, twin INTEGER, country TEXT, entry_day INTEGER, exit_day INTEGER
);
CREATE INDEX record_noted ON record (record) WHERE problems IS NOT NULL;
CREATE VIEW planned AS
  SELECT record.record AS record,
    CASE WHEN NOT record.valid THEN 'reject'
      WHEN before.action IS NOT NULL AND before.action <> 'separate'
        AND coalesce(decision.action, '') NOT IN ('skip', 'later') THEN 'create'
      ELSE coalesce(CASE decision.action
        WHEN 'existing' THEN 'skip' WHEN 'skip' THEN 'skip' WHEN 'incoming' THEN 'update'
        WHEN 'merge' THEN 'update' WHEN 'separate' THEN 'create' WHEN 'later' THEN 'ask' END,
        plan.action, 'create') END AS action,
    coalesce(plan.reason, '') AS reason, plan.trip, plan.twin, plan.points, plan.confidence, plan.differs,
    plan.action AS proposed, decision.action AS decision, decision.fields, decision.made_by
  FROM record LEFT JOIN plan USING (record) LEFT JOIN decision USING (record)
    LEFT JOIN decision before ON before.record = plan.twin;
CREATE VIEW overlapping AS
  SELECT overlap.* FROM overlap JOIN planned USING (record) WHERE planned.action IN ('create', 'update')
"""

_BY_LINE: Final = ("fix", "decision", "plan")
"""What is known of a record by its number, which another reading of the file may change."""

RECORD_COLUMNS: Final = (
    "record",
    "id",
    "country",
    "country_code",
    "country_fold",
    "entry_day",
    "exit_day",
    "visa_type",
    "visa_fold",
    "max_days",
    "passport_country",
    "passport_fold",
    "notes",
    "created_at",
    "updated_at",
    "source",
    "valid",
    "corrected",
    "warned",
    "problems",
)


class SourceRow(NamedTuple):
    """One record as the file has it: its number in the import, table, line, reader's problem, cells."""

    record: int
    table: int
    line: int
    problem: str | None
    cells: list[Any]


class SourceTable(NamedTuple):
    """One table of the source with its header and how it is read (detection, mapping, readings as JSON)."""

    number: int
    name: str
    columns: list[str]
    settings: dict[str, Any]


class Staging:
    """An open staged import, held by this process alone while it is open."""

    def __init__(self, path: Path, *, hold: bool = True, lock: int | None = None) -> None:
        """Open the staging file at `path`, which must exist (`Staging.create` makes one).

        Raises `StorageError` when another process has it open or another version made it. Without `hold` it is
        only looked at, whoever has it open; `lock` is the lock of one that was just made.
        """
        self.path = path
        self._lock: int | None = hold_lock(path) if hold and lock is None else lock
        try:
            self.database = Database(path, application_id=STAGING_ID, create=False)
            refuse_unknown_version(self)
        except BaseException:
            self._release()
            raise

    @classmethod
    def create(cls, folder: Path, import_id: str) -> Self:
        """Make an empty staging file for `import_id` in `folder`."""
        with told_plainly(folder):
            private_folder(folder)
        path = folder / f"{import_id}.db"
        lock = hold_lock(path)  # before the file is there: nobody takes it for one that was left behind
        try:
            made = Database(path, application_id=STAGING_ID)
            with made.write():
                for statement in _SCHEMA.split(";\n"):
                    made.execute(statement)
                made.execute(f"PRAGMA user_version = {STAGING_VERSION}")
            made.close()
            staging = cls(path, lock=lock)
            staging.set_meta(importId=import_id)
        except BaseException:  # also a wish to stop that comes a second time
            remove_database(path)
            os.close(lock)
            raise
        return staging

    @classmethod
    def find(cls, folder: Path, import_id: str) -> Self:
        """Open a staged import by id or by a unique beginning of it; raises `NotFound`."""
        found = [path for path in staged_files(folder) if path.stem.startswith(import_id)]
        exact = [path for path in found if path.stem == import_id]
        if len(exact or found) != 1:
            raise NotFound(
                "no-such-import",
                _("There is no staged import {id}. List them with: dinotui review --list.").format(
                    id=visible(import_id)
                ),
            )
        return cls((exact or found)[0])

    def close(self) -> None:
        """Close the file; safe to call twice."""
        self.database.close()
        self._release()

    def _release(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def discard(self) -> None:
        """Close and delete the staging file; the lock goes last."""
        self.database.close()
        remove_database(self.path)
        self._release()

    # meta ---------------------------------------------------------------------------------------------

    def meta(self, key: str, default: Any = None) -> Any:
        """Return a stored value (JSON) of the import."""
        found = self.database.value("SELECT value FROM meta WHERE key = ?", (key,))
        return default if found is None else json.loads(found)

    def set_meta(self, **values: Any) -> None:
        """Store values of the import, durably; a path may hold bytes that are no text, which JSON escapes."""
        with self.database.write():
            for key, value in values.items():
                self.database.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, json.dumps(value)))

    def advance(self, state: str, **values: Any) -> None:
        """Store how far the import is; one that was planned before is ``stale`` until it is planned again.

        What was interrupted before its first plan is not worth keeping, a stale one is: it holds decisions.
        """
        self.set_meta(state=state if self.meta("revision") is None else "stale", **values)

    # what the file says -------------------------------------------------------------------------------

    def set_table(self, table: SourceTable) -> None:
        """Store a source table's header and settings."""
        self.database.execute(
            "INSERT OR REPLACE INTO source_table VALUES (?, ?, ?, ?)",
            (
                table.number,
                table.name,
                json.dumps(table.columns, ensure_ascii=False),
                json.dumps(table.settings, ensure_ascii=False),
            ),
        )

    def tables(self) -> list[SourceTable]:
        """Return the source tables in order."""
        rows = self.database.rows("SELECT number, name, columns, settings FROM source_table ORDER BY number")
        return [SourceTable(n, name, json.loads(columns), json.loads(s)) for n, name, columns, s in rows]

    def add_rows(self, rows: Iterable[tuple[int, int, int, str | None, str]]) -> None:
        """Append source rows: record, table, line, problem, cells as JSON text."""
        with self.database.plainly():
            self.database.connection.executemany("INSERT INTO source_row VALUES (?, ?, ?, ?, ?)", rows)

    def source_rows(self, table: int, after: int = 0, limit: int = -1) -> Iterator[SourceRow]:
        """Yield the source rows of a table whose record is greater than `after`, in order."""
        rows = self.database.stream(
            "SELECT record, source_table, line, problem, cells FROM source_row"
            " WHERE source_table = ? AND record > ? ORDER BY record LIMIT ?",
            (table, after, limit),
        )
        for record, number, line, problem, cells in rows:
            yield SourceRow(record, number, line, problem, json.loads(cells))

    def source_batches(self, table: SourceTable, size: int) -> Iterator[SourceRows]:
        """Yield the source rows of a table in order, `size` at a time."""
        first, last = table.settings["records"]
        decode = msgspec.json.Decoder().decode
        for low in range(first, last + 1, size):
            rows = self.database.rows(
                "SELECT record, problem, cells FROM source_row WHERE record BETWEEN ? AND ? ORDER BY record",
                (low, min(low + size - 1, last)),
            )
            if rows:
                records, problems, cells = zip(*rows, strict=True)
                yield SourceRows(records, decode(f"[{','.join(cells)}]"), problems)

    def source_row(self, record: int) -> SourceRow:
        """Return one source row; raises `NotFound`."""
        rows = self.database.rows(
            "SELECT record, source_table, line, problem, cells FROM source_row WHERE record = ?", (record,)
        )
        if not rows:
            raise NotFound("no-such-record", _("There is no record {n}.").format(n=record))
        number, table, line, problem, cells = rows[0]
        return SourceRow(number, table, line, problem, json.loads(cells))

    def count_rows(self) -> int:
        """Return how many records the source has."""
        return int(self.database.value("SELECT count(*) FROM source_row"))

    # what was understood ------------------------------------------------------------------------------

    def clear_source(self) -> None:
        """Forget everything that came from the files; fixes and decisions wait for `take_up` by their lines."""
        self.database.execute(
            "CREATE TEMP TABLE place AS SELECT s.record AS record, t.name AS name, s.line AS line FROM source_row s"
            " JOIN source_table t ON t.number = s.source_table WHERE s.record IN"
            " (SELECT record FROM fix UNION SELECT record FROM decision"
            "  UNION SELECT twin FROM plan JOIN decision USING (record) WHERE twin IS NOT NULL)"
        )
        for table in _BY_LINE:
            self.database.execute(f"CREATE TEMP TABLE old_{table} AS SELECT * FROM {table}")
        for table in ("source_row", "source_table", *_BY_LINE):
            self.database.execute(f"DELETE FROM {table}")
        self.clear_records()

    def take_up(self) -> None:
        """Let fixes and decisions hold for the rows that stand on their lines now.

        With the decisions comes what they were about, so that the next plan takes back those that no longer fit.
        """
        self.database.execute(
            "CREATE TEMP TABLE moved AS SELECT p.record AS record, min(s.record) AS now FROM temp.place p"
            " JOIN source_table t ON t.name = p.name JOIN source_row s ON s.source_table = t.number AND s.line = p.line"
            " GROUP BY p.record"
        )
        self.database.execute(
            "INSERT INTO fix SELECT m.now, f.field, f.value FROM temp.old_fix f JOIN temp.moved m USING (record)"
        )
        self.database.execute(
            "INSERT OR IGNORE INTO decision SELECT m.now, d.action, d.fields, d.made_by, d.step"
            " FROM temp.old_decision d JOIN temp.moved m USING (record)"
        )
        self.database.execute(
            "INSERT OR IGNORE INTO plan SELECT m.now, p.action, p.reason, p.trip, w.now, p.points, p.confidence,"
            " p.differs, p.seen_change FROM temp.old_plan p JOIN temp.moved m ON m.record = p.record"
            " LEFT JOIN temp.moved w ON w.record = p.twin WHERE p.record IN (SELECT record FROM temp.old_decision)"
        )
        for table in ("place", "moved", *(f"old_{table}" for table in _BY_LINE)):
            self.database.execute(f"DROP TABLE temp.{table}")

    def clear_records(self) -> None:
        """Forget the normalised records and the matches.

        The plan stays until the next one replaces it: it says what the decisions were about.
        """
        for table in ("record", "match", "removal", "overlap"):
            self.database.execute(f"DELETE FROM {table}")

    def add_records(self, rows: Iterable[Sequence[Any]]) -> None:
        """Store normalised records, columns as in `RECORD_COLUMNS`; an earlier version is replaced."""
        marks = ", ".join("?" * len(RECORD_COLUMNS))
        with self.database.plainly():
            self.database.connection.executemany(f"INSERT OR REPLACE INTO record VALUES ({marks})", rows)

    def set_fix(self, record: int, field: str, value: str) -> None:
        """Store the user's own text for a field of a record, in place of the file's cell."""
        self.database.execute("INSERT OR REPLACE INTO fix VALUES (?, ?, ?)", (record, field, value))

    def fixes(self, record: int | None = None) -> dict[int, dict[str, str]]:
        """Return the user's own texts by record and field."""
        found: dict[int, dict[str, str]] = {}
        rows = self.database.stream(
            "SELECT record, field, value FROM fix WHERE record = :record OR :record IS NULL",
            {"record": record},
        )
        for number, field, value in rows:
            found.setdefault(number, {})[field] = value
        return found


def staged_files(folder: Path) -> list[Path]:
    """Return the staging files in `folder`, oldest first."""
    return sorted(path for path in folder.glob("*.db") if path.is_file() and not path.is_symlink())


def remove_database(path: Path) -> None:
    """Delete a database file and what SQLite keeps beside it."""
    for suffix in ("", "-wal", "-shm", "-journal", ".lock"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).unlink()


def hold_lock(path: Path) -> int:
    """Lock the import for this process; the system frees the lock however the process ends.

    Raises `StorageError` where another process has it.
    """
    lock = _lock_of(path)
    with told_plainly(lock):
        held = take_lock(lock)
    if held is None:
        raise StorageError(
            "import-in-use",
            _("This import is open in another dinotui. Finish it there, or close that one first."),
            path.stem,
        )
    return held


def _lock_of(path: Path) -> Path:
    return path.with_name(path.name + ".lock")


def sweep_locks(folder: Path) -> None:
    """Remove the locks of imports that are gone; one that somebody holds belongs to an import in the making."""
    for lock in folder.glob("*.lock"):
        path = lock.with_name(lock.name.removesuffix(".lock"))
        if path.exists():
            continue
        with suppress(StorageError):
            descriptor = hold_lock(path)
            if not path.exists():
                lock.unlink(missing_ok=True)
            os.close(descriptor)


def refuse_unknown_version(staging: Staging) -> None:
    """Raise `StorageError` when the staging file was made by another version of the program, or not wholly."""
    version = staging.database.value("PRAGMA user_version")
    if version == 0:  # the version is written last: whoever made the file was interrupted
        message = _(
            "This import was interrupted when it had just begun. Discard it and import the file again."
        )
        raise StorageError(HALF_MADE, message, visible(str(staging.path)))
    if version != STAGING_VERSION:
        raise StorageError(
            "other-staging-version",
            _("This import was staged by another version of dinotui. Discard it and import the file again."),
            visible(str(staging.path)),
        )
