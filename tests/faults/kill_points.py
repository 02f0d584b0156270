"""Run a piece of work again and again, killed at one write of a database file after another.

``python -m tests.faults.kill_points WORK FOLDER POINTS`` prints a JSON report. Each try copies the prepared
folder, forks, and the child kills itself (SIGKILL) at its n-th write, sync, truncate, delete, rename or link.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw

from tests.faults import works


class Countdown:
    """Kills this process when it was asked `left` times; a negative number only counts."""

    def __init__(self, left: int) -> None:
        self.left = left
        self.seen = 0

    def tick(self) -> None:
        self.seen += 1
        if self.seen == self.left:
            os.kill(os.getpid(), signal.SIGKILL)


def install(countdown: Countdown) -> None:
    """Count every write of SQLite and every rename, link and removal of Python."""

    class File(apsw.VFSFile):
        def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - SQLite's name
            countdown.tick()
            super().xWrite(data, offset)

        def xSync(self, flags: int) -> None:  # noqa: N802 - SQLite's name
            countdown.tick()
            super().xSync(flags)

        def xTruncate(self, size: int) -> None:  # noqa: N802 - SQLite's name
            countdown.tick()
            super().xTruncate(size)

    class Vfs(apsw.VFS):
        def __init__(self) -> None:
            super().__init__("counting", "unix", makedefault=True)

        def xOpen(self, name: Any, flags: Any) -> File:  # noqa: N802 - SQLite's name
            return File("unix", name, flags)

        def xDelete(self, name: str, sync: bool) -> None:  # noqa: N802 - SQLite's name
            countdown.tick()
            super().xDelete(name, sync)

    globals()["_vfs"] = Vfs()
    for name in ("replace", "rename", "unlink", "link", "fsync"):
        original: Callable[..., Any] = getattr(os, name)

        def counted(*arguments: Any, _original: Callable[..., Any] = original, **named: Any) -> Any:
            countdown.tick()
            return _original(*arguments, **named)

        setattr(os, name, counted)


def in_child(folder: Path, work: Callable[[Path], None], left: int) -> tuple[int, int]:
    """Fork, do the work killed at tick `left`, and return (wait status, ticks that were written down)."""
    count_file = folder.with_name(folder.name + ".count")
    child = os.fork()
    if child == 0:
        countdown = Countdown(left)
        install(countdown)
        try:
            work(folder)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        count_file.write_text(str(countdown.seen))
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    return status, int(count_file.read_text()) if count_file.exists() else 0


def main(work_name: str, folder: Path, points: int) -> dict[str, Any]:
    """Kill `work_name` at `points` moments spread over all its writes, and judge what is left each time."""
    work = getattr(works, work_name)
    prepared = folder / "prepared"
    child = os.fork()
    if child == 0:
        try:
            works.prepare(prepared)
            works.prepare_for(work_name, prepared)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    dry = folder / "dry"
    shutil.copytree(prepared, dry)
    status, total = in_child(dry, work, -1)
    assert status == 0, "the work fails by itself"
    legal = {works.state(prepared), works.state(dry)}
    assert len(legal) == 2, "the work changes nothing"
    report: dict[str, Any] = {
        "work": work_name,
        "writes": total,
        "killed": 0,
        "before": 0,
        "after": 0,
        "wrong": [],
    }
    moments = sorted({1 + round(n * (total - 1) / max(1, points - 1)) for n in range(points)})
    for moment in moments:
        attempt = folder / f"try-{moment}"
        shutil.copytree(prepared, attempt)
        status, _seen = in_child(attempt, work, moment)
        report["killed"] += os.WIFSIGNALED(status)
        found, faults = works.judge(attempt)
        report["before" if found == works.state(prepared) else "after"] += 1
        if found not in legal or faults:
            report["wrong"].append([moment, found in legal, faults])
        shutil.rmtree(attempt)
    report["moments"] = len(moments)
    return report


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))))
