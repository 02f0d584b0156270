"""Stays that run into each other, as a form tells them before saving."""

from __future__ import annotations

import pytest

from dinotui.domain.dates import iso_day
from dinotui.engine.overlaps import overlapping
from dinotui.engine.trips import add_trip
from dinotui.storage.store import Store

TODAY = "2024-06-15"


def day(text: str) -> int:
    found = iso_day(text)
    assert found is not None
    return found


def found(store: Store, entry: str, leaving: str | None, apart_from: int | None = None) -> list[int]:
    last = None if leaving is None else day(leaving)
    rows = overlapping(store, day(entry), last, day(TODAY), apart_from=apart_from)
    return [row["number"] for row in rows]


@pytest.mark.parametrize(
    ("entry", "leaving", "numbers"),
    [
        ("2024-03-02", "2024-03-10", [1]),
        ("2024-03-10", "2024-03-12", []),  # a border day is shared by both stays
        ("2024-02-20", "2024-03-02", []),
        ("2024-03-05", "2024-03-05", [1]),
        ("2024-02-01", "2024-04-30", [2, 1]),
        ("2024-04-01", "2024-04-01", [2]),  # the very same single day
        ("2024-06-10", "2024-06-12", [3]),
        ("2024-06-20", "2024-06-22", []),  # the open stay goes on up to today only
        ("2024-06-12", None, [3]),
        ("2024-07-01", None, []),
        ("2024-09-02", "2024-09-04", [4]),
    ],
)
def test_only_days_inside_each_other_count(
    store: Store, entry: str, leaving: str | None, numbers: list[int]
) -> None:
    for first, last in (
        ("2024-03-02", "2024-03-10"),
        ("2024-04-01", "2024-04-01"),
        ("2024-06-01", ""),
        ("2024-09-01", "2024-09-05"),
    ):
        fields = {"country": "Japan", "entryDate": first, "exitDate": last, "visaType": "tourist"}
        add_trip(store, fields)
    assert found(store, entry, leaving) == numbers
    assert found(store, entry, leaving, apart_from=1) == [number for number in numbers if number != 1]
