"""The schema, as numbered migrations: all that are due are one transaction, with a copy of the file made before.

Dates of stays are whole days since 1970-01-01 (the view `stay` shows them as text). `changed_by` is the
number of the operation that last changed a row: it makes "changed since" exact.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from dinotui.domain.errors import StorageError
from dinotui.domain.visible import visible
from dinotui.locale import _
from dinotui.storage.copying import copy_database
from dinotui.storage.database import Database
from dinotui.storage.filesystem import private_folder


class Migration(NamedTuple):
    """One step of the schema: after it the file has version `number`."""

    number: int
    name: str
    run: Callable[[Database], None]


def migrate(
    database: Database, backups: Callable[[], str], steps: tuple[Migration, ...] | None = None
) -> None:
    """Bring the file to the newest version; `backups` names the folder of the copies.

    Raises `StorageError` when the file was made by a newer version of the program.
    """
    steps = MIGRATIONS if steps is None else steps
    newest = steps[-1].number
    if _version(database, newest) == newest:
        return
    with database.write():  # the copy is made under the lock too: it is of just this state
        found = _version(database, newest)  # another process may have been quicker
        if 0 < found < newest:
            folder = private_folder(type(database.path)(backups()))
            copy_database(database, folder / f"before-schema-{newest}.db")
        for step in steps:
            if step.number > found:
                step.run(database)
                database.execute(f"PRAGMA user_version = {step.number}")


def is_current(database: Database) -> bool:
    """Return whether the file has the newest schema; raises `StorageError` for one of a newer program."""
    return _version(database, MIGRATIONS[-1].number) == MIGRATIONS[-1].number


def _version(database: Database, newest: int) -> int:
    found = int(database.value("PRAGMA user_version"))
    if found > newest:
        raise StorageError(
            "newer-database",
            _("This database was made by a newer dinotui. Install the newest version to open it."),
            visible(str(database.path)),
        )
    return found


def _first(database: Database) -> None:
    for statement in _FIRST.split(";\n"):
        if statement.strip():
            database.execute(statement)


_FIRST: Final = """
CREATE TABLE user (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  created_at TEXT NOT NULL
);
CREATE TABLE trip (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  user INTEGER NOT NULL REFERENCES user (number),
  id TEXT NOT NULL,
  country TEXT NOT NULL,
  country_code TEXT,
  country_fold TEXT NOT NULL,
  entry_day INTEGER NOT NULL,
  exit_day INTEGER CHECK (exit_day >= entry_day),
  visa_type TEXT NOT NULL,
  visa_fold TEXT NOT NULL,
  max_days INTEGER CHECK (max_days BETWEEN 1 AND 3650),
  passport_country TEXT NOT NULL DEFAULT '',
  passport_fold TEXT NOT NULL DEFAULT '',
  notes TEXT NOT NULL DEFAULT '',
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  source TEXT NOT NULL DEFAULT 'manual',
  changed_by INTEGER NOT NULL
);
CREATE UNIQUE INDEX trip_id ON trip (user, id);
CREATE INDEX trip_match ON trip (user, country_code, entry_day, exit_day, visa_fold, passport_fold, country_fold);
CREATE INDEX trip_uncoded ON trip (user, country_fold, entry_day) WHERE country_code IS NULL;
CREATE INDEX trip_newest ON trip (user, entry_day, number);
CREATE TABLE preference (
  user INTEGER NOT NULL REFERENCES user (number),
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  changed_by INTEGER NOT NULL,
  PRIMARY KEY (user, key)
);
CREATE TABLE notification (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  user INTEGER NOT NULL REFERENCES user (number),
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  message TEXT NOT NULL,
  created_at TEXT NOT NULL,
  read_at TEXT,
  trip_id TEXT,
  subject TEXT,
  changed_by INTEGER NOT NULL
);
CREATE UNIQUE INDEX notification_id ON notification (user, id);
CREATE UNIQUE INDEX notification_subject ON notification (user, subject) WHERE subject IS NOT NULL;
CREATE INDEX notification_trip ON notification (user, trip_id);
CREATE TABLE operation (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  user INTEGER NOT NULL REFERENCES user (number),
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'done',
  timestamp TEXT NOT NULL,
  source TEXT NOT NULL DEFAULT '',
  summary TEXT NOT NULL DEFAULT '',
  backup_id TEXT,
  undoes INTEGER REFERENCES operation (number),
  undone_by INTEGER REFERENCES operation (number),
  sha256 TEXT,
  details TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX operation_user ON operation (user, number);
CREATE INDEX operation_file ON operation (user, sha256) WHERE sha256 IS NOT NULL;
CREATE TABLE operation_change (
  operation INTEGER NOT NULL REFERENCES operation (number),
  part INTEGER NOT NULL,
  inserted INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  lowest_trip INTEGER,
  highest_trip INTEGER,
  changeset BLOB NOT NULL,
  PRIMARY KEY (operation, part)
);
CREATE TABLE settled (
  user INTEGER NOT NULL REFERENCES user (number),
  fingerprint TEXT NOT NULL,
  trip_id TEXT NOT NULL,
  operation INTEGER NOT NULL REFERENCES operation (number),
  PRIMARY KEY (user, fingerprint, trip_id)
);
CREATE TABLE backup (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  user INTEGER NOT NULL REFERENCES user (number),
  id TEXT NOT NULL UNIQUE,
  format TEXT NOT NULL,
  path TEXT NOT NULL,
  size INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  created_at TEXT NOT NULL,
  reason TEXT NOT NULL,
  operation_id TEXT,
  records INTEGER NOT NULL,
  schema INTEGER NOT NULL
);
CREATE TABLE preset (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  user INTEGER NOT NULL REFERENCES user (number),
  name TEXT,
  header_shape TEXT NOT NULL,
  settings TEXT NOT NULL,
  used_at TEXT NOT NULL
);
CREATE UNIQUE INDEX preset_name ON preset (user, name) WHERE name IS NOT NULL;
CREATE UNIQUE INDEX preset_shape ON preset (user, header_shape) WHERE name IS NULL;
CREATE TABLE rule (
  user INTEGER NOT NULL REFERENCES user (number),
  id TEXT NOT NULL,
  position INTEGER NOT NULL,
  rule TEXT NOT NULL,
  changed_by INTEGER NOT NULL,
  PRIMARY KEY (user, id)
);
CREATE TABLE export_profile (
  user INTEGER NOT NULL REFERENCES user (number),
  name TEXT NOT NULL,
  configuration TEXT NOT NULL,
  changed_by INTEGER NOT NULL,
  PRIMARY KEY (user, name)
);
CREATE TABLE token (
  id TEXT PRIMARY KEY,
  user INTEGER NOT NULL REFERENCES user (number),
  name TEXT NOT NULL DEFAULT '',
  hash TEXT NOT NULL UNIQUE,
  scope TEXT NOT NULL,
  created_at TEXT NOT NULL,
  expires_at TEXT,
  revoked_at TEXT
);
CREATE VIEW stay AS
  SELECT trip.number, user.name AS user, trip.id, country, country_code,
    date(entry_day * 86400, 'unixepoch') AS entry_date,
    date(exit_day * 86400, 'unixepoch') AS exit_date,
    exit_day - entry_day + 1 AS duration, visa_type, max_days, passport_country, notes
  FROM trip JOIN user ON user.number = trip.user
"""


def _days(database: Database) -> None:
    """Overlaps ask, day by day, for the stay that ends last."""
    database.execute("CREATE INDEX trip_days ON trip (user, entry_day, exit_day)")


def _left_out(database: Database) -> None:
    """An import keeps what it skipped and rejected."""
    database.execute(
        "CREATE TABLE IF NOT EXISTS left_out (operation INTEGER NOT NULL REFERENCES operation (number),"
        " part INTEGER NOT NULL, skipped INTEGER NOT NULL, rejected INTEGER NOT NULL, records BLOB NOT NULL,"
        " PRIMARY KEY (operation, part))"
    )


def _states(database: Database) -> None:
    """An operation is undone where the newest undo or redo that took any row was an undo, and by that one.

    It was so marked also where all rows had been left alone.
    """
    database.execute(
        "CREATE INDEX IF NOT EXISTS operation_undoes ON operation (undoes) WHERE undoes IS NOT NULL"
    )
    by = (
        "(SELECT CASE a.kind WHEN 'undo' THEN a.number END FROM operation a WHERE a.undoes = operation.number AND"
        " EXISTS (SELECT 1 FROM operation_change c WHERE c.operation = a.number) ORDER BY a.number DESC LIMIT 1)"
    )
    database.execute(
        f"UPDATE operation SET undone_by = {by}, state = CASE WHEN {by} IS NULL THEN 'done' ELSE 'undone' END"
        " WHERE EXISTS (SELECT 1 FROM operation a WHERE a.undoes = operation.number)"
        " AND EXISTS (SELECT 1 FROM operation_change c WHERE c.operation = operation.number)"
    )


MIGRATIONS: Final = (
    Migration(1, "first", _first),
    Migration(2, "days", _days),
    Migration(3, "left out", _left_out),
    Migration(4, "states", _states),
)
