"""The runner of child processes: limits hold, errors arrive, nothing is left behind."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dinotui.domain.errors import Cancelled, FormatError, LimitError, UnsupportedFormat
from dinotui.formats.base import Limits
from dinotui.formats.bounded import Child
from dinotui.locale import language, use_language

HERE = "tests.formats.test_bounded"


def work(request: Any) -> Iterator[Any]:
    """What the children of these tests do."""
    what, amount = request
    if what == "count":
        yield from range(amount)
    elif what == "large":
        yield "x" * amount
    elif what == "noise":
        print("printed by a library")  # noqa: T201
        os.write(1, b"and by another")
        yield "heard"
    elif what == "memory":
        yield len([bytearray(1_000_000) for _ in range(amount)])
    elif what == "spin":
        yield "started"
        while True:
            pass
    elif what == "sleep":
        yield os.getpid()
        time.sleep(amount)
    elif what == "refuse":
        raise UnsupportedFormat("unsupported-thing", "This is a thing.", "here")
    elif what == "die":
        os._exit(amount)
    elif what == "killed":
        os.kill(os.getpid(), amount)
    elif what == "bug":
        raise KeyError("a mistake of ours")
    elif what == "pid":
        yield os.getpid()
    elif what == "language":
        yield language()
    elif what == "input":
        yield sys.stdin.read()
    elif what == "folder":
        yield [path for path in sys.path if path in {"", ".", os.getcwd()}]


def child(what: str, amount: int = 0, **limits: Any) -> Child:
    return Child(HERE, [what, amount], Limits(**limits), "file.xlsx")


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_messages_stream_in_order() -> None:
    assert list(child("count", 20_000).messages()) == list(range(20_000))
    assert [len(text) for text in child("large", 5_000_000).messages()] == [5_000_000]


def test_what_a_library_prints_does_not_come_between() -> None:
    assert list(child("noise").messages()) == ["heard"]


def test_errors_of_the_work_arrive_as_they_are() -> None:
    with pytest.raises(UnsupportedFormat) as caught:
        list(child("refuse").messages())
    assert (caught.value.code, caught.value.message, caught.value.where) == (
        "unsupported-thing",
        "This is a thing.",
        "here",
    )


@pytest.mark.parametrize(("what", "amount"), [("die", 0), ("die", 3), ("killed", 11), ("bug", 0)])
def test_a_child_that_dies_is_a_sentence(what: str, amount: int) -> None:
    with pytest.raises(FormatError, match="made its reader fail") as caught:
        list(child(what, amount).messages())
    assert (caught.value.code, caught.value.where) == ("reader-failed", "file.xlsx")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds the limit on addresses")
def test_too_much_memory() -> None:
    with pytest.raises(LimitError, match="more than 200 MB of memory") as caught:
        list(child("memory", 2_000, memory_bytes=200_000_000).messages())
    assert caught.value.code == "read-memory"
    assert list(child("memory", 50, memory_bytes=200_000_000).messages()) == [50]
    with pytest.raises(LimitError, match="memory"):
        list(child("killed", 9).messages())


@pytest.mark.parametrize(("what", "amount"), [("spin", 0), ("sleep", 60)])
def test_too_much_time(what: str, amount: int) -> None:
    begun = time.monotonic()
    with pytest.raises(LimitError, match="longer than 1 seconds") as caught:
        list(child(what, amount, seconds=1).messages())
    assert caught.value.code == "read-time"
    assert time.monotonic() - begun < 5


def test_time_of_the_taker_is_not_counted() -> None:
    seen = []
    for number in child("count", 100_000, seconds=0.5).messages():
        if number % 20_000 == 0:
            time.sleep(0.15)
            seen.append(number)
    assert len(seen) == 5


def test_leaving_early_ends_the_child() -> None:
    messages = child("sleep", 60).messages()
    pid = next(messages)
    messages.close()  # type: ignore[attr-defined]
    assert gone(pid)


def test_closing_from_another_thread_stops_the_reading() -> None:
    running = child("sleep", 60)
    messages = running.messages()
    pid = next(messages)
    threading.Timer(0.2, running.close).start()
    with pytest.raises(Cancelled):
        next(messages)
    assert gone(pid)
    running.close()
    with pytest.raises(Cancelled):
        list(running.messages())


def test_cancelling() -> None:
    pids: list[int] = []
    running = Child(HERE, ["sleep", 60], Limits(), "file.xlsx", cancelled=lambda: bool(pids))
    messages = running.messages()
    pids.append(next(messages))
    with pytest.raises(Cancelled):
        next(messages)
    assert gone(pids[0])


def test_a_child_reads_nothing_and_searches_no_working_folder(tmp_path: Path) -> None:
    assert list(child("input").messages()) == [""]
    planted = tmp_path / "msgspec.py"
    planted.write_text("raise SystemExit('planted')")
    before = os.getcwd()
    os.chdir(tmp_path)
    try:
        assert list(child("folder").messages()) == [[]]
    finally:
        os.chdir(before)


def test_it_works_with_every_standard_stream_closed(tmp_path: Path) -> None:
    script = tmp_path / "run.py"
    script.write_text(
        "import sys\n"
        f"sys.path.append({str(Path(__file__).parents[2])!r})\n"
        "from dinotui.formats.bounded import Child\n"
        "from dinotui.formats.base import Limits\n"
        f"found = list(Child({HERE!r}, ['count', 5], Limits(), 'x').messages())\n"
        f"open({str(tmp_path / 'found')!r}, 'w').write(repr(found))\n"
    )
    subprocess.run(["sh", "-c", f'exec "{sys.executable}" "{script}" <&- >&- 2>&-'], check=True, timeout=30)
    assert (tmp_path / "found").read_text() == "[0, 1, 2, 3, 4]"


def test_no_zombies() -> None:
    pids = []
    for _ in range(3):
        list(child("count", 3).messages())
        pids.append(next(child("sleep", 60).messages()))
        pids += child("pid").messages()
    assert len(pids) == 6
    assert all(map(gone, pids))  # a zombie would still be there


def test_messages_are_in_the_language_of_the_parent() -> None:
    use_language("ko")
    try:
        assert list(child("language").messages()) == ["ko"]
    finally:
        use_language("en")
    assert list(child("language").messages()) == ["en"]
