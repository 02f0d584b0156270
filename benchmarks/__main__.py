"""`python -m benchmarks`: measure dinotui beside its peers and print the table in Markdown."""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks import screens
from benchmarks.cases import CASES, Goal, Job, Work, chosen
from benchmarks.measuring import Failed, median
from benchmarks.peers import Missing, Peers

SIZES: Final = {"1k": 1_000, "10k": 10_000, "100k": 100_000, "1M": 1_000_000}
NAMES: Final = (*(case.name for case in CASES), *(screen[0] for screen in screens.SCREENS), "keys")
HEAD: Final = (
    "| work | records | dinotui | peer | | ratio | at most | stretch | memory |\n"
    "|---|--:|--:|---|--:|--:|--:|--:|--:|"
)
MEMORY: Final = (200, 120)  # megabytes of any process: at most, and stretch
KEY: Final = (20, 50, 10)  # milliseconds: median, 99th percentile, stretch of the median


def main(argv: Sequence[str] | None = None) -> int:
    """Run the chosen cases and return 0; 1 when a case could not be measured."""
    options = _options(argv)
    folder = Path(options.folder)
    folder.mkdir(parents=True, exist_ok=True)
    peers = Peers(folder / "peers")
    print(
        f"Python {platform.python_version()}, {platform.machine()}; medians of {options.runs} runs\n\n{HEAD}",
        flush=True,
    )
    failed, largest = False, 0.0
    for size in options.size:
        work = Work(folder, SIZES[size], peers)
        for case in chosen(options.cases or []):
            part = work.part(case.scale or 1)
            records = part.records if case.scale else 0
            row = _pair(
                case.work, records, case.against, case.goal, case.ours, case.theirs, part, options.runs
            )
            failed, largest = failed or row is None, max(largest, row or 0)
        for name, what, against, goal, ours, theirs in screens.SCREENS:
            if not options.cases or name in options.cases:
                records = work.records if name == "rows" else 0
                row = _pair(what, records, against, goal, ours, theirs, work, options.runs)
                failed, largest = failed or row is None, max(largest, row or 0)
        if not options.cases or "keys" in options.cases:
            largest = max(largest, _keys(work))
    print(
        f"\nMost memory of any dinotui process: {largest:.0f} MB (at most {MEMORY[0]}, stretch {MEMORY[1]})"
    )
    return int(failed)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--size", action="append", choices=SIZES, help="records (default 1M); may be repeated"
    )
    parser.add_argument("--cases", nargs="+", choices=NAMES, metavar="CASE", help=f"of: {', '.join(NAMES)}")
    parser.add_argument("--runs", type=int, default=3, help="how often each is run (default 3)")
    parser.add_argument(
        "--folder",
        default=str(Path(tempfile.gettempdir()) / "dinotui-benchmarks"),
        help="where data, databases and the peers' environments are made and kept",
    )
    options = parser.parse_args(argv)
    options.size = options.size or ["1M"]
    return options


def _pair(
    what: str,
    records: int,
    against: str,
    goal: Goal,
    ours: Job,
    theirs: Job,
    work: Work,
    runs: int,
) -> float | None:
    """Measure both in turn, print their row, and return the memory of ours; None when one failed."""
    mine, others = [], []
    try:
        for number in range(runs):
            work.round = number
            mine.append(work.measure(ours))
            others.append(work.measure(theirs))
    except (Failed, Missing, TimeoutError, EOFError) as error:
        print(
            f"| {what} | {records or ''} | not measured: {' '.join(str(error).split())[:300]} |", flush=True
        )
        return None
    own, peer = median(mine), median(others)
    ratio = own.wall / peer.wall
    processors = f" (processors {own.cpu / peer.cpu:.2f} ×)" if own.cpu and peer.cpu else ""
    verdict = "met, stretch" if ratio <= goal.stretch else "met" if ratio <= goal.most else "**not met**"
    print(
        f"| {what} | {records or ''} | {_seconds(own.wall)} | {against} | {_seconds(peer.wall)}"
        f" | {ratio:.2f} ×{processors}, {verdict}"
        f" | {goal.most} × | {goal.stretch} × | {own.megabytes:.0f} MB |",
        flush=True,
    )
    return own.megabytes


def _keys(work: Work) -> float:
    largest = 0.0
    try:
        for screen, middle, late, megabytes in screens.key_times(work):
            met = middle <= KEY[0] and late <= KEY[1]
            verdict = ("met, stretch" if middle <= KEY[2] else "met") if met else "**not met**"
            print(
                f"| a key in {screen} | {work.records} | {middle:.1f} ms, 99th {late:.1f} ms | | | {verdict}"
                f" | {KEY[0]}, {KEY[1]} ms | {KEY[2]} ms | {megabytes:.0f} MB |",
                flush=True,
            )
            largest = max(largest, megabytes)
    except (TimeoutError, EOFError) as error:
        print(f"| keys | {work.records} | not measured: {error} |", flush=True)
    return largest


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.0f} ms"


if __name__ == "__main__":
    sys.exit(main())
