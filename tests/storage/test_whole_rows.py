"""Imports are logged as whole rows: undo and redo bring back exactly what was there, and keep what changed since."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dinotui.domain.configuration import BackupFormat
from dinotui.engine import backups, duplicates, history, history_export, integrity, restoring, trips
from dinotui.storage import changelog, whole_rows
from dinotui.storage.bulk import indexes_aside
from dinotui.storage.store import Store
from tests.conftest import logical_dump
from tests.engine.importer import import_file

HEAD = "Country,Entry Date,Exit Date,Visa Type,Max Days,Passport Country,Notes\n"
Write = Callable[[str, str], Path]


def rows(count: int) -> str:
    return HEAD + "".join(
        f"Japan,2{n // 300:03}-{n % 12 + 1:02}-01,,work,,,note {n}\n" for n in range(1, count + 1)
    )


def trip_rows(store: Store) -> list[tuple[object, ...]]:
    return store.database.rows("SELECT * FROM trip ORDER BY number")


@pytest.fixture
def imported(store: Store, write_file: Write, monkeypatch: pytest.MonkeyPatch) -> Store:
    for module in ("dinotui.storage.applying", "dinotui.storage.changelog"):
        monkeypatch.setattr(f"{module}.PART_ROWS", 7)
    import_file(store, write_file("many.csv", rows(40)), detection="off")
    return store


def test_undo_takes_all_away_and_redo_brings_all_back(imported: Store) -> None:
    before, listed = trip_rows(imported), history.changes(imported, history.operations(imported)[0], limit=99)
    assert history.undo(imported).removed == 40
    assert trip_rows(imported) == []
    undone = history.changes(imported, history.operations(imported)[0], limit=99)
    assert {(row.title, row.what) for row in undone} == {(row.title, "removed") for row in listed}
    assert history.redo(imported).restored == 40
    assert trip_rows(imported) == before
    assert history.undo(imported).removed == 40


def test_what_changed_since_is_kept_and_named_by_undo(imported: Store) -> None:
    found = trip_rows(imported)
    changed, gone = str(found[3][2]), str(found[20][2])
    trips.edit_trip(imported, changed, {"notes": "mine"})
    trips.delete_trips(imported, [gone])
    result = history.undo(imported, history.operations(imported)[-1].entry.id)
    assert (result.removed, [row.id for row in result.kept]) == (38, [changed])
    assert [row[2] for row in trip_rows(imported)] == [changed]
    again = history.redo(imported)
    assert (again.restored, again.kept) == (38, ())


def test_a_taken_id_is_kept_and_named_by_redo(imported: Store) -> None:
    first = trip_rows(imported)[0]
    history.undo(imported)
    trips.add_trip(imported, {"country": "Peru", "entryDate": "2024-01-01", "visaType": "work"})
    imported.database.execute("UPDATE trip SET id = ?", (first[2],))
    result = history.redo(imported, history.operations(imported)[-1].entry.id)
    assert result.restored == 39
    assert [row.id for row in result.kept] == [first[2]]


def log_codes(store: Store) -> list[str]:
    """Return the findings about the log; the stays overlap, which is no matter here."""
    return [found.code for found in integrity.check(store).findings if found.code != "overlap"]


def test_the_check_reads_whole_rows_added_removed_and_put_back(imported: Store) -> None:
    assert log_codes(imported) == []
    history.undo(imported)
    history.redo(imported)
    assert log_codes(imported) == []


def test_the_check_tells_of_whole_rows_that_cannot_be_read(imported: Store) -> None:
    stored = imported.database.value("SELECT changeset FROM operation_change WHERE part = 2")
    whole = json.loads(zlib.decompress(stored))
    short = {**whole, "rows": whole["rows"][1:]}
    ragged = {**whole, "rows": [row[1:] for row in whole["rows"]]}
    torn = json.dumps(whole)[:-9]
    for text in (json.dumps(short), json.dumps(ragged), torn, "{}"):
        packed = zlib.compress(text.encode())
        imported.database.execute("UPDATE operation_change SET changeset = ? WHERE part = 2", (packed,))
        assert log_codes(imported) == ["history-damaged"]
    imported.database.execute("UPDATE operation_change SET changeset = ? WHERE part = 2", (stored,))
    assert log_codes(imported) == []


def test_a_restore_and_a_merge_after_it_are_taken_back_one_by_one(imported: Store) -> None:
    made = backups.create(imported)
    begun = trip_rows(imported)
    duplicates.merge_trips(imported, "#3", "#4")
    merged = trip_rows(imported)
    assert len(merged) == 39
    restoring.restore(imported, made.id, "replace")
    restored = trip_rows(imported)
    assert [row[:-1] for row in restored] == [row[:-1] for row in begun]
    history.undo(imported)
    assert trip_rows(imported) == merged
    history.undo(imported)
    assert trip_rows(imported) == begun
    assert history.undo(imported).removed == 40
    assert trip_rows(imported) == []
    assert log_codes(imported) == []


def test_undo_of_an_import_keeps_what_a_restore_brought_back(imported: Store) -> None:
    made = backups.create(imported)
    gone = [str(row[2]) for row in trip_rows(imported)[10:12]]
    trips.delete_trips(imported, gone)
    restoring.restore(imported, made.id, "merge")
    result = history.undo(imported, history.operations(imported)[-1].entry.id)
    assert (result.removed, sorted(row.id for row in result.kept)) == (38, sorted(gone))
    assert [row[2] for row in trip_rows(imported)] == gone


@pytest.mark.parametrize("form", ["sql", "sqlite", "json"])
def test_a_backup_of_imported_trips_restores_them_after_undo(imported: Store, form: BackupFormat) -> None:
    begun = trip_rows(imported)
    made = backups.create(imported, form)
    history.undo(imported)
    restoring.restore(imported, made.id, "replace")
    assert sorted(row[2:-1] for row in trip_rows(imported)) == sorted(row[2:-1] for row in begun)
    assert backups.verify(imported, made.id).ok


def test_every_reader_of_the_log_reads_whole_rows(imported: Store, tmp_path: Path) -> None:
    operation = history.operations(imported)[0]
    pages = [
        change
        for start in range(0, 40, 6)
        for change in history.changes(imported, operation, offset=start, limit=6)
    ]
    assert pages == list(history.all_changes(imported, operation))
    assert [change.what for change in pages] == ["added"] * 40
    (one,) = history.changes(imported, operation, trip=17)
    assert one == pages[16]
    assert [found.number for found in history.operations_of_trip(imported, 17)] == [operation.number]
    assert history.rehearse(imported, operation.entry.id, "undo").removed == 40
    assert len(trip_rows(imported)) == 40
    written = tmp_path / "log.json"
    history_export.export_log(imported, written, [operation], rows=True)
    (told,) = json.loads(written.read_text(encoding="utf-8"))
    assert [row["id"] for row in told["changes"]] == [change.id for change in pages]


def test_indexes_are_as_they_were_after_they_stood_aside(
    imported: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def indexes() -> list[tuple[str, str]]:
        return imported.database.rows(
            "SELECT name, sql FROM sqlite_master WHERE tbl_name = 'trip' ORDER BY name"
        )

    monkeypatch.setattr("dinotui.storage.bulk._MANY", 1)
    before = indexes()
    with imported.database.write(), indexes_aside(imported.database, "trip", 1_000):
        assert len(indexes()) < len(before)
    assert indexes() == before
    dump = logical_dump(imported)
    with (
        pytest.raises(RuntimeError),
        imported.database.write(),
        indexes_aside(imported.database, "trip", 1_000),
    ):
        raise RuntimeError("power cut")
    assert (indexes(), logical_dump(imported)) == (before, dump)
    assert imported.database.value("PRAGMA integrity_check") == "ok"


TEXTS = st.text(st.characters(codec="utf-8"), max_size=30)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(
        st.tuples(TEXTS, TEXTS, st.none() | st.integers(1, 3650), st.none() | TEXTS), min_size=1, max_size=9
    )
)
def test_every_value_comes_back_as_it_was(
    store: Store, values: list[tuple[str, str, int | None, str | None]]
) -> None:
    store.database.execute("DELETE FROM trip")
    with changelog.operation(store, "import") as recorder:
        for number, (country, notes, most, code) in enumerate(values):
            store.database.execute(
                "INSERT INTO trip (user, id, country, country_code, country_fold, entry_day, visa_type, visa_fold,"
                " max_days, notes, created_at, updated_at, changed_by)"
                " VALUES (?, ?, ?, ?, '', 1, '', '', ?, ?, '', '', ?)",
                (store.user, f"{recorder.number}-{number}", country, code, most, notes, recorder.number),
            )
    before = trip_rows(store)
    packed = whole_rows.pack(store.database, before[0][0], before[-1][0], recorder.number)
    assert whole_rows.remove(store.database, before[0][0], before[-1][0], recorder.number) == len(before)
    assert whole_rows.put_back(store.database, packed) == (len(before), [])
    assert trip_rows(store) == before
