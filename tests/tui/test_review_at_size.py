"""The review of many conflicts: keys and bytes that it costs, rules, filters, and what a kill leaves."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from import_pilot import app_over, lines_of, press, settle, text_of

from dinotui.domain.configuration import by_hand
from dinotui.domain.dates import day_text
from dinotui.domain.settings import ImportSettings
from dinotui.engine.importing import deciding, planning, reading, understanding
from dinotui.storage.staging import Staging
from dinotui.storage.store import Store
from dinotui.tui.screens.review import ReviewScreen

START = 18_000
REAL = Path(__file__).with_name("real_app.py")
HEAD = "Country,Entry Date,Exit Date,Visa Type,Max Days,Passport Country,Notes\n"
NAMES = ("Japan", "France", "Italy", "Peru")
Change = Callable[[int], tuple[int, str]]
"""Days added to the exit and the notes of the nth row."""


def conflicts(store: Store, tmp_path: Path, count: int, change: Change) -> str:
    """Import `count` stays, stage a file that repeats them with `change`, and return the import's id."""
    from dinotui.engine.importing import applying

    def rows(changed: bool) -> str:
        lines = []
        for number in range(count):
            longer, notes = change(number) if changed else (0, "as it was")
            entry = START + number * 20
            days = f"{day_text(entry)},{day_text(entry + 7 + longer)}"
            lines.append(f"{NAMES[number % 4]},{days},tourist,90,KR,{notes}\n")
        return HEAD + "".join(lines)

    for name, changed in (("have.csv", False), ("again.csv", True)):
        path = tmp_path / name
        path.write_text(rows(changed), "utf-8")
        staging = reading.stage_files([reading.SourceFile(path, name)], ImportSettings(), by_hand(), store)
        understanding.understand(staging)
        planning.plan_import(staging, store)
        if not changed:
            applying.apply_import(staging, store)
    made = str(staging.meta("importId"))
    staging.close()
    return made


def counts_of(store: Store, import_id: str) -> deciding.ReviewCounts:
    staging = Staging(store.staging / f"{import_id}.db", hold=False)
    try:
        return deciding.review_counts(staging)
    finally:
        staging.close()


async def test_two_hundred_are_decided_with_a_key_each_when_the_suggestion_is_right(
    store: Store, tmp_path: Path
) -> None:
    made = conflicts(store, tmp_path, 200, lambda number: (0, f"as it wass {number}"))
    app = app_over(store, review=made)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "1 of 200" in lines_of(pilot)[0]
        for _key in range(199):
            await pilot.press("enter")
        await settle(pilot)
        assert "200 of 200" in lines_of(pilot)[0]
        await press(pilot, "enter")
        assert not isinstance(app.screen, ReviewScreen)
        assert counts_of(store, made) == deciding.ReviewCounts(200, 200, 0)


async def test_a_hundred_alike_cost_three_keys_and_one_takes_them_back(store: Store, tmp_path: Path) -> None:
    made = conflicts(store, tmp_path, 101, lambda number: (1, "as it was" if number else ""))
    app = app_over(store, review=made)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        keys = ["2", "a", "enter"]
        await press(pilot, *keys[:2])
        assert "100 others" in " ".join(text_of(pilot).split())
        await press(pilot, *keys[2:])
        assert counts_of(store, made).decided == 101
        assert len(keys) <= 6


def four(number: int) -> tuple[int, str]:
    """One in two left a day later; one in four has other notes."""
    return number % 2, "as it was" if number % 4 else "something else altogether"


async def test_rules_say_how_many_and_are_taken_back_as_one(store: Store, tmp_path: Path) -> None:
    made = conflicts(store, tmp_path, 40, four)
    app = app_over(store, review=made)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "1 of 30" in lines_of(pilot)[0]
        await press(pilot, "1", "8")
        assert "the same country" in text_of(pilot)
        assert "every open one as it is sugges" in text_of(pilot)
        await press(pilot, *["down"] * 9, "enter")
        assert "Decide 10 as they are suggested" in " ".join(text_of(pilot).split())
        await press(pilot, "enter")
        assert counts_of(store, made).decided == 10
        await press(pilot, "/", "end", "enter")  # those that were decided as suggested
        assert "1 of 10" in lines_of(pilot)[0]
        assert "Decided:" in text_of(pilot)
        await press(pilot, "2", "enter")  # one of them otherwise
        await press(pilot, "u", "u")
        assert counts_of(store, made).decided == 0


async def test_the_review_goes_through_some_only_and_jumps(store: Store, tmp_path: Path) -> None:
    made = conflicts(store, tmp_path, 40, four)
    app = app_over(store, review=made)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "/", "/", *"France", "enter", "enter")
        head = " ".join(lines_of(pilot)[0].split())
        assert "France" in head
        assert "1 of 10" in head
        assert "France" in text_of(pilot)
        await press(pilot, "0", "backspace", "4", "enter")
        assert "4 of 10" in lines_of(pilot)[0]
        await press(pilot, "2", "a", "enter")
        assert counts_of(store, made).decided == 20
        assert "of 30" in lines_of(pilot)[0]  # France is done: on with the others


# in a real terminal ---------------------------------------------------------------------------------------


def begun(terminal: Callable[..., Any], store: Store, made: str, quiet: float = 0.4) -> Any:
    words = f"--db {store.path} review {made}"
    opened = terminal(script=REAL, REAL_WORDS=words, DINOTUI_DB=None)
    opened.read_until(b"INCOMING", most=30.0)
    opened.read(quiet=quiet)
    return opened


def test_moving_on_and_choosing_cost_few_bytes(
    terminal: Callable[..., Any], store: Store, tmp_path: Path
) -> None:
    made = conflicts(store, tmp_path, 30, lambda number: (1, f"other {number}"))
    opened = begun(terminal, store, made)
    moves, cursors, decisions = [], [], []
    for _turn in range(5):
        for keys, costs in ((b"n", moves), (b"\x1b[B", cursors), (b"\x1b[A", cursors)):
            opened.type(keys)
            costs.append(len(opened.read()))
    for _turn in range(5):
        opened.type(b"5")
        decisions.append(len(opened.read()))
    assert 0 < max(moves) <= 4_000, moves
    assert 0 < max(decisions) <= 4_000, decisions
    assert 0 < max(cursors) <= 600, cursors


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGHUP])
def test_killed_after_each_decision_nothing_is_lost_and_it_goes_on_there(
    terminal: Callable[..., Any], store: Store, tmp_path: Path, how: signal.Signals
) -> None:
    made = conflicts(store, tmp_path, 21, lambda number: (1, f"other {number}"))
    for decided in range(1, 11):
        opened = begun(terminal, store, made, quiet=0.04)
        assert f"{decided} of 21".encode() in opened.seen
        opened.type(b"5", pause=0.0)
        ready, _, _ = select.select([opened.master], [], [], 10.0)  # the screen begins to move on
        assert ready
        os.killpg(opened.process.pid, how)
        end = time.monotonic() + 5
        while opened.process.poll() is None and time.monotonic() < end:
            opened.read(quiet=0.01, most=0.05)
        assert opened.process.poll() is not None
        assert counts_of(store, made).decided == decided
    opened = begun(terminal, store, made)
    assert b"11 of 21" in opened.seen
