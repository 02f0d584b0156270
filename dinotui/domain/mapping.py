"""Which source column feeds which field (SchemaMapping, SPEC.md 4.2)."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

FieldName: TypeAlias = Literal[
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
    "duration",
]
FIELD_NAMES: tuple[FieldName, ...] = get_args(FieldName)
REQUIRED_FIELDS: tuple[FieldName, ...] = ("country", "entryDate", "visaType")
IGNORED_FIELDS: frozenset[str] = frozenset({"duration"})  # derived, never stored


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True, extra="forbid")


class ColumnMatch(_Frozen):
    """One column of the source and the field it feeds (None: unmapped).

    `confidence` is 0..100; `reason` is a short translated clause that says why ("header", "looks like
    dates", "you chose it").
    """

    column: int
    header: str
    field: FieldName | None = None
    confidence: int = 0
    reason: str = ""


class Mapping(_Frozen):
    """The whole mapping of one table.

    `constants` gives a field that the file lacks once for all records; `keep_in_notes` lists column
    positions whose cells are appended to the notes as ``Header: value``.
    """

    columns: tuple[ColumnMatch, ...] = ()
    constants: dict[FieldName, str] = {}
    keep_in_notes: tuple[int, ...] = ()

    def column_of(self, field: FieldName) -> int | None:
        """Return the position of the column that feeds `field`, None where none does."""
        return next((match.column for match in self.columns if match.field == field), None)

    def unmapped(self) -> tuple[ColumnMatch, ...]:
        """Return the columns that feed nothing and are not kept in the notes."""
        return tuple(m for m in self.columns if m.field is None and m.column not in self.keep_in_notes)

    def missing(self) -> tuple[FieldName, ...]:
        """Return the required fields that neither a column nor a constant feeds."""
        fed = {match.field for match in self.columns} | set(self.constants)
        return tuple(name for name in REQUIRED_FIELDS if name not in fed)
