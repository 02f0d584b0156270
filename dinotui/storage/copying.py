"""A verified copy of a database file by SQLite's own online backup."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import apsw

from dinotui.domain.errors import Cancelled, StorageError
from dinotui.domain.visible import visible
from dinotui.locale import _
from dinotui.storage.database import Database, storage_error
from dinotui.storage.filesystem import private_file, sync_folder, told_plainly

_PAGES: Final = 2_000  # copied between two looks at the stop switch


def copy_database(database: Database, target: Path, cancelled: Callable[[], bool] = lambda: False) -> None:
    """Copy the committed state of `database` to `target`, check the copy, and only then give it its name.

    The copy is one file in rollback-journal mode. Raises `StorageError` or `Cancelled`, leaving nothing.
    """
    half = target.with_name(target.name + ".part")
    try:
        with told_plainly(target):
            half.unlink(missing_ok=True)
            private_file(half)
        _copy(database, half, cancelled)
        with told_plainly(target):
            _sync(half)
            half.replace(target)
            sync_folder(target.parent)
    except BaseException:
        for leftover in (half, half.with_name(half.name + "-journal")):
            with suppress(OSError):
                leftover.unlink()
        raise


def _copy(database: Database, half: Path, cancelled: Callable[[], bool]) -> None:
    try:
        # A second connection reads the committed state even while this one holds the write lock.
        source = apsw.Connection(str(database.path), flags=apsw.SQLITE_OPEN_READONLY)
        source.set_busy_timeout(10_000)
        copy = apsw.Connection(str(half))
        try:
            with copy.backup("main", source, "main") as backup:
                while not backup.done:
                    backup.step(_PAGES)
                    if cancelled():
                        raise Cancelled
            copy.execute("PRAGMA journal_mode = DELETE").fetchall()
            if copy.execute("PRAGMA integrity_check").get != "ok":
                raise StorageError(
                    "copy-damaged",
                    _("The copy of the database did not pass its check. Nothing was changed."),
                    visible(str(half)),
                )
        finally:
            copy.close()
            source.close()
    except apsw.Error as error:
        raise storage_error(error, half) from error


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
