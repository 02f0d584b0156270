"""The app in a real pseudo-terminal: bytes, colours, ASCII, pastes without brackets, leaving by signal."""

from __future__ import annotations

import os
import re
import select
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SWEEP = int(os.environ.get("DINOTUI_SWEEP", "0"))
"""More terminals and locales when set; the default run keeps to one of a kind."""

Start = Callable[..., Any]
DOWN, END, PAGE_DOWN, ESC = b"\x1b[B", b"\x1b[F", b"\x1b[6~", b"\x1b"
SGR = re.compile(rb"\x1b\[([\d;]*)m")


def wait_for(happened: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not happened() and time.monotonic() < end:
        time.sleep(0.02)
    return happened()


def begun(start: Start, **changes: Any) -> Any:
    opened = start(**changes)
    opened.read_until(b"help")
    opened.read()
    return opened


def test_a_cursor_key_costs_few_bytes_and_a_screen_few_thousand(terminal: Start) -> None:
    opened = terminal(FAKE_COUNT="1000000")
    first = opened.read_until(b"help") + opened.read()
    assert len(first) < 6_000
    costs = []
    for _number in range(5):
        opened.type(DOWN)
        costs.append(len(opened.read()))
    assert 0 < max(costs) < 600, costs
    opened.type(END)
    assert b"1,000,000 of 1,000,000" in opened.read()
    opened.type(b"?")
    assert 0 < len(opened.read()) < 6_000
    opened.type(ESC)
    assert 0 < len(opened.read()) < 6_000


def test_an_idle_screen_sends_nothing(terminal: Start) -> None:
    opened = begun(terminal)
    opened.type(b"/")
    opened.read()
    time.sleep(1.2)
    assert opened.read() == b"", "a blinking cursor or a timer writes"


def test_no_colour_is_sent_under_no_color(terminal: Start) -> None:
    opened = begun(terminal, NO_COLOR="1", COLORTERM="truecolor")
    opened.type(DOWN, b"?", ESC, b"/", b"x", ESC)
    opened.read()
    codes = {int(code) for found in SGR.findall(opened.seen) for code in found.split(b";") if code}
    assert codes <= {0, 1, 2, 4, 7}, codes
    assert 7 in codes, "the cursor row has to show without colour"


@pytest.mark.parametrize("term", ["screen", "linux"] if SWEEP else ["screen"])
def test_sixteen_colours_where_the_terminal_has_no_more(terminal: Start, term: str) -> None:
    opened = begun(terminal, TERM=term)
    opened.type(DOWN, b"?")
    opened.read()
    assert not re.search(rb"[34]8;[25];", opened.seen)
    assert re.search(rb"\x1b\[[\d;]*4[0-7]m", opened.seen), "the cursor row has a colour of its own"


@pytest.mark.parametrize("changes", [{"LANG": "C"}, {"TERM": "linux"}])
def test_only_ascii_goes_out_where_the_terminal_shows_no_more(
    terminal: Start, changes: dict[str, str | None]
) -> None:
    opened = begun(terminal, FAKE_SECONDS="0.5", **changes)
    opened.type(DOWN, b"5", b"\r", DOWN, ESC, b"?", ESC, b"\x1bOQ", pause=0.2)
    opened.read()
    assert all(byte < 0x80 for byte in opened.seen)
    assert rb"\ub300\ud55c" in opened.seen, "names from data are told, not lost"
    assert b"ASCII only" in opened.seen


@pytest.mark.parametrize(
    "changes",
    [
        {"LANG": "C", "LC_CTYPE": "C.UTF-8"},  # what Python itself makes of LANG=C, but asked for by the user
        *([{"LANG": "ko_KR.UTF-8"}, {"LANG": "C", "LC_ALL": "en_US.utf8"}] if SWEEP else []),
    ],
)
def test_utf8_locales_get_utf8(terminal: Start, changes: dict[str, str]) -> None:
    opened = begun(terminal, **changes)
    assert "대한민국".encode() in opened.seen


def test_a_paste_without_brackets_presses_no_key(terminal: Start) -> None:
    opened = begun(terminal)
    opened.type(b"quit and delete aaa 9\r")
    answer = opened.read()
    assert b"Taken for pasted text" in answer
    assert opened.process.poll() is None
    opened.type(b"/tmp/my\\ trips.csv \r")
    assert b"DROPPED /tmp/my trips.csv" in opened.read()
    for sign in b"/tmp/slow.csv":  # a paste that trickles in
        os.write(opened.master, bytes([sign]))
        time.sleep(0.003)
    assert b"slow.csv" in opened.read()


def test_the_filter_and_what_it_looks_for_may_come_at_once(terminal: Start) -> None:
    opened = begun(terminal)
    opened.type(b"/viet")
    answer = opened.read()
    assert b"DROPPED" not in answer
    assert b"Taken for pasted text" not in answer
    assert b"/ " in answer
    assert b"viet" in answer


def test_bracketed_pastes_and_fast_typing(terminal: Start) -> None:
    opened = begun(terminal)
    opened.type(b"\x1b[200~'/tmp/a b.csv' file:///tmp/%EA%B0%80.json\n\x1b[201~")
    assert "DROPPED /tmp/a b.csv | /tmp/가.json".encode() in opened.read()
    opened.type(b"a", pause=0.05)
    opened.type(b"j", b"j", pause=0.05)
    answer = opened.read()
    assert b"Added" in answer
    assert b"3 of 1,204" in answer, "fast typing is typing"
    opened.type(b"jjjj")
    assert b"7 of 1,204" in opened.read(), "a key held down is that key"
    opened.type(DOWN * 12)
    assert b"19 of 1,204" in opened.read(), "arrows are never a paste"


def test_typed_text_arrives_in_fields(terminal: Start) -> None:
    opened = begun(terminal)
    opened.type(b"/", b"ja")
    opened.type(b"pan and more")
    assert b"japan and more" in opened.seen + opened.read()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_signals_end_it_in_time_with_a_clean_terminal(
    terminal: Start, tmp_path: Path, number: signal.Signals
) -> None:
    opened = begun(terminal)
    opened.process.send_signal(number)
    assert opened.ended_within(2.0) == 128 + number
    assert (tmp_path / "mark").read_text() == "cleaned"
    assert b"\x1b[?1049l" in opened.seen
    assert b"Traceback" not in opened.seen


@pytest.mark.parametrize("ignored", [False, True])
def test_a_terminal_that_is_gone_ends_it_in_time(terminal: Start, tmp_path: Path, ignored: bool) -> None:
    opened = begun(terminal, ignore_hangup=ignored)
    opened.hang_up()
    wait_for(lambda: opened.process.poll() is not None, 2.0)
    assert opened.process.poll() == 128 + signal.SIGHUP
    assert (tmp_path / "mark").read_text() == "cleaned"


def test_a_job_that_does_not_listen_cannot_hold_it(terminal: Start, tmp_path: Path) -> None:
    opened = begun(terminal, FAKE_SECONDS="30", FAKE_DEAF="1")
    opened.type(b"5")
    opened.read_until(b"Reading")
    opened.process.send_signal(signal.SIGTERM)
    assert opened.ended_within(2.0) == 128 + signal.SIGTERM
    assert (tmp_path / "mark").read_text() == "cleaned"


def test_a_busy_screen_cannot_hold_it_either(terminal: Start, tmp_path: Path) -> None:
    opened = begun(terminal)
    opened.type(b"8")
    opened.process.send_signal(signal.SIGTERM)
    assert opened.ended_within(2.2) == 128 + signal.SIGTERM
    assert (tmp_path / "mark").read_text() == "cleaned"


def test_a_terminal_that_stops_reading_does_not_hold_it(terminal: Start) -> None:
    opened = begun(terminal)
    for _number in range(400):
        os.write(opened.master, PAGE_DOWN + END + b"\x1b[H")
        time.sleep(0.002)
    opened.process.send_signal(signal.SIGTERM)
    assert wait_for(lambda: opened.process.poll() is not None, 2.2)


def test_a_fault_is_one_sentence_and_a_log(terminal: Start, tmp_path: Path) -> None:
    opened = begun(terminal)
    opened.type(b"9")
    assert opened.ended_within(3.0) == 1
    assert b"The program failed and had to stop" in opened.seen
    assert b"Traceback" not in opened.seen
    assert b"secret traceback text" not in opened.seen
    assert "secret traceback text" in (tmp_path / "state" / "dinotui" / "errors.log").read_text()


def test_suspend_and_come_back(terminal: Start) -> None:
    opened = begun(terminal)
    opened.process.send_signal(signal.SIGTSTP)
    opened.read_until(b"\x1b[?1049l", 20.0)
    stat = Path(f"/proc/{opened.process.pid}/stat")
    assert wait_for(lambda: stat.read_text().rpartition(")")[2].split()[0] == "T", 20.0)
    opened.read(most=1.0)
    for _try in range(10):  # a second stop may still be on its way when the first is seen
        opened.process.send_signal(signal.SIGCONT)
        if select.select([opened.master], [], [], 3.0)[0]:
            break
    back = opened.read_until(b"help", 20.0)
    assert b"\x1b[?1049h" in back
    assert b"Country" in back, "the whole screen is drawn again"
    opened.read()
    opened.type(b"q")
    assert opened.ended_within(10.0) == 0


def test_quitting_asks_only_when_work_is_at_risk(terminal: Start) -> None:
    calm = begun(terminal)
    calm.type(b"\x11")  # Ctrl+Q
    assert b"Quit dinotui?" in calm.read()
    calm.type(ESC, pause=0.4)
    assert calm.process.poll() is None
    calm.type(b"q")
    assert calm.ended_within(3.0) == 0
    risky = begun(terminal, FAKE_RISK="Half an import would be lost.")
    risky.type(b"q")
    assert b"Half an import would be lost." in risky.read()
    risky.type(b"q")
    assert risky.process.poll() is None, "the key that asked does not answer"
    risky.type(b"\r")
    assert risky.ended_within(3.0) == 0


def test_the_mouse_is_left_alone_and_kitty_keys_are_off(terminal: Start) -> None:
    opened = begun(terminal)
    assert b"\x1b[?1000h" not in opened.seen
    assert b"\x1b[?1003h" not in opened.seen
    assert b"\x1b[>" not in opened.seen
    assert b"\x1b]22" not in opened.seen
    asked = begun(terminal, DINOTUI_KITTY="1")
    assert b"\x1b[>" in asked.seen


def test_copying_uses_osc_52_and_says_sent(terminal: Start) -> None:
    opened = begun(terminal)
    opened.type(b"y")
    answer = opened.read()
    assert b"\x1b]52;c;" in answer
    assert b"Sent to the terminal" in answer
