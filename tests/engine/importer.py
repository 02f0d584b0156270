"""An import from beginning to end, as the command line and the app drive it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dinotui.domain.configuration import ImportConfiguration
from dinotui.domain.result import ImportResult
from dinotui.domain.settings import ImportSettings
from dinotui.engine.importing import applying, planning, preview, reading, understanding
from dinotui.storage.staging import Staging
from dinotui.storage.store import Store


def configuration(**changes: Any) -> ImportConfiguration:
    """Return the configuration with wire names changed, ``strategy="replace"`` or ``resolution="skip"``."""
    handling = {
        k: changes.pop(k) for k in ("detection", "resolution", "criteria", "threshold") if k in changes
    }
    validation = {
        k: changes.pop(k) for k in ("strict", "skipInvalid", "partialDates", "customRules") if k in changes
    }
    backup = {k: changes.pop(k) for k in ("createBackup", "backupFormat") if k in changes}
    return ImportConfiguration.model_validate(
        {"duplicateHandling": handling, "validation": validation, "backup": backup, **changes}
    )


def stage(store: Store, *paths: Path, settings: ImportSettings | None = None, **changes: Any) -> Staging:
    """Read, understand and plan an import."""
    files = [reading.SourceFile(path, path.name) for path in paths]
    staging = reading.stage_files(files, settings or ImportSettings(), configuration(**changes), store)
    understanding.understand(staging)
    planning.plan_import(staging, store)
    return staging


def import_file(store: Store, *paths: Path, **changes: Any) -> ImportResult:
    """Import files without looking at the plan."""
    with stage(store, *paths, **changes) as staging:
        return applying.apply_import(staging, store)


def plan_of(staging: Staging) -> list[tuple[int, str]]:
    """Return (line, action) of every record."""
    return [(row.line, row.action) for row in preview.page(staging, preview.PreviewFilter(), limit=10_000)]
