"""What an undo or redo left alone stays within reach: it is named, and taken when it is tried again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dinotui.domain.errors import DinoError
from dinotui.engine import history, integrity, trips
from dinotui.storage.store import Store
from tests.engine.importer import import_file

Write = Callable[[str, str], Path]
HEAD = "Country,Entry Date,Exit Date,Visa Type,Max Days,Passport Country,Notes\n"
PERU = {
    "country": "Peru",
    "entryDate": "2024-03-02",
    "exitDate": "2024-03-10",
    "visaType": "work",
    "notes": "n",
}


def newest(store: Store) -> str:
    return history.operations(store)[0].entry.id


def state(store: Store, key: str) -> str:
    return history.find_operation(store, key).entry.state


def notes(store: Store) -> list[Any]:
    return [row[0] for row in store.database.rows("SELECT notes FROM trip ORDER BY number")]


def edited(store: Store, key: str, text: str) -> str:
    trips.edit_trip(store, key, {"notes": text})
    return newest(store)


@pytest.fixture
def added(store: Store) -> str:
    trips.add_trip(store, PERU)
    return newest(store)


@pytest.fixture
def imported(store: Store, write_file: Write) -> str:
    rows = "".join(f"Japan,2024-0{n}-01,,work,,,{n}\n" for n in (1, 2, 3))
    made = import_file(store, write_file("three.csv", HEAD + rows), createBackup=False).metadata.operation_id
    assert made is not None
    return made


@pytest.mark.usefixtures("added")
def test_an_edit_whose_redo_kept_the_row_comes_back_once_the_row_is_free(store: Store) -> None:
    first = edited(store, "1", "n5")
    undone = history.undo(store, first).operation_id
    second = edited(store, "1", "z")
    tried = history.redo(store, first)
    assert (tried.reverted, len(tried.kept), state(store, first)) == (0, 1, "undone")
    assert "Could not redo" in history.operations(store)[0].entry.summary
    with pytest.raises(
        DinoError, match="undone already"
    ):  # the redo did nothing, so nothing of it is to undo
        history.undo(store, tried.operation_id)
    history.undo(store, second)
    assert notes(store) == ["n"]
    again = history.undo(store, undone)
    assert (again.redoes, again.reverted, again.kept) == (first, 1, ())
    assert (notes(store), state(store, first)) == (["n5"], "done")
    assert history.undo(store, first).reverted == 1
    assert notes(store) == ["n"]


def test_an_undo_that_kept_everything_can_be_tried_again(store: Store, added: str) -> None:
    edit = edited(store, "1", "n5")
    tried = history.undo(store, added)
    assert (tried.removed, len(tried.kept), state(store, added)) == (0, 1, "done")
    assert "Could not undo" in history.operations(store)[0].entry.summary
    with pytest.raises(DinoError, match="not undone"):
        history.redo(store, added)
    history.undo(store, edit)
    assert (history.undo(store, added).removed, notes(store)) == (1, [])
    assert history.redo(store, added).restored == 1


def test_undoing_an_import_again_takes_the_row_that_was_kept(store: Store, imported: str) -> None:
    edit = edited(store, "#2", "mine")
    first = history.undo(store, imported)
    assert (first.removed, len(first.kept), state(store, imported)) == (2, 1, "undone")
    still = history.undo(store, imported)
    assert (still.removed, [row.id for row in still.kept]) == (0, [row.id for row in first.kept])
    history.undo(store, edit)
    assert (history.undo(store, imported).removed, notes(store)) == (1, [])
    with pytest.raises(DinoError, match="undone already"):
        history.undo(store, imported)
    again = history.redo(store, imported)  # what both undos took away
    assert (again.restored, again.kept, notes(store)) == (3, (), ["1", "2", "3"])
    assert [found.entry.state for found in history.operations(store, kind="undo")].count("done") == 2
    with pytest.raises(DinoError, match="not undone"):
        history.redo(store, imported)


def test_a_plain_undo_goes_all_the_way_back_past_what_was_kept(store: Store, imported: str) -> None:
    edited(store, "#2", "mine")
    history.undo(store, imported)
    history.undo(store)
    assert notes(store) == ["2"]
    assert history.undo(store).undoes == imported
    assert notes(store) == []
    with pytest.raises(DinoError, match="nothing to undo"):
        history.undo(store)


def test_redoing_again_takes_the_row_that_was_kept_and_no_other(store: Store, write_file: Write) -> None:
    for month in (1, 2):
        trips.add_trip(store, {**PERU, "entryDate": f"2024-0{month}-01", "exitDate": f"2024-0{month}-09"})
    file = write_file(
        "two.csv", HEAD + "".join(f"Peru,2024-0{n}-01,2024-0{n}-09,work,,,new\n" for n in (1, 2))
    )
    import_file(store, file, resolution="update", createBackup=False)
    update = newest(store)
    history.undo(store, update)
    between = edited(store, "#2", "z")
    part = history.redo(store, update)
    assert (part.reverted, len(part.kept), notes(store)) == (1, 1, ["new", "z"])
    history.undo(store, between)
    rest = history.redo(store, update)
    assert (rest.reverted, rest.kept, notes(store)) == (1, (), ["new", "new"])
    both = history.undo(store, update)
    assert (both.reverted, both.kept, notes(store)) == (2, (), ["n", "n"])


def test_a_row_that_was_deleted_since_is_never_brought_back_by_a_redo(store: Store, imported: str) -> None:
    trips.delete_trips(store, ["#2"])
    deleted = newest(store)
    assert (history.undo(store, imported).kept, notes(store)) == ((), [])
    assert (history.redo(store, imported).restored, notes(store)) == (2, ["1", "3"])
    history.undo(store, imported)
    history.undo(store, deleted)
    assert notes(store) == ["2"]
    assert (history.undo(store, imported).removed, notes(store)) == (1, [])


def test_an_undo_of_what_was_deleted_since_names_it_and_can_be_tried_again(store: Store, added: str) -> None:
    id_ = store.database.value("SELECT id FROM trip")
    trips.delete_trips(store, ["1"])
    deleted = newest(store)
    tried = history.undo(store, added)
    assert [(row.id, row.reason) for row in tried.kept] == [(id_, "It was deleted since.")]
    assert state(store, added) == "done"
    history.undo(store, deleted)
    assert history.undo(store, added).removed == 1


def test_a_trip_that_one_import_made_and_changed_is_kept_whole(store: Store, write_file: Write) -> None:
    """Its second record left its exit date; undoing that alone would change what the user has edited since."""
    file = write_file(
        "twins.csv", HEAD + "Japan,2024-01-01,2024-01-09,work,,,one\nJapan,2024-01-01,2024-01-10,work,,,one\n"
    )
    made = import_file(store, file, resolution="update", createBackup=False)
    assert (made.summary.imported, made.summary.updated) == (1, 1)
    edited(store, "#1", "mine")
    before = store.database.rows("SELECT * FROM trip")
    undone = history.undo(store, made.metadata.operation_id)
    assert (undone.reverted, len(undone.kept)) == (0, 1)
    assert store.database.rows("SELECT * FROM trip") == before


def test_states_of_older_databases_are_put_right(tmp_path: Path) -> None:
    """They said undone where all had been kept, and done where a redo had kept all that an undo took."""
    path = tmp_path / "old" / "dinotui.db"
    with Store(path, "Kim") as old:
        trips.add_trip(old, PERU)
        added = newest(old)
        edit = edited(old, "1", "n5")
        history.undo(old, added)
        undone = history.undo(old, edit).operation_id
        edited(old, "1", "z")
        history.redo(old, edit)
        taken = edited(old, "1", "y")
        history.undo(old, taken)
        before = old.database.rows("SELECT id, state, undone_by FROM operation")
        old.database.execute("UPDATE operation SET state = 'undone', undone_by = 3 WHERE id = ?", (added,))
        old.database.execute("UPDATE operation SET state = 'done', undone_by = NULL WHERE id = ?", (edit,))
        old.database.execute("UPDATE operation SET state = 'undone', undone_by = 6 WHERE id = ?", (undone,))
        old.database.execute("DROP INDEX operation_undoes")
        old.database.execute("DROP TABLE left_out")
        old.database.execute("PRAGMA user_version = 2")
    with Store(path, "Kim") as now:
        found = now.database.rows("SELECT id, state, undone_by FROM operation")
        assert [row for row in found if row[0] != undone] == [row for row in before if row[0] != undone]
        assert integrity.check(now).ok
        assert list((now.folder / "backups").glob("before-schema-*.db"))
