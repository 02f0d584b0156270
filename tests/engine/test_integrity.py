"""The integrity check finds what was broken on purpose, explains it, and puts right what can be."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import apsw
import pytest

from dinotui.domain.finding import CheckResult
from dinotui.engine import backups, history, integrity, notifications, trips
from dinotui.storage.store import Store
from tests.conftest import logical_dump


def fill(store: Store, count: int = 5) -> None:
    for number in range(count):
        year = 2010 + number if number < 10 else 1600 + number
        fields = {"country": "Japan", "entryDate": f"{year}-01-01", "exitDate": f"{year}-01-09"}
        trips.add_trip(store, {**fields, "visaType": "work", "passportCountry": "KR"})


def codes(result: CheckResult) -> list[str]:
    return [each.code for each in result.findings]


def spoil(store: Store, sql: str) -> None:
    """Change rows as no code of ours would."""
    store.database.execute("PRAGMA ignore_check_constraints = ON")
    store.database.execute("PRAGMA foreign_keys = OFF")
    store.database.execute(sql)
    store.database.execute("PRAGMA ignore_check_constraints = OFF")
    store.database.execute("PRAGMA foreign_keys = ON")


def test_sound_data_has_no_finding(store: Store) -> None:
    fill(store)
    backups.create(store)
    trips.delete_trips(store, ["#2"])
    history.undo(store)
    result = integrity.check(store)
    assert (result.ok, result.findings) == (True, ())
    before = logical_dump(store)
    fixed = integrity.fix(store)
    assert (fixed.fixed, fixed.operation_id) == ((), None)
    assert logical_dump(store) == before
    assert history.operations(store)[0].entry.kind == "undo"


BROKEN = {
    "dates-swapped": "UPDATE trip SET exit_day = entry_day - 3 WHERE number = 2",
    "max-days-range": "UPDATE trip SET max_days = 9999 WHERE number = 2",
    "country-code-unknown": "UPDATE trip SET country_code = 'ZZ' WHERE number = 2",
    "country-code-missing": "UPDATE trip SET country_code = NULL WHERE number = 2",
    "search-text-stale": "UPDATE trip SET country_fold = 'x', visa_fold = 'y' WHERE number = 2",
    "message-without-trip": "UPDATE notification SET trip_id = 'gone'",
    "preference-broken": "INSERT INTO preference VALUES (1, 'theme', '{no json', 0)",
}


@pytest.mark.parametrize("code", BROKEN)
def test_what_can_be_put_right_is_put_right_as_an_operation(store: Store, code: str) -> None:
    fill(store)
    notifications.add_notification(store, "overstay", "t", "m", trip_id="x")
    store.database.execute("UPDATE notification SET trip_id = (SELECT id FROM trip WHERE number = 1)")
    assert integrity.check(store).findings == ()
    spoil(store, BROKEN[code])
    broken = logical_dump(store)
    found = integrity.check(store)
    assert codes(found) == [code]
    (finding,) = found.findings
    assert finding.fixable
    assert len(finding.message) > 20
    assert logical_dump(store) == broken, "a check changes nothing"
    fixed = integrity.fix(store)
    assert (fixed.ok, fixed.findings) == (True, ())
    assert [each.code for each in fixed.fixed or ()] == [code]
    assert all(each.fix for each in fixed.fixed or ())
    entry = history.operations(store)[0].entry
    assert (entry.kind, entry.id) == ("fix", fixed.operation_id)
    assert logical_dump(store) != broken
    if code != "dates-swapped" and code != "max-days-range":  # the schema refuses to take these two back
        history.undo(store)
        assert logical_dump(store) == broken
        history.redo(store)
        assert integrity.check(store).findings == ()


UNFIXABLE = {
    "date-impossible": "UPDATE trip SET entry_day = -99999999 WHERE number = 2",
    "text-type": "UPDATE trip SET notes = x'00ff' WHERE number = 2",
    "field-empty": "UPDATE trip SET visa_type = ' ', visa_fold = '' WHERE number = 2",
    "row-without-owner": "INSERT INTO preference VALUES (77, 'theme', '1', 0)",
    "history-damaged": "UPDATE operation_change SET changeset = x'00' WHERE operation = 2",
}


@pytest.mark.parametrize("code", UNFIXABLE)
def test_what_cannot_be_put_right_is_said_and_left(store: Store, code: str) -> None:
    fill(store)
    spoil(store, UNFIXABLE[code])
    result = integrity.check(store)
    assert (result.ok, codes(result)) == (False, [code])
    assert not result.findings[0].fixable
    before = logical_dump(store)
    assert integrity.fix(store).fixed == ()
    assert logical_dump(store) == before


def test_overlaps_are_told_but_not_a_shared_border_day(store: Store) -> None:
    for entry, leaving in (
        ("2024-01-01", "2024-01-10"),
        ("2024-01-10", "2024-01-20"),
        ("2024-01-15", "2024-01-16"),
        ("2024-01-19", "2024-01-25"),
    ):
        trips.add_trip(
            store, {"country": "Japan", "entryDate": entry, "exitDate": leaving, "visaType": "work"}
        )
    result = integrity.check(store)
    assert (result.ok, codes(result)) == (True, ["overlap", "overlap"])
    assert "#2 Japan 2024-01-10 and #3 Japan 2024-01-15" in result.findings[0].message


def test_many_findings_of_a_kind_are_counted_not_listed(store: Store) -> None:
    fill(store, 40)
    rows = store.database.rows("SELECT * FROM trip WHERE number = 1")[0]
    marks = ", ".join("?" * len(rows))
    for number in range(100, 300):
        store.database.execute(
            f"INSERT INTO trip VALUES ({marks})", (number, rows[1], f"id{number}", *rows[3:])
        )
    spoil(store, "UPDATE trip SET country_code = 'ZZ', entry_day = number * 100, exit_day = number * 100")
    result = integrity.check(store)
    assert len(result.findings) == 101
    assert "140 more" in result.findings[-1].message
    assert len(integrity.fix(store).fixed or ()) == 240


def schema(path: Path, sql: str, bindings: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Run SQL that may touch the schema's own table."""
    raw = apsw.Connection(str(path))
    raw.execute("PRAGMA writable_schema = ON")
    found = raw.execute(sql, bindings).fetchall()
    raw.close()
    return found


def test_a_damaged_index_is_built_anew(store: Store) -> None:
    fill(store, 50)
    store.close()
    entry = schema(store.path, "SELECT * FROM sqlite_master WHERE name = 'trip_newest'")
    schema(store.path, "DELETE FROM sqlite_master WHERE name = 'trip_newest'")
    schema(store.path, "DELETE FROM trip WHERE number < 9")  # the index knows nothing of it
    schema(store.path, "INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", entry[0])
    with Store(store.path) as again:
        result = integrity.check(again)
        assert (result.ok, codes(result)) == (False, ["index-damaged"]), result.findings
        fixed = integrity.fix(again)
        assert (fixed.ok, fixed.findings) == (True, ())


def test_damage_of_the_file_is_said_and_points_at_backups(store: Store) -> None:
    fill(store, 300)
    store.database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    page = store.database.value("SELECT rootpage FROM sqlite_master WHERE name = 'trip'")
    path = store.path
    store.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\x55" * 2000)
    with Store(path) as damaged:
        result = integrity.check(damaged)
        assert not result.ok
        assert set(codes(result)) >= {"structure-damaged"}
        assert "backup restore" in result.findings[0].message


def test_backups_that_are_missing_damaged_or_not_listed(store: Store) -> None:
    fill(store)
    made = [backups.create(store, form) for form in ("sqlite", "sql", "json")]
    Path(made[0].path).unlink()
    damaged = Path(made[1].path)
    damaged.write_bytes(b"x" + damaged.read_bytes()[1:])
    store.database.execute("DELETE FROM backup WHERE id = ?", (made[2].id,))
    (store.backups / "dinotui-notes.txt").write_text("mine")
    (store.folder / "other").mkdir(mode=0o700)
    (store.backups / "dinotui-notes.txt").chmod(0o600)
    result = integrity.check(store)
    assert sorted(codes(result)) == [
        "backup-damaged",
        "backup-missing",
        "backup-unlisted",
        "stray-file",
        "stray-file",
    ]
    fixed = integrity.fix(store)
    assert sorted(codes(fixed)) == ["stray-file", "stray-file"]
    (left,) = backups.entries(store)
    assert (left.path, left.records, left.format) == (made[2].path, 5, "json")
    assert backups.verify(store, left.id).ok
    assert damaged.with_name(damaged.name + ".damaged").exists()
    assert (store.backups / "dinotui-notes.txt").read_text() == "mine"


def test_files_that_others_may_read_are_closed(store: Store) -> None:
    fill(store)
    os.chmod(store.path, 0o644)
    os.chmod(store.backups, 0o755)
    assert codes(integrity.check(store)) == ["readable-by-others"] * 2
    assert integrity.fix(store).findings == ()
    assert (store.path.stat().st_mode & 0o777, store.backups.stat().st_mode & 0o777) == (0o600, 0o700)


def test_nobody_elses_data_is_looked_at(store: Store) -> None:
    fill(store)
    with Store(store.path, "Lee") as lee:
        fill(lee)
    spoil(store, "UPDATE trip SET country_code = 'ZZ' WHERE user = 2")
    assert integrity.check(store).findings == ()
    assert integrity.fix(store).fixed == ()
    assert store.database.value("SELECT count(*) FROM trip WHERE country_code = 'ZZ'") == 5
