"""Backups: made, sealed, verified, thinned; restored as an operation that can be undone; damaged ones refused."""

from __future__ import annotations

import datetime as dt
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest

from dinotui.domain.backup import Retention, kept_by
from dinotui.domain.configuration import BackupFormat
from dinotui.domain.errors import Cancelled, DinoError, NotFound, StorageError
from dinotui.engine import backups, history, notifications, preferences, recovery, restoring, trips
from dinotui.storage.store import Store
from tests.conftest import logical_dump, sweep
from tests.engine.importer import import_file

FORMATS: tuple[BackupFormat, ...] = get_args(BackupFormat)
HEAD = "Country,Entry Date,Exit Date,Visa Type,Max Days,Passport Country,Notes\n"
HOSTILE = "a'b\"c;\n); DROP TABLE trip; --\x00\x1b[31m ☃ 메모 \\"


def lived_in(store: Store) -> None:
    """Trips with every kind of text, preferences, a message about a trip."""
    for number in range(1, 8):
        fields = {"country": "Japan", "entryDate": f"2024-0{number}-01", "visaType": "work", "maxDays": "90"}
        trip, _checked = trips.add_trip(store, {**fields, "notes": HOSTILE * (number % 3)})
    trips.edit_trip(store, "#3", {"exitDate": "2024-03-05", "passportCountry": "대한민국"})
    trips.delete_trips(store, ["#2"])
    preferences.set_preferences(store, {"homePassport": "KR", "language": "ko"})
    notifications.add_notification(store, "overstay", "title", HOSTILE, subject="s", trip_id=trip.id)


def content(store: Store, user: int | None = None) -> list[Any]:
    """What a user would call the data, apart from numbers and instants."""
    mine = user or store.user
    rows = store.database.rows
    return [
        rows(
            "SELECT id, country, country_code, country_fold, entry_day, exit_day, visa_type, visa_fold, max_days,"
            " passport_country, passport_fold, notes, created_at, updated_at, source FROM trip WHERE user = ?"
            " ORDER BY id",
            (mine,),
        ),
        rows("SELECT key, value FROM preference WHERE user = ? ORDER BY key", (mine,)),
        rows(
            "SELECT id, kind, title, message, created_at, read_at, trip_id, subject FROM notification"
            " WHERE user = ? ORDER BY id",
            (mine,),
        ),
    ]


def files_of(store: Store) -> set[str]:
    return {path.name for path in store.backups.iterdir()}


@pytest.mark.parametrize("form", FORMATS)
def test_a_backup_is_made_listed_and_read_back(store: Store, form: BackupFormat) -> None:
    lived_in(store)
    made = backups.create(store, form)
    assert backups.entries(store) == [made]
    path = Path(made.path)
    assert files_of(store) == {path.name}
    assert (made.format, made.records, made.size) == (form, 6, path.stat().st_size)
    assert path.stat().st_mode & 0o777 == 0o600
    for key in (made.id, made.id[:30], made.path):
        check = backups.verify(store, key)
        assert (check.id, check.ok, check.records) == (made.id, True, 6)
    assert not list(store.scratch.iterdir())


@pytest.mark.parametrize("form", FORMATS)
def test_replace_gives_back_exactly_what_was_there_and_can_be_undone(
    store: Store, form: BackupFormat
) -> None:
    lived_in(store)
    before, exact = content(store), logical_dump(store)
    made = backups.create(store, form)
    trips.delete_trips(store, ["#1", "#3"])
    trips.edit_trip(store, "#4", {"notes": "other", "country": "France"})
    added, _checked = trips.add_trip(store, {"country": "Peru", "entryDate": "2020-01-01", "visaType": "x"})
    preferences.set_preferences(store, {"homePassport": "US", "theme": "nord"})
    changed = logical_dump(store)
    told = restoring.restore(store, made.id, "replace", dry_run=True)
    assert logical_dump(store) == changed
    assert told.dry_run
    assert told.removed_trips == (f"#{added.number} Peru 2020-01-01 – …",)
    result = restoring.restore(store, made.id, "replace")
    assert (result.added, result.changed, result.removed) == (told.added, told.changed, told.removed)
    assert content(store) == before
    if form != "json":
        assert [row[:2] for row in logical_dump(store)[0][1:]] == [row[:2] for row in exact[0][1:]], "numbers"
    safety = backups.find(store, result.backup_id or "")
    assert (safety.records, safety.reason) == (6 - 2 + 1, "restore")
    undone = history.undo(store, result.operation_id)
    assert (undone.kept, logical_dump(store)) == ((), changed)
    history.redo(store)
    assert content(store) == before
    restoring.restore(store, safety.id, "replace")
    assert len(content(store)[0]) == 5


@pytest.mark.parametrize("form", FORMATS)
def test_merge_adds_what_is_missing_and_changes_nothing_that_is_there(
    store: Store, form: BackupFormat
) -> None:
    lived_in(store)
    made = backups.create(store, form)
    trips.delete_trips(store, ["#1"])
    trips.edit_trip(store, "#4", {"notes": "mine"})
    trips.add_trip(store, {"country": "Peru", "entryDate": "2020-01-01", "visaType": "x"})
    kept = content(store)[0]
    result = restoring.restore(store, made.id, "merge")
    assert (result.added, result.changed, result.removed) == (1, 0, 0)
    assert [row for row in content(store)[0] if row in kept] == kept
    assert len(content(store)[0]) == len(kept) + 1
    again = restoring.restore(store, made.id, "merge")
    assert (again.added, again.changed, again.removed) == (0, 0, 0)


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_from_another_machine_and_for_another_user(
    store: Store, other_store: Store, tmp_path: Path, form: BackupFormat
) -> None:
    lived_in(store)
    made = backups.create(store, form)
    moved = tmp_path / "usb" / "copy"
    moved.parent.mkdir()
    shutil.copy(made.path, moved)
    result = restoring.restore(other_store, str(moved), "replace")
    assert content(other_store) == content(store)
    assert (result.restored_from, result.records) == (str(moved), 6)
    with Store(store.path, "Lee") as lee:
        trips.add_trip(lee, {"country": "Chile", "entryDate": "2021-01-01", "visaType": "x"})
        kim = content(store)
        into = restoring.restore(store, made.id, "merge", into="Lee")
        assert into.user == "Lee"
        assert content(store) == kim
        assert [row[1] for row in content(lee)[0]].count("Japan") == 6
        assert len(content(lee)[0]) == 7
        with pytest.raises(NotFound, match="There is no backup"):
            backups.find(lee, made.id)
    with pytest.raises(NotFound, match="There is no user"):
        restoring.restore(store, made.id, "merge", into="Nobody")


def test_a_plain_copy_of_a_database_with_several_users_says_whose(store: Store, tmp_path: Path) -> None:
    lived_in(store)
    with Store(store.path, "Lee") as lee:
        trips.add_trip(lee, {"country": "Chile", "entryDate": "2021-01-01", "visaType": "x"})
    path = store.path
    store.database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    copy = tmp_path / "copy.db"
    shutil.copy(path, copy)
    with Store(tmp_path / "new.db", "Park") as park:
        with pytest.raises(DinoError, match="Kim, Lee"):
            restoring.restore(park, str(copy), "merge")
        with pytest.raises(NotFound, match="Kim, Lee"):
            restoring.restore(park, str(copy), "merge", from_user="Choi")
        assert restoring.restore(park, str(copy), "merge", from_user="Lee").added == 1


def test_merging_a_trip_that_is_here_under_another_id_points_messages_at_it(
    store: Store, other_store: Store
) -> None:
    fields = {"country": "Japan", "entryDate": "2024-01-01", "visaType": "work"}
    trip, _checked = trips.add_trip(store, fields)
    notifications.add_notification(store, "overstay", "t", "m", trip_id=trip.id)
    made = backups.create(store)
    here, _checked = trips.add_trip(other_store, fields)
    result = restoring.restore(other_store, made.path, "merge")
    assert (result.added, len(content(other_store)[0])) == (1, 1)
    assert content(other_store)[2][0][6] == here.id


def test_numbers_are_never_given_to_another_trip(store: Store, other_store: Store) -> None:
    lived_in(store)
    made = backups.create(store)
    trips.add_trip(other_store, {"country": "Peru", "entryDate": "2020-01-01", "visaType": "x"})
    deleted = trips.delete_trips(other_store, ["#1"])
    restoring.restore(other_store, made.path, "merge")
    assert other_store.database.value("SELECT min(number) FROM trip") == 2
    history.undo(other_store, history.operations(other_store, kind="delete")[0].entry.id)
    assert other_store.database.value("SELECT id FROM trip WHERE number = 1") == deleted[0].id


def test_a_backup_brings_no_number_that_was_never_given_here(store: Store) -> None:
    """One near the end of all numbers would leave none for the next trip."""
    trip, _checked = trips.add_trip(
        store, {"country": "Japan", "entryDate": "2024-01-01", "visaType": "work"}
    )
    with store.database.write():
        store.database.execute("UPDATE trip SET number = 9223372036854775807")
    made = backups.create(store)
    with store.database.write():
        store.database.execute("DELETE FROM trip")
        store.database.execute("UPDATE sqlite_sequence SET seq = 1 WHERE name = 'trip'")
    assert restoring.restore(store, made.id, "replace").added == 1
    assert store.database.rows("SELECT number, id FROM trip") == [(2, trip.id)]


@pytest.mark.parametrize("whose", ["another database's", "another user's"])
def test_only_ones_own_backup_brings_numbers_back(store: Store, other_store: Store, whose: str) -> None:
    """In the history a number means the trip that had it here."""
    fields = {"country": "Japan", "entryDate": "2024-01-01", "visaType": "work"}
    for _turn in range(3):
        trips.add_trip(store, fields)
    if whose == "another user's":
        with Store(store.path, "Lee") as lee:
            lee.database.execute("UPDATE user SET created_at = '2020-01-01T00:00:00.000Z'")  # at one moment
            trips.add_trip(lee, {**fields, "country": "Peru"})
            made = backups.create(lee, "sql")
            gone = trips.delete_trips(lee, ["#4"])
    else:
        for _turn in range(2):
            trips.add_trip(other_store, {**fields, "country": "Peru"})
        other_store.database.execute("UPDATE user SET created_at = '2020-01-01T00:00:00.000Z'")
        made = backups.create(other_store)
        gone = trips.delete_trips(store, ["#2"])
    assert restoring.restore(store, made.path, "merge").added > 0
    numbers = [row[0] for row in store.database.rows("SELECT number FROM trip")]
    assert gone[0].number not in numbers


# damage ------------------------------------------------------------------------------------------------


def one_backup(store: Store, form: BackupFormat) -> tuple[str, Path]:
    lived_in(store)
    made = backups.create(store, form)
    return made.id, Path(made.path)


def flips(size: int) -> list[tuple[int, int]]:
    random_ = random.Random(size)
    return [(random_.randrange(size), 1 << random_.randrange(8)) for _flip in range(sweep(100))]


@pytest.mark.parametrize("form", FORMATS)
def test_a_flipped_byte_is_detected_also_in_a_file_that_no_register_knows(
    store: Store, other_store: Store, form: BackupFormat
) -> None:
    id_, path = one_backup(store, form)
    whole, before, elsewhere = path.read_bytes(), logical_dump(store), logical_dump(other_store)
    tried = flips(len(whole))
    for at, bit in tried:
        path.write_bytes(whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :])
        assert not backups.verify(store, id_).ok
        for place, key in ((store, id_), (other_store, str(path))):
            with pytest.raises(StorageError) as caught:
                restoring.restore(place, key, "replace")
            assert caught.value.code in ("backup-damaged", "backup-foreign")
    assert len(tried) >= min(100, sweep(100))
    assert (logical_dump(store), logical_dump(other_store)) == (before, elsewhere)
    path.write_bytes(whole)
    assert backups.verify(store, id_).ok


@pytest.mark.parametrize("form", FORMATS)
def test_a_backup_that_ends_early_is_refused_at_every_offset(
    store: Store, other_store: Store, form: BackupFormat
) -> None:
    id_, path = one_backup(store, form)
    whole, before = path.read_bytes(), logical_dump(other_store)
    cuts = sorted({round(n * (len(whole) - 1) / 199) for n in range(200)})
    assert len(cuts) == 200
    for at in cuts:
        path.write_bytes(whole[:at])
        check = backups.verify(store, id_)
        assert (check.ok, check.code) == (False, "backup-damaged")
        with pytest.raises(StorageError) as caught:
            restoring.restore(other_store, str(path), "merge")
        assert caught.value.code in ("backup-damaged", "backup-foreign")
    assert logical_dump(other_store) == before


@pytest.mark.parametrize("form", FORMATS)
def test_what_is_sealed_but_wrong_inside_is_refused(store: Store, form: BackupFormat) -> None:
    """A seal says that the bytes are those that were written, not that they make sense."""
    from dinotui.storage.sealing import put_seal, sealed_length

    _id, path = one_backup(store, form)
    before = logical_dump(store)
    body = path.read_bytes()[: -sealed_length(form)]
    wrong = {
        "sql": [
            body.replace(b"COMMIT;", b""),
            body.replace(b"COMMIT;", b"ATTACH '/tmp/never.db' AS x; COMMIT;"),
            body.replace(b"COMMIT;", b"CREATE TRIGGER t AFTER INSERT ON trip BEGIN SELECT 1; END; COMMIT;"),
            body.replace(b"COMMIT;", b"INSERT INTO trip SELECT * FROM trip; COMMIT;"),
            body.replace(b"COMMIT;", b"PRAGMA journal_mode = WAL; COMMIT;"),
            body.replace(b"application_id = 1145654863", b"application_id = 7"),
            body.replace(b"user_version = ", b"user_version = 99"),
            b"PRAGMA foreign_keys = OFF;\n",
        ],
        "json": [
            body.replace(b'"2024-01-01"', b'"2024-02-31"'),
            body.replace(b'"version": "1.0"', b'"version": "9.0"'),
            b"{}",
            b'{"a": 1',
        ],
        "sqlite": [
            body[:60] + (99).to_bytes(4, "big") + body[64:],
            body[:4096],
            body[:68] + b"\0\0\0\7" + body[72:],
        ],
    }[form]
    codes = set()
    for bad in wrong:
        assert bad != body
        other = path.with_name("other")
        other.write_bytes(bad)
        put_seal(other, form)
        with pytest.raises(StorageError) as caught:
            restoring.restore(store, str(other), "replace")
        codes.add(caught.value.code)
        assert caught.value.where == str(other)
        assert not Path("/tmp/never.db").exists()
    assert codes >= {"backup-newer"}
    assert logical_dump(store) == before


def test_files_that_are_no_backups_are_refused(store: Store, tmp_path: Path) -> None:
    for text in (
        "",
        "Country,Entry Date\nJapan,2024-01-01\n",
        '{"trips": []}',
        "PRAGMA foreign_keys = OFF;\n",
    ):
        path = tmp_path / "no.backup"
        path.write_text(text)
        with pytest.raises(StorageError) as caught:
            restoring.restore(store, str(path), "merge")
        assert caught.value.code in ("backup-foreign", "backup-damaged")
    for missing in (str(tmp_path / "none"), str(tmp_path)):
        with pytest.raises(StorageError, match="not there"):
            restoring.restore(store, missing, "merge")
    with pytest.raises(NotFound):
        restoring.restore(store, "0193", "merge")


@pytest.mark.parametrize("form", FORMATS)
def test_a_restore_that_is_stopped_changes_nothing(store: Store, form: BackupFormat) -> None:
    id_, _path = one_backup(store, form)
    trips.delete_trips(store, ["#1"])
    before, names = logical_dump(store), files_of(store)
    for allowed in range(12):
        left = [allowed]

        def stop(left: list[int] = left) -> bool:
            left[0] -= 1
            return left[0] < 0

        try:
            restoring.restore(store, id_, "replace", cancelled=stop)
        except Cancelled:
            assert (logical_dump(store), files_of(store)) == (before, names)
        else:
            break
    assert len(content(store)[0]) == 6


def test_the_sql_form_loads_in_plain_sqlite(store: Store, tmp_path: Path) -> None:
    lived_in(store)
    made = backups.create(store, "sql")
    code = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[2]); c.executescript(open(sys.argv[1], encoding='utf-8',"
        " newline='').read()); print(c.execute('PRAGMA integrity_check').fetchone()[0],"
        " c.execute('SELECT count(*), sum(length(notes)), min(entry_date) FROM stay').fetchone())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, made.path, str(tmp_path / "plain.db")], capture_output=True, text=True
    )
    expected = store.database.rows("SELECT count(*), sum(length(notes)), min(entry_date) FROM stay")[0]
    assert (done.stderr, done.stdout.strip()) == ("", f"ok {expected}")
    if command := shutil.which("sqlite3"):
        loaded = tmp_path / "cli.db"
        with open(made.path, "rb") as dump:
            subprocess.run([command, str(loaded)], stdin=dump, check=True)
        told = subprocess.run(
            [command, str(loaded), "SELECT count(*) FROM stay"], capture_output=True, text=True
        )
        assert told.stdout.strip() == str(expected[0])


# keeping -----------------------------------------------------------------------------------------------


def test_the_policy_keeps_recent_ones_then_one_a_day_a_week_a_month() -> None:
    today = dt.date(2026, 3, 31)
    made = [
        (f"{day}-{hour}", f"{today - dt.timedelta(days=day)}T{hour:02}:00:00.000Z")
        for day in range(800)
        for hour in (9, 15)
    ]
    kept = kept_by(Retention(recent_days=7, daily_days=30, weekly_weeks=26, months=12), made, today)
    days = sorted(int(name.split("-")[0]) for name in kept)
    assert days[:14] == [day for day in range(7) for _twice in (1, 2)]
    assert days[14:37] == list(range(7, 30))
    weekly = [day for day in days if 30 <= day < 26 * 7]
    assert len(weekly) in (21, 22, 23, 24, 25, 26)
    assert all(name.endswith("-15") for name in kept if int(name.split("-")[0]) >= 7), (
        "the newest of each slot"
    )
    assert max(days) < 366
    assert kept_by(
        Retention(recent_days=0, daily_days=0, weekly_weeks=0, months=0, least=3), made, today
    ) == {
        "0-15",
        "0-9",
        "1-15",
    }
    forever = kept_by(Retention(), made, today)
    assert max(int(name.split("-")[0]) for name in forever) > 730
    assert kept_by(Retention(), [], today) == set()


def aged(store: Store, *days: int) -> list[str]:
    """Backups made so many days ago, newest first."""
    made = [backups.create(store) for _day in days]
    for entry, day in zip(made, days, strict=True):
        then = dt.datetime.now(dt.UTC) - dt.timedelta(days=day)
        store.database.execute(
            "UPDATE backup SET created_at = ? WHERE id = ?", (then.isoformat()[:23] + "Z", entry.id)
        )
    return [entry.id for entry in made]


def test_pruning_says_what_goes_and_never_deletes_the_only_good_one(store: Store) -> None:
    lived_in(store)
    ids = aged(store, 0, 400, 401, 402)
    policy = Retention(recent_days=1, daily_days=0, weekly_weeks=0, months=0, least=1)
    told = backups.prune(store, policy, dry_run=True)
    assert ([entry.id for entry in told.removed], told.kept) == (ids[3:0:-1], 1)
    assert len(backups.entries(store)) == len(files_of(store)) == 4
    newest = Path(backups.find(store, ids[0]).path)
    newest.write_bytes(newest.read_bytes()[:-1])
    done = backups.prune(store, policy)
    assert [entry.id for entry in done.removed] == [ids[3], ids[2]], "the newest good one of those stays"
    assert {entry.id for entry in backups.entries(store)} == {ids[0], ids[1]}
    assert len(files_of(store)) == 2
    assert backups.verify(store, ids[1]).ok


def test_pruning_keeps_the_newest_good_one_also_beside_an_older_one_that_is_kept(store: Store) -> None:
    """Of a day the last one is kept; that one is damaged, and the one before it is all there is of that day."""
    ids = aged(store, 8, 1, 1)
    newest = Path(backups.find(store, ids[2]).path)
    newest.write_bytes(newest.read_bytes()[:-1])
    policy = Retention(recent_days=0, daily_days=30, weekly_weeks=0, months=0, least=1)
    assert backups.prune(store, policy).removed == ()
    assert backups.verify(store, ids[1]).ok


@pytest.mark.parametrize("form", FORMATS)
def test_a_backup_that_holds_fewer_trips_than_there_are_is_none(
    store: Store, monkeypatch: pytest.MonkeyPatch, form: BackupFormat
) -> None:
    lived_in(store)
    place, name = {"sqlite": (backups.files, "write_sqlite"), "sql": (backups.files, "write_sql")}.get(
        form, (backups, "_write_json")
    )
    real = getattr(place, name)
    monkeypatch.setattr(place, name, lambda *given: real(*given) - 1)
    with pytest.raises(StorageError, match="did not read back"):
        backups.create(store, form)
    assert files_of(store) == set()
    assert backups.entries(store) == []


def test_imports_thin_automatic_backups_only(store: Store, write_file: Callable[[str, str], Path]) -> None:
    by_hand = aged(store, 900, 900)
    for number in range(8):
        import_file(store, write_file(f"{number}.csv", HEAD + f"Japan,202{number}-01-01,,work,,,\n"))
    assert len(backups.entries(store)) == 10
    store.database.execute(
        "UPDATE backup SET created_at = '2020-01-01T00:00:00.000Z' WHERE reason = 'import'"
    )
    import_file(store, write_file("last.csv", HEAD + "Peru,2024-02-01,,work,,,\n"))
    left = backups.entries(store)
    assert {entry.id for entry in left} >= set(by_hand)
    assert len(left) < 10
    assert len(files_of(store)) == len(left)


def test_backups_of_a_lost_database_are_not_swept_away(store: Store) -> None:
    lived_in(store)
    made = backups.create(store)
    store.close()
    for suffix in ("", "-wal", "-shm"):
        store.path.with_name(store.path.name + suffix).unlink(missing_ok=True)
    with Store(store.path, "Kim") as new:
        recovery.recover(new)
        assert Path(made.path).exists()
        assert restoring.restore(new, made.path, "replace").added > 6
        assert recovery.recover(new) == []


def test_files_get_their_names_back_after_an_interruption(store: Store) -> None:
    made = backups.create(store)
    path = Path(made.path)
    path.rename(path.with_name(path.name + ".part"))
    (store.backups / "dinotui-x.db.part").write_text("half")
    assert backups.verify(store, made.id).ok
    recovery.recover(store)
    assert files_of(store) == {path.name}


def test_a_users_own_files_beside_the_backups_stay(store: Store) -> None:
    made = Path(backups.create(store).path)
    own = {"my.party.db", "notes.part", "dinotui-my.party.db", made.name + ".partly"}
    ours = {
        f"{name}.part{ending}"
        for name in (made.name, "dinotui-20260101T000000-0123456789ab.sql", "before-schema-2.db")
        for ending in ("", ".part", ".part-journal", ".loaded")
    }
    for name in own | ours:
        (store.backups / name).write_text("x", encoding="utf-8")
    recovery.recover(store)
    assert files_of(store) == own | {made.name}
