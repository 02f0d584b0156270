"""What a case folder of a hazard says, and what the program makes of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from dinotui.domain.errors import DinoError
from dinotui.domain.settings import ImportSettings
from dinotui.domain.visible import visible
from dinotui.engine.importing import preview
from dinotui.engine.importing.planning import plan_import
from dinotui.engine.importing.reading import SourceFile, stage_files
from dinotui.engine.importing.understanding import understand
from dinotui.storage.store import Store
from tests.engine.importer import configuration

CASES = Path(__file__).resolve().parents[1] / "data" / "hazards"
LONG = 60
"""Longer texts stand in the answer as their length."""


class Case(NamedTuple):
    """A folder: the files to import, the settings, and what is expected."""

    folder: Path
    files: list[Path]
    expected: dict[str, Any]


def cases() -> list[Case]:
    """Return the case folders by name."""
    found = []
    for folder in sorted(path for path in CASES.iterdir() if path.is_dir()):
        expected = json.loads((folder / "expected.json").read_text("utf-8"))
        files = sorted(path for path in folder.iterdir() if path.name != "expected.json")
        found.append(Case(folder, files, expected))
    return found


def outcome(store: Store, files: list[Path], settings: dict[str, Any]) -> dict[str, Any]:
    """Return what the plan of an import says: questions and records, or the error's code and where."""
    sources = [SourceFile(path, path.name) for path in files]
    try:
        with stage_files(sources, ImportSettings.model_validate(settings), configuration(), store) as staging:
            questions = understand(staging)
            plan_import(staging, store)
            rows = preview.page(staging, preview.PreviewFilter(), limit=100)
            staging.discard()
    except DinoError as error:
        raw = visible(str(error)) != str(error)  # it could act on a terminal
        return {"error": "raw" if raw else error.code, "where": error.where}
    found: dict[str, Any] = {"rows": [_row(row) for row in rows]}
    if questions:
        found["questions"] = [question.code for question in questions]
    return found


def _row(row: preview.PreviewRow) -> str:
    """Return a record of the plan as one line."""
    visa = row.visa_type if len(row.visa_type) <= LONG else f"({len(row.visa_type)})"
    notes = row.notes if len(row.notes) <= LONG else f"({len(row.notes)})"
    codes = dict.fromkeys(
        str(each["code"]) for each in row.said if not str(each["code"]).startswith("overlap")
    )
    said = ",".join(codes)
    parts = (row.line, row.action, row.country, row.country_code, row.entry, row.exit, visa, notes, said)
    return " | ".join("" if part is None else str(part) for part in parts)
