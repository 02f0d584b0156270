"""A process killed at any moment leaves the data as before or as after (turn up with DINOTUI_SWEEP)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import sweep

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("work", "points"),
    [
        ("import_second", 50),
        ("import_replacing", 20),
        ("import_with_decisions", 20),
        ("undo", 15),
        ("redo", 15),
    ],
)
def test_a_kill_leaves_the_data_as_before_or_as_after(tmp_path: Path, work: str, points: int) -> None:
    wanted = sweep(points)
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.kill_points", work, str(tmp_path), str(wanted)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60 + 10 * wanted,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    report = json.loads(done.stdout)
    assert report["wrong"] == []
    assert report["killed"] == report["moments"] >= min(wanted, report["writes"])
    assert report["before"] > 0
