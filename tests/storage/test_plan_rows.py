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


def test_records_are_found_by_all_words_however_many_there_are(store: Store, write_file: Write) -> None:
    text = "Country,Entry Date,Visa Type\nPeru,2024-01-01,work\nChad,2024-01-02,work\n"
    with stage(store, write_file("two.csv", text)) as staging:
        for more, found in (("peru work", 1), ("peru chad", 0), ("work", 2)):
            chosen = plan_rows.PlanFilter(text=f"{more} {'2024-01 ' * 1_500}{'work 2024 ' * 1_500}")
            assert plan_rows.count(staging, chosen) == found
            many = plan_rows.PlanFilter(
                text=more + "".join(f" {'2024-01-0'[:length]}" for length in range(1, 10))
            )
            assert plan_rows.count(staging, many) == found
