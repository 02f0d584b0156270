"""Choosing files and filling in forms."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tui_fakes
from textual.pilot import Pilot

from dinotui.domain.preferences import Preferences
from dinotui.tui.app import DinoApp
from dinotui.tui.cells import Cell
from dinotui.tui.screens.file_picker import FilePicker
from dinotui.tui.view import use_preferences
from dinotui.tui.widgets.folder import completed, entries_of, entry_row, size_text
from dinotui.tui.widgets.form import Form

Chosen = list[Any]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    here = tmp_path / "files"
    here.mkdir()
    for name in ("trips.csv", "old.XLSX", "readme.md", ".hidden.json", "여행.json", "a\x1b[2Jb.csv"):
        (here / name).write_bytes(b"x" * 1500)
    (here / "archive").mkdir()
    (here / "archive" / "inner.zip").write_bytes(b"")
    (here / "broken.csv").symlink_to(here / "nowhere")
    return here


@pytest.fixture
def picker(folder: Path) -> Callable[..., tuple[DinoApp, Chosen]]:
    def make(**options: Any) -> tuple[DinoApp, Chosen]:
        chosen: Chosen = []
        app = tui_fakes.app()
        options.setdefault("start", folder)
        app.call_later(lambda: app.push_screen(FilePicker(**options), chosen.append))
        return app, chosen

    return make


async def ready(pilot: Pilot[Any]) -> FilePicker:
    await pilot.pause(0.05)
    await pilot.pause()
    screen = pilot.app.screen
    assert isinstance(screen, FilePicker)
    return screen


def text_of(pilot: Pilot[Any]) -> str:
    return "\n".join(strip.text.rstrip() for strip in pilot.app.screen._compositor.render_strips())


def test_importable_files_come_first_then_folders_then_the_rest(folder: Path) -> None:
    names = [entry.path.name for entry in entries_of(folder, hidden=False)]
    assert names == [
        "a\x1b[2Jb.csv",
        "broken.csv",
        "old.XLSX",
        "trips.csv",
        "여행.json",
        "archive",
        "readme.md",
    ]
    assert ".hidden.json" in [entry.path.name for entry in entries_of(folder, hidden=True)]


def test_paths_complete_as_far_as_names_agree(folder: Path) -> None:
    assert completed(f"{folder}/tr") == (f"{folder}/trips.csv", 1)
    assert completed(f"{folder}/arch") == (f"{folder}/archive/", 1)
    (folder / "trips2.csv").touch()
    assert completed(f"{folder}/tr") == (f"{folder}/trips", 2)
    assert completed(f"{folder}/zzz") == (f"{folder}/zzz", 0)
    assert completed("/no/such/folder/x") == ("/no/such/folder/x", 0)
    assert [size_text(size) for size in (0, 999, 1500, 14_400, 3_200_000)] == [
        "0 B",
        "999 B",
        "1.5 kB",
        "14 kB",
        "3.2 MB",
    ]


async def test_a_file_is_chosen_by_its_first_letters(picker: Any, folder: Path) -> None:
    app, chosen = picker()
    async with app.run_test() as pilot:
        await ready(pilot)
        await pilot.press("t", "r", "enter")
        await pilot.pause()
        assert chosen == [(folder / "trips.csv",)]


async def test_hostile_and_hidden_names_are_shown_as_they_should(picker: Any) -> None:
    app, _chosen = picker()
    async with app.run_test() as pilot:
        await ready(pilot)
        assert "a␛[2Jb.csv" in text_of(pilot)
        assert ".hidden.json" not in text_of(pilot)
        await pilot.press(".")
        await pilot.pause()
        assert ".hidden.json" in text_of(pilot)


async def test_folders_open_and_backspace_goes_up_onto_the_folder(picker: Any, folder: Path) -> None:
    app, chosen = picker()
    async with app.run_test() as pilot:
        screen = await ready(pilot)
        await pilot.press("a", "r", "enter")
        await pilot.pause()
        assert screen.folder == folder / "archive"
        await pilot.press("backspace")
        await pilot.pause()
        assert screen.folder == folder
        row = screen.files.current
        assert row is not None
        assert row.key == folder / "archive"
        await pilot.press("escape")
        await pilot.pause()
        assert chosen == [None]
        assert app.memory["files"]["folder"] == folder


async def test_several_files_are_marked_and_chosen_in_order(picker: Any, folder: Path) -> None:
    app, chosen = picker()
    async with app.run_test() as pilot:
        await ready(pilot)
        await pilot.press("t", "space", "o", "space", "enter")
        await pilot.pause()
        assert chosen == [(folder / "trips.csv", folder / "old.XLSX")]


async def test_a_path_is_typed_with_completion(picker: Any, folder: Path) -> None:
    app, chosen = picker()
    async with app.run_test() as pilot:
        screen = await ready(pilot)
        await pilot.press("slash", *"tri", "tab")
        await pilot.pause()
        assert screen.path_field.value == f"{folder}/trips.csv"
        await pilot.press(*"x", "enter")
        await pilot.pause()
        assert "There is no" in text_of(pilot)
        await pilot.press("backspace", "enter")
        await pilot.pause()
        assert chosen == [(folder / "trips.csv",)]


async def test_recent_files_come_first_and_missing_ones_not_at_all(picker: Any, tmp_path: Path) -> None:
    recent = tmp_path / "last.json"
    recent.touch()
    app, chosen = picker(recent=[recent, tmp_path / "gone.json"])
    async with app.run_test() as pilot:
        await ready(pilot)
        assert "last.json" in text_of(pilot)
        assert "gone.json" not in text_of(pilot)
        await pilot.press("enter")
        await pilot.pause()
        assert chosen == [(recent,)]


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)])
async def test_a_form_moves_chooses_and_shows_faults_in_place(size: tuple[int, int]) -> None:
    app = tui_fakes.app()
    async with app.run_test(size=size) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        form = app.screen.query_one(Form)
        assert form.control("country").has_focus
        assert not form.changed
        await pilot.press("up")
        assert form.control("notes").has_focus
        await pilot.press(*"! 부산", "tab", "tab", "down", "enter")
        await pilot.pause()
        assert "! The exit date is missing" in text_of(pilot)
        assert form.control("exit").has_focus
        await pilot.press(*"2024-03-09", "down", "left", "down", "space")
        await pilot.pause()
        assert form.values == {
            "country": "Japan",
            "entry": "2024-03-02",
            "exit": "2024-03-09",
            "visa": "working holiday",
            "alert": "no",
            "notes": "오사카 출장! 부산",
        }
        assert form.changed
        assert "< working holiday >" in text_of(pilot)
        assert "[ ]" in text_of(pilot)


async def test_control_characters_in_a_field_are_kept_but_shown_as_pictures() -> None:
    app = tui_fakes.app()
    async with app.run_test() as pilot:
        await pilot.press("enter")
        await pilot.pause()
        form = app.screen.query_one(Form)
        form.set_values({"notes": "a\nb\x1b[31m"})
        form.focus_field("notes")
        await pilot.press("end", "!")
        await pilot.pause()
        assert form.values["notes"] == "a\nb\x1b[31m!"
        assert "a␊b␛[31m!" in text_of(pilot)


def test_the_times_of_files_are_shown_in_the_users_zone_and_form(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.touch()
    os.utime(file, (0, 0))
    try:
        use_preferences(Preferences(time_zone="Asia/Seoul", date_format="DD.MM.YYYY"))
        (entry,) = entries_of(tmp_path, hidden=False)
        assert entry_row(entry).cells[2] == Cell("01.01.1970 09:00", "dim")
    finally:
        use_preferences(Preferences())
