"""Every line of the hazards about files has a folder in tests/data/hazards, and each ends as it says there."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dinotui.domain.visible import visible
from dinotui.storage.store import Store
from tests.formats.hazards import Case, cases, outcome

CASES = cases()
BOMBS = [case for case in CASES if "seconds" in case.expected]
_TOLD = ("rows", "questions", "error", "where")


@pytest.mark.parametrize("case", CASES, ids=[case.folder.name for case in CASES])
def test_a_hazard_ends_as_its_folder_says(case: Case, store: Store) -> None:
    before = store.path.read_bytes()
    found = outcome(store, case.files, case.expected.get("settings", {}))
    assert found == {name: value for name, value in case.expected.items() if name in _TOLD}
    assert store.path.read_bytes() == before


@pytest.mark.parametrize("case", BOMBS, ids=[case.folder.name for case in BOMBS])
def test_a_bomb_costs_a_second_and_100_mb_at_most(case: Case, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "dinotui", "import", str(case.files[0]), "--dry-run"]
    environment = {**os.environ, "DINOTUI_DB": str(tmp_path / "trips.db"), "LC_ALL": "C.UTF-8"}
    started = time.monotonic()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment)
    assert process.stderr is not None
    said = process.stderr.read().decode()
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    assert process.returncode == (1 if "error" in case.expected else 0), said
    assert visible(said, newlines=True) == said
    assert used.ru_maxrss < 100 * 1024, f"{used.ru_maxrss // 1024} MB"
    # The start of the program is in it; a loaded machine makes every clock late, the processor's least.
    assert used.ru_utime + used.ru_stime < case.expected["seconds"] + 1.5
    assert time.monotonic() - started < 30
