"""Home: what waits, where the user is, what was done last, and the way to everything else by one key."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from textual.pilot import Pilot
from tui_store import (
    HOSTILE,
    assert_harmless,
    check_snapshot,
    fill,
    fixed_today,
    import_text,
    press,
    running,
    screen_lines,
    screen_text,
    settled,
    stay,
)

from dinotui.engine.preferences import set_preferences
from dinotui.engine.trips import add_trip
from dinotui.locale import use_language
from dinotui.storage.store import Store
from dinotui.tui import doors
from dinotui.tui.home_rows import Chosen
from dinotui.tui.messages import PathsDropped
from dinotui.tui.recent import recent_files, remember_files
from dinotui.tui.screens.history import HistoryScreen
from dinotui.tui.screens.home import HomeScreen
from dinotui.tui.screens.operation import OperationScreen
from dinotui.tui.screens.statistics import StatisticsScreen
from dinotui.tui.screens.trips import TripsScreen

__all__ = ["fixed_today"]
SIZES = [(80, 24), (120, 40), (60, 20)]


def lived_in(store: Store, tmp_path: Path) -> None:
    """Fill a database with something of everything that Home shows."""
    import_text(
        store,
        tmp_path / "trips_2024.csv",
        "Japan,2024-03-02,2024-03-10,tourist,\nFrance,2025-12-20,2026-01-20,tourist,\n",
    )
    fill(store, stay("Japan", "2026-02-16", maxDays="90"), stay("Spain", "2026-03-14", maxDays="1"))
    import_text(store, tmp_path / "agency.csv", "Japan,2024-03-02,2024-03-10,business,\n", apply=False)
    remember_files(store, [tmp_path / "trips_2024.csv"])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.usefixtures("fixed_today")
async def test_home_says_what_waits_and_where_the_user_is(
    store: Store, tmp_path: Path, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    lived_in(store, tmp_path)
    async with running(store, size) as (app, _pilot):
        text = screen_text(app)
        assert "0 of 1 decided" in text
        assert "day 28 of 90, 62 left" in text
        assert "! day 2 of 1: 1 too many" in text
        assert "Schengen 90/180" in text
        assert "trips_2024.csv" in text
        check_snapshot(app, f"home-{size[0]}x{size[1]}")


@pytest.mark.parametrize("size", SIZES)
async def test_the_first_start_explains_itself(
    store: Store, tmp_path: Path, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    async with running(store, size) as (app, _pilot):
        text = " ".join(" ".join(screen_lines(app)).split())
        for said in (
            "keeps your stays abroad",
            "drop a file here",
            "can be undone",
            "nothing leaves this machine",
        ):
            assert said in text
        assert app.screen.menu.current.key == Chosen("command", "home.import")  # type: ignore[attr-defined]
        starts = [line.lstrip(" >")[:2] for line in screen_lines(app)[:-2]]  # without the footer
        assert [start for start in starts if start.strip().isdigit()] == ["1 ", "2 ", "3 ", "4 "]
        check_snapshot(app, f"first-start-{size[0]}x{size[1]}")


async def test_every_command_of_the_menu_has_a_key_that_is_no_letter(store: Store) -> None:
    for command in HomeScreen.ACTIONS:
        keys = command.keys[:1]  # a command without keys is in the palette alone
        assert all(len(key) > 1 or not key.isalpha() for key in keys), command
    async with running(store) as (app, pilot):
        fill(store, stay("Japan", "2024-01-01"))
        for key, kind in (("1", TripsScreen), ("t", TripsScreen), ("4", HistoryScreen), ("h", HistoryScreen)):
            await press(pilot, key)
            assert isinstance(app.screen, kind)
            await press(pilot, "escape")
            assert isinstance(app.screen, HomeScreen)


@pytest.mark.usefixtures("fixed_today")
async def test_enter_opens_what_the_cursor_is_on(store: Store, tmp_path: Path) -> None:
    lived_in(store, tmp_path)
    async with running(store) as (app, pilot):
        menu = app.screen.menu  # type: ignore[attr-defined]
        keys = [menu._row(index).key for index in range(menu.count)]
        for kind, screen in (
            ("trip", TripsScreen),
            ("operation", OperationScreen),
            ("schengen", StatisticsScreen),
        ):
            menu.move_to(next(n for n, key in enumerate(keys) if key is not None and key.kind == kind))
            await press(pilot, "enter")
            assert isinstance(app.screen, screen), kind
            await press(pilot, "escape")
        menu.move_to(next(n for n, key in enumerate(keys) if key is not None and key.kind == "trip"))
        number = int(menu.current.key.what)
        await press(pilot, "enter")
        assert app.screen.current_key.number == number  # type: ignore[attr-defined]


@pytest.mark.usefixtures("fixed_today")
async def test_the_cursor_steps_over_empty_rows(store: Store, tmp_path: Path) -> None:
    lived_in(store, tmp_path)
    async with running(store) as (app, pilot):
        menu = app.screen.menu  # type: ignore[attr-defined]
        assert menu.current.key.kind == "review"
        await press(pilot, "home")
        seen = []
        for _number in range(menu.count):
            seen.append(menu.current.key)
            await pilot.press("down")
        assert None not in seen
        assert list(dict.fromkeys(seen)) == [
            row.key for row in map(menu._row, range(menu.count)) if row.key is not None
        ]
        await press(pilot, "pageup", "up")
        assert menu.cursor == 0


async def test_hostile_names_are_shown_and_harm_nothing(store: Store, tmp_path: Path) -> None:
    name = HOSTILE.replace("/", "∕") + ".csv"
    (tmp_path / "[/x]").mkdir(parents=True)
    import_text(store, tmp_path / "[/x]" / name, "Japan,2024-03-02,,tourist,\n")
    import_text(store, tmp_path / "[/x]" / name, "Japan,2024-03-02,2024-03-03,business,\n", apply=False)
    remember_files(store, [tmp_path / "[/x]" / name])
    fill(store, stay(HOSTILE, "2024-01-01"))
    async with running(store, (120, 30)) as (app, _pilot):
        assert_harmless(app)
        assert "⟨U+202E⟩" in screen_text(app)


async def test_changes_made_elsewhere_appear_within_two_seconds(store: Store) -> None:
    async with running(store) as (app, pilot):
        assert "0 trips" in screen_text(app)
        with store.sibling() as other:
            add_trip(other, stay("Japan", "2024-01-01"))
        await shown_within(pilot, "Kim   1 trip", 2.5)
        await settled(pilot)
        assert "Added #1 Japan" in screen_text(app)


async def shown_within(pilot: Pilot[None], text: str, seconds: float) -> None:
    for _number in range(int(seconds * 20)):
        if text in screen_text(pilot.app):  # type: ignore[arg-type]
            return
        await pilot.pause(0.05)
    raise AssertionError(f"{text!r} did not appear in {screen_text(pilot.app)}")  # type: ignore[arg-type]


async def test_f2_says_everything_in_the_other_language(store: Store) -> None:
    fill(store, stay("Japan", "2024-01-01"))
    async with running(store) as (app, pilot):
        await press(pilot, "f2")
        menu = app.screen.menu  # type: ignore[attr-defined]
        assert menu.current.key == Chosen("command", "home.trips"), "the cursor stays"
        await press(pilot, "f2")
        assert "list, search" in screen_text(app)
    use_language("en")


async def test_the_languages_that_are_shown_come_from_the_preferences(store: Store) -> None:
    set_preferences(store, {"dateFormat": "DD.MM.YYYY", "theme": "contrast", "keyMap": {"home.trips": "7"}})
    fill(store, stay("Japan", "2024-03-02", "2024-03-10"))
    async with running(store) as (app, pilot):
        assert app.theme == "dino-contrast"
        await press(pilot, "7")
        assert isinstance(app.screen, TripsScreen)
        assert "02.03.2024" in screen_text(app)


async def test_dropped_paths_begin_an_import_from_any_screen(
    store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    begun: list[tuple[Path, ...]] = []
    monkeypatch.setattr("dinotui.tui.doors.open_import", lambda _screen, paths=(): begun.append(tuple(paths)))
    async with running(store) as (app, pilot):
        for keys in ((), ("1",), ("escape", "4")):
            await press(pilot, *keys)
            app.screen.post_message(PathsDropped((tmp_path / "a.csv",)))
            await settled(pilot)
    assert begun == [(tmp_path / "a.csv",)] * 3


def test_recent_files_are_the_last_ten_that_are_still_there(store: Store, tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.csv" for number in range(12)]
    for path in paths:
        path.write_text("x")
        remember_files(store, [path])
    remember_files(store, [paths[5]])
    paths[11].unlink()
    assert recent_files(store) == [paths[5], *reversed(paths[6:11]), *reversed(paths[2:5])][:9]
    (store.folder / "recent.json").write_text("{broken")
    assert recent_files(store) == []
    assert (store.folder / "recent.json").stat().st_mode & 0o777 == 0o600


def test_recent_files_are_each_users_own(store: Store, tmp_path: Path) -> None:
    mine, hers = tmp_path / "mine.csv", tmp_path / "hers.csv"
    mine.touch()
    hers.touch()
    remember_files(store, [mine])
    with Store(store.path, "Lee") as lee:
        remember_files(lee, [hers])
        assert recent_files(lee) == [hers]
    assert recent_files(store) == [mine]


def staged(store: Store, tmp_path: Path, count: int) -> None:
    for number in range(count):
        import_text(store, tmp_path / f"s{number}.csv", f"Japan,201{number}-03-02,,tourist,\n", apply=False)


async def test_every_import_that_waits_can_be_reached(store: Store, tmp_path: Path) -> None:
    staged(store, tmp_path, 6)
    async with running(store) as (app, pilot):
        assert "+ 3 more" in screen_text(app)
        menu = app.screen.menu  # type: ignore[attr-defined]
        menu.move_to(next(n for n in range(menu.count) if menu._row(n).key == Chosen("waiting", "")))
        await press(pilot, "enter")
        text = screen_text(app)
        assert all(f"s{number}.csv" in text for number in range(6))
        await press(pilot, "end", "delete")
        assert "Discard the import of “s0.csv”?" in screen_text(app)
        await press(pilot, "1")
        assert "5 of 5" in screen_text(app)
        assert "s0.csv" not in screen_text(app)
        await press(pilot, "enter")
        assert "s1.csv" in screen_text(app)
        assert "Home > Waiting > " in screen_text(app)
        await press(pilot, "escape", "escape", "escape", "escape")
        assert "+ 2 more" in screen_text(app)


async def test_home_says_what_an_import_really_waits_for(store: Store, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text(
        "Entry Date,Exit Date,Visa Type\n2024-03-02,,tourist\n2025-03-02,,work\n"
    )
    (tmp_path / "order.csv").write_text(
        "Country,Entry Date,Exit Date,Visa Type\nJapan,03/04/2024,05/06/2024,tourist\n"
    )
    import_text(store, tmp_path / "none.csv", "Japan,2024-02-30,,tourist,\nJapan,x,,tourist,\n", apply=False)
    for path in (tmp_path / "bad.csv", tmp_path / "order.csv"):
        async with running(store, opening=partial(doors.open_import, paths=[path])) as (_app, pilot):
            await settled(pilot)
    async with running(store) as (app, _pilot):
        text = " ".join(screen_text(app).split())
        assert "bad.csv a column that is needed is missing" in text
        assert "none.csv nothing to write: 2 rejected" in text
        assert "order.csv asks in which order its dates are" in text


@pytest.mark.usefixtures("fixed_today")
async def test_news_about_a_stay_go_with_it_and_come_back_with_it(store: Store) -> None:
    fill(store, stay("Spain", "2026-03-01", maxDays="20"))
    async with running(store) as (app, pilot):
        assert "News" in screen_text(app)
        await press(pilot, "1", "delete", "escape")
        assert "News" not in screen_text(app)
        await press(pilot, "u", "enter")
        assert "News" in screen_text(app)
