"""A user's data as SQL text that plain ``sqlite3`` loads into a complete database, and loading it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import apsw

from dinotui.domain.errors import Cancelled, StorageError
from dinotui.domain.visible import visible
from dinotui.locale import _
from dinotui.storage.database import APPLICATION_ID, Database, storage_error
from dinotui.storage.filesystem import told_plainly

# The tables of a user's own data, parents first; the log and the tokens stay in the database.
_OWNED: Final = {
    "user": "number",
    "trip": "user",
    "preference": "user",
    "notification": "user",
    "preset": "user",
    "rule": "user",
    "export_profile": "user",
}


def dump_statements(database: Database, user: int) -> Iterator[str]:
    """Yield the statements that rebuild the schema and the rows of `user`, one a line group."""
    yield "PRAGMA foreign_keys = OFF;\nBEGIN;\n"
    yield f"PRAGMA application_id = {APPLICATION_ID};\n"
    yield f"PRAGMA user_version = {database.value('PRAGMA user_version')};\n"
    schema = database.rows(
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
        " ORDER BY type = 'view', type = 'index', rowid"
    )
    yield from (f"{sql};\n" for (sql,) in schema)
    for table, owner in _OWNED.items():
        columns = [row[1] for row in database.rows(f"PRAGMA table_info({table})")]
        names = ", ".join(columns)
        for row in database.stream(f"SELECT {names} FROM {table} WHERE {owner} = ?", (user,)):
            values = ", ".join(apsw.format_sql_value(value) for value in row)
            yield f"INSERT INTO {table} ({names}) VALUES ({values});\n"
    yield "COMMIT;\n"


_ALLOWED: Final = frozenset(
    {
        apsw.SQLITE_CREATE_TABLE,
        apsw.SQLITE_CREATE_INDEX,
        apsw.SQLITE_CREATE_VIEW,
        apsw.SQLITE_INSERT,
        apsw.SQLITE_UPDATE,  # the schema table, as a part of CREATE
        apsw.SQLITE_READ,
        apsw.SQLITE_REINDEX,
        apsw.SQLITE_TRANSACTION,
    }
)
_PRAGMAS: Final = frozenset({"foreign_keys", "application_id", "user_version"})
_BATCH: Final = 1 << 16  # characters of statements that are executed together


def _authorize(action: int, first: str | None, _2: str | None, _3: str | None, _4: str | None) -> int:
    """Let a dump do what a dump of ours does, and nothing else: a file may come from anywhere."""
    allowed = action in _ALLOWED or (action == apsw.SQLITE_PRAGMA and first in _PRAGMAS)
    return apsw.SQLITE_OK if allowed else apsw.SQLITE_DENY


def load_dump(source: Path, target: Path, cancelled: Callable[[], bool] = lambda: False) -> None:
    """Build a database file from a dump, as plain ``sqlite3`` would; what no dump of ours holds is refused.

    Raises `StorageError` where the text does not load whole, `Cancelled` where asked to stop.
    """
    try:
        with closing(apsw.Connection(str(target))) as loaded, told_plainly(source):
            for pragma in ("journal_mode = OFF", "synchronous = OFF"):
                loaded.execute(f"PRAGMA {pragma}").fetchall()
            loaded.authorizer = _authorize
            _execute(loaded, source, cancelled)
            if not loaded.getautocommit():
                raise damaged_dump(source)
            loaded.authorizer = None
            if loaded.execute("PRAGMA integrity_check").get != "ok":
                raise damaged_dump(source)
    except (apsw.Error, UnicodeDecodeError) as error:
        if isinstance(error, (apsw.FullError, apsw.IOError, apsw.CantOpenError)):
            raise storage_error(error, target) from error
        raise damaged_dump(source) from error


def _execute(loaded: apsw.Connection, source: Path, cancelled: Callable[[], bool]) -> None:
    batch: list[str] = []
    length = 0
    with source.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            batch.append(line)
            length += len(line)
            if length > _BATCH and line.endswith(");\n") and apsw.complete(text := "".join(batch)):
                loaded.execute(text)
                batch, length = [], 0
                if cancelled():
                    raise Cancelled
    loaded.execute("".join(batch))


def damaged_dump(source: Path) -> StorageError:
    """Return the error of a dump that does not load."""
    return StorageError(
        "backup-damaged",
        _("This SQL file is no complete backup, so nothing was changed. Choose another backup."),
        visible(str(source)),
    )
