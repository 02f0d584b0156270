"""Repeats among the trips themselves: found, decided like conflicts, merged as one operation, taken back by undo."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dinotui.domain.errors import DinoError, NotFound, UsageError
from dinotui.engine import duplicates, history
from dinotui.engine.importing import applying, deciding
from dinotui.engine.trips import add_trip, edit_trip
from dinotui.storage.store import Store
from dinotui.storage.trips import TripFilter, count, find_row
from tests.conftest import logical_dump
from tests.engine.importer import plan_of, stage

JAPAN = {"country": "Japan", "entryDate": "2024-03-02", "exitDate": "2024-03-09", "visaType": "tourist"}
SHIFTED = {**JAPAN, "country": "일본", "entryDate": "2024-03-03", "exitDate": "2024-03-10", "notes": "Kyoto"}
HEAD = "Country,Entry Date,Exit Date,Visa Type,Notes\n"
NEXT = {**JAPAN, "entryDate": "2024-03-10", "exitDate": "2024-03-17"}


@pytest.fixture
def three(store: Store) -> list[dict[str, Any]]:
    """A stay, the same a day later under another name, and the true next stay."""
    return [dict(find_row(store, add_trip(store, fields)[0].id)) for fields in (JAPAN, SHIFTED, NEXT)]


def notify(store: Store, trip_id: str) -> None:
    with store.database.write():
        store.database.execute(
            "INSERT INTO notification (user, id, kind, title, message, created_at, trip_id, changed_by)"
            " VALUES (?, 'n1', 'info', 't', 'm', '', ?, 1)",
            (store.user, trip_id),
        )


def pointed_at(store: Store) -> str:
    return str(store.database.value("SELECT trip_id FROM notification WHERE id = 'n1'"))


def test_repeats_are_found_with_score_and_reasons(store: Store, three: list[dict[str, Any]]) -> None:
    with duplicates.find_duplicates(store) as staging:
        (one,) = duplicates.repeats(staging, store)
    assert (one.first.number, one.second.number) == (three[0]["number"], three[1]["number"])
    assert 80 <= one.points <= 100
    assert one.confidence == 89  # the dates differ: never of high confidence
    assert "both dates 1 day later" in [reason.text for reason in one.reasons]


def test_a_decided_pair_becomes_one_trip_and_comes_back_with_undo(
    store: Store, three: list[dict[str, Any]]
) -> None:
    kept, gone = three[0], three[1]
    notify(store, gone["id"])
    before = logical_dump(store)
    with duplicates.find_duplicates(store) as staging:
        conflict = deciding.load_conflict(staging, store, gone["number"])
        deciding.decide(staging, conflict, "merge", {"notes": "incoming", "exitDate": "incoming"})
        done = duplicates.merge_decided(staging, store)
        assert done is not None
        assert done.merged == 1
        assert list(duplicates.repeats(staging, store)) == []
    after = find_row(store, kept["id"])
    assert (after["country"], after["notes"], after["exit_day"]) == ("Japan", "Kyoto", gone["exit_day"])
    assert count(store, TripFilter()) == 2
    assert pointed_at(store) == kept["id"]
    (entry, *_others) = history.operations(store)
    assert entry.entry.kind == "merge"
    history.undo(store, entry.entry.id)
    assert logical_dump(store) == before
    assert pointed_at(store) == gone["id"]
    history.redo(store, entry.entry.id)
    assert pointed_at(store) == kept["id"]


def test_two_trips_that_were_called_separate_are_not_asked_about_again(
    store: Store, three: list[dict[str, Any]]
) -> None:
    with duplicates.find_duplicates(store) as staging:
        conflict = deciding.load_conflict(staging, store, three[1]["number"])
        deciding.decide(staging, conflict, "separate")
        assert duplicates.merge_decided(staging, store) is None
    with duplicates.find_duplicates(store) as staging:
        assert list(duplicates.repeats(staging, store)) == []
        assert deciding.review_counts(staging).undecided == 0
    edit_trip(store, three[1]["id"], {"notes": "changed"})
    with duplicates.find_duplicates(store) as staging:
        assert len(list(duplicates.repeats(staging, store))) == 1


def test_trips_changed_meanwhile_are_looked_at_again(store: Store, three: list[dict[str, Any]]) -> None:
    with duplicates.find_duplicates(store) as staging:
        conflict = deciding.load_conflict(staging, store, three[1]["number"])
        deciding.decide(staging, conflict, "incoming")
        edit_trip(store, three[0]["id"], {"notes": "mine"})
        with pytest.raises(DinoError, match="looked at again"):
            duplicates.merge_decided(staging, store)
        assert count(store, TripFilter()) == 3
        assert deciding.review_counts(staging).undecided == 1


def test_three_of_one_become_one(store: Store) -> None:
    for notes in ("", "a", "b"):
        add_trip(store, {**JAPAN, "notes": notes})
    with duplicates.find_duplicates(store) as staging:
        assert [(one.first.number, one.second.number) for one in duplicates.repeats(staging, store)] == [
            (1, 2),
            (1, 3),
        ]
        for number in (2, 3):
            deciding.decide(
                staging, deciding.load_conflict(staging, store, number), "merge", {"notes": "both"}
            )
        duplicates.merge_decided(staging, store)
    assert count(store, TripFilter()) == 1
    assert sorted(store.database.value("SELECT notes FROM trip").split()) == ["a", "b"], "no note is lost"


def test_two_named_trips_are_merged(store: Store, three: list[dict[str, Any]]) -> None:
    trip, done = duplicates.merge_trips(store, "#1", "#2")
    assert (trip.country, trip.notes, done.merged) == ("Japan", "Kyoto", 1)
    with pytest.raises(NotFound):
        find_row(store, three[1]["id"])
    with pytest.raises(UsageError):
        duplicates.merge_trips(store, "#1", "#1")
    assert count(store, TripFilter()) == 2


def decided_against(store: Store, file: Path) -> tuple[str, str]:
    """Import a file whose only row is left out by a decision; return the trip it was about, and the import."""
    with stage(store, file, resolution="prompt") as staging:
        conflict = deciding.load_conflict(staging, store, 1)
        assert conflict.row.trip is not None
        deciding.decide(staging, conflict, "existing")
        done = applying.apply_import(staging, store)
        assert done.metadata.operation_id is not None
        return f"#{conflict.row.trip}", done.metadata.operation_id


@pytest.mark.parametrize("undone", ["before", "after", "never", "redone"])
def test_a_decision_outlives_a_merge_only_as_long_as_its_import_stands(
    store: Store, write_file: Callable[[str, str], Path], undone: str
) -> None:
    for notes in ("one", "two"):
        add_trip(store, {**JAPAN, "notes": notes})
    file = write_file("a.csv", HEAD + "Japan,2024-03-02,2024-03-09,tourist,three\n")
    about, made = decided_against(store, file)
    other = "#2" if about == "#1" else "#1"
    if undone in ("before", "redone"):
        history.undo(store, made)
    duplicates.merge_trips(store, other, about)
    if undone == "after":
        history.undo(store, made)
    if undone == "redone":
        history.redo(store, made)
    with stage(store, file, resolution="prompt") as staging:
        assert plan_of(staging) == [(2, "skip" if undone in ("never", "redone") else "ask")]
