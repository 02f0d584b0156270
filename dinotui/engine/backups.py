"""Backups: a verified copy of the user's data before an operation that changes it (SPEC.md 5)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dinotui.domain.configuration import BackupFormat, Categories, ExportConfiguration
from dinotui.engine.progress import Stop
from dinotui.storage import backups as files
from dinotui.storage.backups import Made
from dinotui.storage.database import utc_now
from dinotui.storage.store import Store
from dinotui.storage.trips import TripFilter, count

_EVERYTHING = ExportConfiguration(categories=Categories(preferences=True, notifications=True))


class Kept:
    """The backup of one operation: deleted again when the operation does not happen."""

    def __init__(self) -> None:
        self._made: list[Made] = []

    def make(
        self, store: Store, chosen: BackupFormat, reason: str, operation_id: str | None, cancelled: Stop
    ) -> Made:
        """Write, verify and register a backup inside the operation's transaction."""
        made = write(store, chosen, cancelled)
        self._made.append(made)
        files.register(store, made, reason, operation_id)
        return made

    def discard(self) -> None:
        """Delete the file of an operation that was rolled back."""
        for made in self._made:
            made.path.unlink(missing_ok=True)


def write(store: Store, chosen: BackupFormat, cancelled: Stop) -> Made:
    """Write a backup file and read it back; the caller holds the write lock and registers it.

    Raises `StorageError` when it cannot be written or does not read back complete; then no file is left.
    """
    id_, path = files.new_backup_path(store, chosen)
    writers: dict[BackupFormat, Callable[[Store, Path, Stop], int]] = {
        "json": _write_json,
        "sql": files.write_sql,
        "sqlite": files.write_sqlite,
    }
    try:
        records = writers[chosen](store, path, cancelled)
        if records != count(store, TripFilter()):
            raise files.unverified(path)
        return Made(id_, chosen, path, path.stat().st_size, files.sha256_of(path), utc_now(), records)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _write_json(store: Store, target: Path, cancelled: Stop) -> int:
    from dinotui.engine.exporting import collect_json
    from dinotui.formats.base import ReadOptions
    from dinotui.formats.json import open_json

    files.write_text(target, collect_json(store, _EVERYTHING), cancelled)
    source = open_json(target, ReadOptions())
    try:
        return sum(1 for table in source.tables for _row in table.rows())
    finally:
        source.close()
