"""Statistics: pages of figures with small charts, the question how long one may stay, and saved export settings."""

from __future__ import annotations

import pytest
from tui_store import (
    HOSTILE,
    UNSAFE,
    check_snapshot,
    fill,
    fixed_today,
    press,
    running,
    screen_text,
    stay,
)

from dinotui.domain.configuration import ExportConfiguration
from dinotui.engine.notifications import add_notification, list_notifications
from dinotui.engine.preferences import set_preferences
from dinotui.engine.profiles import list_profiles, save_profile
from dinotui.storage.store import Store
from dinotui.tui.bars import bar, gauge
from dinotui.tui.glyphs import ASCII, use_glyphs
from dinotui.tui.screens.export import ExportScreen
from dinotui.tui.screens.statistics import StatisticsScreen
from dinotui.tui.screens.trips import TripsScreen

__all__ = ["fixed_today"]
SIZES = [(80, 24), (120, 40), (60, 20)]
PAGES = ("now", "countries", "years", "schengen", "gaps")


def lived_in(store: Store) -> None:
    """Stays of several years: one that goes on, one too long, two that overlap."""
    fill(
        store,
        stay("France", "2025-12-20", "2026-01-20", maxDays="90"),
        stay("Japan", "2024-03-02", "2024-03-10"),
        stay("대한민국", "2023-12-30", "2024-01-05"),
        stay("Thailand", "2024-05-01", "2024-06-10", maxDays="30"),
        stay("Laos", "2024-06-05", "2024-06-20"),
        stay("Spain", "2026-03-01", maxDays="90"),
    )


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.usefixtures("fixed_today")
async def test_each_page_at_each_size(store: Store, size: tuple[int, int]) -> None:
    lived_in(store)
    async with running(store, size) as (app, pilot):
        await press(pilot, "7")
        for number, page in enumerate(PAGES, 1):
            await press(pilot, str(number))
            check_snapshot(app, f"statistics-{page}-{size[0]}x{size[1]}")
            assert "█" in screen_text(app) or page == "gaps"
        await press(pilot, "right")
        assert app.screen.page == "now"  # type: ignore[attr-defined]
        await press(pilot, "left")
        assert app.screen.page == "gaps"  # type: ignore[attr-defined]


@pytest.mark.usefixtures("fixed_today")
async def test_the_figures_are_those_of_the_engine(store: Store) -> None:
    lived_in(store)
    async with running(store) as (app, pilot):
        await press(pilot, "7")
        text = screen_text(app)
        assert "Spain  day 15 of 90, 75 left" in text
        assert "1 of 3 stays were too long" in text
        assert "47 of 90 used, 43 left" in text
        await press(pilot, "3")
        assert "2024         4          4       65" in screen_text(app)
        await press(pilot, "down", "down")
        assert "Thailand 41" in screen_text(app)
        await press(pilot, "5")
        assert "2024-06-05 – 2024-06-10" in screen_text(app)


@pytest.mark.usefixtures("fixed_today")
async def test_how_long_may_i_stay(store: Store) -> None:
    lived_in(store)
    async with running(store) as (app, pilot):
        await press(pilot, "7", "=")
        await press(pilot, "=soon", "enter")
        assert "That is no date" in screen_text(app)
        await press(pilot, *["backspace"] * 4, "=2026-07-01", "enter")
        assert isinstance(app.screen, StatisticsScreen)
        assert "Enter on 2026-07-01" in screen_text(app)
        await press(pilot, "escape", "7")
        assert "Enter on 2026-07-01" in screen_text(app)


@pytest.mark.usefixtures("fixed_today")
async def test_a_row_opens_its_trip(store: Store) -> None:
    lived_in(store)
    async with running(store) as (app, pilot):
        await press(pilot, "7", "down", "down", "down", "enter")
        assert isinstance(app.screen, TripsScreen)
        assert app.screen.current_key is not None
        assert app.screen.current_key.number == 6
        await press(pilot, "escape", "5", "down", "enter")
        assert isinstance(app.screen, TripsScreen)


async def test_nothing_recorded_and_a_passport_that_is_not_bound(store: Store) -> None:
    set_preferences(store, {"homePassport": "DE"})
    async with running(store) as (app, pilot):
        from dinotui.tui import doors

        doors.open_statistics(app.screen)  # type: ignore[arg-type]
        await press(pilot, "4")
        assert "free movement" in screen_text(app)
        await press(pilot, "2")
        assert "No trip is recorded yet." in screen_text(app)


async def test_hostile_countries_are_harmless(store: Store) -> None:
    fill(store, stay(HOSTILE, "2024-03-02", "2024-03-10"))
    async with running(store) as (app, pilot):
        await press(pilot, "7")
        for page in "12345":
            await press(pilot, page)
            assert not UNSAFE.search(screen_text(app))


async def test_a_filter_keeps_rows(store: Store) -> None:
    lived_in(store)
    async with running(store) as (app, pilot):
        await press(pilot, "7", "2", "slash", "=thai", "enter")
        assert "Thailand" in screen_text(app)
        assert "France" not in screen_text(app)


def test_bars_have_a_fallback_in_ascii() -> None:
    assert (bar(0, 10, 10), bar(10, 10, 10), bar(5, 10, 10)) == ("", "█" * 10, "█" * 5)
    assert bar(1, 1000, 10) == "▏"
    assert bar(20, 10, 10) == "█" * 10
    assert sum(len(cell.text) for cell in gauge(3, 7, 10)) == 10
    use_glyphs(ASCII)
    assert (bar(5, 10, 10), bar(1, 1000, 10)) == ("#####", "#")
    assert "".join(cell.text for cell in gauge(5, 10, 10)) == "#####....."


# messages -----------------------------------------------------------------------------------------------------


async def test_messages_are_marked_one_by_one_and_all(store: Store) -> None:
    for number in range(3):
        add_notification(store, "news", f"Title {number}", "text")

    def unread() -> list[str]:
        return [each.title for each in list_notifications(store, unread=True).notifications]

    async with running(store) as (app, pilot):
        await press(pilot, "6", "down", "m")
        assert unread() == ["Title 2", "Title 0"]
        await press(pilot, "1")
        assert "Title 1" not in screen_text(app)
        await press(pilot, "1")
        assert "Title 1" in screen_text(app)
        await press(pilot, "a")
        assert unread() == []
        await press(pilot, "home", "+")
        assert unread() == ["Title 2"]
        await press(pilot, "escape")
        assert unread() == ["Title 2"]


@pytest.mark.parametrize("looks_like", ["2", "#2"])
async def test_a_message_opens_its_own_trip_and_none_whose_number_looks_like_its_id(
    store: Store, looks_like: str
) -> None:
    """Ids of trips that came in files may be any text."""
    fill(store, stay("Peru", "2024-01-01"), stay("Chile", "2023-01-01"))
    with store.database.write():
        store.database.execute("UPDATE trip SET id = ? WHERE number = 1", (looks_like,))
    add_notification(store, "news", "Title", "text", trip_id=looks_like)
    async with running(store) as (app, pilot):
        await press(pilot, "6", "enter")
        screen = app.screen
        assert isinstance(screen, TripsScreen)
        assert screen.current_key is not None
        assert screen.current_key.number == 1
    with store.database.write():
        store.database.execute("DELETE FROM trip WHERE number = 1")
    async with running(store) as (app, pilot):
        await press(pilot, "6", "enter")
        assert "not there any more" in screen_text(app)


# saved export settings -----------------------------------------------------------------------------------------


async def test_export_settings_are_saved_used_and_deleted_by_keys(
    store: Store, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(str(tmp_path))
    lived_in(store)
    async with running(store) as (app, pilot):
        await press(pilot, "3", "right", "5", "+", "=yearly", "enter")
        assert [each.name for each in list_profiles(store)] == ["yearly"]
        assert "CSV; trips" in screen_text(app)
        await press(pilot, "escape", "right")
        assert app.screen.form.values["format"] == "xlsx"  # type: ignore[attr-defined]
        await press(pilot, "5", "enter")
        assert isinstance(app.screen, ExportScreen)
        assert app.screen.form.values["format"] == "csv"
        await press(pilot, "5", "d")
        assert list_profiles(store) == []
        assert "u brings it back" in screen_text(app)


async def test_a_saved_configuration_fills_the_whole_form(
    store: Store, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(str(tmp_path))
    wanted = ExportConfiguration.model_validate(
        {
            "format": "xlsx",
            "includeMetadata": False,
            "dateRange": {"start": "2024-01-01", "end": "2024-12-31"},
            "categories": {"trips": True, "analytics": True},
            "compression": {"enabled": True, "algorithm": "zip", "level": 5},
            "privacy": {"excludePersonalData": True, "anonymizeData": True},
        }
    )
    save_profile(store, "all", wanted)
    async with running(store) as (app, pilot):
        await press(pilot, "3", "5", "enter")
        assert isinstance(app.screen, ExportScreen)
        assert app.screen._configuration == wanted
