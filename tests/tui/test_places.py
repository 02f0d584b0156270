"""The places of the program: the palette goes to every one of them from everywhere, and back to the first screen."""

from __future__ import annotations

import pytest
from tui_store import fill, press, running, screen_text, stay

from dinotui.storage.store import Store
from dinotui.tui.screens.export import ExportScreen
from dinotui.tui.screens.history import HistoryScreen
from dinotui.tui.screens.home import HomeScreen
from dinotui.tui.screens.settings import SettingsScreen
from dinotui.tui.screens.trips import TripsScreen


@pytest.mark.parametrize("keys", [("1",), ("1", "+"), ("4",), ("7",), ("3",), ("8",), ("2",)])
async def test_every_place_is_in_the_palette_of_every_screen(store: Store, keys: tuple[str, ...]) -> None:
    fill(store, stay("Japan", "2024-01-01"))
    async with running(store) as (app, pilot):
        await press(pilot, *keys, "ctrl+p")
        offered = {offer.command.id for offer in app.screen.offers}  # type: ignore[attr-defined]
        wanted = {command.id for command in HomeScreen.ACTIONS if command.palette} - {"home.demo"}
        assert wanted <= offered


async def test_the_palette_goes_from_one_place_to_another_and_esc_comes_back(store: Store) -> None:
    fill(store, stay("Japan", "2024-01-01"))
    async with running(store) as (app, pilot):
        await press(pilot, "1", ":", "=write trips", "enter")
        assert isinstance(app.screen, ExportScreen)
        assert "Home > Trips > Export" in screen_text(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, TripsScreen)
        await press(pilot, "+", "=half typed", "ctrl+p", "=settings", "enter")
        assert isinstance(app.screen, SettingsScreen)
        await press(pilot, "ctrl+p", "=first screen", "enter")
        assert isinstance(app.screen, HomeScreen)
        assert len(app.screen_stack) == 1
        await press(pilot, "1", "+")
        assert "half typed" in screen_text(app), "what was typed is kept"


async def test_a_place_that_has_nothing_to_show_says_so_on_the_screen_in_front(store: Store) -> None:
    fill(store, stay("Japan", "2024-01-01"))
    async with running(store) as (app, pilot):
        await press(pilot, "4", ":", "=newest import", "enter")
        assert isinstance(app.screen, HistoryScreen)
        assert "no import waits" in screen_text(app)
        await press(pilot, ":", "=what was done", "enter")
        assert "you are here" in screen_text(app)
        assert len(app.screen_stack) == 2


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        ((), ("6 messages", "8 settings", "0 backups", "; check")),
        (("1",), ("Space mark",)),
        (("4",), ("3 export", "5 backups", "6 check")),
    ],
)
async def test_the_footer_shows_the_keys_that_are_valid(
    store: Store, keys: tuple[str, ...], shown: tuple[str, ...]
) -> None:
    fill(store, stay("Japan", "2024-01-01"))
    async with running(store) as (app, pilot):
        await press(pilot, *keys)
        footer = " ".join(screen_text(app).splitlines()[-2:])
        for label in (*shown, ": palette", "? help"):
            assert label in footer


async def test_home_has_a_row_for_every_place_where_there_is_room(store: Store) -> None:
    fill(store, stay("Japan", "2024-01-01"))
    async with running(store, (120, 40)) as (app, _pilot):
        rows = [line.split()[:2] for line in screen_text(app).splitlines()]
        for row in (["6", "Messages"], ["0", "Backups"], [";", "Check"]):
            assert row in rows
