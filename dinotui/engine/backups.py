"""Backups: verified copies of the user's data, made before operations and on demand, checked, thinned (SPEC.md 5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from dinotui.domain.backup import BackupCheck, BackupEntry, PruneResult, Retention, kept_by
from dinotui.domain.configuration import BackupFormat, Categories, ExportConfiguration
from dinotui.domain.errors import DinoError, NotFound, StorageError
from dinotui.domain.visible import visible
from dinotui.engine.backup_reading import counted, load
from dinotui.engine.progress import Progress, Report, Stop, never, quietly, stop_if
from dinotui.locale import _
from dinotui.storage import backups as files
from dinotui.storage.backups import Made, Registered, file_of, part_of
from dinotui.storage.database import utc_now
from dinotui.storage.loading import damaged, recognised_form, refuse_changed
from dinotui.storage.store import Store
from dinotui.storage.trips import TripFilter, count

_EVERYTHING: Final = ExportConfiguration(categories=Categories(preferences=True, notifications=True))
BY_HAND: Final = "by hand"


class Kept:
    """The backups of one operation: named once it has happened, deleted when it does not happen."""

    def __init__(self) -> None:
        self._made: list[Made] = []
        self._store: Store | None = None

    def make(
        self, store: Store, chosen: BackupFormat, reason: str, operation_id: str | None, cancelled: Stop
    ) -> Made:
        """Write, verify and register a backup inside the operation's transaction."""
        made = write(store, chosen, cancelled)
        self._made.append(made)
        self._store = store
        files.register(store, made, reason, operation_id)
        return made

    def publish(self) -> None:
        """Give the files their names, now that the register knows them for good; the next start does it else."""
        for made in self._made:
            with suppress(OSError):
                part_of(made.path).replace(made.path)

    def discard(self) -> None:
        """Delete the files of an operation that failed; one that the register knows all the same gets its name.

        What was reported as an error of the disk may be stored. What cannot be told now the next start settles.
        """
        for made in self._made:
            assert self._store is not None
            with suppress(DinoError, OSError):
                if files.registered(self._store, key=made.id):
                    part_of(made.path).replace(made.path)
                else:
                    part_of(made.path).unlink(missing_ok=True)


def write(store: Store, chosen: BackupFormat, cancelled: Stop) -> Made:
    """Write a backup file and read it back; the caller holds the write lock and registers it.

    The file still carries its other name. Raises `StorageError` when it cannot be written or does not read
    back complete; then no file is left.
    """
    id_, path = files.new_backup_path(store, chosen)
    half = part_of(path)
    writers: dict[BackupFormat, Callable[[Store, Path, Stop], int]] = {
        "json": _write_json,
        "sql": files.write_sql,
        "sqlite": files.write_sqlite,
    }
    try:
        records = writers[chosen](store, half, cancelled)
        if records != count(store, TripFilter()):
            raise files.unverified(half)
        return Made(id_, chosen, path, half.stat().st_size, files.sha256_of(half), utc_now(), records)
    except BaseException:
        with suppress(OSError):
            half.unlink(missing_ok=True)
        raise


def _write_json(store: Store, target: Path, cancelled: Stop) -> int:
    from dinotui.engine.exporting import collect_json
    from dinotui.formats.base import ReadOptions
    from dinotui.formats.json import open_json

    files.write_text(target, _open_ended(collect_json(store, _EVERYTHING, cancelled)), "json", cancelled)
    source = open_json(target, ReadOptions())
    try:
        return sum(1 for table in source.tables for _row in table.rows())
    finally:
        source.close()


def _open_ended(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a JSON object without its closing brace, which the seal brings along."""
    last = b""
    for piece in pieces:
        yield last
        last = piece
    yield last.rstrip().removesuffix(b"}").rstrip()


def create(
    store: Store, chosen: BackupFormat = "sqlite", *, report: Report = quietly, cancelled: Stop = never
) -> BackupEntry:
    """Make, verify and register a backup on demand. Raises `StorageError` and `Cancelled`; nothing is left then."""
    kept = Kept()
    report(Progress("Backing up", 0))
    try:
        with store.database.write():
            made = kept.make(store, chosen, BY_HAND, None, cancelled)
            stop_if(cancelled)
    except BaseException:
        kept.discard()
        raise
    kept.publish()
    return find(store, made.id)


def entries(store: Store) -> list[BackupEntry]:
    """Return the user's backups, newest first."""
    return [_entry(store, row) for row in files.registered(store)]


def find(store: Store, key: str) -> BackupEntry:
    """Return the backup with this id, or the only one whose id begins so; raises `NotFound`."""
    return _entry(store, _registered(store, key))


def _registered(store: Store, key: str) -> Registered:
    found = files.registered(store, key=key) if key else []
    exact = [row for row in found if row.id == key]
    if len(exact or found) != 1:
        raise NotFound(
            "no-such-backup",
            _("There is no backup {id}, or several begin so. List them with: dinotui backup list.").format(
                id=visible(key)
            ),
        )
    return (exact or found)[0]


def _entry(store: Store, row: Registered) -> BackupEntry:
    return BackupEntry(
        id=row.id,
        format=row.format,
        path=str(file_of(store, row.path)),
        size=row.size,
        sha256=row.sha256,
        created=row.created,
        operation_id=row.operation_id,
        records=row.records,
        reason=row.reason,
    )


def refuse_bad(store: Store, path: Path, row: BackupEntry | None) -> BackupFormat:
    """Return the form of a backup file; raises `StorageError` where a byte differs from what was written."""
    if not path.is_file():
        raise StorageError(
            "backup-missing",
            _("The file of this backup is not there any more. Choose another backup."),
            visible(str(path)),
        )
    known = row or next((each for each in entries(store) if Path(each.path) == path), None)
    try:
        if known is not None and (path.stat().st_size != known.size or files.sha256_of(path) != known.sha256):
            raise damaged(path)
    except OSError as error:
        raise damaged(path) from error
    form = recognised_form(path)
    refuse_changed(path, form)
    return form


def verify(store: Store, key: str, *, cancelled: Stop = never) -> BackupCheck:
    """Read a backup back whole: checksum, seal, structure, every row. `key` is an id or a file's path.

    What is wrong with the backup is part of the answer; raises `NotFound` where there is none.
    """
    row, path = resolve(store, key)
    try:
        form = refuse_bad(store, path, row)
        with store.scratch_folder() as scratch, closing(load(path, form, scratch, cancelled)) as loaded:
            records = counted(loaded, row, store.user_name)
        if row is not None and records != row.records:
            raise damaged(path)
    except StorageError as error:
        return BackupCheck(
            id=row.id if row else None, path=str(path), ok=False, code=error.code, message=error.message
        )
    return BackupCheck(id=row.id if row else None, path=str(path), ok=True, records=records)


def resolve(store: Store, key: str) -> tuple[BackupEntry | None, Path]:
    """Return the register's entry (None for a file that it does not know) and the path that `key` means."""
    path = Path(key).expanduser().absolute()
    if "/" in key or (path.is_file() and not files.registered(store, key=key)):
        known = next((each for each in entries(store) if Path(each.path) == path), None)
        return known, path
    row = find(store, key)
    return row, Path(row.path)


def prune(
    store: Store,
    policy: Retention | None = None,
    *,
    dry_run: bool = False,
    automatic_only: bool = False,
    today: dt.date | None = None,
    cancelled: Stop = never,
) -> PruneResult:
    """Delete the backups that `policy` does not keep, or only say which with `dry_run`.

    The newest backup that reads back as it was written is never deleted. With `automatic_only` backups made
    by hand stay whatever their age.
    """
    known = entries(store)
    day = today or dt.datetime.now(dt.UTC).date()
    kept = kept_by(policy or Retention(), [(each.id, each.created) for each in known], day)
    kept |= {each.id for each in known if automatic_only and each.reason == BY_HAND}
    removed = [each for each in known if each.id not in kept]
    if removed:
        by_age = sorted(known, key=lambda each: each.created, reverse=True)
        newest = next((each for each in by_age if is_whole(each, cancelled)), None)
        removed = [each for each in removed if each is not newest]
    result = PruneResult(removed=tuple(removed), kept=len(known) - len(removed), dry_run=dry_run)
    if removed and not dry_run:
        _delete(store, removed)
    return result


def is_whole(entry: BackupEntry, cancelled: Stop) -> bool:
    """Return whether a backup's file has every byte that it was written with."""
    stop_if(cancelled)
    path = Path(entry.path)
    with suppress(OSError):
        return path.stat().st_size == entry.size and files.sha256_of(path) == entry.sha256
    return False


def _delete(store: Store, removed: Sequence[BackupEntry]) -> None:
    halves = []
    try:
        with store.database.write():
            for entry in removed:
                for row in files.registered(store, key=entry.id):
                    files.forget(store, row)
                    halves.append(part_of(store.backups / row.path))
    except BaseException:
        with suppress(DinoError):  # the next start does it else
            files.settle(store)
        raise
    for half in halves:
        with suppress(OSError):  # the next start deletes it
            half.unlink(missing_ok=True)


def thin(store: Store) -> int:
    """Delete automatic backups that the default policy does not keep; never fails, returns how many went."""
    try:
        return len(prune(store, automatic_only=True).removed)
    except (DinoError, OSError):
        return 0
