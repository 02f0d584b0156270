"""The frame of the app, driven key by key: what every screen has and what every key means."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
import tui_fakes
from textual import events
from textual.pilot import Pilot

from dinotui.domain.errors import DinoError
from dinotui.locale import language
from dinotui.tui.app import DinoApp
from dinotui.tui.everywhere import Hooks
from dinotui.tui.keys import HANGUL
from dinotui.tui.screens.base import DinoScreen
from dinotui.tui.screens.help import HelpScreen
from dinotui.tui.screens.palette import PaletteScreen
from dinotui.tui.widgets.form import Form
from dinotui.tui.widgets.paged_list import PagedList
from dinotui.tui.widgets.status import StatusLine

SIZES = [(80, 24), (120, 40), (60, 20)]


def shown(app: DinoApp) -> list[str]:
    """Return the lines on the screen as text."""
    return [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]


def home(app: DinoApp) -> tui_fakes.TripsScreen:
    screen = app.screen_stack[0]
    assert isinstance(screen, tui_fakes.TripsScreen)
    return screen


async def settle(pilot: Pilot[Any], seconds: float = 0.0) -> None:
    await pilot.pause(seconds)
    await pilot.pause()


@pytest.mark.parametrize("size", SIZES)
async def test_every_screen_has_crumbs_and_a_footer_that_ends_with_help(size: tuple[int, int]) -> None:
    app = tui_fakes.app()
    async with app.run_test(size=size) as pilot:
        for keys, crumb in (
            ((), "Home"),
            (("enter", "down", "down", "down"), "Home > trip #412"),
            (("f1",), "Home > trip #412 > Help"),
        ):
            await pilot.press(*keys)
            await settle(pilot)
            lines = shown(app)
            assert len(lines) == size[1]
            assert lines[0].startswith(f" {crumb}")
            assert lines[-1].endswith("? help")
            assert max(len(line) for line in lines) <= size[0]


async def test_the_footer_shows_only_keys_that_get_through() -> None:
    app = tui_fakes.app()
    async with app.run_test() as pilot:
        await pilot.press("/")
        await settle(pilot)
        footer = shown(app)[-1]
        assert footer.endswith("F1 ? help")
        assert "Ctrl+P palette" in footer
        assert " : palette" not in footer
        assert "5 work" not in footer
        await pilot.press("escape", "delete")
        await settle(pilot)
        assert shown(app)[-1] == " ? help"
        await pilot.press("?")
        await settle(pilot)
        assert isinstance(app.screen, HelpScreen)
        await pilot.press("escape", "1")
        await settle(pilot)
        assert home(app).done == [True], "the question is still there after help"


async def test_a_narrow_list_marks_the_columns_it_drops_and_the_cells_it_cuts() -> None:
    app = tui_fakes.app()
    async with app.run_test(size=(60, 20)) as pilot:
        await settle(pilot)
        assert shown(app)[2].endswith("+1>")
    async with tui_fakes.app().run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert any("family visit, …" in line for line in shown(pilot.app))  # type: ignore[arg-type]


async def test_arrows_letters_and_hangul_move_the_cursor() -> None:
    app = tui_fakes.app()
    async with app.run_test() as pilot:
        trips = home(app).trips
        for key, place in (
            ("down", 1),
            ("j", 2),
            ("ㅓ", 3),
            ("J", 4),
            ("k", 3),
            ("ㅏ", 2),
            ("up", 1),
            ("end", 1203),
            ("home", 0),
        ):
            await pilot.press(key)
            assert trips.cursor == place, key
        await pilot.press("pagedown")
        assert trips.cursor == trips.page


async def test_hangul_letters_are_themselves_in_a_text_field() -> None:
    app = tui_fakes.app()
    async with app.run_test() as pilot:
        await pilot.press("/", "ㅂ", "q", "Q")
        await settle(pilot, 0.3)
        assert home(app).filter_text == "ㅂqQ"
        assert home(app).is_current


def test_every_letter_of_the_korean_keyboard_is_a_key() -> None:
    assert set(HANGUL.values()) == set("abcdefghijklmnopqrstuvwxyz")
    assert len(HANGUL) == 33


async def test_escape_never_quits_and_q_does_so_only_at_home() -> None:
    app = tui_fakes.app()
    async with app.run_test() as pilot:
        await pilot.press("escape", "escape", "escape")
        assert app.is_running
        assert app.at_home
        await pilot.press("?")
        await settle(pilot)
        assert isinstance(app.screen, HelpScreen)
        await pilot.press("q")
        await settle(pilot)
        assert app.at_home
        await pilot.press("ㅂ")
        await settle(pilot)
        assert app.return_code == 0
        assert not app.is_running


async def test_control_q_and_control_c_ask_and_answering_needs_another_key() -> None:
    app = tui_fakes.app()
    async with app.run_test() as pilot:
        for key in ("ctrl+q", "ctrl+c"):
            await pilot.press(key)
            await settle(pilot)
            assert home(app).asking
            await pilot.press(key, "q", "a", "space", "delete")
            await settle(pilot)
            assert home(app).asking
            assert home(app).done == []
            await pilot.press("escape")
            await settle(pilot)
            assert not home(app).asking
            assert home(app).trips.has_focus
        await pilot.press("ctrl+c", "enter")
        await settle(pilot)
        assert app.return_code == 0


async def test_a_confirmation_names_what_goes_and_takes_one_key() -> None:
    app = tui_fakes.app()
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.press("delete")
        await settle(pilot)
        text = "\n".join(shown(app))
        assert "Delete 3 trips? They go for good." in text
        assert "1 delete" in text
        assert "Esc keep" in text
        await pilot.press("delete", "enter", "x")
        assert home(app).done == []
        await pilot.press("1")
        assert home(app).done == [True]


async def test_the_filter_stays_in_sight_until_it_is_cleared() -> None:
    app = tui_fakes.app()
    async with app.run_test() as pilot:
        await pilot.press("/", *"japan")
        await settle(pilot, 0.3)
        await pilot.press("enter", "down")
        await settle(pilot)
        assert home(app).trips.count == 120
        assert shown(app)[2].startswith(" / japan")
        assert home(app).trips.cursor == 1
        await pilot.press("escape")
        await settle(pilot)
        assert home(app).trips.count == 1204
        assert "japan" not in "\n".join(shown(app)[:4])
        assert app.at_home


async def test_help_lists_every_key_and_says_why_one_is_off() -> None:
    app = tui_fakes.app()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("?")
        await settle(pilot)
        text = "\n".join(shown(app))
        for said in ("+ a", "Add a trip", "Ctrl+C", "F2", "PgDn", "(off) Export it: no trip is marked"):
            assert said in text
        await pilot.press("/", *"undo the")
        await settle(pilot, 0.3)
        assert shown(app)[-2].endswith("after saying what: there is nothing to undo")
        await pilot.press("escape", "/", *"add a")
        await settle(pilot, 0.3)
        await pilot.press("enter", "enter")
        await settle(pilot)
        assert home(app).done == ["add"]
        assert app.at_home


async def test_the_palette_finds_and_runs_a_command() -> None:
    for opener in ("ctrl+p", "colon"):
        app = tui_fakes.app()
        async with app.run_test() as pilot:
            await pilot.press(opener)
            await settle(pilot)
            assert isinstance(app.screen, PaletteScreen)
            await pilot.press(*"trip add")
            await settle(pilot)
            await pilot.press("enter")
            await settle(pilot)
            assert home(app).done == ["add"]


async def test_a_disabled_command_says_why() -> None:
    app = tui_fakes.app()
    async with app.run_test() as pilot:
        await pilot.press("6")
        await settle(pilot)
        assert "no trip is marked" in home(app).query_one(StatusLine).text
        assert "export" not in shown(app)[-1]


async def test_f2_switches_the_language_at_once() -> None:
    app = tui_fakes.app(language="en")
    heard: list[str] = []
    app.hooks = Hooks(language_changed=heard.append)
    async with app.run_test() as pilot:
        await pilot.press("f2")
        await settle(pilot)
        assert language() == "ko"
        await pilot.press("enter", "f2")
        await settle(pilot)
        assert language() == "en"
        assert heard == ["ko", "en"]


async def test_undo_redo_and_their_reasons_come_from_the_owner() -> None:
    called: list[str] = []
    hooks = Hooks(
        undo=lambda _screen: called.append("undo"),
        redo=lambda _screen: called.append("redo"),
        can_redo=lambda: "nothing was undone",
    )
    app = tui_fakes.app(hooks=hooks)
    async with app.run_test() as pilot:
        await pilot.press("u", "r", "ㅕ")
        await settle(pilot)
        assert called == ["undo", "undo"]
        assert home(app).query_one(StatusLine).text == "nothing was undone"


async def test_a_key_map_moves_commands_but_not_the_way_out() -> None:
    key_map = {"trips.add": "f5", "app.back": "z", "app.help": "h", "trips.open": "escape", "no.such": "p"}
    app = tui_fakes.app(key_map=key_map)
    async with app.run_test() as pilot:
        await settle(pilot)
        assert "no.such" in home(app).query_one(StatusLine).text
        await pilot.press("a", "f5")
        assert home(app).done == ["add"]
        await pilot.press("f1")
        await settle(pilot)
        assert isinstance(app.screen, HelpScreen)
        await pilot.press("escape")
        await settle(pilot)
        assert app.at_home
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, tui_fakes.EditScreen), "Enter stays, Escape cannot be taken"


async def test_what_a_screen_held_is_there_on_return() -> None:
    app = tui_fakes.app()
    async with app.run_test() as pilot:
        await pilot.press("enter", "down", "down", *"2024-03-09", "down", "right")
        await settle(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert app.at_home
        await pilot.press("enter")
        await settle(pilot)
        values = app.screen.query_one(Form).values
        assert values["exit"] == "2024-03-09"
        assert values["visa"] == "business"


async def test_pastes_become_imports_or_are_told_never_keys() -> None:
    dropped: list[tuple[Path, ...]] = []
    app = tui_fakes.app(hooks=Hooks(drop=lambda _screen, paths: dropped.append(paths)))
    async with app.run_test() as pilot:
        for text in ("'/tmp/a b.csv' \n", "quit\n"):
            app.post_message(events.Paste(text))
            await settle(pilot)
        assert dropped == [(Path("/tmp/a b.csv"),)]
        assert "Taken for pasted text" in home(app).query_one(StatusLine).text
        assert app.is_running


async def test_a_file_pasted_into_a_field_is_an_import_and_text_is_text(tmp_path: Path) -> None:
    dropped: list[tuple[Path, ...]] = []
    app = tui_fakes.app(hooks=Hooks(drop=lambda _screen, paths: dropped.append(paths)))
    file = tmp_path / "my trips.csv"
    file.write_text("x")
    async with app.run_test() as pilot:
        await pilot.press("/")
        app.post_message(events.Paste(f"{file}\n"))
        await settle(pilot)
        assert dropped == [(file,)]
        app.post_message(events.Paste("two\nlines"))
        await settle(pilot, 0.3)
        assert home(app).filter_text == "two lines"


async def test_a_job_shows_progress_and_escape_stops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_SECONDS", "20")
    app = tui_fakes.app()
    async with app.run_test() as pilot:
        await pilot.press("5")
        await settle(pilot, 0.9)
        line = next(line for line in shown(app) if "Reading records" in line)
        for said in ("of 100,000", "/s", "left", "Esc stop"):
            assert said in line
        await pilot.press("down", "down")
        assert home(app).trips.cursor == 2, "the rest stays usable"
        await pilot.press("escape")
        await settle(pilot, 0.3)
        assert app.jobs.current is None
        assert home(app).query_one(StatusLine).text == "Stopped. Nothing was changed."
        await pilot.press("5")
        await settle(pilot)
        await pilot.press("ctrl+c")
        await settle(pilot, 0.3)
        assert app.jobs.current is None
        assert app.is_running


async def test_a_job_hands_over_its_result_or_its_error(tmp_path: Path) -> None:
    def refuses(_report: Any, _cancelled: Any) -> None:
        raise DinoError("bad-row", "Row 3 has \x1b[31mno date.", "trips.csv")

    def fails(_report: Any, _cancelled: Any) -> None:
        raise ZeroDivisionError("secret")

    app = tui_fakes.app()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = home(app)
        screen.start_job("Reading", lambda report, _cancelled: report("x", 1, None), screen.done.append)
        await settle(pilot, 0.2)
        assert screen.done == [None]
        screen.start_job("Reading", refuses, screen.done.append)
        await settle(pilot, 0.2)
        assert "trips.csv: Row 3 has ␛[31mno date." in "\n".join(shown(app))
        screen.start_job("Reading", fails, screen.done.append)
        await settle(pilot, 0.2)
        assert "errors.log" in "\n".join(shown(app))
        assert "secret" not in "\n".join(shown(app))
        assert "secret" in (tmp_path / "state" / "dinotui" / "errors.log").read_text()


async def test_a_job_outlives_its_screen_and_then_only_tells() -> None:
    app = tui_fakes.app()
    async with app.run_test() as pilot:
        await pilot.press("enter")
        await settle(pilot)
        screen = app.screen
        assert isinstance(screen, DinoScreen)
        done: list[Any] = []
        screen.start_job("Reading", tui_fakes.slow_work(0.8), done.append)
        screen.leave()
        await settle(pilot, 0.3)
        assert "Ctrl+C stop" in "\n".join(shown(app)), "Esc does not stop what another screen began"
        await settle(pilot, 0.8)
        assert done == []
        assert home(app).query_one(StatusLine).text == "Reading: finished."


HOSTILE = "[/b][red]\x1b]52;c;AAAA\x07\x1b[2J\x9b31m\u202eevil\x00"


async def test_hostile_text_is_shown_and_never_acts() -> None:
    app = tui_fakes.app()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = home(app)
        screen.query_one(PagedList).columns = tui_fakes.COLUMNS
        app.title = HOSTILE
        app.notify(HOSTILE, title=HOSTILE, severity="error")
        await pilot.press("enter")
        await settle(pilot)
        app.screen.query_one(Form).set_values({"notes": HOSTILE})
        app.screen.query_one(Form).show_faults({"country": HOSTILE})
        app.say(HOSTILE)
        await settle(pilot)
        text = "\n".join(shown(app))
        assert "[/b][red]␛]52;c;AAAA␇␛[2J" in text
        assert not set(HOSTILE) & set(text) & {"\x1b", "\x07", "\x9b", "\u202e", "\x00"}
        assert "\x1b" not in app.title


async def test_leaving_keeps_forms_and_asks_while_a_job_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_SECONDS", "20")
    app = tui_fakes.app()
    async with app.run_test() as pilot:
        await pilot.press("5", "q")
        await settle(pilot)
        assert "Reading is still running" in "\n".join(shown(app))
        await pilot.press("enter")
        await settle(pilot)
        assert not app.is_running
        assert app.jobs.stop_all(1.0)


async def test_the_screen_answers_within_100_ms_over_a_million_rows() -> None:
    app = tui_fakes.app(1_000_000)
    async with app.run_test() as pilot:
        trips = home(app).trips
        loop = asyncio.get_running_loop()
        for key in ("end", "pageup", "home", "pagedown", "down"):
            before = loop.time()
            await pilot.press(key)
            assert loop.time() - before < 1.0  # pilot itself waits; a full read would take minutes
        assert trips.count == 1_000_000
        assert trips.rows_held <= 320


def test_no_action_of_the_app_differs_from_another_only_by_shift_or_needs_a_key_of_a_multiplexer() -> None:
    taken: dict[str, str] = {}
    for command in (*DinoApp.ACTIONS, *PagedList.ACTIONS, *tui_fakes.TripsScreen.ACTIONS):
        for key in command.keys:
            assert key == key.lower()
            assert not key.startswith("alt+")
            assert key not in ("ctrl+b", "ctrl+a", "ctrl+enter", "shift+enter", "f10", "f11", "f12")
            assert taken.setdefault(key, command.id) == command.id


def test_dino_screen_says_what_a_subclass_must_give() -> None:
    with pytest.raises(NotImplementedError):
        DinoScreen().title_text()
