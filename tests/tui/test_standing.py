"""Where a list stands: the mark, the position, the detail and the keys are always about one and the same row."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot
from tui_store import fill, import_text, press, running, screen_lines, screen_text, settled, stay

from dinotui.engine.notifications import list_notifications
from dinotui.storage.store import Store
from dinotui.tui.app import DinoApp
from dinotui.tui.screens.messages import MessagesScreen
from dinotui.tui.widgets.paged_list import PagedList


def marked_line(app: DinoApp) -> str:
    """Return the line of the list that the cursor is on."""
    (line,) = [line for line in screen_lines(app) if line.startswith(">")]
    return line


def many(store: Store, count: int = 21) -> None:
    """Add stays that differ in their visas and notes."""
    fill(
        store,
        *(
            stay("Japan", f"20{number:02d}-03-02", f"20{number:02d}-03-09", notes=f"note of {number:02d}")
            for number in range(1, count + 1)
        ),
    )


def told(store: Store, tmp_path: Path) -> None:
    """Have the program tell something about an import, and then about two stays."""
    import_text(store, tmp_path / "bad.csv", "Japan,2024-03-02,,tourist,\nAtlantis,2024-03-02,,tourist,\n")
    fill(store, stay("Spain", "2024-01-01", maxDays="3"), stay("France", "2024-01-01", maxDays="3"))
    list_notifications(store)


async def test_coming_back_to_the_trips_describes_the_trip_that_the_cursor_is_on(store: Store) -> None:
    many(store)
    async with running(store) as (app, pilot):
        await press(pilot, "1", "down", "down", "down", "escape", "1")
        assert " 18 " in marked_line(app)
        text = screen_text(app)
        assert "4 of 21" in text
        assert "   note of 18" in text


async def test_coming_back_to_the_messages_offers_what_the_row_under_the_cursor_can(
    store: Store, tmp_path: Path
) -> None:
    told(store, tmp_path)
    async with running(store) as (app, pilot):
        await press(pilot, "6")
        screen = app.screen
        assert isinstance(screen, MessagesScreen)
        assert screen.current is not None
        about_trip = screen.current.trip_id is not None
        while screen.current is not None and (screen.current.trip_id is not None) == about_trip:
            await press(pilot, "down")
        line, offers = marked_line(app), "Enter trip" in screen_text(app)
        assert offers != about_trip
        await press(pilot, "escape", "6")
        assert marked_line(app)[20:] == line[20:]
        assert ("Enter trip" in screen_text(app)) == offers
        assert isinstance(app.screen, MessagesScreen)
        assert app.screen.current is not None
        assert f"   {app.screen.current.message[:30]}" in screen_text(app)


@pytest.mark.parametrize(("keys", "down"), [(("4",), 4), (("7", "2"), 1), (("0",), 0)])
async def test_coming_back_to_any_list_says_where_it_stands(
    store: Store, keys: tuple[str, ...], down: int
) -> None:
    many(store, 6)
    fill(store, stay("Spain", "2024-01-01", "2024-01-04"))
    async with running(store) as (app, pilot):
        await press(pilot, *keys, *["down"] * down)
        before = screen_text(app)
        await press(pilot, "escape", keys[0])
        assert screen_text(app) == before


async def test_a_list_whose_rows_come_late_still_comes_back_to_its_place(store: Store) -> None:
    many(store, 3)
    fill(store, stay("Spain", "2024-01-01", "2024-01-04"))
    async with running(store) as (app, pilot):
        await press(pilot, "7", "2", "down")
        line = marked_line(app)
        await press(pilot, "escape")
        await pilot.press("7")
        shown = app.screen.query_one(PagedList)
        shown.restore(app.memory["statistics"]["list-statistics"][0])  # before its rows are there
        await settled(pilot)
        assert marked_line(app) == line
        assert "2 of 2" in screen_text(app)


async def resized(pilot: Pilot[None], width: int, height: int) -> None:
    await pilot.resize_terminal(width, height)
    await settled(pilot)


@pytest.mark.parametrize("keys", [("1",), ("4",), ("7", "2")])
async def test_a_terminal_that_grows_or_shrinks_keeps_the_row_and_what_is_said_about_it(
    store: Store, keys: tuple[str, ...]
) -> None:
    many(store, 6)
    fill(store, stay("Spain", "2024-01-01", "2024-01-04"))
    async with running(store) as (app, pilot):
        await press(pilot, *keys, "end")
        before = [marked_line(app)[:18], app.screen.right_text()]  # type: ignore[attr-defined]
        for size in ((60, 20), (120, 40), (80, 24)):
            await resized(pilot, *size)
            assert [marked_line(app)[:18], app.screen.right_text()] == before  # type: ignore[attr-defined]
            assert before[1] in screen_text(app)


async def test_a_list_uses_the_room_of_a_terminal_that_has_grown(store: Store) -> None:
    many(store)
    async with running(store, (60, 20)) as (app, pilot):
        await press(pilot, "1", "end")
        await resized(pilot, 120, 40)
        assert "2021-03-02" in screen_text(app), "the first row is in sight"
        assert "2001-03-02" in marked_line(app)
