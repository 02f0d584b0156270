"""What can happen to a database file, and the sentence that each has; the data is as before."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import pytest

from dinotui.domain.errors import StorageError
from dinotui.engine import history, trips
from dinotui.storage import database, filesystem, migrations
from dinotui.storage.database import Database, storage_error
from dinotui.storage.store import Store
from tests.conftest import logical_dump
from tests.engine.importer import import_file

JAPAN = {"country": "Japan", "entryDate": "2024-01-01", "visaType": "work"}
PERU = {"country": "Peru", "entryDate": "2023-01-01", "visaType": "work"}


def refused(act: Callable[[], Any]) -> StorageError:
    with pytest.raises(StorageError) as caught:
        act()
    assert caught.value.message.count(".") >= 1
    return caught.value


def test_a_file_that_another_program_locks_is_waited_for_and_then_said(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    trips.add_trip(store, JAPAN)
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.3)
    other = apsw.Connection(str(store.path))
    other.execute("BEGIN EXCLUSIVE")
    error = refused(lambda: trips.add_trip(store, PERU))
    assert (error.code, error.where) == ("database-busy", str(store.path))
    assert "locked" not in error.message
    other.execute("ROLLBACK")
    trips.add_trip(store, PERU)
    assert store.database.value("SELECT count(*) FROM trip") == 2


def test_a_file_that_is_gone_or_another_one_is_never_written(store: Store, tmp_path: Path) -> None:
    trips.add_trip(store, JAPAN)
    before, aside = logical_dump(store), store.path.with_name("aside.db")
    store.path.rename(aside)
    for act in (lambda: trips.add_trip(store, PERU), lambda: history.undo(store), store.sibling):
        error = refused(act)
        assert error.code == "database-replaced"
        assert "deleted or moved" in error.message
    assert not store.path.exists()
    store.database.rows("PRAGMA wal_checkpoint(TRUNCATE)")  # or SQLite takes its log for that of the new file
    with Store(tmp_path / "other.db", "Kim") as other:
        trips.add_trip(other, PERU)
    shutil.move(tmp_path / "other.db", store.path)
    error = refused(lambda: trips.add_trip(store, PERU))
    assert "replaced by another" in error.message
    with Store(store.path) as now:
        assert now.database.rows("SELECT country FROM trip") == [("Peru",)]
    store.path.unlink()
    aside.rename(store.path)
    trips.add_trip(store, PERU)
    assert logical_dump(store)[0][1:2] != before, "the file is back, and so is everything"
    assert store.database.value("SELECT count(*) FROM trip") == 2


def test_a_network_file_system_gets_a_rollback_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write_file: Callable[[str, str], Path]
) -> None:
    monkeypatch.setattr(database, "on_network", lambda _folder: True)
    with Store(tmp_path / "nfs" / "dinotui.db", "Kim") as store:
        assert store.database.value("PRAGMA journal_mode") == "truncate"
        file = write_file("one.csv", "Country,Entry Date,Exit Date,Visa Type,Notes\nPeru,2024-01-01,,work,\n")
        import_file(store, file)
        before = logical_dump(store)
        trips.add_trip(store, JAPAN)
        history.undo(store)
        assert logical_dump(store) == before
        assert not list(store.path.parent.glob("*-wal"))


def test_a_file_in_wal_mode_that_others_have_open_is_not_shared_over_a_network(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    trips.add_trip(store, JAPAN)
    monkeypatch.setattr(database, "on_network", lambda _folder: True)
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.2)
    error = refused(lambda: Store(store.path))
    assert error.code in ("network-file-system", "database-busy")
    assert store.database.value("SELECT count(*) FROM trip") == 1


def test_mounts_are_read_as_the_kernel_writes_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    table = tmp_path / "mounts"
    folder = tmp_path / "with space"
    folder.mkdir()
    monkeypatch.setattr(filesystem, "_MOUNTS", table)
    escaped = str(folder).replace(" ", "\\040")
    for kind, remote in (
        ("ext4", False),
        ("nfs4", True),
        ("cifs", True),
        ("fuse.sshfs", True),
        ("tmpfs", False),
    ):
        table.write_text(
            f"1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:40 / {escaped} rw,relatime shared:1 - {kind} host:/x rw\n"
        )
        assert filesystem.on_network(folder) is remote
        assert filesystem.on_network(tmp_path) is False
    table.unlink()
    assert filesystem.on_network(folder) is False


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.EROFS, "read-only"), (errno.EACCES, "permission"), (errno.ENOSPC, "full"), (errno.EIO, "disk")],
)
def test_the_systems_refusal_to_open_is_said(
    store: Store, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    trips.add_trip(store, JAPAN)
    real = os.open

    def fail(path: Any, flags: int, *rest: Any, **named: Any) -> int:
        if str(path) == str(store.path):
            raise OSError(number, os.strerror(number), str(path))
        return real(path, flags, *rest, **named)

    monkeypatch.setattr(os, "open", fail)
    error = refused(lambda: Store(store.path))
    assert (error.code, error.where) == ("file-system", str(store.path))
    assert words in error.message


@pytest.mark.parametrize(
    ("result", "code"),
    [
        (apsw.SQLITE_FULL, "disk-full"),
        (apsw.SQLITE_IOERR_WRITE, "disk-error"),
        (apsw.SQLITE_IOERR_FSYNC, "disk-error"),
        (apsw.SQLITE_READONLY, "database-read-only"),
        (apsw.SQLITE_BUSY, "database-busy"),
        (apsw.SQLITE_LOCKED, "database-busy"),
        (apsw.SQLITE_PROTOCOL, "database-busy"),
        (apsw.SQLITE_CORRUPT, "database-damaged"),
        (apsw.SQLITE_NOTADB, "not-a-database"),
        (apsw.SQLITE_CANTOPEN, "cannot-open"),
    ],
)
def test_every_error_of_sqlite_has_its_sentence_also_behind_peewee(
    result: int, code: str, tmp_path: Path
) -> None:
    from peewee import OperationalError

    def behind() -> None:
        try:
            raise error
        except apsw.Error:
            raise OperationalError("x")  # noqa: B904 - as Peewee does it

    error = apsw.exception_for(result)
    assert storage_error(error, tmp_path).code == code
    with pytest.raises(OperationalError) as wrapped:
        behind()
    assert storage_error(wrapped.value, tmp_path).code == code


def test_a_database_of_a_newer_version_is_left_alone(store: Store) -> None:
    trips.add_trip(store, JAPAN)
    store.database.execute("PRAGMA user_version = 99")
    path = store.path
    store.close()
    before = path.read_bytes()
    assert refused(lambda: Store(path)).code == "newer-database"
    assert path.read_bytes() == before


def test_a_migration_is_one_transaction_with_a_copy_before_it(store: Store, tmp_path: Path) -> None:
    trips.add_trip(store, JAPAN)
    newest = migrations.MIGRATIONS[-1].number

    def add(database: Database) -> None:
        database.execute("ALTER TABLE trip ADD COLUMN mood TEXT")

    def fail(database: Database) -> None:
        database.execute("UPDATE trip SET mood = 'x'")
        raise StorageError("disk-full", "The disk is full.")

    steps = (*migrations.MIGRATIONS, migrations.Migration(newest + 1, "mood", add))
    bad = (*steps, migrations.Migration(newest + 2, "bad", fail))
    before = store.database.rows("SELECT * FROM trip")
    with pytest.raises(StorageError):
        migrations.migrate(store.database, lambda: str(tmp_path / "copies"), bad)
    assert store.database.value("PRAGMA user_version") == newest
    assert store.database.rows("SELECT * FROM trip") == before
    migrations.migrate(store.database, lambda: str(tmp_path / "copies"), steps)
    assert store.database.value("PRAGMA user_version") == newest + 1
    copy = apsw.Connection(str(tmp_path / "copies" / f"before-schema-{newest + 1}.db"))
    assert copy.execute("SELECT * FROM trip").fetchall() == before
    copy.close()
