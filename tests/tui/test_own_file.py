"""The database file is deleted, replaced, or has no room under the running app: a sentence, and nothing lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tui_store import fill, press, running, screen_text, settled, stay

import dinotui.tui.screens.trip_form as trip_form
from dinotui.domain.errors import StorageError
from dinotui.engine.trips import add_trip
from dinotui.storage.store import Store
from dinotui.storage.trips import TripFilter, count

NEW = ("+", "=Peru", "down", "=2024-05-01", "down", "down", "=tourist")


def words(text: str) -> str:
    return " ".join(text.split())


async def test_a_deleted_database_is_said_and_no_new_one_is_made(store: Store) -> None:
    fill(store, stay("Japan", "2024-01-01"))
    async with running(store) as (app, pilot):
        await press(pilot, "1", *NEW)
        kept = store.path.with_name("kept.db")
        store.path.rename(kept)
        await press(pilot, "enter")
        assert "was deleted or moved while it was open" in words(screen_text(app))
        assert "Peru" in screen_text(app), "what was typed is still there"
        assert not store.path.exists()
        kept.rename(store.path)
        await press(pilot, "enter")
        assert "Added #2 Peru" in screen_text(app), "the file is back, and so is everything"


async def test_a_replaced_database_is_not_written(store: Store, tmp_path: Path) -> None:
    fill(store, stay("Japan", "2024-01-01"))
    other = tmp_path / "other.db"
    with Store(other, "Kim") as another:
        fill(another, stay("Spain", "2023-01-01"))
    async with running(store) as (app, pilot):
        await press(pilot, "1")
        shutil.move(other, store.path)
        for _turn in range(200):
            await pilot.pause(0.02)
            if "was replaced by another" in words(screen_text(app)):
                break
        assert "was replaced by another" in words(screen_text(app)), "within a second or two, unasked"
        await press(pilot, *NEW, "enter")
        assert "was replaced by another" in words(screen_text(app))
    with Store(store.path, "Kim") as now:
        assert count(now, TripFilter()) == 1


async def test_a_full_disk_loses_nothing_that_was_typed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, stay("Japan", "2024-01-01"))

    def full(*_given: object, **_named: object) -> None:
        raise StorageError("disk-full", "The disk is full. Free some space and try again.")

    async with running(store) as (app, pilot):
        await press(pilot, "1", *NEW)
        with monkeypatch.context() as patch:
            patch.setattr(trip_form, "add_trip", full)
            await press(pilot, "enter")
            assert "The disk is full" in screen_text(app)
            assert "Peru" in screen_text(app)
        await press(pilot, "enter")
        assert "Added #2 Peru" in screen_text(app)


async def test_a_change_in_one_window_shows_in_the_other(store: Store) -> None:
    fill(store, stay("Japan", "2024-01-01"))
    async with running(store) as (app, pilot):
        await press(pilot, "1")
        with store.sibling() as other:
            add_trip(other, stay("Peru", "2024-05-01"))
            for _turn in range(200):
                await pilot.pause(0.02)
                if "Peru" in screen_text(app):
                    break
            assert "Peru" in screen_text(app)
            from dinotui.engine import history

            history.undo(other)
        for _turn in range(200):
            await pilot.pause(0.02)
            if "Peru" not in screen_text(app):
                break
        await settled(pilot)
        assert "1 of 1" in screen_text(app)
        assert "Japan" in screen_text(app)
