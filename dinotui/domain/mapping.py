"""Which source column feeds which field (SchemaMapping, SPEC.md 4.2)."""

from __future__ import annotations

import re
from functools import cache
from typing import Final, Literal, TypeAlias, get_args

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic.alias_generators import to_camel

from dinotui.domain.folding import fold
from dinotui.locale import N_, _

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

SURE: Final = 90
"""From this confidence on a match needs no second look."""
DOUBTFUL: Final = 70
"""Below this confidence a match is a guess from contents, to be shown to the user as such."""

FIELD_LABELS: Final[dict[FieldName, str]] = {
    "id": N_("id"),
    "country": N_("country"),
    "countryCode": N_("country code"),
    "entryDate": N_("entry date"),
    "exitDate": N_("exit date"),
    "visaType": N_("visa type"),
    "maxDays": N_("max days"),
    "passportCountry": N_("passport country"),
    "notes": N_("notes"),
    "createdAt": N_("created at"),
    "updatedAt": N_("updated at"),
    "source": N_("source"),
    "duration": N_("duration"),
}
_KOREAN_NAMES: Final[dict[FieldName, tuple[str, ...]]] = {
    "id": ("아이디", "식별자"),
    "country": ("국가", "나라"),
    "countryCode": ("국가 코드",),
    "entryDate": ("입국일", "입국 날짜"),
    "exitDate": ("출국일", "출국 날짜"),
    "visaType": ("비자 종류", "비자 유형", "비자"),
    "maxDays": ("최대 체류일", "최대 체류 일수", "최대 일수"),
    "passportCountry": ("여권 국가", "여권 발급국", "여권"),
    "notes": ("메모", "비고"),
    "createdAt": ("생성일", "작성일"),
    "updatedAt": ("수정일",),
    "source": ("출처",),
    "duration": ("체류 기간", "체류 일수"),
}
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def field_label(field: str) -> str:
    """Return what `field` is called in a sentence, in the current language."""
    return _(FIELD_LABELS[field]) if field in FIELD_LABELS else field


def field_named(text: str) -> FieldName | None:
    """Return the field that `text` names: ``visaType``, ``visa type``, ``Visa-Type`` or ``비자 종류``."""
    return _names().get(compact(text))


def words(text: str) -> str:
    """Return `text` folded into words, ``entryDate`` and ``ENTRY_DATE`` both as ``entry date``."""
    return fold(_CAMEL.sub(" ", text))


def compact(text: str) -> str:
    """Return `words` without the spaces: the key by which header texts and field names are equal."""
    return words(text).replace(" ", "")


@cache
def _names() -> dict[str, FieldName]:
    names: dict[str, FieldName] = {compact(field): field for field in FIELD_NAMES}
    for field, others in _KOREAN_NAMES.items():
        names.update((compact(other), field) for other in others)
    return names


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True, extra="forbid")


class ColumnMatch(_Frozen):
    """One column of the source and the field it feeds (None: unmapped).

    `confidence` is 0..100; `reason` is a short translated clause that says why ("header", "looks like
    dates", "you chose it"). `contested` is a field that this column could feed as well as another one; such
    a tie is left to the user.
    """

    column: int
    header: str
    field: FieldName | None = None
    confidence: int = 0
    reason: str = ""
    contested: FieldName | None = None


class Mapping(_Frozen):
    """The whole mapping of one table.

    `constants` gives a field that the file lacks once for all records; `keep_in_notes` lists column
    positions whose cells are appended to the notes as ``Header: value``. One field is fed by one column or
    constant at most.
    """

    columns: tuple[ColumnMatch, ...] = ()
    constants: dict[FieldName, str] = {}
    keep_in_notes: tuple[int, ...] = ()

    @model_validator(mode="after")
    def _feeds_each_field_once(self) -> Mapping:
        fed = [match.field for match in self.columns if match.field is not None]
        twice = {field for field in fed if fed.count(field) > 1}
        if twice:
            raise ValueError(f"fed more than once: {', '.join(sorted(twice))}")
        return self

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

    def doubtful(self) -> tuple[ColumnMatch, ...]:
        """Return the matches that are guesses: a field is fed with a confidence below `DOUBTFUL`."""
        return tuple(m for m in self.columns if m.field is not None and m.confidence < DOUBTFUL)
