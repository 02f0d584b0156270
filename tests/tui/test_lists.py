"""Lists over row sources: any length, growing, keyset-paged, in error."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import pytest
import tui_fakes
from textual.app import ComposeResult
from textual.pilot import Pilot

from dinotui.domain.errors import StorageError
from dinotui.tui.app import DinoApp
from dinotui.tui.screens.base import DinoScreen
from dinotui.tui.widgets.columns import Column
from dinotui.tui.widgets.paged_list import PagedList
from dinotui.tui.widgets.row_source import BLOCK, KeysetSource, ListSource, Row, RowWindow

NUMBERS = [Row(f"k{number:05d}", (str(number),)) for number in range(1000)]


class Keyset:
    """A keyset-paged table that remembers what it was asked."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.table = list(rows)
        self.read = 0

    def after(self, key: Hashable | None, limit: int) -> Sequence[Row]:
        found = [row for row in self.table if key is None or str(row.key) > str(key)][:limit]
        self.read += len(found)
        return found

    def before(self, key: Hashable | None, limit: int) -> Sequence[Row]:
        found = [row for row in self.table if key is None or str(row.key) < str(key)]
        found = found[len(found) - limit :]
        self.read += len(found)
        return found


@pytest.mark.parametrize(
    "path", [(0, 64, 128, 64, 0), (960, 896, 832, 896, 0), (0, 960, 64), (512, 448, 960)]
)
def test_a_keyset_source_gives_the_rows_of_any_block(path: tuple[int, ...]) -> None:
    table = Keyset(NUMBERS)
    source = KeysetSource(lambda: len(table.table), table.after, table.before)
    for offset in path:
        assert list(source.rows(offset, BLOCK)) == NUMBERS[offset : offset + BLOCK]


def test_going_to_the_end_and_back_reads_no_more_than_the_blocks_seen() -> None:
    table = Keyset(NUMBERS)
    source = KeysetSource(lambda: len(table.table), table.after, table.before)
    for offset in (0, 960, 896, 832, 896):
        source.rows(offset, BLOCK)
    assert table.read <= 5 * BLOCK


def test_a_window_holds_a_few_blocks_only_and_finds_rows_that_moved() -> None:
    window = RowWindow(tui_fakes.Trips(1_000_000))
    for index in range(0, 1_000_000, 50_000):
        row = window.row(index)
        assert row is not None
        assert row.key == f"trip-{index}"
    assert window.held <= 5 * BLOCK
    assert window.row(-1) is None
    assert window.row(1_000_000) is None
    assert window.find("trip-130", 100) == 130
    assert window.find("trip-900000", 100) is None


class ListScreen(DinoScreen):
    def __init__(self, source: Any, **options: Any) -> None:
        super().__init__()
        self.source, self.options = source, options

    def title_text(self) -> str:
        return "List"

    def body(self) -> ComposeResult:
        yield PagedList([Column("Name", 10, 1)], self.source, id="list", **self.options)


async def opened(pilot: Pilot[Any]) -> PagedList:
    await pilot.pause()
    return pilot.app.screen.query_one(PagedList)


def lines(pilot: Pilot[Any]) -> str:
    return "\n".join(strip.text.rstrip() for strip in pilot.app.screen._compositor.render_strips())


class Growing:
    def __init__(self, number: int) -> None:
        self.number = number

    def count(self) -> int:
        return self.number

    def rows(self, offset: int, limit: int) -> Sequence[Row]:
        return [Row(index, (f"row {index}",)) for index in range(offset, min(offset + limit, self.number))]


async def test_a_list_that_grows_while_it_is_read_keeps_its_place() -> None:
    source = Growing(10)
    async with DinoApp(None, lambda: ListScreen(source)).run_test() as pilot:
        shown = await opened(pilot)
        await pilot.press("end")
        assert shown.cursor == 9
        source.number = 5_000
        shown.reload()
        await pilot.pause()
        assert shown.cursor == 9
        assert "10 of 5,000" in lines(pilot)
        await pilot.press("end", "pageup", "end")
        assert shown.cursor == 4_999
        source.number = 3
        shown.reload()
        await pilot.pause()
        assert shown.cursor == 2
        assert "row 2" in lines(pilot)


async def test_a_cursor_follows_its_row_when_rows_come_in_before_it() -> None:
    rows = [Row(f"k{number}", (f"name {number}",)) for number in range(100)]
    async with DinoApp(None, lambda: ListScreen(ListSource(rows))).run_test() as pilot:
        shown = await opened(pilot)
        shown.move_to(40)
        rows.insert(0, Row("new", ("new",)))
        shown.reload()
        await pilot.pause()
        assert shown.current == rows[41]


async def test_an_empty_list_and_one_that_cannot_be_read_say_so() -> None:
    class Broken(Growing):
        def rows(self, offset: int, limit: int) -> Sequence[Row]:
            raise StorageError("disk", "The disk reported an error.")

    async with DinoApp(None, lambda: ListScreen(ListSource(()), empty="No trip yet.")).run_test() as pilot:
        await opened(pilot)
        assert "No trip yet." in lines(pilot)
        await pilot.press("down", "end", "pageup", "y")
        assert "there is nothing to copy here" in lines(pilot)
    async with DinoApp(None, lambda: ListScreen(Broken(5))).run_test() as pilot:
        await opened(pilot)
        assert "The disk reported an error." in lines(pilot)


async def test_marks_survive_moving_and_show_without_colour() -> None:
    async with DinoApp(None, lambda: ListScreen(Growing(500), markable=True)).run_test() as pilot:
        shown = await opened(pilot)
        await pilot.press("space", "down", "space")
        assert list(shown.marked) == [0, 2]
        assert shown.cursor == 3
        assert " * row 0" in lines(pilot)
        assert "2 marked" in lines(pilot)
        await pilot.press("end", "home", "space")
        assert list(shown.marked) == [2]


async def test_space_does_nothing_where_rows_cannot_be_marked() -> None:
    async with DinoApp(None, lambda: ListScreen(Growing(5))).run_test() as pilot:
        shown = await opened(pilot)
        await pilot.press("space")
        assert shown.marked == {}
        assert shown.cursor == 0


async def test_the_cursor_row_is_always_in_sight() -> None:
    async with DinoApp(None, lambda: ListScreen(Growing(300))).run_test(size=(60, 20)) as pilot:
        shown = await opened(pilot)
        for key in [
            "pagedown",
            *["up"] * 4,
            "pagedown",
            "pagedown",
            *["down"] * 3,
            "end",
            "up",
            "home",
            "pagedown",
        ]:
            await pilot.press(key)
            assert shown.top <= shown.cursor < shown.top + shown.page
        await pilot.resize_terminal(60, 12)
        await pilot.pause(0.1)
        assert shown.top <= shown.cursor < shown.top + shown.page
