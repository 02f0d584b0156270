"""The real app over a real database for tests: opening, waiting until nothing is under way, reading the screen."""

from __future__ import annotations

import asyncio
import os
import re
import threading
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

import dinotui.engine.schengen
from dinotui.domain.configuration import ImportConfiguration
from dinotui.domain.dates import iso_day
from dinotui.domain.settings import ImportSettings
from dinotui.engine.importing.applying import apply_import
from dinotui.engine.importing.planning import plan_import
from dinotui.engine.importing.reading import SourceFile, stage_files
from dinotui.engine.importing.understanding import understand
from dinotui.engine.trips import add_trip
from dinotui.storage.store import Store
from dinotui.tui.app import DinoApp
from dinotui.tui.start import make_app
from dinotui.tui.widgets.text_field import TextField

SNAPSHOTS = Path(__file__).with_name("snapshots")
HOSTILE = "[/x]\x1b]52;c;aGk=\x07\u202etxt.exe\x9b31m"
"""Markup, an escape sequence that writes the clipboard, a text turned round, a C1 control."""

UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
TODAY = "2026-03-15"


@pytest.fixture
def fixed_today(monkeypatch: pytest.MonkeyPatch) -> int:
    """Make every screen believe that it is `TODAY`."""
    day = iso_day(TODAY)
    assert day is not None
    monkeypatch.setattr(dinotui.engine.schengen, "today", lambda _zone: day)
    return day


def stay(country: str, entry: str, leaving: str = "", **more: str) -> dict[str, str]:
    """Return the fields of a trip as typed."""
    return {"country": country, "entryDate": entry, "exitDate": leaving, "visaType": "tourist", **more}


def fill(store: Store, *stays: Mapping[str, str]) -> list[str]:
    """Add trips and return their ids."""
    return [add_trip(store, fields)[0].id for fields in stays]


def import_text(store: Store, path: Path, rows: str, *, apply: bool = True) -> str:
    """Import CSV rows (country, entry, exit, visa, notes) and return the import's id; or only stage them."""
    path.write_text("Country,Entry Date,Exit Date,Visa Type,Notes\n" + rows, "utf-8")
    staging = stage_files([SourceFile(path, path.name)], ImportSettings(), ImportConfiguration(), store)
    try:
        understand(staging)
        plan_import(staging, store)
        found = str(staging.meta("importId"))
        if apply:
            apply_import(staging, store)
    finally:
        staging.close()
    return found


@asynccontextmanager
async def running(
    store: Store, size: tuple[int, int] = (80, 24), **options: Any
) -> AsyncIterator[tuple[DinoApp, Pilot[None]]]:
    """Run the app over `store` and wait until it shows everything."""
    app = make_app(store, **options)
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        yield app, pilot


async def settled(pilot: Pilot[Any]) -> None:
    """Wait until no job and no reading is under way and everything is drawn."""
    app = pilot.app
    assert isinstance(app, DinoApp)
    end = time.monotonic() + 15
    quiet = False
    while time.monotonic() < end:
        reading = any(thread.name == "background-reading" for thread in threading.enumerate())
        if not app.jobs.all and not reading:
            if quiet:
                return
            quiet = True
            await pilot.pause()
        else:
            quiet = False
            await asyncio.sleep(0.01)
    raise AssertionError("something is still under way")


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys, and wait until what they began is done; ``=text`` puts a text into the field at once."""
    for key in keys:
        field = pilot.app.focused
        if key.startswith("=") and len(key) > 1:
            assert isinstance(field, TextField), f"{field} takes no text"
            field.insert_text_at_cursor(key[1:])
        else:
            await pilot.press(key)
    await settled(pilot)


def screen_lines(app: DinoApp) -> list[str]:
    """Return what the screen shows, line by line."""
    return [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]


def screen_text(app: DinoApp) -> str:
    """Return what the screen shows."""
    return "\n".join(screen_lines(app))


def check_snapshot(app: DinoApp, name: str) -> None:
    """Compare the screen with the stored picture of it; DINOTUI_SNAPSHOTS=update stores it anew.

    Times of day and the day on which trips were made differ from run to run and are left out.
    """
    text = screen_text(app) + "\n"
    text = re.sub(r"\d\d:\d\d", "hh:mm", text)
    text = re.sub(r"20\d\d-\d\d-\d\d hh:mm", "date       hh:mm", text)
    text = re.sub(r"\(manual, 20\d\d-\d\d-\d\d\)", "(manual, yyyy-mm-dd)", text)
    path = SNAPSHOTS / f"{name}.txt"
    if os.environ.get("DINOTUI_SNAPSHOTS") == "update":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8"), f"{name} looks different"


def assert_harmless(app: DinoApp) -> None:
    """Check that nothing on the screen could act on a terminal, and that the hostile text is to be seen."""
    text = screen_text(app)
    assert not UNSAFE.search(text)
    assert "[/x]" in text
