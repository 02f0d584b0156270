"""Do a piece of work again and again, each time with a fault at another of its steps, and judge what is left.

``python -m tests.faults.points MODE WORK FOLDER [POINTS]`` prints a JSON report. MODE is ``kill``, ``eio``,
``enospc`` or ``cut``; without POINTS every step is tried. ``python -m tests.faults.points all FOLDER [POINTS]``
runs every mode over every work and prints a line each.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.faults import works
from tests.faults.disk import Counting, Cutting, Failing, Killing, install

MODES: dict[str, Callable[[int], Counting]] = {
    "kill": lambda at: Killing(at=at),
    "eio": lambda at: Failing(at=at, number=errno.EIO),
    "enospc": lambda at: Failing(at=at, number=errno.ENOSPC),
    "cut": lambda at: Cutting(at=at, seed=at),
}


def in_child(folder: Path, work: Callable[[Path], None], watch: Counting) -> dict[str, Any]:
    """Fork, do the work over `watch`, and return how it ended: ``done``, ``refused`` with a code, or neither."""
    note = folder.with_name(folder.name + ".note")
    note.unlink(missing_ok=True)
    child = os.fork()
    if child == 0:
        from dinotui.domain.errors import DinoError

        told: dict[str, Any] = {"end": "done"}
        install(watch)
        try:
            work(folder)
        except DinoError as error:
            told = {"end": "refused", "code": error.code, "message": error.message}
        except BaseException:
            told = {"end": "crashed", "trace": traceback.format_exc()[-3000:]}
        told["seen"] = watch.seen
        descriptor = os.open(note, os.O_WRONLY | os.O_CREAT, 0o600)
        os.write(descriptor, json.dumps(told).encode())
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        return {"end": "killed"}
    found: dict[str, Any] = json.loads(note.read_text())
    return found


def prepared(work_name: str, folder: Path) -> Path:
    """Make what the work starts from."""
    place = folder / "prepared"
    child = os.fork()
    if child == 0:
        try:
            works.prepare(place)
            works.prepare_for(work_name, place)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    return place


def run(mode: str, work_name: str, folder: Path, points: int | None) -> dict[str, Any]:
    """Try `points` steps (all where None) of `work_name` with the fault `mode` and return the report."""
    work = getattr(works, work_name)
    start = prepared(work_name, folder)
    dry = folder / "dry"
    shutil.copytree(start, dry)
    told = in_child(dry, work, Counting())
    assert told["end"] == "done", told
    before, after = works.state(start, work_name), works.state(dry, work_name)
    assert before != after, "the work changes nothing"
    total = told["seen"]
    moments = range(1, total + 1)
    if points is not None and points < total:
        moments = sorted({1 + round(n * (total - 1) / max(1, points - 1)) for n in range(points)})  # type: ignore[assignment]
    report: dict[str, Any] = {
        "mode": mode,
        "work": work_name,
        "steps": total,
        "tried": 0,
        "before": 0,
        "after": 0,
    }
    report |= {"killed": 0, "done": 0, "refused": 0, "codes": {}, "wrong": []}
    for moment in moments:
        attempt = folder / f"try-{moment}"
        shutil.copytree(start, attempt)
        told = in_child(attempt, work, MODES[mode](moment))
        report["tried"] += 1
        report[told["end"]] = report.get(told["end"], 0) + 1
        if "code" in told:
            report["codes"][told["code"]] = report["codes"].get(told["code"], 0) + 1
        faults = works.judge(attempt)
        found = works.state(attempt, work_name)
        report["before" if found == before else "after"] += 1
        if found not in (before, after):
            faults.append("neither the state before nor the one after")
        if told["end"] == "refused" and found != before and "othing was" in told["message"]:
            faults.append(f"it says that nothing was changed, and something was: {told}")
        if told["end"] == "done" and found != after:
            faults.append("it says that it is done, and it is not")
        if told["end"] == "crashed":
            faults.append(told["trace"])
        if faults:
            report["wrong"].append([moment, faults])
        shutil.rmtree(attempt)
    return report


def everything(folder: Path, points: int | None) -> int:
    """Run all modes over all works, print a line each, and return how many points went wrong."""
    wrong = tried = 0
    for mode in MODES:
        for work_name in works.WORKS:
            place = folder / f"{mode}-{work_name}"
            place.mkdir()
            begun = time.monotonic()
            report = run(mode, work_name, place, points)
            tried += report["tried"]
            wrong += len(report["wrong"])
            print(f"{time.monotonic() - begun:6.1f} s  {json.dumps(report)}", flush=True)
            shutil.rmtree(place)
    print(f"{tried} points, {wrong} wrong")
    return wrong


if __name__ == "__main__":
    if sys.argv[1] == "all":
        sys.exit(everything(Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else None) > 0)
    wanted = int(sys.argv[4]) if len(sys.argv) > 4 else None
    print(json.dumps(run(sys.argv[1], sys.argv[2], Path(sys.argv[3]), wanted)))
