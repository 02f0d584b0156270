"""The log on the screen: details row by row, what undo would do, undo and redo with what they kept."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from tui_store import (
    HOSTILE,
    UNSAFE,
    assert_harmless,
    check_snapshot,
    fill,
    fixed_today,
    import_text,
    press,
    running,
    screen_text,
    settled,
    stay,
)

from dinotui.domain.result import UndoResult
from dinotui.engine import history
from dinotui.engine.notifications import add_notification, list_notifications
from dinotui.engine.trips import add_trip, delete_trips, edit_trip
from dinotui.storage.store import Store
from dinotui.storage.trips import TripFilter, count, page
from dinotui.tui.rows import local_time, value_text
from dinotui.tui.screens.kept import KeptScreen
from dinotui.tui.screens.operation import OperationScreen
from dinotui.tui.undoing import Kept, Outlook, done_text, effect_text

__all__ = ["fixed_today"]
SIZES = [(80, 24), (120, 40), (60, 20)]
ROWS = "".join(
    f"Japan,2024-{month:02}-01,2024-{month:02}-05,tourist,note {month}\n" for month in range(1, 13)
)


def lived_in(store: Store, tmp_path: Path) -> list[str]:
    """Import twelve trips, then change two and delete one of them; return the ids."""
    import_text(store, tmp_path / "trips_2024.csv", ROWS)
    ids = [row["id"] for row in page(store, TripFilter())]
    edit_trip(store, ids[0], {"notes": "mine", "exitDate": "2024-12-09"})
    edit_trip(store, ids[1], {"country": "일본"})
    delete_trips(store, [ids[2]])
    return ids


def marks(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("size", SIZES)
async def test_the_log_and_an_operation_at_every_size(
    store: Store, tmp_path: Path, size: tuple[int, int]
) -> None:
    lived_in(store, tmp_path)
    async with running(store, size) as (app, pilot):
        await press(pilot, "4")
        assert "trips_2024.csv: 12 added" in screen_text(app)
        check_snapshot(app, f"history-{size[0]}x{size[1]}")
        await press(pilot, "down", "down", "enter")
        assert isinstance(app.screen, OperationScreen)
        text = screen_text(app)
        assert "2024-12-05 → 2024-12-09" in text
        assert "note 12" in text
        assert "mine" in text
        assert "Undoing it: reverts 1" in text
        check_snapshot(app, f"operation-{size[0]}x{size[1]}")


async def test_what_undo_would_do_is_said_before_and_what_it_kept_after(store: Store, tmp_path: Path) -> None:
    lived_in(store, tmp_path)
    async with running(store, (80, 30)) as (app, pilot):
        await press(pilot, "4", "end", "enter")
        assert "Undoing it: removes 9, keeps 2 changed later: #11, #12" in marks(screen_text(app))
        await press(pilot, "u")
        assert app.screen.asking  # type: ignore[attr-defined]
        assert "Removes 9, keeps 2 changed later: #11, #12." in marks(screen_text(app))
        await press(pilot, "u", "r", "y", "1")
        assert count(store, TripFilter()) == 11, "only its own key answers"
        await press(pilot, "escape")
        assert count(store, TripFilter()) == 11
        await press(pilot, "u", "enter")
        assert count(store, TripFilter()) == 2
        assert "removed 9, kept 2 changed later: #11, #12." in marks(screen_text(app))
        assert "! undone" in screen_text(app)
        assert "Redoing it: brings back 9" in marks(screen_text(app))
        await press(pilot, "r", "enter")
        assert count(store, TripFilter()) == 11


async def test_any_operation_is_undone_from_the_log_not_only_the_last(store: Store) -> None:
    fill(store, stay("Japan", "2024-01-01"), stay("Peru", "2024-02-01"), stay("Spain", "2024-03-01"))
    async with running(store) as (app, pilot):
        await press(pilot, "4", "down", "u", "enter")
        assert sorted(row["country"] for row in page(store, TripFilter())) == ["Japan", "Spain"]
        await press(pilot, "home")
        assert "Undid: Added #2 Peru" in screen_text(app)
        await press(pilot, "u", "enter")
        assert count(store, TripFilter()) == 3, "undoing an undo redoes"
        assert "(undone) Undid" in screen_text(app)


async def test_a_key_that_has_nothing_to_do_says_why(store: Store) -> None:
    fill(store, stay("Japan", "2024-01-01"))
    async with running(store) as (app, pilot):
        await press(pilot, "4", "r")
        assert "it is not undone" in screen_text(app)
        await press(pilot, "u", "enter", "end", "u")
        assert "it is undone already" in screen_text(app)
        await press(pilot, "escape", "u")
        assert "there is nothing to undo" in screen_text(app)


async def test_what_an_undo_kept_is_undone_from_the_log_later(store: Store, tmp_path: Path) -> None:
    import_text(store, tmp_path / "many.csv", ROWS)
    edit_trip(store, "#1", {"notes": "mine"})
    edit, imported = (found.entry.id for found in history.operations(store, limit=2))
    history.undo(store, imported)
    async with running(store) as (app, pilot):
        await press(pilot, "4", "end", "u", "enter")
        assert "Could not undo" in screen_text(app)
        history.undo(store, edit)
        await press(pilot, "end", "u", "enter")
        assert count(store, TripFilter()) == 0
        await press(pilot, "end", "u")
        assert "it is undone already" in screen_text(app)


async def test_many_kept_rows_get_a_list(store: Store, tmp_path: Path) -> None:
    import_text(store, tmp_path / "many.csv", ROWS)
    for row in page(store, TripFilter()):
        edit_trip(store, row["id"], {"notes": HOSTILE})
    for operation in history.operations(store):
        if operation.entry.kind == "edit" and "#1 " in operation.entry.summary:
            history.undo(store, operation.entry.id)
    async with running(store) as (app, pilot):
        await press(pilot, "4", "end", "u")
        assert "#6 and 6 more" in marks(screen_text(app))
        await press(pilot, "enter")
        assert isinstance(app.screen, KeptScreen)
        assert "It was changed since, by Edit" in screen_text(app)
        await press(pilot, "/", "=#11", "enter")
        assert "1 of 1" in screen_text(app)
        await press(pilot, "escape", "escape")
        assert not isinstance(app.screen, KeptScreen)


async def test_an_undo_can_be_stopped(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(store, stay("Japan", "2024-01-01"))

    def slow(own: Store, key: str, *, report: Any, cancelled: Any) -> UndoResult:
        import time

        while not cancelled():
            time.sleep(0.01)
        return real(own, key, report=report, cancelled=cancelled)

    real = history.undo
    monkeypatch.setattr(history, "undo", slow)
    async with running(store) as (app, pilot):
        await press(pilot, "u")
        await pilot.press("enter")
        await pilot.pause(0.1)
        assert app.jobs.current is not None
        await press(pilot, "ctrl+c")
        assert "Stopped. Nothing was changed." in screen_text(app)
    assert count(store, TripFilter()) == 1


async def test_the_log_is_filtered_and_grows_under_the_cursor(store: Store, tmp_path: Path) -> None:
    lived_in(store, tmp_path)
    async with running(store) as (app, pilot):
        await press(pilot, "4", "down", "down")
        before = app.screen.entries.current.key  # type: ignore[attr-defined]
        with store.sibling() as other:
            add_trip(other, stay("Peru", "2020-01-01"))
        app.screen.look()  # type: ignore[attr-defined]
        await settled(pilot)
        assert app.screen.entries.current.key == before  # type: ignore[attr-defined]
        assert "4 of 5" in screen_text(app)
        await press(pilot, "/", "=peru add", "enter")
        assert "1 of 1" in screen_text(app)
        await press(pilot, "escape", "/", "=nothing like this", "enter")
        assert "No entry holds this text" in screen_text(app)


@pytest.mark.parametrize("size", SIZES)
async def test_hostile_texts_in_the_log_harm_nothing(
    store: Store, tmp_path: Path, size: tuple[int, int]
) -> None:
    name = HOSTILE.replace("/", "∕") + ".csv"
    import_text(store, tmp_path / name, ROWS)
    ids = fill(store, stay(HOSTILE, "2024-01-01", notes=HOSTILE))
    edit_trip(store, ids[0], {"notes": HOSTILE * 2, "visaType": HOSTILE})
    async with running(store, size) as (app, pilot):
        await press(pilot, "4")
        assert_harmless(app)
        await press(pilot, "enter")
        assert_harmless(app)
        await press(pilot, "u")
        assert_harmless(app)
        await press(pilot, "enter")
        assert_harmless(app)
        await press(pilot, "escape", "end", "enter", "u")
        assert not UNSAFE.search(screen_text(app))
        assert "[∕x]" in screen_text(app)


async def test_the_details_of_a_long_operation_are_read_in_pages(store: Store, tmp_path: Path) -> None:
    days = [dt.date(1990, 1, 1) + dt.timedelta(days=5 * number) for number in range(600)]
    rows = "".join(f"Japan,{day},{day},tourist,note {number}\n" for number, day in enumerate(days))
    import_text(store, tmp_path / "many.csv", rows)
    async with running(store) as (app, pilot):
        await press(pilot, "4", "enter", "end")
        assert "600 of 600" in screen_text(app)
        assert "note 599" in screen_text(app)
        await press(pilot, "home")
        assert "note 0" in screen_text(app)


async def test_the_details_of_an_import_end_with_what_it_left_out(store: Store, tmp_path: Path) -> None:
    bad = f"Peru,2024-02-30,,tourist,,,{HOSTILE}\n"
    import_text(store, tmp_path / "many.csv", ROWS + bad)
    async with running(store) as (app, pilot):
        await press(pilot, "4", "enter", "end")
        assert_harmless(app)
        shown = screen_text(app)
        assert "rejected" in shown
        assert "Reason" in shown
        assert "2024-02-30" in shown


async def test_messages_are_listed_and_read_when_left(store: Store) -> None:
    (trip_id,) = fill(store, stay("Japan", "2020-01-01", "2020-01-02"))
    add_notification(store, "overstay", "Stay too long: [/x]\x1b[31m", "It is " + HOSTILE, trip_id=trip_id)
    async with running(store) as (app, pilot):
        assert "Stay too long" in screen_text(app)
        assert_harmless(app)
        await press(pilot, "6")
        assert_harmless(app)
        assert "new" in screen_text(app)
        await press(pilot, "enter")
        assert "Home > Messages > Trips" in screen_text(app)
        await press(pilot, "escape", "escape")
        assert "Stay too long" not in screen_text(app)
    assert all(each.read for each in list_notifications(store).notifications)


def outlook(
    *, removed: int = 0, restored: int = 0, reverted: int = 0, kept: int = 0, store: Store
) -> Outlook:
    fill(store, stay("Japan", "2024-01-01"))
    result = UndoResult(operation_id="o", undoes="x", removed=removed, restored=restored, reverted=reverted)
    names = tuple(Kept(f"#{number + 1}", "It was deleted since.") for number in range(kept))
    return Outlook(history.operations(store)[0], result, names)


def test_the_sentences_name_what_is_kept(store: Store) -> None:
    assert effect_text(outlook(store=store)) == "changes nothing"
    found = outlook(removed=308, reverted=4, kept=2, store=store)
    assert effect_text(found) == "removes 308, reverts 4, keeps 2 changed later: #1, #2"
    assert done_text(found, "undo").endswith("removed 308, reverted 4, kept 2 changed later: #1, #2.")
    many = outlook(restored=1500, kept=7, store=store)
    assert effect_text(many) == "brings back 1,500, keeps 7 changed later: #1, #2, #3, #4, #5 and 2 more"
    assert done_text(many, "redo").startswith("Redid “Added #3 Japan")


def test_times_and_values_are_written_for_readers() -> None:
    assert local_time("no time") == "no time"
    assert value_text(None) == value_text("") == "(empty)"
    assert value_text(0) == "0"


async def test_an_import_says_what_it_left_alone_and_its_undo_says_which_it_was(
    store: Store, tmp_path: Path
) -> None:
    fill(store, stay("Japan", "2024-01-01", "2024-01-05"))
    rows = "Japan,2024-01-01,2024-01-05,tourist,\nSpain,2024-02-30,,tourist,\nPeru,2024-04-01,2024-04-05,tourist,\n"
    import_text(store, tmp_path / "summer.csv", rows)
    async with running(store) as (app, pilot):
        await press(pilot, "4", "enter")
        text = screen_text(app)
        assert "1 added, 1 skipped, 1 rejected" in text
        assert "Not listed, for they changed nothing: 1 skipped record, 1 rejected record." in text
        assert "Trip      Done" in text
        await press(pilot, "u", "enter", "escape")
        assert "Undid: summer.csv: 1 added" in screen_text(app)


async def test_a_row_that_was_kept_names_what_changed_it_in_words(store: Store, tmp_path: Path) -> None:
    import_text(store, tmp_path / "many.csv", ROWS)
    trip = page(store, TripFilter())[0]
    edit_trip(store, trip["id"], {"notes": "mine"})
    edited = history.operations(store, limit=1)[0].entry
    found = history.rehearse(store, history.operations(store, limit=2)[1].entry.id, "undo")
    assert edited.id not in found.kept[0].reason
    assert edited.summary in found.kept[0].reason
