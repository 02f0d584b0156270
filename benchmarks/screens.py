"""What a person waits for at the screen: first paint, first rows of a plan, the answer to a key."""

from __future__ import annotations

import os
import statistics
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from benchmarks import data
from benchmarks.cases import SCRIPTS, Goal, Work
from benchmarks.measuring import Measure
from benchmarks.terminal import Terminal

KEYS: Final = (b"\x1b[B", b"\x1b[6~", b"\x1b[F", b"\x1b[H")  # down, page down, end, home
PRESSED: Final = 25  # times all of them


def environment(work: Work) -> dict[str, str]:
    """Return a plain terminal's environment whose homes lie in the run's folder."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TEXTUAL", "DINOTUI", "LC_"))
    }
    home = work.folder / "home"
    home.mkdir(exist_ok=True)
    return kept | {
        "TERM": "xterm-256color",
        "LANG": "en_US.UTF-8",
        "HOME": str(home),
        "XDG_STATE_HOME": str(home),
    }


def first_paint(work: Work) -> Measure:
    """Return how long the app takes from its start to its home screen."""
    with Terminal([*work.dinotui, "--db", work.scratch() / "trips.db"], environment(work)) as app:
        return Measure(app.wait_for("Import"), 0, app.megabytes())


def first_paint_of_minimal(work: Work) -> Measure:
    """Return the same of the smallest Textual app."""
    with Terminal([sys.executable, SCRIPTS / "minimal_textual.py"], environment(work)) as app:
        return Measure(app.wait_for("first paint"), 0, app.megabytes())


def plan_of(app: Terminal, file: Path) -> float:
    """Choose a file in the wizard and return the seconds until the first rows of its plan are there."""
    app.wait_for("Import")
    app.until_quiet()
    app.type(b"i")
    app.wait_for("Path")
    app.until_quiet()
    app.type(b"/")
    app.until_quiet()
    app.type(str(file).encode())
    app.until_quiet()
    app.type(b"\r")
    country = next(data.stays(1)).country
    return app.wait_for(country)


def first_rows(work: Work) -> Measure:
    """Return how long a CSV takes from its choice to the first rows of its plan."""
    file = data.csv_file(work.data, work.records)
    with Terminal([*work.dinotui, "--db", work.scratch() / "trips.db"], environment(work)) as app:
        return Measure(plan_of(app, file), 0, app.megabytes())


def first_rows_of_visidata(work: Work) -> Measure:
    """Return how long VisiData takes from its start to the first rows of the same CSV."""
    program = work.peers.program("visidata", "vd")
    file = data.csv_file(work.data, work.records)
    with Terminal([program, file], environment(work)) as app:
        return Measure(app.wait_for(next(data.stays(1)).country), 0, app.megabytes())


SCREENS: Final[
    tuple[tuple[str, str, str, Goal, Callable[[Work], Measure], Callable[[Work], Measure]], ...]
] = (
    (
        "rows",
        "first rows of the plan of a CSV on screen",
        "VisiData's first screen",
        Goal(1, 0.7),
        first_rows,
        first_rows_of_visidata,
    ),
    (
        "paint",
        "first paint of the app",
        "a minimal Textual app",
        Goal(1.4, 1.15),
        first_paint,
        first_paint_of_minimal,
    ),
)


def key_times(work: Work) -> Iterator[tuple[str, float, float, float]]:
    """Yield (screen, median, 99th percentile in milliseconds, megabytes) of keys at the run's size."""
    database = work.copy(work.records)
    with Terminal([*work.dinotui, "--db", database], environment(work)) as app:
        plan_of(app, data.csv_file(work.data, work.records, other=True))
        app.until_quiet(1.0)
        yield "preview", *_pressed(app)
    with Terminal([*work.dinotui, "--db", database], environment(work)) as app:
        app.wait_for("Import")
        app.until_quiet()
        app.type(b"t")
        app.until_quiet(1.0)
        yield "trips", *_pressed(app)
    with Terminal([*work.dinotui, "--db", database], environment(work)) as app:
        app.wait_for("Import")
        app.until_quiet()
        app.type(b"h")
        app.until_quiet(1.0)
        app.type(b"\r")
        app.until_quiet(1.0)
        yield "history of one operation", *_pressed(app)


def _pressed(app: Terminal) -> tuple[float, float, float]:
    times = [app.answer(key) * 1000 for _time in range(PRESSED) for key in KEYS]
    times.sort()
    return statistics.median(times), times[min(len(times) - 1, round(len(times) * 0.99))], app.megabytes()
