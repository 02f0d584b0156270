"""What the user asks of an export or import, with the source document's names and defaults."""

from __future__ import annotations

import datetime as dt
from typing import Literal, TypeAlias

from pydantic import Field, model_validator

from dinotui.domain.errors import UsageError
from dinotui.domain.validation import ValidationRule
from dinotui.domain.wire import Wire
from dinotui.locale import _

ExportFormat: TypeAlias = Literal["json", "csv", "xlsx"]
Strategy: TypeAlias = Literal["replace", "merge", "skipExisting"]
Detection: TypeAlias = Literal["strict", "fuzzy", "smart", "off"]
Resolution: TypeAlias = Literal["skip", "update", "prompt", "keepBoth"]
BackupFormat: TypeAlias = Literal["json", "sql", "sqlite"]
Category: TypeAlias = Literal["trips", "preferences", "notifications", "analytics"]

CATEGORIES: tuple[Category, ...] = ("trips", "preferences", "notifications", "analytics")
CRITERIA: tuple[str, ...] = (
    "country",
    "entryDate",
    "exitDate",
    "visaType",
    "maxDays",
    "passportCountry",
    "notes",
)


class DateRange(Wire):
    """Whole days, both ends inside; a trip is in range when its stay touches it. An open end is None."""

    start: dt.date | None = None
    end: dt.date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> DateRange:
        if self.start and self.end and self.start > self.end:
            raise UsageError(
                "date-range-order",
                _("The range ends ({end}) before it starts ({start}). Swap the two dates.").format(
                    start=self.start, end=self.end
                ),
            )
        return self


class Categories(Wire):
    """Which categories an export holds."""

    trips: bool = True
    preferences: bool = False
    notifications: bool = False
    analytics: bool = False

    def chosen(self) -> tuple[Category, ...]:
        """Return the chosen categories in the order of `CATEGORIES`."""
        return tuple(name for name in CATEGORIES if getattr(self, name))


class Compression(Wire):
    """Whether and how the written file is compressed; `level` 1 is fast, 5 is small."""

    enabled: bool = False
    algorithm: Literal["gzip", "zip"] = "gzip"
    level: int = Field(default=3, ge=1, le=5)


class Privacy(Wire):
    """What is left out or masked; both may be on."""

    exclude_personal_data: bool = False
    anonymize_data: bool = False


class ExportConfiguration(Wire):
    """One export, whole (source document, ExportConfiguration)."""

    format: ExportFormat = "json"
    include_metadata: bool = True
    date_range: DateRange | None = None
    categories: Categories = Categories()
    compression: Compression = Compression()
    privacy: Privacy = Privacy()


class LevelActions(Wire):
    """What to suggest for a match of high (>= 90), medium (>= 70) or low confidence."""

    high: Literal["skip", "update", "prompt"] = "skip"
    medium: Literal["skip", "update", "prompt"] = "prompt"
    low: Literal["skip", "update", "prompt"] = "update"


class DuplicateHandling(Wire):
    """How repeats are found and what happens to them. `threshold` is 0.6 to 1.0."""

    detection: Detection = "fuzzy"
    resolution: Resolution = "prompt"
    criteria: tuple[str, ...] = ("country", "entryDate")
    threshold: float = Field(default=0.8, ge=0.6, le=1.0)
    actions: LevelActions = LevelActions()

    @property
    def points(self) -> int:
        """The threshold in whole points, so that 0.8 means 80 (SPEC.md 4.4)."""
        return round(self.threshold * 100)


class Validation(Wire):
    """How strictly records are checked."""

    strict: bool = False
    custom_rules: tuple[ValidationRule, ...] = ()
    skip_invalid: bool = True
    partial_dates: Literal["reject", "first", "last"] = "reject"


class Preview(Wire):
    """Whether the answer about a plan holds a sample of it, and how many records (the first ones)."""

    enabled: bool = True
    sample_size: int = Field(default=20, ge=1, le=10_000)


class BackupSettings(Wire):
    """Whether a verified backup is made before the import, and in which form."""

    create_backup: bool = True
    backup_format: BackupFormat = "sqlite"


class ImportConfiguration(Wire):
    """One import, whole (source document, ImportConfiguration)."""

    strategy: Strategy = "merge"
    duplicate_handling: DuplicateHandling = DuplicateHandling()
    validation: Validation = Validation()
    preview: Preview = Preview()
    backup: BackupSettings = BackupSettings()


def by_hand() -> ImportConfiguration:
    """Return what a person at the terminal begins with: repeats are found by all evidence (SPEC.md 4.4)."""
    return ImportConfiguration(duplicate_handling=DuplicateHandling(detection="smart"))
