"""Runs a program and measures it: wall time, processor time, and the most memory any of its processes had."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple


class Measure(NamedTuple):
    """Seconds on the clock, seconds of processors, and megabytes of the largest process."""

    wall: float
    cpu: float
    megabytes: float


class Failed(Exception):
    """A measured program ended with an error; the message holds what it said."""


def run(words: Sequence[str | Path], *, output: Path | None = None, accept: Sequence[int] = (0,)) -> Measure:
    """Run a program to its end. `output` takes its standard output; other exit codes raise `Failed`."""
    with tempfile.TemporaryFile() as said, open(output or os.devnull, "wb") as out:
        began = time.perf_counter()
        process = subprocess.Popen(
            [str(word) for word in words], stdin=subprocess.DEVNULL, stdout=out, stderr=said
        )
        _pid, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in accept:
            said.seek(0)
            text = said.read()[-2000:].decode(errors="replace")
            raise Failed(f"{' '.join(str(word) for word in words)}: exit {process.returncode}: {text}")
    return Measure(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def median(measures: Sequence[Measure]) -> Measure:
    """Return the medians of the times, and the most memory."""
    return Measure(
        statistics.median(measure.wall for measure in measures),
        statistics.median(measure.cpu for measure in measures),
        max(measure.megabytes for measure in measures),
    )
