"""Settings: each takes effect at once, is stored as an operation, and says at its field what makes no sense."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot
from tui_store import (
    fill,
    fixed_today,
    press,
    running,
    screen_text,
    settled,
    stay,
)

from dinotui.engine import history
from dinotui.engine.preferences import get_preferences, set_preferences
from dinotui.locale import language
from dinotui.storage.store import Store
from dinotui.tui.rows import local_time
from dinotui.tui.screens.home import HomeScreen
from dinotui.tui.screens.settings import SettingsScreen
from dinotui.tui.view import preferences_in_force, shown_date_text, use_preferences

__all__ = ["fixed_today"]
SIZES = [(80, 24), (120, 40), (60, 20)]


async def choose(pilot: Pilot[None], name: str, value: str) -> None:
    """Choose a value of a field, store it, and wait until it is stored."""
    screen = pilot.app.screen
    assert isinstance(screen, SettingsScreen)
    screen.form.focus_field(name)
    await pilot.pause()
    control = screen.form.control(name)
    for _try in range(10):
        if control.value == value:
            break
        await pilot.press("right")
        await pilot.pause()
    assert control.value == value
    await pilot.press("enter")
    await until(pilot, lambda: not screen._pending)


async def until(pilot: Pilot[None], holds: Callable[[], bool]) -> None:
    """Wait until something holds, as long as a loaded machine may take."""
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        await pilot.pause(0.05)
    await settled(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_all_preferences_are_shown(store: Store, size: tuple[int, int]) -> None:
    set_preferences(store, {"homePassport": "KR", "visaExpiryDays": [3, 9], "keyMap": {"app.undo": "z"}})
    async with running(store, size) as (app, pilot):
        await press(pilot, "8")
        text = screen_text(app)
        for said in ("YYYY-MM-DD", "KR", "3, 9", "app.undo=z", "as the system has it", "Today is"):
            assert said in text
        assert len(text.splitlines()) == size[1]


async def test_a_choice_takes_effect_at_once_and_is_stored_once(store: Store) -> None:
    fill(store, stay("Japan", "2024-03-02", "2024-03-10"))
    async with running(store) as (app, pilot):
        await press(pilot, "8")
        await choose(pilot, "dateFormat", "MM/DD/YYYY")
        assert get_preferences(store).date_format == "MM/DD/YYYY"
        newest = history.operations(store, limit=1)[0].entry
        assert (newest.kind, newest.summary) == ("edit", "Changed preferences: dateFormat")
        assert history.count_operations(store) == 2
        await choose(pilot, "theme", "contrast")
        assert app.theme == "dino-contrast"
        await press(pilot, "escape", "1")
        assert "03/02/2024" in screen_text(app)


async def test_stepping_through_values_stores_one_change_when_the_field_is_left(store: Store) -> None:
    async with running(store) as (app, pilot):
        await press(pilot, "8", "down", "right")
        await pilot.pause(0.8)
        await press(pilot, "right")
        await pilot.pause(0.8)
        assert history.count_operations(store) == 0
        assert "Today is" in screen_text(app)
        await press(pilot, "down")
        assert history.count_operations(store) == 1
        assert "Stored: Dates." in screen_text(app)
        assert "u takes it back" not in screen_text(app), "the u is a letter here"


async def test_a_choice_that_is_not_stored_yet_is_taken_back_without_a_trace(store: Store) -> None:
    async with running(store) as (app, pilot):
        await press(pilot, "8", "down", "right", "right", "u")
        form = app.screen.form  # type: ignore[attr-defined]
        assert form.values["dateFormat"] == "YYYY-MM-DD"
        assert preferences_in_force().date_format == "YYYY-MM-DD"
        await press(pilot, "down", "up", "escape")
        assert history.count_operations(store) == 0


async def test_a_choice_is_stored_when_the_program_is_left_or_another_place_is_gone_to(store: Store) -> None:
    async with running(store) as (_app, pilot):
        await press(pilot, "8", "down", "right", "ctrl+p")
        assert history.count_operations(store) == 0
        await press(pilot, "=any of it", "enter")
        assert history.count_operations(store) == 1
        await press(pilot, "escape", "right", "ctrl+q", "enter")
    assert history.count_operations(store) == 2


async def test_the_language_changes_everything_and_can_be_taken_back(store: Store) -> None:
    async with running(store) as (app, pilot):
        await press(pilot, "8")
        await choose(pilot, "language", "ko")
        assert language() == "ko"
        await press(pilot, "u", "enter")
        await until(pilot, lambda: get_preferences(store).language is None and language() == "en")
        assert app.screen.form.values["language"] == ""  # type: ignore[attr-defined]


async def test_a_text_is_stored_with_enter_or_when_its_field_is_left(store: Store) -> None:
    async with running(store) as (app, pilot):
        await press(pilot, "8", "down", "down", "=Asia/Seoul", "enter")
        assert get_preferences(store).time_zone == "Asia/Seoul"
        await press(pilot, "down", "=korea", "down")
        assert get_preferences(store).home_passport is None
        assert "give its two-letter code" in screen_text(app).lower() or "no country" in screen_text(app)
        await press(
            pilot, "up", "backspace", "backspace", "backspace", "backspace", "backspace", "=de", "down"
        )
        assert get_preferences(store).home_passport == "DE"
        assert app.screen.form.values["homePassport"] == "DE"  # type: ignore[attr-defined]


async def test_leaving_stores_what_makes_sense_and_keeps_the_rest(store: Store) -> None:
    async with running(store) as (app, pilot):
        await press(pilot, "8", "down", "down", "=Asia/Seol")
        assert "There is no time zone" in screen_text(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, HomeScreen)
        assert "was not stored" in screen_text(app)
        assert get_preferences(store).time_zone is None
        await press(pilot, "8")
        assert "Asia/Seol" in screen_text(app)
        assert "There is no time zone" in screen_text(app)
        await press(pilot, "end", "backspace", "=ul", "escape")
        assert isinstance(app.screen, HomeScreen)
        assert get_preferences(store).time_zone == "Asia/Seoul"


async def test_a_faulty_key_map_is_refused_and_a_good_one_works_at_once(store: Store) -> None:
    fill(store, stay("Japan", "2024-03-02"))
    async with running(store) as (app, pilot):
        await press(pilot, "8", *["down"] * 7, "=no.command=z", "enter")
        assert "which is no command" in screen_text(app)
        assert get_preferences(store).key_map == {}
        await press(pilot, *["backspace"] * 12, "=home.trips=0", "enter", "escape", "0")
        assert "Home > Trips" in screen_text(app)
        await press(pilot, "escape", "1")
        assert "Home > Trips" not in screen_text(app)


async def test_a_change_elsewhere_takes_effect_here(store: Store) -> None:
    async with running(store) as (app, pilot):
        with store.sibling() as other:
            set_preferences(other, {"theme": "light"})
        await until(pilot, lambda: app.theme == "dino-light")


async def test_the_preview_of_an_import_shows_dates_as_the_user_wants_them(
    store: Store, tmp_path: Path
) -> None:
    set_preferences(store, {"dateFormat": "YYYY. M. D."})
    file = tmp_path / "trips.csv"
    file.write_text("Country,Entry Date,Exit Date,Visa Type\nJapan,2024-03-02,2024-03-10,tourist\n", "utf-8")
    async with running(store, (120, 40)) as (app, pilot):
        from dinotui.tui import doors

        doors.open_import(app.screen, (file,))  # type: ignore[arg-type]
        await settled(pilot)
        await pilot.pause(0.2)
        assert "2024. 3. 2." in screen_text(app)


def test_instants_are_shown_in_the_users_zone(store: Store) -> None:
    try:
        use_preferences(
            get_preferences(store).changed({"timeZone": "Asia/Seoul", "dateFormat": "DD.MM.YYYY"})
        )
        assert local_time("2024-03-05T18:30:00.000Z") == "06.03.2024 03:30"
        assert local_time("yesterday") == "yesterday"
        assert shown_date_text("2024-03-05") == "05.03.2024"
        assert shown_date_text("March") == "March"
    finally:
        use_preferences(get_preferences(store))
