"""Backup files and their register: written privately, sealed, verified by reading back, named only then.

A file that is not (or not any more) in the register carries ``.part`` behind its name: it gets its name after
the register knows it, and loses it before the register forgets it. So a file of a full name is never swept
away, also not by a new database that finds the backups of a lost one.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import apsw

from dinotui.domain.errors import Cancelled, StorageError
from dinotui.domain.ids import new_id
from dinotui.domain.visible import visible
from dinotui.locale import _
from dinotui.storage.copying import copy_database
from dinotui.storage.database import storage_error, utc_now
from dinotui.storage.dumping import dump_statements, load_dump
from dinotui.storage.filesystem import sync_folder, told_plainly
from dinotui.storage.sealing import is_sealed, put_seal
from dinotui.storage.store import Store
from dinotui.storage.tables import Backup

if TYPE_CHECKING:
    from dinotui.domain.configuration import BackupFormat

PART = ".part"
DAMAGED = ".damaged"
"""What the name of a file ends in that is no whole backup any more and is kept all the same."""
SUFFIXES: dict[BackupFormat, str] = {"json": "json", "sql": "sql", "sqlite": "db"}
_IN_THE_MAKING: Final = re.compile(
    r"(dinotui-[0-9A-Za-z-]+\.(json|sql|db)|before-schema-[0-9]+\.db)\.part(\.part|\.loaded)?(-journal|-wal|-shm)?"
)
"""Names that only this program gives: of files without a name yet, and of what SQLite keeps beside them."""


class Made(NamedTuple):
    """A verified backup file; `records` counts the user's trips in it."""

    id: str
    format: BackupFormat
    path: Path
    size: int
    sha256: str
    created: str
    records: int


class Registered(NamedTuple):
    """A row of the register; `path` is the file's name in the folder of backups."""

    number: int
    id: str
    format: BackupFormat
    path: str
    size: int
    sha256: str
    created: str
    reason: str
    operation_id: str | None
    records: int


def write_sqlite(store: Store, target: Path, cancelled: Callable[[], bool]) -> int:
    """Copy the database file to `target` and return how many of the user's trips the copy holds."""
    copy_database(store.database, target, cancelled)
    with told_plainly(target):
        put_seal(target, "sqlite")
    _refuse_unsealed(target, "sqlite")
    return trips_in(target, store.user)


def write_sql(store: Store, target: Path, cancelled: Callable[[], bool]) -> int:
    """Write a loadable dump to `target`, load it back, and return how many trips came back."""
    write_text(target, dump_statements(store.database, store.user), "sql", cancelled)
    loaded = target.with_name(target.name + ".loaded")
    try:
        load_dump(target, loaded, cancelled)
        return trips_in(loaded, store.user)
    finally:
        with suppress(OSError):
            loaded.unlink()


def write_text(
    target: Path, pieces: Iterable[str | bytes], form: BackupFormat, cancelled: Callable[[], bool]
) -> None:
    """Write `pieces` and their seal to a private `target`; leaves nothing when it fails or stops."""
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
            put_seal(target, form)
            sync_folder(target.parent)
        _refuse_unsealed(target, form)
    except BaseException:
        with suppress(OSError):
            target.unlink()
        raise


def _refuse_unsealed(target: Path, form: BackupFormat) -> None:
    with told_plainly(target):
        if not is_sealed(target, form):
            raise unverified(target)


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


def registered(store: Store, *, key: str | None = None) -> list[Registered]:
    """Return the user's backups, newest first; with `key` those whose id begins so."""
    rows = store.database.rows(
        "SELECT number, id, format, path, size, sha256, created_at, reason, operation_id, records FROM backup"
        " WHERE user = :user AND (:key IS NULL OR substr(id, 1, length(:key)) = :key) ORDER BY number DESC",
        {"user": store.user, "key": key},
    )
    return [Registered(*row) for row in rows]


def forget(store: Store, gone: Registered) -> None:
    """Take a backup out of the register, inside the current transaction; its file is `part` then."""
    path = file_of(store, gone.path)
    with told_plainly(path):
        if path.exists() and not path.name.endswith(PART):
            path.replace(part_of(path))
            sync_folder(path.parent)  # or a power cut could give the name back to a file that is forgotten
    store.database.execute("DELETE FROM backup WHERE number = ?", (gone.number,))


def put_aside(path: Path) -> None:
    """Name a forgotten file as damaged, so that nobody sweeps it away or takes it for a backup."""
    part_of(path).replace(path.with_name(path.name + DAMAGED))


def part_of(path: Path) -> Path:
    """Return the name of a backup file that the register does not know yet, or not any more."""
    return path.with_name(path.name + PART)


def file_of(store: Store, name: str) -> Path:
    """Return where the file of a registered backup is: under its name, or for a moment still under another."""
    path = store.folder / "backups" / name
    half = part_of(path)
    return half if half.exists() and not path.exists() else path


def unknown_files(store: Store) -> list[Path]:
    """Return the complete files in the backup folder that no register entry knows, of any user."""
    known = {row[0] for row in store.database.rows("SELECT path FROM backup")}
    folder = store.folder / "backups"
    found = folder.glob("dinotui-*") if folder.is_dir() else ()
    return sorted(
        path
        for path in found
        if path.name not in known
        and not _IN_THE_MAKING.fullmatch(path.name)
        and not path.name.endswith(DAMAGED)
    )


def settle(store: Store) -> None:
    """Give every registered file its name, and delete what an interrupted operation left in the folder.

    Others may be at work meanwhile: while one writes it is left to the next start, and nobody waits for it.
    """
    folder = store.folder / "backups"
    if not _in_the_making(folder):
        return
    with store.database.write_if_free() as free:  # a backup is made under the write lock
        if not free:
            return
        known = {row[0] for row in store.database.rows("SELECT path FROM backup")}
        for path in _in_the_making(folder):
            name = path.name.removesuffix(PART)
            with suppress(OSError):
                if name in known and not path.with_name(name).exists():
                    path.replace(path.with_name(name))
                else:
                    path.unlink()


def _in_the_making(folder: Path) -> list[Path]:
    """Return the files in the backup folder that have no name yet, or not any more; never a user's own."""
    return [path for path in folder.glob(f"*{PART}*") if _IN_THE_MAKING.fullmatch(path.name)]
