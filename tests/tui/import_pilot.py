"""Driving imports in the real app over a real database: a messy file, the trips it meets, keys and texts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from dinotui.engine import trips
from dinotui.storage.store import Store
from dinotui.tui import doors
from dinotui.tui.app import DinoApp
from dinotui.tui.screens.base import DinoScreen
from dinotui.tui.start import make_app

MESSY = """\
국가,입국일,출국일,비자,최대 체류일,여권,메모
일본,02.03.2024,10.03.2024,business,90,KR,오사카 출장
프랑스,02.05.2024,09.05.2024,tourist,90,KR,
스페인,30.02.2024,05.03.2024,tourist,,,bad date
Korea,01.04.2024,05.04.2024,tourist,,,which one
태국,14.01.2023,28.01.2023,tourist,90 days,KR,
태국,14.01.2023,28.01.2023,tourist,90 days,KR,
Atlantis,03.02.2022,09.02.2022,tourist,,,
이탈리아,01.07.2024,10.07.2024,tourist ,90,KR,"one, ""two\"\""
일본,03.09.2023,11.09.2023,tourist,90,KR,
베트남,13.11.2023,20.11.2023,tourist,,KR,
"""
"""Korean, day-first dates, a bad one, an unknown and an ambiguous country, repeats inside and outside."""

HAVE = (
    ("Japan", "2024-03-02", "2024-03-09", "tourist", "90", ""),
    ("France", "2024-05-02", "2024-05-09", "tourist", "90", ""),
    ("Japan", "2023-09-03", "2023-09-10", "tourist", "90", "with Min"),
    ("Vietnam", "2023-11-13", "2023-11-20", "business", "", ""),
    ("South Korea", "2024-03-10", "2024-03-20", "resident", "", "home"),
)

HOSTILE = "[/x] \x1b]52;c;ZXZpbA==\x07 \u202ereversed\u202c end"
"""Markup, a clipboard escape sequence, and text that turns the reading direction."""

SIZES = ((80, 24), (120, 40), (60, 20))


def have_trips(store: Store) -> None:
    """Add the trips that the messy file meets."""
    names = ("country", "entryDate", "exitDate", "visaType", "maxDays", "notes")
    for values in HAVE:
        trips.add_trip(store, {**dict(zip(names, values, strict=True)), "passportCountry": "KR"})


def trip_rows(store: Store) -> list[tuple[Any, ...]]:
    """Return all trips in the order of their numbers."""
    return store.database.rows(
        "SELECT number, country, country_code, entry_day, exit_day, visa_type, max_days, notes FROM trip"
        " ORDER BY number"
    )


def app_over(store: Store, paths: Sequence[Path] = (), *, review: str | None = None) -> DinoApp:
    """Return the app with an import of `paths`, or a review, over Home."""

    def opening(home: DinoScreen) -> None:
        if review is not None:
            doors.open_review(home, review)
        elif paths:
            doors.open_import(home, paths)

    return make_app(store, opening=opening)


async def settle(pilot: Pilot[Any]) -> None:
    """Wait until nothing is under way any more."""
    app = pilot.app
    assert isinstance(app, DinoApp)
    end, quiet = time.monotonic() + 30, 0
    while time.monotonic() < end:
        reading = any(thread.name == "background-reading" for thread in threading.enumerate())
        drawn = app.front is not None and "".join(lines_of(pilot))
        quiet = quiet + 1 if drawn and not reading and not app.jobs.all else 0
        if quiet > 2:  # a key's message may still be on its way to the one who begins the work
            return
        await pilot.pause(None if quiet else 0.005)
    raise AssertionError("something is under way for ever")


async def until(pilot: Pilot[Any], happened: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait until something has happened, and then for all that it began."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, f"it did not happen: {text_of(pilot)}"
        await pilot.pause(0.01)
    await settle(pilot)


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys one by one, each after what the one before began is done."""
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


async def write(pilot: Pilot[Any], text: str) -> None:
    """Type text at once."""
    await pilot.press(*[{" ": "space", "-": "minus", ".": "full_stop"}.get(sign, sign) for sign in text])
    await settle(pilot)


def lines_of(pilot: Pilot[Any]) -> list[str]:
    """Return what the terminal shows, a line each."""
    return [strip.text.rstrip() for strip in pilot.app.screen._compositor.render_strips()]


def text_of(pilot: Pilot[Any]) -> str:
    """Return what the terminal shows."""
    return "\n".join(lines_of(pilot))


def assert_harmless(pilot: Pilot[Any]) -> None:
    """No character on the screen acts on a terminal."""
    text = text_of(pilot)
    for sign in ("\x1b", "\x07", "\u202e", "\u202c", "\x9b"):
        assert sign not in text, repr(sign)
