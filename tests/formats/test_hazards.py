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
MEASURE = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(code, used.ru_maxrss, used.ru_utime + used.ru_stime)
"""
"""Run by a small process of its own: a child's peak counts what its parent held when it began."""


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
    ran = subprocess.run(
        [sys.executable, "-c", MEASURE, *words], capture_output=True, text=True, env=environment
    )
    said, (code, kilobytes, seconds) = ran.stderr, ran.stdout.split()
    assert int(code) == (1 if "error" in case.expected else 0), said
    assert visible(said, newlines=True) == said
    assert int(kilobytes) < 100 * 1024
    # The start of the program is in it; a loaded machine makes every clock late, the processor's least.
    assert float(seconds) < case.expected["seconds"] + 1.5
    assert time.monotonic() - started < 30
