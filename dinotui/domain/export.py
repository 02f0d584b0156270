"""The rows of an export as they travel from the database to a writer (SPEC.md 3)."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

ExportRow: TypeAlias = tuple[
    str, str, str | None, int, int | None, str, int | None, str, str, str | None, str | None, str
]
"""One trip, columns as in `dinotui.domain.trip.EXPORT_COLUMNS`, dates as days since 1970-01-01."""

NotificationRow: TypeAlias = tuple[Any, ...]
"""One message, columns as in `NOTIFICATION_FIELDS`."""

BATCH: Final = 1_000
"""Rows that travel together; every batch but the last is full."""

NOTIFICATION_FIELDS: Final = ("id", "kind", "title", "message", "created", "read", "tripId", "subject")

CSV_HEADER: Final = (
    "Country",
    "Entry Date",
    "Exit Date",
    "Visa Type",
    "Max Days",
    "Passport Country",
    "Duration",
    "Notes",
)
