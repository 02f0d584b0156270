"""The app in Korean at 80×24 and 60×20: every screen is Korean throughout, with nothing of it cut."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from import_pilot import MESSY, have_trips
from korean_screens import english_words, faults_of
from textual.pilot import Pilot
from tui_store import fill, fixed_today, import_text, press, running, stay

from dinotui.engine.preferences import set_preferences
from dinotui.locale import language, use_language
from dinotui.storage.store import Store

__all__ = ["fixed_today"]
Write = Callable[[str, str], Path]
SIZES = ((80, 24), (60, 20))
DATA = frozenset({"Kim"})
"""Words of the user's own that the program uses too."""


SWITCHED = ((80, 24), "en")
"""Walked in English, with a switch to Korean and back at each place."""


@pytest.fixture(params=[*((size, "ko") for size in SIZES), SWITCHED], ids=str)
def size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, int]]:
    """The size of the screen; the language that the walk begins in is spoken."""
    given, begun = request.param
    monkeypatch.setenv("LANG", "ko_KR.UTF-8" if begun == "ko" else "en_US.UTF-8")
    use_language(begun)
    yield given
    use_language("en")


class Walk:
    """Goes from screen to screen and gathers what is wrong with each."""

    def __init__(self, pilot: Pilot[Any], name: str) -> None:
        self.pilot = pilot
        self.switching = language() == "en"
        self.name = name
        self.words = english_words()
        self.faults: list[str] = []
        self.seen: list[str] = []

    async def to(self, place: str, *keys: str) -> None:
        """Press keys and look at the screen that they lead to."""
        await press(self.pilot, *keys)
        if self.switching:
            if self.pilot.app.screen.asking:  # type: ignore[attr-defined]
                return  # a question takes its answer and nothing else
            await press(self.pilot, "f2")
        await self.pilot.pause()
        assert language() == "ko"
        found = faults_of(self.pilot, self.words, DATA | self._told())
        self.faults += [f"{place}: {fault}" for fault in found]
        lines = [strip.text.rstrip() for strip in self.pilot.app.screen._compositor.render_strips()]
        self.seen += [f"=== {place} {found}", *lines]
        if self.switching:
            await press(self.pilot, "f2")

    def _told(self) -> frozenset[str]:
        """Return the words of what was told in English and is kept: messages, and the history's summaries."""
        if not self.switching:
            return frozenset()
        rows = self.pilot.app.context.database.rows(  # type: ignore[attr-defined]
            "SELECT title || ' ' || message FROM notification UNION ALL SELECT summary FROM operation"
        )
        return frozenset(re.findall(r"[A-Za-z'-]+", " ".join(row[0] for row in rows)))

    async def run(self, command: str, *keys: str) -> None:
        """Press keys that lead to the screen, and run a command of it that has no key."""
        await press(self.pilot, *keys)
        await self.pilot.app.screen.action_command(command)  # type: ignore[attr-defined]
        await self.to(command)

    def end(self) -> None:
        """Fail with everything that was found on the way; DINOTUI_SCREENS names a folder for the screens."""
        if folder := os.environ.get("DINOTUI_SCREENS"):
            name = f"{self.name}-switched" if self.switching else self.name
            Path(folder, f"{name}.txt").write_text("\n".join(self.seen) + "\n", "utf-8")
        assert not self.faults, "\n".join(self.faults)


def stays(store: Store) -> None:
    fill(
        store,
        stay("일본", "2024-03-02", "2024-03-09", maxDays="90", notes="오사카"),
        stay("프랑스", "2024-05-02", "2024-05-09", maxDays="5"),
        stay("프랑스", "2024-05-07", "2024-05-12"),
        stay("베트남", "2023-11-13", "2023-11-20", visaType="business"),
        stay("독일", "2026-01-05", maxDays="90"),
    )


@pytest.mark.usefixtures("fixed_today")
async def test_home_and_what_it_leads_to(store: Store, tmp_path: Path, size: tuple[int, int]) -> None:
    stays(store)
    import_text(store, tmp_path / "가져온.csv", "일본,2025-01-02,2025-01-08,tourist,\n")
    async with running(store, size=size) as (_app, pilot):
        walk = Walk(pilot, f"home-{size[0]}")
        await walk.to("home")
        await walk.to("help", "?")
        await walk.to("palette", "escape", ":")
        await walk.to("trips", "escape", "1")
        await walk.to("trips marked", "space")
        await walk.to("trip form", "enter")
        await walk.to("trip form, next field", "tab")
        await walk.to("new trip", "escape", "+")
        await walk.to("new trip refused", "enter")
        await walk.to("trip history", "escape", "h")
        await walk.to("duplicates", "escape", "2")
        await walk.to("trips filtered", "escape", "escape", "escape", "1", "/", "=없는 글", "enter")
        await walk.to("trips deleted", "escape", "delete")
        await walk.to("trips undo asked", "u")
        await walk.to("trips undone", "enter")
        await walk.to("history", "escape", "escape", "4")
        await walk.to("operation", "enter")
        await walk.to("history export", "escape", "e")
        await walk.to("backups", "escape", "b")
        await walk.to("backup form", "+")
        await walk.to("backup made", "enter")
        await walk.to("backup verified", "1")
        await walk.to("backup restore", "enter")
        await walk.to("backup restore asked", "right", "enter")
        await walk.to("restore a file", "escape", "3")
        await walk.to("backups thinned", "escape", "4")
        await walk.to("check", "escape", "escape", ";")
        walk.end()


@pytest.mark.usefixtures("fixed_today")
async def test_what_home_leads_to_besides(store: Store, write_file: Write, size: tuple[int, int]) -> None:
    stays(store)
    set_preferences(store, {"homePassport": "KR"})
    async with running(store, size=size) as (_app, pilot):
        walk = Walk(pilot, f"besides-{size[0]}")
        await walk.to("export", "3")
        await walk.to("export, CSV", "right")
        await walk.to("export, below", *["down"] * 5)
        await walk.to("export, last", *["down"] * 7)
        await walk.to("export profiles", "5")
        await walk.to("export profile saved", "+", "=해마다", "enter")
        await walk.to("statistics", "escape", "escape", "escape", "7")
        await walk.to("statistics: countries", "right")
        await walk.to("statistics: years", "right")
        await walk.to("statistics: schengen", "right")
        await walk.to("statistics: enter on", "=")
        await walk.to("statistics: entered", "=2026-05-01", "enter")
        await walk.to("statistics: gaps", "right")
        await walk.to("messages", "escape", "6")
        await walk.to("message read", "space")
        await walk.to("settings", "escape", "8")
        for number in range(8):
            await walk.to(f"settings {number}", "down")
        await walk.run("home.rules", "escape")
        await walk.to("rule", "+")
        await walk.to("rule refused", "enter")
        await walk.run("home.presets", "escape", "escape")
        walk.end()


async def test_the_wizard(store: Store, write_file: Write, size: tuple[int, int]) -> None:
    have_trips(store)
    file = write_file(
        "여행.csv", MESSY.replace("bad date", "나쁨").replace("which one", "어디").replace(" days", "일")
    )
    async with running(store, size=size) as (app, pilot):
        walk = Walk(pilot, f"wizard-{size[0]}")
        await walk.to("picker", "2")
        await press(pilot, "slash")
        app.screen.path_field.value = str(file)  # type: ignore[attr-defined]
        await walk.to("countries", "enter")
        await walk.to("country typed", "+")
        await walk.to("check", "escape", "0", "1", "enter")
        await walk.to("check, next view", "right")
        await walk.to("check, bad rows", "b")
        await walk.to("fix", "4")
        await walk.to("fix refused", "enter")
        await walk.to("rejects", "escape", "s")
        await walk.to("map", "escape", "p")
        await walk.to("map, one", "enter")
        await walk.to("map, given", "escape", "end")
        await walk.to("reading options", "o")
        await walk.to("presets", "escape", "*")
        await walk.to("preset saved", "+", "=여행사", "enter")
        await walk.to("planning options", "escape", "n", "o")
        await walk.to("planning options, below", *["tab"] * 8)
        await walk.to("review", "escape", "n")
        walk.end()


async def test_a_review_until_it_is_written(store: Store, write_file: Write, size: tuple[int, int]) -> None:
    names = ("일본", "프랑스", "이탈리아", "스페인", "독일")
    fill(
        store, *[stay(name, f"2024-0{n}-02", f"2024-0{n}-09", notes="집") for n, name in enumerate(names, 1)]
    )
    rows = "".join(f"{name},2024-0{n}-02,2024-0{n}-10,business,출장\n" for n, name in enumerate(names, 1))
    file = write_file("고침.csv", "국가,입국일,출국일,비자,메모\n" + rows)
    async with running(store, size=size) as (app, pilot):
        walk = Walk(pilot, f"review-{size[0]}")
        await press(pilot, "2", "slash")
        app.screen.path_field.value = str(file)  # type: ignore[attr-defined]
        await press(pilot, "enter", "n")
        await walk.to("conflict")
        await walk.to("equal shown", "=")
        await walk.to("chosen", "=", "2")
        await walk.to("typed", "4")
        await walk.to("alike asked", "escape", "1", "1", "1", "a")
        await walk.to("alike not", "escape")
        await walk.to("by rule", "8")
        await walk.to("only some", "escape", "/")
        await walk.to("go to", "escape", "g")
        await walk.to("separate", "escape", "5")
        await walk.to("left out", "6")
        await walk.to("later", "7")
        await walk.to("taken back", "u")
        await walk.to("done", "7", "7", "7", "n")
        await walk.to("written", "enter")
        await walk.to("changed rows", "2")
        await walk.to("home", "escape", "escape", "escape")
        walk.end()
