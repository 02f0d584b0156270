"""Keys that arrive together, as over a slow line, do what they would do one by one."""

from __future__ import annotations

import pytest
from textual import events
from textual.pilot import Pilot
from tui_store import fill, running, screen_text, settled, stay

from dinotui.storage.store import Store
from dinotui.tui.app import DinoApp
from dinotui.tui.screens.trip_form import TripFormScreen
from dinotui.tui.screens.trips import TripsScreen
from dinotui.tui.widgets.form import Form


async def at_once(app: DinoApp, pilot: Pilot[None], *keys: str) -> None:
    """Send keys, and ``=text`` as a paste, without waiting in between."""
    for key in keys:
        pasted = key.startswith("=")  # a burst of letters comes as a paste
        app.post_message(events.Paste(key[1:]) if pasted else events.Key(key, key if len(key) == 1 else None))
    await pilot.pause()
    while app._key_under_way:
        await pilot.pause(0.02)
    await settled(pilot)


@pytest.fixture
def trips(store: Store) -> None:
    fill(store, *(stay("Peru", f"2024-0{month}-01", f"2024-0{month}-05") for month in range(1, 9)))


@pytest.mark.usefixtures("trips")
async def test_keys_move_from_field_to_field(store: Store) -> None:
    async with running(store) as (app, pilot):
        await at_once(app, pilot, "e", "down", "down", "down", "down", "right", "up", "up", "right")
        form = app.screen.query_one(Form)
        values = [form.values[name] for name in ("trips", "preferences", "notifications", "analytics")]
        assert values == ["yes", "yes", "no", "yes"]
        assert form.control("preferences").has_focus


@pytest.mark.usefixtures("trips")
async def test_keys_reach_the_screen_that_the_first_one_opens(store: Store) -> None:
    async with running(store) as (app, pilot):
        await at_once(app, pilot, "1", "down", "down", "down")
        assert isinstance(app.screen, TripsScreen)
        assert "4 of 8" in screen_text(app)
        await at_once(app, pilot, "plus", "P", "e", "r", "u", "down", "2")
        assert isinstance(app.screen, TripFormScreen)
        assert app.screen.form.values["country"] == "Peru"
        assert app.screen.form.values["entryDate"] == "2"


async def test_texts_go_into_the_fields_that_the_keys_between_them_reach(store: Store) -> None:
    async with running(store) as (app, pilot):
        typed = ("=Peru", "down", "=2026-01-05", "down", "down", "=work", "down", "9", "0")
        await at_once(app, pilot, "1", "plus", *typed, "enter")
        assert isinstance(app.screen, TripsScreen)
        assert all(text in screen_text(app) for text in ("Peru", "2026-01-05", "work"))


@pytest.mark.usefixtures("trips")
async def test_leaving_and_going_on_at_once(store: Store) -> None:
    async with running(store) as (app, pilot):
        await at_once(app, pilot, "1", "escape", "4", "escape", "1", "end")
        assert isinstance(app.screen, TripsScreen)
        assert "8 of 8" in screen_text(app)
