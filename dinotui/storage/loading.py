"""A backup file read back into a scratch database of the newest schema, whatever its form was.

So restore and verification know one shape only, and a file that is damaged, cut, foreign or newer is refused
before the user's data is looked at.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from dinotui.domain.configuration import BackupFormat
from dinotui.domain.errors import StorageError
from dinotui.domain.visible import visible
from dinotui.locale import _
from dinotui.storage.database import Database
from dinotui.storage.dumping import load_dump
from dinotui.storage.filesystem import private_file, told_plainly
from dinotui.storage.migrations import migrate
from dinotui.storage.sealing import form_of, is_sealed

RESTORED: Final[dict[str, tuple[str, ...]]] = {
    "trip": (
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
    ),
    "preference": ("key", "value"),
    "notification": ("id", "kind", "title", "message", "created_at", "read_at", "trip_id", "subject"),
    "rule": ("id", "position", "rule"),
    "export_profile": ("name", "configuration"),
}
"""The tables that a restore brings back, each with its columns, the one that names a row first."""

JSON_TABLES: Final = ("trip", "preference", "notification")


class Owner(NamedTuple):
    """A user of a backup."""

    number: int
    name: str
    created_at: str


def refuse_changed(path: Path, form: BackupFormat) -> None:
    """Raise `StorageError` where the file is not the whole of what was written as a backup.

    A plain copy of a database, which has no seal, is let through: SQLite's own check judges it later.
    """
    with told_plainly(path):
        if is_sealed(path, form) or (form == "sqlite" and _is_plain_copy(path)):
            return
    raise damaged(path)


def _is_plain_copy(path: Path) -> bool:
    """Return whether the file is exactly as long as its first page says."""
    with path.open("rb") as file:
        head = file.read(100)
    size = int.from_bytes(head[16:18], "big") or 0
    size = 65536 if size == 1 else size
    return len(head) == 100 and size > 0 and size * int.from_bytes(head[28:32], "big") == path.stat().st_size


def recognised_form(path: Path) -> BackupFormat:
    """Return the form of a backup file; raises `StorageError` where it is missing or none of them."""
    with told_plainly(path):
        form = form_of(path)
    if form is None:
        raise StorageError(
            "backup-foreign",
            _("This file is no backup of dinotui, so nothing was changed. Name another file."),
            visible(str(path)),
        )
    return form


def load_database(path: Path, form: BackupFormat, scratch: Path, cancelled: Callable[[], bool]) -> Database:
    """Return the backup at `path` (form sql or sqlite) as a database in the folder `scratch`, checked.

    Raises `StorageError` where it is damaged, foreign, or made by a newer version.
    """
    target = scratch / "restored.db"
    if form == "sql":
        load_dump(path, target, cancelled)
    else:
        with told_plainly(target):
            private_file(target)
            shutil.copyfile(path, target)
    return _opened(target, path, scratch)


def _opened(target: Path, path: Path, scratch: Path) -> Database:
    where = visible(str(path))
    try:
        database = Database(target, create=False)
    except StorageError as error:
        raise _refused(error, where) from error
    try:
        if database.value("PRAGMA user_version") == 0:
            raise damaged(path)
        migrate(database, lambda: str(scratch))
        if database.value("PRAGMA integrity_check") != "ok" or not _has_tables(database):
            raise damaged(path)
    except StorageError as error:
        database.close()
        raise _refused(error, where) from error
    except BaseException:
        database.close()
        raise
    return database


def _has_tables(database: Database) -> bool:
    tables = {row[0] for row in database.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return tables >= {*RESTORED, "user"} and all(
        {row[1] for row in database.rows(f"PRAGMA table_info({table})")} >= {*columns, "user"}
        for table, columns in RESTORED.items()
    )


def _refused(error: StorageError, where: str) -> StorageError:
    """Return what an error about the scratch copy means for the backup that it is a copy of."""
    texts = {
        "newer-database": (
            "backup-newer",
            _(
                "This backup was made by a newer dinotui, so nothing was changed. Install the newest version "
                "to restore it."
            ),
        ),
        "foreign-database": (
            "backup-foreign",
            _("This is a database of another program, so nothing was changed. Name another file."),
        ),
        "not-a-database": ("backup-damaged", _damaged_text()),
        "database-damaged": ("backup-damaged", _damaged_text()),
        "database": ("backup-damaged", _damaged_text()),
    }
    if error.code not in texts:
        return error
    code, message = texts[error.code]
    return StorageError(code, message, where)


def damaged(path: Path) -> StorageError:
    """Return the error of a backup that is not whole."""
    return StorageError("backup-damaged", _damaged_text(), visible(str(path)))


def _damaged_text() -> str:
    return _("This backup is damaged or incomplete, so nothing was changed. Choose another one.")


class Loaded:
    """A scratch database that the rows of a JSON backup are put into."""

    def __init__(self, scratch: Path, owner: str) -> None:
        """Make it in the folder `scratch` with one user, `owner`."""
        self.database = Database(scratch / "restored.db")
        migrate(self.database, lambda: str(scratch))
        self.database.execute("INSERT INTO user (number, name, created_at) VALUES (1, ?, '')", (owner,))

    def put(self, table: str, rows: Iterable[Sequence[Any]]) -> None:
        """Store rows, columns as in `RESTORED`; raises `StorageError` where one breaks the schema."""
        columns = RESTORED[table]
        marks = ", ".join("?" * (len(columns) + 2))
        sql = f"INSERT INTO {table} ({', '.join(columns)}, user, changed_by) VALUES ({marks})"
        with self.database.write(), self.database.plainly():
            self.database.connection.executemany(sql, ((*row, 1, 0) for row in rows))


def owners(database: Database) -> list[Owner]:
    """Return the users of a loaded backup."""
    return [Owner(*row) for row in database.rows("SELECT number, name, created_at FROM user ORDER BY number")]


def count_trips(database: Database, user: int) -> int:
    """Return how many trips of `user` a loaded backup holds."""
    return int(database.value("SELECT count(*) FROM trip WHERE user = ?", (user,)))
