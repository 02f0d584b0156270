"""The benchmarks run: no times are tested, only that every part of a run does its work."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import data
from benchmarks.__main__ import main


def test_a_small_run_measures_and_prints_a_row_a_case(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--size", "1k", "--runs", "1", "--folder", str(tmp_path), "--cases", "version", "undo", "cost"]
    assert main(words) == 0
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| ")]
    assert len(rows) == 4
    assert not [row for row in rows if "not measured" in row]


def test_the_data_is_the_same_each_time(tmp_path: Path) -> None:
    first, second = list(data.stays(200)), list(data.stays(200))
    assert first == second
    assert {stay.exit is None for stay in first} == {True, False}
    assert len({stay.visa for stay in first}) == 12
    assert any("\n" in stay.notes for stay in first)
    assert max(len(stay.notes) for stay in first) <= 80
    repeated = set(first) & set(data.stays(200, other=True))
    assert 0 < len(repeated) < 100
