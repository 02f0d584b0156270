"""A trip is one stay in one country (SPEC.md 1 and 2)."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from dinotui.domain.wire import Wire

TRIP_FIELDS: Final = ("country", "entryDate", "exitDate", "visaType", "maxDays", "passportCountry", "notes")


class Trip(Wire):
    """One stay. `exit_date` None means: still there. Dates are calendar dates, no zone moves them.

    `number` is the short number that people see (``#412``); `id` is the opaque text that files carry.
    """

    number: int
    id: str
    country: str
    country_code: str | None = None
    entry_date: dt.date
    exit_date: dt.date | None = None
    visa_type: str
    max_days: int | None = None
    passport_country: str = ""
    notes: str = ""
    created_at: str
    updated_at: str
    source: str = "manual"

    @property
    def duration(self) -> int | None:
        """Days of the stay, entry and exit day both counted; None while the stay is open."""
        return None if self.exit_date is None else (self.exit_date - self.entry_date).days + 1

    def export(self, *, metadata: bool = True) -> dict[str, Any]:
        """Return the trip as the JSON export has it; `metadata` adds created, updated and source."""
        return export_form(
            (
                self.id,
                self.country,
                self.country_code,
                self.entry_date.isoformat(),
                self.exit_date.isoformat() if self.exit_date else None,
                self.visa_type,
                self.max_days,
                self.passport_country,
                self.notes,
                self.created_at,
                self.updated_at,
                self.source,
            ),
            metadata=metadata,
        )


def export_form(row: tuple[Any, ...], *, metadata: bool) -> dict[str, Any]:
    """Return one trip of the JSON export from its columns in the order of `EXPORT_COLUMNS`."""
    trip: dict[str, Any] = {
        "id": row[0],
        "country": row[1],
        "countryCode": row[2],
        "entryDate": row[3],
        "exitDate": row[4],
        "visaType": row[5],
        "maxDays": row[6],
        "passportCountry": row[7],
        "notes": row[8],
    }
    if metadata:
        trip["metadata"] = {"createdAt": row[9], "updatedAt": row[10], "source": row[11]}
    return trip


EXPORT_COLUMNS: Final = (
    "id",
    "country",
    "countryCode",
    "entryDate",
    "exitDate",
    "visaType",
    "maxDays",
    "passportCountry",
    "notes",
    "createdAt",
    "updatedAt",
    "source",
)
