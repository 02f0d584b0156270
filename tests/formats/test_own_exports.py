"""What our writers write, our readers read: every column of every trip, through the door to all formats."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from dinotui.domain.configuration import ExportFormat
from dinotui.domain.dates import day_text
from dinotui.domain.export import ExportRow
from dinotui.formats.registry import open_source
from tests.conftest import sweep
from tests.formats.test_writers import ROWS, document, layout, trip, written

NAMES = {
    "json": ("country", "entryDate", "exitDate", "visaType", "maxDays", "passportCountry", "notes", "id"),
    "xlsx": (
        "Country",
        "Entry Date",
        "Exit Date",
        "Visa Type",
        "Max Days",
        "Passport Country",
        "Notes",
        "ID",
    ),
}
BOOKKEEPING = {"json": ("createdAt", "updatedAt", "source"), "xlsx": ("Created At", "Updated At", "Source")}


def check(folder: Path, name: ExportFormat, rows: Sequence[ExportRow]) -> None:
    """Write the trips, read them, and compare."""
    data, _meant = written(document(rows), layout(name))
    path = folder / f"own.{name}"
    path.write_bytes(data)
    source = open_source(path, scratch=folder)
    (table,) = source.tables
    assert table.detection.form == "dino"
    found = [dict(zip(table.columns, row.cells, strict=False)) for row in table.rows()]
    assert len(found) == len(rows)
    for cells, row in zip(found, rows, strict=True):
        wanted: list[Any] = [row[1], day_text(row[3]), None if row[4] is None else day_text(row[4])]
        wanted += [*row[5:9], row[0]]
        assert [cells.get(column) or None for column in NAMES[name]] == [value or None for value in wanted]
        assert [cells[column] for column in BOOKKEEPING[name]] == list(row[9:12])
    source.close()


@pytest.mark.parametrize(("name", "tries"), [("json", 60), ("xlsx", 8)])
def test_any_trips(name: ExportFormat, tries: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    @settings(max_examples=sweep(tries), deadline=None)
    @given(ROWS.filter(bool))
    def law(rows: list[ExportRow]) -> None:
        check(tmp_path_factory.getbasetemp(), name, rows)

    law()


def check_csv(folder: Path, rows: Sequence[ExportRow]) -> None:
    """Write the trips as CSV, read them, and compare: its own eight columns, every text to the letter."""
    path = folder / "own.csv"
    path.write_bytes(written(document(rows), layout("csv"))[0])
    source = open_source(path, scratch=folder)
    (table,) = source.tables
    assert table.columns == [*NAMES["xlsx"][:6], "Duration", "Notes"]
    found = list(table.rows())
    assert [row.problem for row in found] == [None] * len(rows)
    for row, trip_row in zip(found, rows, strict=True):
        cells = [*row.cells[:6], row.cells[7]]
        leaving = "" if trip_row[4] is None else day_text(trip_row[4])
        days = "" if trip_row[6] is None else str(trip_row[6])
        assert cells == [trip_row[1], day_text(trip_row[3]), leaving, trip_row[5], days, *trip_row[7:9]]
    source.close()


def test_any_trips_as_csv(tmp_path_factory: pytest.TempPathFactory) -> None:
    @settings(max_examples=sweep(60), deadline=None)
    @given(ROWS.filter(bool))
    def law(rows: list[ExportRow]) -> None:
        check_csv(tmp_path_factory.getbasetemp(), rows)

    law()


@pytest.mark.parametrize("name", ["json", "xlsx"])
def test_naughty_strings(name: ExportFormat, tmp_path: Path, corpora: Path) -> None:
    texts = json.loads((corpora / "blns" / "blns.json").read_text(encoding="utf-8"))
    check(tmp_path, name, [trip(id=f"{n}", notes=text, country=f"x{text}") for n, text in enumerate(texts)])
