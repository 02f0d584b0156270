"""A fault at any step leaves the data as before or as after, and says the truth about it.

A few points of each; ``DINOTUI_SWEEP=20`` tries more of them, ``python -m tests.faults.points all FOLDER``
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
    ("kill", "import_second", 20),
    ("kill", "import_replacing", 8),
    ("kill", "import_with_decisions", 8),
    ("kill", "undo", 8),
    ("kill", "redo", 8),
    ("kill", "restore_sqlite", 12),
    ("kill", "restore_sql", 6),
    ("kill", "restore_merge", 6),
    ("kill", "backup_sqlite", 6),
    ("kill", "prune", 6),
    ("kill", "fix", 6),
    ("kill", "export_new", 8),
    ("kill", "export_over", 8),
    ("kill", "migrate", 10),
    ("kill", "begin", 10),
    ("eio", "import_second", 20),
    ("eio", "undo", 8),
    ("eio", "restore_json", 8),
    ("eio", "export_over", 8),
    ("eio", "migrate", 8),
    ("enospc", "import_second", 20),
    ("enospc", "backup_json", 8),
    ("enospc", "restore_sqlite", 8),
    ("enospc", "export_new", 8),
    ("cut", "import_second", 20),
    ("cut", "undo", 10),
    ("cut", "restore_sqlite", 8),
    ("cut", "export_over", 6),
    ("cut", "begin", 6),
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
    assert report["before"] > 0
    if mode == "kill":
        assert report["killed"] == report["tried"]
