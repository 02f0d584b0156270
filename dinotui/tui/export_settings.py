"""The settings of an export as fields of a form, and what they mean: a configuration and a target. No widget."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from dinotui.domain.configuration import CATEGORIES, ExportConfiguration
from dinotui.domain.dates import from_day, iso_day
from dinotui.domain.errors import DinoError
from dinotui.engine.exporting import notes
from dinotui.locale import N_, _
from dinotui.tui.cells import clean
from dinotui.tui.widgets.form import YES_NO, Field

_CATEGORY_LABELS: Final = {
    "trips": N_("Trips"),
    "preferences": N_("Preferences"),
    "notifications": N_("Notifications"),
    "analytics": N_("Statistics"),
}
_FORMATS: Final = (("json", "JSON"), ("csv", "CSV"), ("xlsx", N_("Excel (XLSX)")))
_PACKING: Final = (("none", N_("none")), ("gzip", N_("gzip")), ("zip", N_("zip")))
_LEVELS: Final = (
    ("1", N_("1, fast")),
    ("2", N_("2")),
    ("3", N_("3")),
    ("4", N_("4")),
    ("5", N_("5, small")),
)

FIELDS: Final = (
    Field("format", N_("Format"), choices=_FORMATS),
    *(
        Field(name, _CATEGORY_LABELS[name], "yes" if name == "trips" else "no", choices=YES_NO)
        for name in CATEGORIES
    ),
    Field("start", N_("From"), hint=N_("YYYY-MM-DD, empty for all")),
    Field("end", N_("To"), hint=N_("YYYY-MM-DD, empty for all")),
    Field("packing", N_("Compression"), choices=_PACKING),
    Field("level", N_("Level"), "3", choices=_LEVELS),
    Field("metadata", N_("Metadata"), "yes", choices=YES_NO),
    Field("personal", N_("No personal data"), choices=YES_NO),
    Field("anonymise", N_("Anonymise"), choices=YES_NO),
    Field("path", N_("File"), hint=N_("where to write"), takes_paths=True),
)

_FAULTY_FIELDS: Final = {"no-category": "trips", "csv-trips-only": "format", "date-range-order": "end"}
"""Which field a refusal of the engine concerns, by its code."""


def configuration_of(values: Mapping[str, str]) -> tuple[ExportConfiguration | None, dict[str, str]]:
    """Return what the form's values ask for, or None and the faults by field name."""
    faults: dict[str, str] = {}
    days: dict[str, date | None] = {}
    for name in ("start", "end"):
        text = values[name].strip()
        day = iso_day(text) if text else None
        if text and day is None:
            faults[name] = _("That is no date. Write it as YYYY-MM-DD, or leave it empty.")
        days[name] = None if day is None else from_day(day)
    if faults:
        return None, faults
    try:
        configuration = ExportConfiguration.model_validate(_wire(values, days))
        notes(configuration)  # refuses what makes no sense together
    except DinoError as error:
        return None, {_FAULTY_FIELDS.get(error.code, "format"): error.message}
    return configuration, {}


def _wire(values: Mapping[str, str], days: Mapping[str, date | None]) -> dict[str, Any]:
    packing = values["packing"]
    return {
        "format": values["format"],
        "includeMetadata": values["metadata"] == "yes",
        "dateRange": dict(days) if any(days.values()) else None,
        "categories": {name: values[name] == "yes" for name in CATEGORIES},
        "compression": {
            "enabled": packing != "none",
            "algorithm": "gzip" if packing == "none" else packing,
            "level": int(values["level"]),
        },
        "privacy": {
            "excludePersonalData": values["personal"] == "yes",
            "anonymizeData": values["anonymise"] == "yes",
        },
    }


def target_of(values: Mapping[str, str]) -> Path:
    """Return the path to write, with ``~`` resolved, from the current folder on."""
    return Path.cwd() / os.path.expanduser(values["path"].strip())


def target_fault(values: Mapping[str, str]) -> str:
    """Return why the target cannot be written, empty when it can (an existing file can)."""
    try:
        path = target_of(values)
        if not values["path"].strip() or path.is_dir():
            return _("Name a file.")
        if "\0" in str(path):
            return _("That is no name for a file.")
        if path.is_symlink():
            return _("That is a symbolic link, and links are not followed. Name the file itself.")
        if not path.parent.is_dir():
            return _("There is no folder {folder}.").format(folder=clean(path.parent))
        if not os.access(path.parent, os.W_OK | os.X_OK):
            return _("The folder {folder} does not let you write.").format(folder=clean(path.parent))
    except (OSError, ValueError):  # a name too long, or one that the file system cannot write
        return _("That is no name for a file.")
    return ""


def values_of(configuration: ExportConfiguration) -> dict[str, str]:
    """Return a configuration as the form's values; the file is not part of it."""

    def tick(on: bool) -> str:
        return "yes" if on else "no"

    days, packing = configuration.date_range, configuration.compression
    return {
        "format": configuration.format,
        **{name: tick(getattr(configuration.categories, name)) for name in CATEGORIES},
        "start": str(days.start) if days and days.start else "",
        "end": str(days.end) if days and days.end else "",
        "packing": packing.algorithm if packing.enabled else "none",
        "level": str(packing.level),
        "metadata": tick(configuration.include_metadata),
        "personal": tick(configuration.privacy.exclude_personal_data),
        "anonymise": tick(configuration.privacy.anonymize_data),
    }
