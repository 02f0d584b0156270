"""Hostile text on every screen of the real app: nothing of it acts on the terminal, all of it is to be seen."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from rich.color import ColorSystem
from tui_store import UNSAFE, fill, import_text, press, screen_text, settled, stay

from dinotui.engine.notifications import add_notification
from dinotui.engine.trips import edit_trip
from dinotui.storage.store import Store
from dinotui.tui import doors
from dinotui.tui.app import DinoApp
from dinotui.tui.frames import Frame
from dinotui.tui.recent import remember_files
from dinotui.tui.start import make_app

SIZES = ((80, 24), (120, 40)) if os.environ.get("DINOTUI_SWEEP") else ((80, 24),)
EVIL = "[/x]\x1b]52;c;ZQ==\x07\u202e!"
"""Markup, a clipboard sequence, a text turned round: short, so that all of it has room in a narrow column."""

SEEN = re.compile("␛|⟨U\\+202E|␇")
"""What is left of it on the screen, at least in part where a column cuts it."""

IN_NAMES = EVIL.replace("/", "∕")
COMMANDS = re.compile("\x1b\\[[0-9;]*[Hm]")
"""Moving the cursor and choosing colours: all that drawing a screen needs."""


class Way(NamedTuple):
    """How a screen is reached: which data there are, what is opened over Home, which keys are pressed."""

    data: str
    keys: tuple[str, ...]
    title: str


FULL, FRESH, FILE = "full", "fresh", "file"
FIRST = ("0", "0", "n")  # two unknown countries are left without a code
WAYS = {
    "home": Way(FULL, (), "Home"),
    "first start": Way(FRESH, (), "2 Import"),
    "trips": Way(FULL, ("1",), "Trips"),
    "trip detail": Way(FULL, ("1", "down"), "Trips"),
    "trip form": Way(FULL, ("1", "end", "enter"), "Trips > #"),
    "history": Way(FULL, ("4",), "History"),
    "operation": Way(FULL, ("4", "enter"), "Edit"),
    "undo question": Way(FULL, ("4", "enter", "u"), "Edit"),
    "import in the log": Way(FULL, ("4", "end", "enter"), "Import"),
    "export": Way(FULL, ("3",), "Export"),
    "statistics": Way(FULL, ("7", "2"), "Statistics"),
    "settings": Way(FULL, ("8",), "Settings"),
    "messages": Way(FULL, ("6",), "Messages"),
    "file picker": Way(FULL, ("2",), "Choose files"),
    "palette": Way(FILE, ("escape", "colon"), "Palette"),
    "help": Way(FILE, ("escape", "question_mark"), "Help"),
    "countries": Way(FILE, (), "Countries"),
    "type a country": Way(FILE, ("+",), "Countries >"),
    "check": Way(FILE, FIRST, "CHECK"),
    "fix": Way(FILE, (*FIRST, "b", "4"), "Row"),
    "map": Way(FILE, (*FIRST, "p"), "MAP"),
    "reading options": Way(FILE, (*FIRST, "p", "o"), "How the file is read"),
    "plan options": Way(FILE, (*FIRST, "o"), "What is planned"),
    "rejects": Way(FILE, (*FIRST, "s"), "Save rejects"),
    "review": Way(FILE, (*FIRST, "n"), "Review"),
    "type a value": Way(FILE, (*FIRST, "n", "4"), "Review >"),
    "done": Way(FILE, (*FIRST, "n", "7"), "DONE"),
    "written": Way(FILE, (*FIRST, "n", "7", "enter"), "DONE"),
}


@pytest.fixture
def evil_store(tmp_path: Path) -> Iterator[Callable[[str], Store]]:
    """Open a database of a user with a hostile name, with hostile data or without."""
    opened: list[Store] = []

    def make(data: str) -> Store:
        folder = tmp_path / IN_NAMES
        store = Store(folder / "dinotui.db", EVIL)
        opened.append(store)
        if data == FULL:
            import_text(store, folder / f"{IN_NAMES}.csv", "Japan,2024-03-02,2024-03-04,tourist,\n")
            [first, *_rest] = fill(
                store,
                *(
                    stay(EVIL, f"20{year}-01-01", f"20{year}-01-03", notes=EVIL, visaType=EVIL)
                    for year in (20, 21)
                ),
            )
            add_notification(store, "overstay", EVIL, EVIL, trip_id=first)
            edit_trip(store, first, {"notes": EVIL + "2", "country": EVIL + "2"})
            remember_files(store, [folder / f"{IN_NAMES}.csv"])
            import_text(
                store, folder / f"{IN_NAMES}2.csv", "Japan,2024-03-02,2024-03-05,work,\n", apply=False
            )
        elif data == FILE:
            fill(store, stay("Japan", "2024-03-02", "2024-03-09", visaType=EVIL, notes=EVIL))
        return store

    yield make
    for store in opened:
        store.close()


def evil_file(folder: Path) -> Path:
    path = folder / f"{IN_NAMES}.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow([EVIL, "Country", "Entry Date", "Exit Date", "Visa Type", "Notes"])
        writer.writerow([EVIL, EVIL, "2024-06-02", "2024-06-10", "tourist", EVIL])
        writer.writerow([EVIL, EVIL + "2", "2024-07-02", "2024-07-10", "tourist", EVIL])
        writer.writerow([EVIL, "Japan", "2024-03-02", "2024-03-10", EVIL + "2", EVIL + "2"])
        writer.writerow([EVIL, "Japan", EVIL, "2024-03-10", "tourist", EVIL])
    return path


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", list(WAYS))
async def test_hostile_text_is_seen_and_harms_nothing(
    name: str,
    size: tuple[int, int],
    evil_store: Callable[[str], Store],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    way = WAYS[name]
    store = evil_store(way.data)
    monkeypatch.chdir(store.path.parent)  # the export's file and the picker's folder have the name, too
    file = evil_file(store.path.parent) if way.data == FILE else None

    def opening(home: object) -> None:
        if file is not None:
            doors.open_import(home, [file])  # type: ignore[arg-type]

    app = make_app(store, opening=opening)
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        await press(pilot, *way.keys)
        assert way.title in re.sub(" +", " ", screen_text(app))
        assert_tame(app)


def assert_tame(app: DinoApp) -> None:
    """Check the bytes that a terminal would get, and that the text is on the screen in its escaped form."""
    strips = app.screen._compositor.render_strips()
    sent = Frame().update([[strip] for strip in strips], ColorSystem.TRUECOLOR)
    assert not UNSAFE.search(COMMANDS.sub("", sent))
    text = screen_text(app)
    assert "[/x]" in text or "[∕x]" in text, text
    assert SEEN.search(text), text


async def test_titles_and_notifications_are_tame_as_well(evil_store: Callable[[str], Store]) -> None:
    """The window title is data, too: a terminal takes it from an escape sequence."""
    app = make_app(evil_store(FULL))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        app.title = EVIL
        assert not UNSAFE.search(app.title)
        app.notify(EVIL, title=EVIL)
        await pilot.pause()
        assert_tame(app)
