"""What every test may use: a real database in a folder of its own, and imports from text."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dinotui.storage.store import Store

SHARED = Path(__file__).resolve().parents[2] / "shared" / "corpora"


def sweep(ordinary: int) -> int:
    """Return how often a sampled test tries: turned up by DINOTUI_SWEEP, a factor."""
    return max(1, round(ordinary * float(os.environ.get("DINOTUI_SWEEP", "1"))))


@pytest.fixture
def corpora() -> Path:
    """Files that nobody here wrote; the test is skipped where they are missing."""
    if not SHARED.is_dir():
        pytest.skip("the shared corpora are not beside this checkout")
    return SHARED


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty database with one user."""
    with Store(tmp_path / "data" / "dinotui.db", "Kim") as opened:
        yield opened


@pytest.fixture
def other_store(tmp_path: Path) -> Iterator[Store]:
    """A second empty database."""
    with Store(tmp_path / "other" / "dinotui.db", "Kim") as opened:
        yield opened


@pytest.fixture
def write_file(tmp_path: Path) -> Callable[[str, str], Path]:
    """Write a text file and return its path."""

    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8", newline="")
        return path

    return write


def logical_dump(store: Store, *, exact: bool = True) -> list[tuple[Any, ...]]:
    """Return what a user would call the data: trips, preferences and notifications, in a fixed order.

    That an import left records out is the program's own note and no part of what an import changes. Not
    `exact` leaves out what two runs of the same import may differ in: ids, numbers, instants.
    """
    identity = "number, id, created_at, updated_at, changed_by, " if exact else ""
    trips = store.database.rows(
        f"SELECT {identity} user, country, country_code, entry_day, exit_day, visa_type, max_days,"
        " passport_country, notes FROM trip ORDER BY entry_day, country, exit_day, visa_type, notes, number"
    )
    preferences = store.database.rows("SELECT user, key, value FROM preference ORDER BY user, key")
    notifications = store.database.rows(
        "SELECT user, id, kind, title, message, read_at, trip_id FROM notification"
        " WHERE kind <> 'import-rejects' ORDER BY user, id"
    )
    return [("trips", *trips), ("preferences", *preferences), ("notifications", *notifications)]
