"""Opening a database: private whatever the umask, several at once, refused when it is not ours."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import apsw
import pytest

from dinotui.domain.errors import Cancelled, StorageError
from dinotui.engine import trips
from dinotui.storage import filesystem, migrations, tables
from dinotui.storage.database import Database
from dinotui.storage.migrations import Migration, migrate
from dinotui.storage.store import Store


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o777 & ~0o700])
def test_files_are_private_whatever_the_umask(tmp_path: Path, mask: int) -> None:
    old = os.umask(mask)
    try:
        with Store(tmp_path / "deep" / "er" / "x.db") as store:
            trips.add_trip(store, {"country": "Japan", "entryDate": "2024-01-01", "visaType": "work"})
            found = {path: path.stat().st_mode & 0o777 for path in (tmp_path / "deep").rglob("*")}
            assert store.staging.stat().st_mode & 0o777 == 0o700
    finally:
        os.umask(old)
    assert set(found.values()) == {0o600, 0o700}
    assert found[tmp_path / "deep" / "er"] == 0o700


def test_wal_where_it_is_safe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store(tmp_path / "a.db") as store:
        assert store.database.value("PRAGMA journal_mode") == "wal"
    monkeypatch.setattr("dinotui.storage.database.on_network", lambda _folder: True)
    with Store(tmp_path / "b.db") as store:
        assert store.database.value("PRAGMA journal_mode") == "truncate"


def test_network_file_systems_are_known_by_their_mount(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "1 0 0:1 / / rw - ext4 /dev/sda rw\n"
        f"2 1 0:2 / {tmp_path}/far rw - nfs4 server:/x rw\n"
        f"3 1 0:3 / {tmp_path}/far\\040away rw - fuse.sshfs me@host: rw\n"
    )
    monkeypatch.setattr(filesystem, "_MOUNTS", mounts)
    for name in ("far", "far away", "farther", "far/in"):
        (tmp_path / name).mkdir(parents=True, exist_ok=True)
    answers = [filesystem.on_network(tmp_path / name) for name in ("far", "far away", "farther", "far/in")]
    assert answers == [True, True, False, True]


def test_a_foreign_a_damaged_and_a_newer_database_are_refused(tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.db"
    connection = apsw.Connection(str(foreign))
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(b"SQLite format 3\0" + b"junk" * 2000)
    text = tmp_path / "text.db"
    text.write_text("not a database at all, just some text that is long enough " * 100)
    with Store(tmp_path / "newer.db") as store:
        store.database.execute("PRAGMA user_version = 99")
    expected = {
        "foreign": "foreign-database",
        "damaged": "",
        "text": "not-a-database",
        "newer": "newer-database",
    }
    for name, code in expected.items():
        before = (tmp_path / f"{name}.db").read_bytes()
        with pytest.raises(StorageError) as raised:
            Store(tmp_path / f"{name}.db")
        assert code in raised.value.code
        assert (tmp_path / f"{name}.db").read_bytes() == before


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="not a folder"):
        Store(tmp_path / "file" / "x.db")
    (tmp_path / "folder.db").mkdir()
    with pytest.raises(StorageError, match="folder"):
        Store(tmp_path / "folder.db")


def test_each_migration_is_one_transaction_with_a_copy_before_it(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with Store(path) as store:
        trips.add_trip(store, {"country": "Japan", "entryDate": "2024-01-01", "visaType": "work"})

    def broken(database: Database) -> None:
        database.execute("DELETE FROM trip")
        raise RuntimeError("power cut")

    steps = (*migrations.MIGRATIONS, Migration(len(migrations.MIGRATIONS) + 1, "broken", broken))
    database = Database(path)
    with pytest.raises(RuntimeError):
        migrate(database, lambda: str(tmp_path / "copies"), steps)
    assert database.value("SELECT count(*) FROM trip") == 1
    assert database.value("PRAGMA user_version") == len(migrations.MIGRATIONS)
    copy = Database(next((tmp_path / "copies").iterdir()), create=False)
    assert copy.value("SELECT count(*) FROM trip") == 1
    copy.close()
    database.close()


def test_the_models_are_the_schema(store: Store) -> None:
    for model in vars(tables).values():
        if isinstance(model, type) and issubclass(model, tables.Model) and model is not tables.Model:
            columns = {row[1] for row in store.database.rows(f"PRAGMA table_info({model._meta.table_name})")}
            assert columns == {field.column_name for field in model._meta.sorted_fields}


def test_writers_wait_for_each_other(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    Store(path).close()
    program = (
        "import sys; from pathlib import Path\n"
        "from dinotui.storage.store import Store; from dinotui.engine import trips\n"
        "with Store(Path(sys.argv[1])) as s:\n"
        "    for n in range(20):\n"
        "        fields = {'country': 'Japan', 'entryDate': f'2024-01-{n + 1:02}', 'visaType': sys.argv[2]}\n"
        "        trips.add_trip(s, fields)\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", program, str(path), f"v{n}"]) for n in range(3)]

    def in_thread() -> None:
        with Store(path) as store:
            for n in range(20):
                trips.add_trip(
                    store, {"country": "Peru", "entryDate": f"2024-01-{n + 1:02}", "visaType": "t"}
                )

    thread = threading.Thread(target=in_thread)
    thread.start()
    assert [process.wait(60) for process in running] == [0, 0, 0]
    thread.join(60)
    with Store(path) as store:
        assert store.database.value("SELECT count(*), count(DISTINCT id) FROM trip") == (80, 80)
        assert store.database.value("PRAGMA integrity_check") == "ok"


def test_a_new_name_becomes_a_user_and_the_first_is_the_default(tmp_path: Path) -> None:
    with Store(tmp_path / "x.db", "Kim") as kim:
        assert (kim.user_name, kim.created_user) == ("Kim", True)
    with Store(tmp_path / "x.db") as first:
        assert (first.user_name, first.created_user) == ("Kim", False)
    with Store(tmp_path / "x.db", "Lee") as lee:
        assert lee.users() == ["Kim", "Lee"]


COUNTED = "WITH RECURSIVE n(x) AS (VALUES (1) UNION ALL SELECT x + 1 FROM n LIMIT ?) SELECT count(*) FROM n"
ENDLESS = -1


def test_a_statement_that_takes_long_can_be_stopped_and_leaves_nothing(tmp_path: Path) -> None:
    with Store(tmp_path / "a.db") as store:
        asked = 0

        def after_a_while() -> bool:
            nonlocal asked
            asked += 1
            return asked > 3

        def work() -> None:
            with store.database.write(), store.database.stoppable(after_a_while):
                store.database.execute("INSERT INTO user (name, created_at) VALUES ('Lee', '')")
                store.database.value(COUNTED, (ENDLESS,))

        before = store.database.value("SELECT count(*) FROM user")
        with pytest.raises(Cancelled):
            work()
        assert store.database.value("SELECT count(*) FROM user") == before
        assert store.database.value(COUNTED, (300_000,)) == 300_000, "nothing asks any more"
