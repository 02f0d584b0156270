"""What the status line says goes when it is no longer so: with the next thing the user does, at the latest."""

from __future__ import annotations

from pathlib import Path

import pytest
from tui_store import fill, import_text, press, running, screen_text, settled, stay

from dinotui.engine.preferences import get_preferences
from dinotui.storage.store import Store
from dinotui.tui.widgets.status import StatusLine


def said(app: object) -> str:
    """Return what the status line of the screen in front says."""
    return app.screen.query_one(StatusLine).text  # type: ignore[attr-defined]


async def test_home_does_not_say_that_an_applied_import_waits(store: Store, tmp_path: Path) -> None:
    fill(store, stay("Japan", "2024-01-01"))
    import_text(store, tmp_path / "later.csv", "Spain,2020-03-02,2020-03-04,tourist,\n", apply=False)
    async with running(store) as (app, pilot):
        await press(pilot, "5", *["escape"] * 6)
        assert "later.csv waits" in said(app)
        await press(pilot, "down", "?", "escape")
        assert "later.csv waits" in said(app), "looking round takes nothing away"
        await press(pilot, "5", "n", "n")
        await press(pilot, "enter")
        await settled(pilot)
        for _try in range(4):
            if app.at_home:
                break
            await press(pilot, "escape")
        assert app.at_home
        assert "waits" not in said(app)


async def test_what_was_written_is_not_said_about_other_settings(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    fill(store, stay("Japan", "2024-01-01"))
    async with running(store) as (app, pilot):
        await press(pilot, "3", "w")
        assert "verified" in said(app)
        await press(pilot, "down", "right")
        assert said(app) == ""
        await press(pilot, "left", "up", "w", "1")
        assert "verified" in said(app)
        await press(pilot, "up", "backspace")
        assert said(app) == "", "another name was begun"


async def test_a_question_stands_alone(store: Store) -> None:
    fill(store, stay("Japan", "2024-01-01"))
    async with running(store) as (app, pilot):
        await press(pilot, "4")
        app.say("Changed #1 Japan.", "warn")
        await press(pilot, "u")
        assert "Undo “" in screen_text(app)
        assert said(app) == ""


async def test_settings_say_what_is_stored_beside_what_is_wrong(store: Store) -> None:
    async with running(store) as (app, pilot):
        await press(pilot, "8", "right", "enter")
        assert said(app).startswith("Stored: Language.")
        await press(pilot, "down", "down", "=Nowhere")
        assert "There is no time zone" in screen_text(app)
        assert said(app) == ""
        await press(pilot, "escape")
        assert "was not stored" in said(app)
        await press(pilot, "8", *["backspace"] * 7, "escape")
        assert said(app) == ""
        assert get_preferences(store).time_zone is None
