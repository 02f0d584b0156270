"""Backups, the check of the data, a trip's history and the log's export on the screen, by keys alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tui_store import HOSTILE, UNSAFE, fill, fixed_today, press, running, screen_text, stay

from dinotui.engine import backups, history
from dinotui.engine.preferences import set_preferences
from dinotui.engine.trips import delete_trips, edit_trip
from dinotui.storage.store import Store
from dinotui.storage.trips import TripFilter, count
from dinotui.tui.screens.backups import BackupsScreen
from dinotui.tui.screens.check import CheckScreen
from dinotui.tui.screens.history import HistoryScreen

__all__ = ["fixed_today"]
SIZES = [(80, 24), (120, 40), (60, 20)]


def words(text: str) -> str:
    return " ".join(text.split())


def spoil(path: str) -> None:
    Path(path).write_bytes(b"SQLite format 3\x00 no")


def only_entry(folder: Path) -> tuple[Path, dict[str, Any]]:
    """Return the one log file in a folder and the one operation in it."""
    (path,) = folder.glob("dinotui-log-*.json")
    (entry,) = json.loads(path.read_text("utf-8"))
    return path, entry


@pytest.mark.parametrize("size", SIZES)
async def test_a_backup_is_made_verified_and_restored_by_keys(store: Store, size: tuple[int, int]) -> None:
    ids = fill(store, stay("Japan", "2024-01-01"), stay("Peru", "2024-03-01"))
    async with running(store, size) as (app, pilot):
        await press(pilot, "0")
        assert isinstance(app.screen, BackupsScreen)
        assert "No backup yet" in screen_text(app)
        await press(pilot, "+", "enter")
        assert "Made and verified: 2 trips" in words(screen_text(app))
        assert "by hand" in screen_text(app)
        await press(pilot, "1")
        assert "It is whole: 2 trips." in words(screen_text(app))
        delete_trips(store, ids[:1])
        fill(store, stay("Chile", "2025-01-01"))
        await press(pilot, "enter", "right", "enter")
        text = words(screen_text(app))
        assert "Brings 1 row back, removes 1 row: #3 Chile 2025-01-01" in text
        await press(pilot, "enter", "u", "r")
        assert count(store, TripFilter(text="Chile")) == 1, "only its own key answers"
        await press(pilot, "1")
        assert "Restored: brought back 1, removed 1. u undoes." in words(screen_text(app))
        assert count(store, TripFilter(text="Chile")) == 0
        assert len(backups.entries(store)) == 2
        await press(pilot, "u", "enter")
        assert count(store, TripFilter(text="Chile")) == 1
        assert "  restore  " in screen_text(app)


async def test_a_damaged_backup_is_said_and_a_file_from_anywhere_is_restored(
    store: Store, other_store: Store
) -> None:
    fill(other_store, stay("Japan", "2024-01-01"))
    made = backups.create(other_store, "json")
    own = backups.create(store)
    spoil(own.path)
    async with running(store) as (app, pilot):
        await press(pilot, "0", "2")
        assert "1 backup is not whole" in words(screen_text(app))
        await press(pilot, "enter", "enter")
        assert "damaged or incomplete" in words(screen_text(app))
        await press(pilot, "3", "=/nowhere", "enter")
        assert "There is no such file" in screen_text(app)
        await press(pilot, "escape", "3", f"={made.path}", "enter")
        assert "Brings 1 row back" in words(screen_text(app))
        await press(pilot, "1")
        assert count(store, TripFilter()) == 1


async def test_thinning_names_what_goes(store: Store) -> None:
    fill(store, stay("Japan", "2024-01-01"))
    for _n in range(7):
        backups.create(store)
    async with running(store) as (app, pilot):
        await press(pilot, "0", "4")
        assert "The rule keeps all of them" in words(screen_text(app))
        store.database.execute("UPDATE backup SET created_at = '2020-01-0' || number || 'T10:00:00.000Z'")
        await press(pilot, "4")
        assert "Delete 2 backups for good, made 2020-01-01 to 2020-01-02? 5 stay." in words(screen_text(app))
        await press(pilot, "4", "enter", "escape")
        assert len(backups.entries(store)) == 7
        await press(pilot, "4", "1")
        assert "Deleted 2 backups." in screen_text(app)
        assert len(backups.entries(store)) == 5


@pytest.mark.parametrize("size", SIZES)
async def test_the_check_finds_explains_and_puts_right(store: Store, size: tuple[int, int]) -> None:
    fill(store, stay("Japan", "2024-01-01", "2024-01-09"), stay("Peru", "2024-03-01", "2024-03-09"))
    async with running(store, size) as (app, pilot):
        await press(pilot, ";")
        assert isinstance(app.screen, CheckScreen)
        assert "all is well" in words(screen_text(app))
        with store.sibling() as other:
            other.database.execute("UPDATE trip SET country_code = 'ZZ' WHERE number = 2")
        await press(pilot, "2")
        text = words(screen_text(app))
        assert "1 error" in text
        assert "set the code to PE" in text
        await press(pilot, "1")
        assert "Put 1 thing right. u undoes." in words(screen_text(app))
        assert store.database.value("SELECT country_code FROM trip WHERE number = 2") == "PE"
        assert history.operations(store)[0].entry.kind == "fix"


async def test_the_palette_knows_backups_and_the_check(store: Store) -> None:
    async with running(store) as (app, pilot):
        await press(pilot, ":", "=check the data", "enter")
        assert isinstance(app.screen, CheckScreen)
        await press(pilot, "escape", ":", "=backups", "enter")
        assert isinstance(app.screen, BackupsScreen)
        await press(pilot, "escape", "4", "5")
        assert isinstance(app.screen, BackupsScreen)


async def test_a_trip_has_its_own_history(store: Store) -> None:
    ids = fill(store, stay("Japan", "2024-01-01"), stay("Peru", "2023-01-01"))
    edit_trip(store, ids[0], {"notes": "x"})
    async with running(store) as (app, pilot):
        await press(pilot, "1", "4")
        assert isinstance(app.screen, HistoryScreen)
        text = screen_text(app)
        assert "History of #1" in text
        assert "1 of 2" in text
        assert "Peru" not in text
        await press(pilot, "/", "=changed", "enter")
        assert "1 of 1" in screen_text(app)
        await press(pilot, "escape", "enter")
        assert "Changed #1" in words(screen_text(app))
        await press(pilot, "escape", "escape", "escape", "4")
        assert "1 of 3" in screen_text(app), "the whole log is what it was"


async def test_the_log_is_written_into_a_file(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    fill(store, stay("Japan", "2024-01-01", notes=HOSTILE), stay("Peru", "2023-01-01"))
    async with running(store) as (app, pilot):
        await press(pilot, "4", "/", "=japan", "enter", "e", "enter")
        assert "1 operation written to" in words(screen_text(app))
        assert not UNSAFE.search(screen_text(app))
        path, entry = only_entry(tmp_path)
        assert entry["changes"][0]["fields"]["notes"]["after"] == HOSTILE
        await press(pilot, "e", "ctrl+a", "ctrl+k", f"={path}", "enter")
        assert "exists already" in words(screen_text(app))


async def test_a_restore_says_what_goes_beside_the_trips(store: Store) -> None:
    async with running(store) as (app, pilot):
        fill(store, stay("Peru", "2024-03-01", "2024-03-05"))
        backups.create(store, "sqlite")
        fill(store, stay("Chile", "2025-01-01", "2025-01-05"), stay("Chile", "2025-02-01", "2025-02-05"))
        set_preferences(store, {"dateFormat": "DD.MM.YYYY"})
        await press(pilot, "0", "enter")
        assert "1 trip. A backup of now" in words(screen_text(app))
        await press(pilot, "right", "enter")
        assert "moves 3 rows (2 trips, 1 message or setting): #3 Chile" in words(screen_text(app))
