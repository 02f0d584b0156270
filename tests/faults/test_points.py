"""A fault at any step leaves the data as before or as after, and says the truth about it.

A few points of each; ``DINOTUI_SWEEP=50`` tries more of them, ``python -m tests.faults.points all FOLDER``
every single one.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import sweep

ROOT = Path(__file__).resolve().parents[2]
CASES = [
    ("kill", "import_second", 6),
    ("kill", "import_replacing", 3),
    ("kill", "import_with_decisions", 3),
    ("kill", "undo", 3),
    ("kill", "redo", 3),
    ("kill", "restore_sqlite", 4),
    ("kill", "restore_sql", 3),
    ("kill", "restore_merge", 3),
    ("kill", "backup_sqlite", 3),
    ("kill", "prune", 3),
    ("kill", "fix", 3),
    ("kill", "export_new", 3),
    ("kill", "export_over", 3),
    ("kill", "migrate", 3),
    ("kill", "begin", 3),
    ("eio", "import_second", 6),
    ("eio", "undo", 3),
    ("eio", "restore_json", 3),
    ("eio", "export_over", 3),
    ("eio", "migrate", 3),
    ("enospc", "import_second", 6),
    ("enospc", "backup_json", 3),
    ("enospc", "restore_sqlite", 3),
    ("enospc", "export_new", 3),
    ("cut", "import_second", 6),
    ("cut", "undo", 3),
    ("cut", "restore_sqlite", 3),
    ("cut", "export_over", 3),
    ("cut", "begin", 3),
]


@pytest.mark.parametrize(("mode", "work", "points"), CASES)
def test_a_fault_leaves_the_data_as_before_or_as_after(
    tmp_path: Path, mode: str, work: str, points: int
) -> None:
    wanted = sweep(points)
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.points", mode, work, str(tmp_path), str(wanted)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60 + 10 * wanted,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    report = json.loads(done.stdout)
    assert report["wrong"] == []
    assert report["tried"] >= min(wanted, report["steps"])
    if mode == "kill":
        assert report["killed"] == report["tried"]
        assert report["before"] > 0
