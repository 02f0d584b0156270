"""A sample of damaged files through the plan; all of them with ``python -m tests.faults.mutants``."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import sweep
from tests.faults import memory, mutants


def test_damaged_files_end_in_a_plan_or_a_sentence(tmp_path: Path) -> None:
    outcome = mutants.run(sweep(60), 7, tmp_path)
    outcome.faults = [fault for fault in outcome.faults if "of memory" not in fault]  # other tests had it
    assert outcome.faults == []
    assert outcome.ends["planned"] > 0
    assert len(outcome.ends) > 3


def test_the_measure_of_memory_works(tmp_path: Path) -> None:
    for kind in ("csv", "json"):
        assert memory.measure(kind, tmp_path, small=True) < memory.MOST_MB
