"""What an import, an undo or an export answers (source document, ImportResult; SPEC.md 4.6 and 6)."""

from __future__ import annotations

from typing import Any, Final, Literal, TypeAlias

from pydantic import Field

from dinotui.domain.wire import Wire

DETAIL_LIMIT: Final = 1_000  # entries in each list of `details`; the history holds them all

Action: TypeAlias = Literal["create", "update", "skip", "reject", "ask"]
ImportState: TypeAlias = Literal["applied", "review", "planned", "refused"]


class Summary(Wire):
    """Counts of records; `total_records` is always the sum of the other five."""

    total_records: int = 0
    imported: int = 0
    updated: int = 0
    skipped: int = 0
    errors: int = 0
    pending: int = 0
    corrected: int = 0
    removed: int = 0


class Corrected(Wire):
    """A value that is read as another than what stands in the file."""

    field: str
    code: str
    message: str
    before: Any
    after: Any


class Warned(Wire):
    """Something doubtful about a record; `value` is what it is about. `field` is empty where it is the row."""

    field: str
    code: str
    message: str
    value: Any = None


class ImportedRecord(Wire):
    """A record that became a new trip."""

    record: int
    where: str
    id: str
    trip: dict[str, Any]
    corrections: tuple[Corrected, ...] = ()
    warnings: tuple[Warned, ...] = ()


class UpdatedRecord(Wire):
    """A record that changed an existing trip; `changes` maps a field to its value before and after."""

    record: int
    where: str
    id: str
    changes: dict[str, tuple[Any, Any]]
    corrections: tuple[Corrected, ...] = ()
    warnings: tuple[Warned, ...] = ()


class SkippedRecord(Wire):
    """A record that was left out because it repeats something; `reason` says what."""

    record: int
    where: str
    reason: str
    id: str | None = None
    corrections: tuple[Corrected, ...] = ()
    warnings: tuple[Warned, ...] = ()


class ErrorRecord(Wire):
    """A record that could not become a trip: the field, the reason in words, and the original cells.

    `errors` are all reasons, the first one too; `warnings` what is doubtful beside them.
    """

    record: int
    where: str
    field: str
    reason: str
    cells: dict[str, Any]
    errors: tuple[Warned, ...] = ()
    corrections: tuple[Corrected, ...] = ()
    warnings: tuple[Warned, ...] = ()


class PendingRecord(Wire):
    """A record whose conflict nobody has decided yet."""

    record: int
    where: str
    existing_id: str | None
    confidence: float
    suggested_action: str
    reasons: tuple[str, ...]
    corrections: tuple[Corrected, ...] = ()
    warnings: tuple[Warned, ...] = ()


class CorrectedRecord(Wire):
    """A record that counts as corrected, whatever is done with it: it stands in one of the other lists too."""

    record: int
    where: str
    corrections: tuple[Corrected, ...]


class Details(Wire):
    """At most `DETAIL_LIMIT` entries a list; `more` counts what each list leaves out."""

    new_records: tuple[ImportedRecord, ...] = ()
    updated_records: tuple[UpdatedRecord, ...] = ()
    skipped_records: tuple[SkippedRecord, ...] = ()
    error_records: tuple[ErrorRecord, ...] = ()
    pending_records: tuple[PendingRecord, ...] = ()
    corrected_records: tuple[CorrectedRecord, ...] = ()
    more: dict[str, int] = Field(default_factory=dict)


class PreviewRecord(Wire):
    """A record of a plan that is not carried out yet: what would be done with it, and what is to say about it.

    `comments` is all that is to say, `comment` the first of it.
    """

    record: int
    where: str
    action: Action
    trip: dict[str, Any]
    comment: str
    comments: tuple[str, ...] = ()


class ImportMetadata(Wire):
    """`duration` in milliseconds, `timestamp` ISO 8601 UTC."""

    import_id: str
    timestamp: str
    duration: int
    backup_id: str | None = None
    operation_id: str | None = None


class ImportResult(Wire):
    """The whole answer of an import.

    `preview` holds the first records of a plan that is not carried out (dry run, staged), as many as
    `ImportConfiguration.preview` asks for.
    """

    success: bool
    state: ImportState
    dry_run: bool = False
    summary: Summary
    details: Details = Details()
    preview: tuple[PreviewRecord, ...] = ()
    metadata: ImportMetadata
    warnings: tuple[str, ...] = ()
    recommendations: tuple[str, ...] = ()


class KeptRow(Wire):
    """A row that an undo or redo left alone because something changed it since."""

    id: str
    reason: str


class UndoResult(Wire):
    """What an undo (`undoes` set) or a redo (`redoes` set) did, in rows."""

    operation_id: str
    undoes: str | None = None
    redoes: str | None = None
    removed: int = 0
    restored: int = 0
    reverted: int = 0
    kept: tuple[KeptRow, ...] = ()


class ExportResult(Wire):
    """A written and verified file."""

    path: str
    format: str
    records: int
    bytes: int
    sha256: str
    operation_id: str
