"""Backup files and their register: written privately, verified by reading back, named only then."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import apsw

from dinotui.domain.errors import Cancelled, StorageError
from dinotui.domain.ids import new_id
from dinotui.domain.visible import visible
from dinotui.locale import _
from dinotui.storage.copying import copy_database
from dinotui.storage.database import storage_error, utc_now
from dinotui.storage.dumping import dump_statements
from dinotui.storage.filesystem import sync_folder, told_plainly
from dinotui.storage.store import Store
from dinotui.storage.tables import Backup

if TYPE_CHECKING:
    from dinotui.domain.configuration import BackupFormat

SUFFIXES: dict[BackupFormat, str] = {"json": "json", "sql": "sql", "sqlite": "db"}


class Made(NamedTuple):
    """A verified backup file; `records` counts the user's trips in it."""

    id: str
    format: BackupFormat
    path: Path
    size: int
    sha256: str
    created: str
    records: int


def write_sqlite(store: Store, target: Path, cancelled: Callable[[], bool]) -> int:
    """Copy the database file to `target` and return how many of the user's trips the copy holds."""
    copy_database(store.database, target, cancelled)
    return trips_in(target, store.user)


def write_sql(store: Store, target: Path, cancelled: Callable[[], bool]) -> int:
    """Write a loadable dump to `target`, load it back, and return how many trips came back."""
    write_text(target, dump_statements(store.database, store.user), cancelled)
    try:
        with closing(apsw.Connection(":memory:")) as loaded:
            loaded.execute(target.read_text(encoding="utf-8"))
            found = loaded.execute("SELECT count(*) FROM trip WHERE user = ?", (store.user,)).get
            if loaded.execute("PRAGMA integrity_check").get != "ok":
                raise unverified(target)
    except apsw.Error as error:
        raise storage_error(error, target) from error
    return int(found)


def write_text(target: Path, pieces: Iterable[str | bytes], cancelled: Callable[[], bool]) -> None:
    """Write `pieces` to a private `target` and flush it to disk; leaves nothing when it fails or stops."""
    try:
        with told_plainly(target):
            descriptor = os.open(
                target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
            )
            with os.fdopen(descriptor, "wb") as file:
                for count, piece in enumerate(pieces):
                    file.write(piece.encode() if isinstance(piece, str) else piece)
                    if count % 1000 == 0 and cancelled():
                        raise Cancelled
                file.flush()
                os.fsync(file.fileno())
            sync_folder(target.parent)
    except BaseException:
        with suppress(OSError):
            target.unlink()
        raise


def trips_in(path: Path, user: int) -> int:
    """Return how many trips of `user` a copied database holds."""
    try:
        with closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)) as copy:
            return int(copy.execute("SELECT count(*) FROM trip WHERE user = ?", (user,)).get)
    except apsw.Error as error:
        raise storage_error(error, path) from error


def unverified(target: Path) -> StorageError:
    """Return the error of a backup that did not read back as what was meant."""
    return StorageError(
        "backup-not-verified",
        _(
            "The backup did not read back as it was meant, so nothing was changed. Check the disk and try again."
        ),
        visible(str(target)),
    )


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def new_backup_path(store: Store, chosen: BackupFormat) -> tuple[str, Path]:
    """Return a new backup's id and the path it will have."""
    made = new_id()
    stamp = utc_now()[:19].replace(":", "").replace("-", "")
    return made, store.backups / f"dinotui-{stamp}-{made[-12:]}.{SUFFIXES[chosen]}"


def register(store: Store, made: Made, reason: str, operation_id: str | None) -> None:
    """Enter a verified backup in the register, inside the current transaction."""
    store.database.run(
        Backup.insert(
            user=store.user,
            id=made.id,
            format=made.format,
            path=made.path.name,
            size=made.size,
            sha256=made.sha256,
            created_at=made.created,
            reason=reason,
            operation_id=operation_id,
            records=made.records,
            schema=store.database.value("PRAGMA user_version"),
        )
    )


def sweep_unregistered(store: Store) -> None:
    """Delete files that an interrupted operation left in the backup folder; others may be at work meanwhile."""
    folder = store.folder / "backups"
    if not folder.is_dir() or not _unregistered(store, folder):
        return
    with store.database.write():  # a backup is made under the write lock: now none is in the making
        for path in _unregistered(store, folder):
            with suppress(OSError):
                path.unlink()


def _unregistered(store: Store, folder: Path) -> list[Path]:
    known = {row[0] for row in store.database.rows("SELECT path FROM backup")}
    return [path for path in folder.glob("dinotui-*") if path.name not in known]
