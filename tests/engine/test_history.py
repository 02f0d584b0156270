"""Undo and redo: exact, in any order, keeping and naming what changed since."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dinotui.domain.errors import Cancelled, DinoError, NotFound
from dinotui.engine import history, trips
from dinotui.engine.importing import applying, deciding, planning
from dinotui.engine.progress import Progress
from dinotui.storage import changelog
from dinotui.storage.store import Store
from tests.conftest import logical_dump, sweep
from tests.engine.importer import import_file, stage

Write = Callable[[str, str], Path]
HEAD = "Country,Entry Date,Exit Date,Visa Type,Max Days,Passport Country,Notes\n"
COUNTRIES = ("Japan", "France", "Thailand", "Peru", "대한민국", "Korea", "Nowhere")


def random_fields(random_: random.Random) -> dict[str, str]:
    year, month, day = random_.randint(2015, 2025), random_.randint(1, 12), random_.randint(1, 20)
    return {
        "country": random_.choice(COUNTRIES),
        "entryDate": f"{year}-{month:02}-{day:02}",
        "exitDate": random_.choice(["", f"{year}-{month:02}-{day + random_.randint(0, 8):02}"]),
        "visaType": random_.choice(["tourist", "business", "work"]),
        "maxDays": random_.choice(["", "30", "90"]),
        "notes": random_.choice(["", 'a, "b"\nc', "메모 하나", "x" * 300]),
    }


def random_operation(store: Store, random_: random.Random, write_file: Write, number: int) -> bool:
    """Do one random change; return whether there was anything to do."""
    numbers = [row[0] for row in store.database.rows("SELECT number FROM trip ORDER BY number")]
    kind = random_.choice(["add", "edit", "delete", "import", "import", "replace"])
    if kind == "add" or (not numbers and kind in ("edit", "delete")):
        trips.add_trip(store, random_fields(random_))
    elif kind == "edit":
        trips.edit_trip(store, f"#{random_.choice(numbers)}", {"notes": f"note {number}"})
    elif kind == "delete":
        trips.delete_trips(store, [f"#{n}" for n in random_.sample(numbers, min(2, len(numbers)))])
    else:
        rows = [random_fields(random_) for _row in range(random_.randint(1, 6))]
        text = HEAD + "".join(
            '{country},{entryDate},{exitDate},{visaType},{maxDays},,"{note}"\n'.format(
                **row, note=row["notes"].replace('"', '""')
            )
            for row in rows
        )
        strategy = "replace" if kind == "replace" else "merge"
        resolution = random_.choice(["skip", "update", "keepBoth"])
        file = write_file(f"{number}.csv", text)
        with stage(store, file, strategy=strategy, resolution=resolution, createBackup=False) as staging:
            if planning.count_plan(staging).ask:
                staging.discard()
                return False
            return applying.apply_import(staging, store).metadata.operation_id is not None
    return True


@pytest.mark.parametrize("seed", range(sweep(3)))
def test_thirty_operations_undone_one_by_one_give_back_each_earlier_state(
    store: Store, write_file: Write, seed: int
) -> None:
    random_ = random.Random(seed)
    states = [logical_dump(store)]
    while len(states) <= 30:
        if random_operation(store, random_, write_file, len(states)):
            states.append(logical_dump(store))
    for expected in reversed(states[:-1]):
        result = history.undo(store)
        assert result.kept == ()
        assert logical_dump(store) == expected
    for expected in states[1:]:
        history.redo(store)
        assert logical_dump(store) == expected


def test_undo_in_the_middle_reverts_only_its_own_rows(store: Store) -> None:
    trips.add_trip(store, {"country": "Japan", "entryDate": "2024-01-01", "visaType": "work"})
    trips.edit_trip(store, "#1", {"notes": "one"})
    edited = history.operations(store)[0].entry.id
    trips.add_trip(store, {"country": "Peru", "entryDate": "2024-02-01", "visaType": "work"})
    history.undo(store, edited)
    assert store.database.rows("SELECT country, notes FROM trip ORDER BY number") == [
        ("Japan", ""),
        ("Peru", ""),
    ]


def test_undo_keeps_and_names_a_row_that_was_edited_since(store: Store, write_file: Write) -> None:
    file = write_file("two.csv", HEAD + "Japan,2024-01-01,,work,,,\nPeru,2024-02-01,,work,,,\n")
    result = import_file(store, file)
    trips.edit_trip(store, "#2", {"notes": "mine now"})
    edit = history.operations(store)[0].entry.id
    rehearsed = history.rehearse(store, result.metadata.operation_id, "undo")
    undone = history.undo(store, result.metadata.operation_id)
    assert (rehearsed.removed, len(rehearsed.kept)) == (undone.removed, len(undone.kept)) == (1, 1)
    kept = undone.kept[0]
    assert kept.id == store.database.value("SELECT id FROM trip")
    assert edit in kept.reason
    assert store.database.rows("SELECT country, notes FROM trip") == [("Peru", "mine now")]
    assert history.redo(store).restored == 1


def test_undo_of_an_update_brings_the_overwritten_values_back(store: Store, write_file: Write) -> None:
    trips.add_trip(
        store,
        {
            "country": "Japan",
            "entryDate": "2024-01-01",
            "exitDate": "2024-01-05",
            "visaType": "work",
            "notes": "old",
        },
    )
    before = logical_dump(store)
    file = write_file("one.csv", HEAD + "Japan,2024-01-01,2024-01-06,work,,,new\n")
    import_file(store, file, resolution="update")
    assert store.database.value("SELECT notes FROM trip") == "new"
    undone = history.undo(store)
    assert (undone.removed, undone.reverted) == (0, 1)
    assert logical_dump(store) == before


def test_undo_redo_and_their_marks(store: Store) -> None:
    trips.add_trip(store, {"country": "Japan", "entryDate": "2024-01-01", "visaType": "work"})
    added = history.operations(store)[0].entry
    undone = history.undo(store)
    entries = [op.entry for op in history.operations(store)]
    assert [(e.kind, e.state, e.undoes, e.undone_by) for e in entries] == [
        ("undo", "done", added.id, None),
        ("add", "undone", None, undone.operation_id),
    ]
    with pytest.raises(DinoError, match="undone already"):
        history.undo(store, added.id)
    with pytest.raises(DinoError, match="nothing to undo"):
        history.undo(store)
    again = history.undo(store, undone.operation_id)
    assert again.redoes == added.id
    assert [op.entry.kind for op in history.operations(store)] == ["redo", "undo", "add"]
    assert history.undo(store).undoes == added.id


def test_an_operation_is_found_by_the_beginning_of_its_id(store: Store) -> None:
    trips.add_trip(store, {"country": "Japan", "entryDate": "2024-01-01", "visaType": "work"})
    found = history.operations(store)[0].entry
    assert history.find_operation(store, found.id[:23]).entry == found
    for missing in ("nope", "", found.id + "x"):
        with pytest.raises(NotFound):
            history.find_operation(store, missing)


def test_large_operations_record_parts_and_page_their_rows(
    store: Store, write_file: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("dinotui.storage.applying", "dinotui.storage.changelog"):
        monkeypatch.setattr(f"{module}.PART_ROWS", 10)
    rows = "".join(f"Japan,20{n // 12:02}-{n % 12 + 1:02}-01,,work,,,note {n}\n" for n in range(100))
    import_file(store, write_file("many.csv", HEAD + rows), resolution="keepBoth", detection="off")
    imported = history.operations(store)[0]
    assert history.count_changes(store, imported) == 100
    notes = [change.fields["notes"][1] for change in history.changes(store, imported, offset=35, limit=20)]
    assert notes == [f"note {n}" for n in range(35, 55)]
    assert store.database.value("SELECT count(*) FROM operation_change") == 10
    history.undo(store)
    assert logical_dump(store)[0] == ("trips",)


def test_a_trips_own_history(store: Store) -> None:
    trips.add_trip(store, {"country": "Japan", "entryDate": "2024-01-01", "visaType": "work"})
    trips.add_trip(store, {"country": "Peru", "entryDate": "2024-01-01", "visaType": "work"})
    trips.edit_trip(store, "#1", {"notes": "x"})
    assert [op.entry.kind for op in history.operations_of_trip(store, 1)] == ["edit", "add"]
    assert [op.entry.kind for op in history.operations_of_trip(store, 2)] == ["add"]


def test_history_is_filtered_and_paged_by_keyset(store: Store) -> None:
    for number in range(25):
        trips.add_trip(
            store, {"country": "Japan", "entryDate": f"2024-01-{number + 1:02}", "visaType": "work"}
        )
    first = history.operations(store, limit=10)
    second = history.operations(store, before=first[-1].number, limit=10)
    assert [op.number for op in (*first, *second)] == list(range(25, 5, -1))
    assert history.operations(store, after=second[0].number, limit=10) == first
    assert history.count_operations(store, text="2024-01-07") == 1
    assert [op.number for op in history.operations(store, text="2024-01-07")] == [7]


def test_a_change_of_any_recorded_table_can_be_undone(store: Store) -> None:
    rows: dict[str, dict[str, Any]] = {
        "preference": {"key": "theme", "value": '"dark"'},
        "rule": {"id": "r1", "position": 1, "rule": "{}"},
        "export_profile": {"name": "p", "configuration": "{}"},
    }
    with changelog.operation(store, "edit") as recorder, recorder.part():
        for table, values in rows.items():
            columns = {**values, "user": store.user, "changed_by": recorder.number}
            marks = ", ".join("?" * len(columns))
            store.database.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", [*columns.values()]
            )
    history.undo(store)
    assert [store.database.value(f"SELECT count(*) FROM {table}") for table in rows] == [0, 0, 0]


def test_a_plain_undo_passes_over_an_import_that_changed_nothing(store: Store, write_file: Write) -> None:
    file = write_file("one.csv", HEAD + "Japan,2024-01-01,,work,,,\n")
    first = import_file(store, file)
    import_file(store, file)
    assert history.undo(store).undoes == first.metadata.operation_id
    assert import_file(store, file).summary.imported == 1


def test_a_large_undo_tells_how_far_it_is_and_stops_with_nothing_changed(
    store: Store, write_file: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("dinotui.storage.applying", "dinotui.storage.changelog"):
        monkeypatch.setattr(f"{module}.PART_ROWS", 10)
    rows = "".join(f"Japan,20{n // 12:02}-{n % 12 + 1:02}-01,,work,,,note {n}\n" for n in range(40))
    import_file(store, write_file("many.csv", HEAD + rows), resolution="keepBoth", detection="off")
    before = logical_dump(store)
    told: list[Progress] = []
    for act in (
        lambda: history.undo(store, report=told.append, cancelled=lambda: len(told) > 2),
        lambda: history.rehearse(store, None, "undo", report=told.append, cancelled=lambda: len(told) > 5),
    ):
        with pytest.raises(Cancelled):
            act()
        assert logical_dump(store) == before
    assert [(step.phase, step.done, step.total) for step in told[:3]] == [
        ("Undoing", 0, 40),
        ("Undoing", 10, 40),
        ("Undoing", 20, 40),
    ]
    assert history.undo(store).removed == 40


def test_a_trip_that_is_named_twice_is_deleted_and_counted_once(store: Store) -> None:
    made, _checked = trips.add_trip(
        store, {"country": "Japan", "entryDate": "2024-01-01", "visaType": "work"}
    )
    assert [trip.id for trip in trips.delete_trips(store, ["#1", made.id, "1"])] == [made.id]
    assert history.operations(store)[0].entry.summary.startswith("Deleted #1 Japan")


def test_plain_undo_passes_over_an_import_that_changed_nothing(store: Store, write_file: Write) -> None:
    """One that only remembered a decision stands in the history too."""
    head = "Country,Entry Date,Visa Type,Notes\n"
    first = import_file(store, write_file("a.csv", head + "Japan,2024-01-01,work,a\n"))
    with stage(
        store, write_file("b.csv", head + "Japan,2024-01-01,work,b\n"), resolution="prompt"
    ) as staging:
        deciding.decide(staging, deciding.load_conflict(staging, store, 1), "existing")
        second = applying.apply_import(staging, store)
    assert history.operations(store)[0].entry.id == second.metadata.operation_id
    assert history.undo(store).undoes == first.metadata.operation_id
    assert store.database.value("SELECT count(*) FROM trip") == 0


def test_what_an_import_did_to_one_trip_twice_is_taken_back_last_first(
    store: Store, write_file: Write
) -> None:
    rows = "Japan,2024-01-01,work,a\nJapan,2024-01-01,work,b\n"
    file = write_file("a.csv", "Country,Entry Date,Visa Type,Notes\n" + rows)
    import_file(store, file, resolution="update")
    assert store.database.rows("SELECT notes FROM trip") == [("b",)]
    undone = history.undo(store)
    assert (undone.removed, undone.kept) == (1, ())
    assert store.database.value("SELECT count(*) FROM trip") == 0
