"""Export, import into an empty database, export again: the same data; into the same database: no change."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from dinotui.domain.configuration import ExportConfiguration
from dinotui.engine import exporting, history, trips
from dinotui.engine.notifications import add_notification
from dinotui.engine.preferences import set_preferences
from dinotui.storage.store import Store
from tests.conftest import logical_dump
from tests.engine.importer import import_file

NOTES = (
    "",
    'commas, "quotes" and\nline\r\nbreaks\rof all kinds',
    "오사카 출장, 2박 3일",
    "=1+1",
    "'=quoted already",
    "-5 degrees",
    "@home",
    "\tleading tab",
    "  spaces kept  ",
    "👩‍👩‍👧 مرحبا \u202e",
    "+82 10-1234-5678",
)


@pytest.fixture
def full_store(store: Store) -> Store:
    for number, note in enumerate(NOTES):
        fields = {
            "country": ["Japan", "대한민국", "Côte d'Ivoire", "Korea", "Nowhere, really"][number % 5],
            "entryDate": f"2024-{number + 1:02}-03",
            "exitDate": "" if number == 10 else f"2024-{number + 1:02}-09",
            "visaType": "tourist" if number % 2 else "work, 'B-1'",
            "maxDays": "90" if number % 3 else "",
            "passportCountry": "KR" if number % 2 else "",
            "notes": note,
        }
        trips.add_trip(store, fields)
    set_preferences(store, {"homePassport": "KR", "visaExpiryDays": [3, 5]})
    first = trips.find_row(store, "#1")["id"]
    add_notification(store, "overstay", "제목", "message, with “text”", subject="s1", trip_id=first)
    return store


def export(store: Store, target: Path, **changes: Any) -> Path:
    exporting.export_to_file(ExportConfiguration.model_validate(changes), target, store)
    return target


EVERYTHING = {"trips": True, "preferences": True, "notifications": True, "analytics": True}


@pytest.mark.parametrize(
    "compression", [{}, {"enabled": True}, {"enabled": True, "algorithm": "zip", "level": 5}]
)
def test_json_comes_back_equal(
    full_store: Store, other_store: Store, tmp_path: Path, compression: dict[str, Any]
) -> None:
    file = export(full_store, tmp_path / "one", categories=EVERYTHING, compression=compression)
    import_file(other_store, file)
    again = export(other_store, tmp_path / "two.json", categories=EVERYTHING)
    first = export(full_store, tmp_path / "plain.json", categories=EVERYTHING)
    assert json.loads(again.read_bytes())["data"] == json.loads(first.read_bytes())["data"]


def test_csv_comes_back_equal_for_its_columns(full_store: Store, other_store: Store, tmp_path: Path) -> None:
    file = export(full_store, tmp_path / "one.csv", format="csv")
    result = import_file(other_store, file)
    assert (result.summary.imported, result.summary.errors) == (len(NOTES), 0)
    again = export(other_store, tmp_path / "two.csv", format="csv")
    assert again.read_bytes() == file.read_bytes()
    rows = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")))
    header = "Country,Entry Date,Exit Date,Visa Type,Max Days,Passport Country,Duration,Notes"
    assert ",".join(rows[0]) == header
    stored = {row[0] for row in other_store.database.rows("SELECT notes FROM trip")}
    assert stored == set(NOTES)


@pytest.mark.parametrize("form", ["json", "csv"])
@pytest.mark.parametrize("resolution", ["skip", "update", "prompt"])
def test_into_the_same_database_nothing_changes(
    full_store: Store, tmp_path: Path, form: str, resolution: str
) -> None:
    before = logical_dump(full_store)
    categories = EVERYTHING if form == "json" else {"trips": True}
    file = export(full_store, tmp_path / f"all.{form}", format=form, categories=categories)
    result = import_file(full_store, file, resolution=resolution)
    assert (result.summary.skipped, result.summary.total_records) == (len(NOTES), len(NOTES))
    assert logical_dump(full_store) == before


def test_replace_with_the_own_export_changes_nothing(full_store: Store, tmp_path: Path) -> None:
    before = logical_dump(full_store)
    file = export(full_store, tmp_path / "all.json", categories=EVERYTHING)
    result = import_file(full_store, file, strategy="replace")
    assert (result.summary.removed, result.summary.updated) == (0, 0)
    assert logical_dump(full_store) == before


def test_a_notification_still_points_at_the_right_trip(
    full_store: Store, other_store: Store, tmp_path: Path
) -> None:
    row = trips.find_row(full_store, "#1")
    trips.add_trip(other_store, trips.as_fields(row))
    existing = trips.find_row(other_store, "#1")["id"]
    assert existing != row["id"]
    file = export(full_store, tmp_path / "all.json", categories=EVERYTHING)
    import_file(other_store, file)
    assert other_store.database.value("SELECT trip_id FROM notification") == existing
    history.undo(other_store)
    assert other_store.database.value("SELECT count(*) FROM notification") == 0
