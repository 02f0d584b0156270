"""Processes that write to one database at the same time, each noting what it was told had been done.

``python -m tests.faults.workers cli|app DATABASE COUNT NAME`` does COUNT operations and prints a JSON report.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import random
import sys
import tempfile
from pathlib import Path
from typing import Any


def by_command_line(database: Path, count: int, name: str) -> dict[str, Any]:
    """Add, edit and delete trips by command lines, some undone again; return what was acknowledged."""
    from dinotui.cli.entry import run

    told: dict[str, Any] = {"added": [], "deleted": [], "edited": {}, "errors": [], "operations": 0}
    chance = random.Random(name)

    def command(*words: str) -> Any:
        sys.stdout = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
        try:
            code = run(["--db", str(database), *words, "--json"], NoApp())
            sys.stdout.seek(0)
            answer = json.loads(sys.stdout.read())
        finally:
            sys.stdout = sys.__stdout__
        told["operations"] += 1
        if code:
            told["errors"].append([words, answer])
        return answer

    mine: list[str] = []
    for number in range(count):
        what = chance.random()
        if what < 0.6 or len(mine) < 3:
            notes = f"{name}-{number}"
            made = command(
                *("trip", "add", "--country", "Japan", "--entry", f"20{number % 90 + 10}-01-01"),
                *("--visa-type", "work", "--notes", notes),
            )
            mine.append(made["id"])
            told["added"].append([made["id"], notes])
        elif what < 0.85:
            id_, notes = chance.choice(mine), f"{name}-{number} edited"
            command("trip", "edit", id_, "--notes", notes)
            told["edited"][id_] = notes
        else:
            id_ = mine.pop(chance.randrange(len(mine)))
            command("trip", "delete", id_)
            told["deleted"].append(id_)
    return told


class NoApp:
    """Stands for the app, which is not opened here."""

    def refuse_without_terminal(self) -> None:
        raise AssertionError("the app is not asked for")

    def run(self, *_given: Any, **_named: Any) -> int:
        raise AssertionError("the app is not asked for")


def by_app(database: Path, count: int, name: str) -> dict[str, Any]:
    """Add trips in the app by its form, and look whether the others' changes show."""
    return asyncio.run(_in_app(database, count, name))


async def _in_app(database: Path, count: int, name: str) -> dict[str, Any]:
    import dinotui.tui  # noqa: F401 - sets Textual's switches before it is imported
    from dinotui.engine.trips import add_trip
    from dinotui.storage.store import Store
    from dinotui.tui.screens.stored import start_store_job
    from dinotui.tui.screens.trips import TripsScreen
    from dinotui.tui.start import make_app

    told: dict[str, Any] = {
        "added": [],
        "deleted": [],
        "edited": {},
        "errors": [],
        "operations": 0,
        "seen": 0,
    }
    with Store(database) as store:
        app = make_app(store)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("1")
            await pilot.pause()
            screen = app.screen
            assert isinstance(screen, TripsScreen)
            for number in range(count):
                notes, ended = f"{name}-{number}", asyncio.Event()
                fields = {"country": "Peru", "entryDate": f"20{number % 90 + 10}-02-01", "visaType": "work"}

                def work(own: Store, *_given: Any, fields: Any = fields, notes: str = notes) -> str:
                    return add_trip(own, {**fields, "notes": notes})[0].id

                def done(id_: str, notes: str = notes, ended: asyncio.Event = ended) -> None:
                    told["added"].append([id_, notes])
                    ended.set()

                def failed(error: Exception, ended: asyncio.Event = ended) -> None:
                    told["errors"].append(str(error))
                    ended.set()

                start_store_job(screen, "Saving", work, done, failed)
                told["operations"] += 1
                await asyncio.wait_for(ended.wait(), 120)
            for _turn in range(100):
                await pilot.pause(0.05)
                screen.look()
                told["seen"] = screen.trips.count
                if told["seen"] >= told["operations"]:
                    break
            told["status"] = app.screen.query_one("StatusLine").text  # type: ignore[attr-defined]
    return told


if __name__ == "__main__":
    kind, place, wanted, who = sys.argv[1:5]
    for variable in ("XDG_STATE_HOME", "XDG_DATA_HOME"):
        os.environ.setdefault(variable, tempfile.mkdtemp())
    report = (by_command_line if kind == "cli" else by_app)(Path(place), int(wanted), who)
    sys.__stdout__.write(json.dumps(report))  # type: ignore[union-attr]
