"""Command lines and apps on one database at the same time: every acknowledged change is there, none twice.

4 command-line processes and 2 apps do 1,000 operations each with ``DINOTUI_SWEEP=100``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from dinotui.engine import integrity
from dinotui.storage.store import Store
from tests.conftest import sweep

ROOT = Path(__file__).resolve().parents[2]


def test_processes_that_write_together_lose_and_double_nothing(tmp_path: Path) -> None:
    database, count = tmp_path / "dinotui.db", sweep(10)
    Store(database, "Kim").close()
    workers = [("cli", f"c{n}") for n in range(4)] + [("app", f"a{n}") for n in range(2)]
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.faults.workers", kind, str(database), str(count), name],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for kind, name in workers
    ]
    reports: list[dict[str, Any]] = []
    for process in running:
        out, err = process.communicate(timeout=120 + 5 * count)
        assert process.returncode == 0, err[-3000:]
        assert "database is locked" not in out + err
        reports.append(json.loads(out))
    assert [report["errors"] for report in reports] == [[]] * len(reports)
    expected: dict[str, str] = {}
    for report in reports:
        expected |= dict(report["added"])
        expected |= report["edited"]
        for id_ in report["deleted"]:
            del expected[id_]
    with Store(database) as store:
        found = store.database.rows("SELECT id, notes FROM trip")
        assert len(found) == len(expected)
        assert dict(found) == expected
        operations = store.database.value("SELECT count(*) FROM operation")
        assert operations == sum(report["operations"] for report in reports) == count * len(workers)
        assert integrity.check(store).ok
    assert all(report["seen"] >= count for report in reports if "seen" in report)
