"""What a page of the plan costs does not grow with the plan: every table is reached by its key."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dinotui.storage import plan_rows
from dinotui.storage.store import Store
from tests.engine.importer import stage

Write = Callable[[str, str], Path]


@pytest.mark.parametrize("condition", ["p.record = 1", "p.record > 1 ORDER BY p.record LIMIT 9"])
def test_a_record_and_a_page_are_read_by_key_alone(store: Store, write_file: Write, condition: str) -> None:
    text = "Country,Entry Date,Exit Date,Visa Type\nPeru,2024-01-01,2024-01-09,work\nPeru,2024-01-02,2024-01-08,work\n"
    with stage(store, write_file("two.csv", text)) as staging:
        select = plan_rows._SELECT
        steps = [row[3] for row in staging.database.rows(f"EXPLAIN QUERY PLAN {select} WHERE {condition}")]
    assert steps
    assert [step for step in steps if "SCAN" in step or "MATERIALIZE" in step or "AUTOMATIC" in step] == []
