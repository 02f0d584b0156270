"""The program's own modes on labelled data, from an incoming CSV file to the plan, as a user gets them."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

from benchmarks.quality.data import Labelled, Stay, date_text
from dinotui.domain.configuration import Detection, DuplicateHandling, ImportConfiguration
from dinotui.domain.settings import ImportSettings
from dinotui.engine.importing import applying, planning, reading, understanding
from dinotui.storage.staging import Staging
from dinotui.storage.store import Store

_HEADER = ("Country", "Entry Date", "Exit Date", "Visa Type", "Max Days", "Passport Country", "Notes")


def csv_bytes(stays: list[Stay]) -> bytes:
    """Return stays as the program's own CSV."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_HEADER)
    for stay in stays:
        dates = date_text(stay.entry), date_text(stay.leave)
        days = "" if stay.max_days is None else stay.max_days
        writer.writerow((stay.country, *dates, stay.visa, days, stay.passport, stay.notes))
    return text.getvalue().encode()


def best_matches(data: Labelled, mode: Detection, threshold: float = 0.8) -> dict[int, int]:
    """Return, by row of the file, the trip that the plan takes it for."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Store(folder / "trips.db") as store:
            with _staged(store, folder, "trips.csv", data.trips, "off") as staging:
                applying.apply_import(staging, store)
            with _staged(store, folder, "incoming.csv", data.rows, mode, threshold) as staging:
                rows = staging.database.rows("SELECT record, trip FROM plan WHERE trip IS NOT NULL")
                first = store.database.value("SELECT min(number) FROM trip")
                staging.discard()
    return {record - 1: trip - first for record, trip in rows}


def _staged(
    store: Store, folder: Path, name: str, stays: list[Stay], mode: Detection, threshold: float = 0.8
) -> Staging:
    path = folder / name
    path.write_bytes(csv_bytes(stays))
    handling = DuplicateHandling(detection=mode, threshold=threshold)
    configuration = ImportConfiguration(duplicate_handling=handling)
    staging = reading.stage_files([reading.SourceFile(path, name)], ImportSettings(), configuration, store)
    understanding.understand(staging)
    planning.plan_import(staging, store)
    return staging
