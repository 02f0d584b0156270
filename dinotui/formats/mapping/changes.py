"""What the user does to a mapping: overrides, constants, presets; and what has to be asked (SPEC.md 4.2, 6)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple, TypeAlias

from dinotui.domain.checks import parse_max_days
from dinotui.domain.country import is_code
from dinotui.domain.date_parsing import parse_date
from dinotui.domain.date_reading import DateReading
from dinotui.domain.errors import UsageError
from dinotui.domain.mapping import (
    FIELD_NAMES,
    SURE,
    ColumnMatch,
    FieldName,
    Mapping,
    compact,
    field_label,
    words,
)
from dinotui.domain.problems import LENGTH_LIMITS, MAX_DAYS_LIMIT, shown
from dinotui.formats.mapping.headers import field_of_text, is_generic
from dinotui.locale import N_, _

_Same: TypeAlias = Callable[[str], bool]

CONSTANT_FIELDS: Final[tuple[FieldName, ...]] = (
    "country",
    "countryCode",
    "entryDate",
    "exitDate",
    "visaType",
    "maxDays",
    "passportCountry",
    "notes",
    "source",
)
"""The fields that one value can be given for; every record has its own id and times."""

_NO_DATE: Final = ("unreadable-date", "no-such-date")  # whatever order and policy the import has
_IGNORE: Final = frozenset({"", "ignore", "none", "skip", "-"})
_QUESTIONS: Final[dict[FieldName, str]] = {
    "country": N_("No column holds the country."),
    "entryDate": N_("No column holds the entry date."),
    "visaType": N_("No column holds the visa type."),
}


class Question(NamedTuple):
    """Something the mapping lacks: what `NeedsAnswer` takes. `question` is the option that answers it."""

    code: str
    message: str
    question: str
    field: FieldName


def questions(mapping: Mapping) -> list[Question]:
    """Return one question for each required field that nothing feeds, in the order of the fields."""
    found = []
    for field in mapping.missing():
        rivals = [match for match in mapping.columns if match.contested == field]
        if rivals:
            found.append(_which_column(field, rivals))
        else:
            told = _(_QUESTIONS[field])
            how = _("Give it once with --set {field}=..., or map a column with --map “Header={field}”.")
            text = f"{told} {how.format(field=field)}"
            found.append(Question("column-missing", text, "--set", field))
    return found


def _which_column(field: FieldName, rivals: Sequence[ColumnMatch]) -> Question:
    text = _("Several columns could hold the {label}: {headers}. Choose one with --map “{example}”.")
    first = rivals[0]
    same = any(other.header == first.header for other in rivals[1:])
    example = f"#{first.column + 1}={field}" if same else f"{shown(first.header)}={field}"
    headers = ", ".join(f"{shown(match.header)} (#{match.column + 1})" for match in rivals[:30])
    text = text.format(label=field_label(field), headers=headers, example=example)
    return Question("column-contested", text, "--map", field)


def override(mapping: Mapping, changes: Iterable[str]) -> Mapping:
    """Return `mapping` with the user's words on top: ``Header=field`` each.

    ``Header=`` or ``Header=ignore`` unmaps the column, ``Header=notes+`` keeps it in the notes. The header is
    compared exactly first, then folded; ``#3`` is the third column. A field that another column fed moves.

    Raises:
        UsageError: no ``=``, no such column or field, a header that several columns have, a column or field
            given twice.
    """
    columns = list(mapping.columns)
    keep = list(mapping.keep_in_notes)
    given: dict[int, str] = {}
    fields: dict[FieldName, str] = {}
    for change in changes:
        header, sign, target = change.rpartition("=")
        if not sign:
            message = _("“{text}” is no mapping. Write “Header=field”.")
            raise UsageError("map", message.format(text=shown(change)))
        at = _column_named(columns, header)
        if at in given:
            message = _("The column “{header}” is mapped twice. Map it once.")
            raise UsageError("map", message.format(header=shown(columns[at].header)))
        given[at] = change
        keep = [position for position in keep if position != columns[at].column]
        field, kept = _target(target)
        if kept:
            keep.append(columns[at].column)
        if field is not None and fields.setdefault(field, change) != change:
            message = _("Two columns are mapped to {field}. Map one.")
            raise UsageError("map", message.format(field=field))
        columns = _changed(columns, at, field)
    return mapping.model_copy(update={"columns": tuple(columns), "keep_in_notes": tuple(keep)})


def _column_named(columns: Sequence[ColumnMatch], header: str) -> int:
    wanted = header.strip()
    for same in (lambda text: text == header, lambda text: text.strip() == wanted, _same_words(wanted)):
        found = [at for at, match in enumerate(columns) if same(match.header)]
        if len(found) == 1:
            return found[0]
        if found:
            message = _("Several columns are called “{header}”. Name one by its place: {places}.")
            places = ", ".join(f"#{at + 1}" for at in found)
            raise UsageError("map", message.format(header=shown(wanted), places=places))
    if wanted.startswith("#") and wanted[1:].isascii() and wanted[1:].isdigit() and len(wanted) < 8:
        place = int(wanted[1:])
        if 1 <= place <= len(columns):
            return place - 1
    message = _("There is no column “{header}”. There are: {headers}.")
    headers = _listed(match.header for match in columns)
    raise UsageError("map", message.format(header=shown(wanted), headers=headers))


def _same_words(wanted: str) -> _Same:
    key = compact(wanted)
    return lambda text: bool(key) and compact(text) == key


def _target(text: str) -> tuple[FieldName | None, bool]:
    """Return the field that the right side names, and whether the column is kept in the notes."""
    plain = text.strip()
    if plain.casefold() in _IGNORE:
        return None, False
    if plain.endswith("+") and field_of_text(plain[:-1]) == "notes":
        return None, True
    return _field(plain, FIELD_NAMES, "map"), False


def _field(text: str, allowed: Sequence[FieldName], code: str) -> FieldName:
    field = field_of_text(text)
    if field is None or field not in allowed:
        message = _("“{text}” is no field that can be used here. There are: {fields}.")
        raise UsageError(code, message.format(text=shown(text), fields=", ".join(allowed)))
    return field


def _changed(columns: Sequence[ColumnMatch], at: int, field: FieldName | None) -> list[ColumnMatch]:
    """Return the columns with the one at position `at` feeding `field`, and no other doing so."""
    changed = []
    for position, match in enumerate(columns):
        if position == at:
            update = {"field": field, "confidence": 100, "reason": _("you chose it"), "contested": None}
        elif field is not None and match.field == field:
            reason = _("you chose “{header}” instead").format(header=shown(columns[at].header))
            update = {"field": None, "confidence": 0, "reason": reason}
        else:
            update = {"contested": None} if field is not None and match.contested == field else {}
        changed.append(match.model_copy(update=update) if update else match)
    return changed


def with_constants(mapping: Mapping, given: Iterable[str]) -> Mapping:
    """Return `mapping` with one value for all records for each ``field=value`` of `given`.

    A cell of a column that surely feeds the field goes before the constant, which fills its empty cells; a column
    that was only guessed to feed it no longer does. The reason of the column says which.

    Raises:
        UsageError: no ``=``, a field that cannot be given once, no value, a field given twice, max days that
            are no number from 1 to 3650, a date that none is, or a country code that none is.
    """
    constants: dict[FieldName, str] = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign:
            raise UsageError(
                "set", _("“{text}” gives no value. Write “field=value”.").format(text=shown(text))
            )
        field = _field(name, CONSTANT_FIELDS, "set")
        if field in constants:
            message = _("The field {field} is given twice. Give it once.")
            raise UsageError("set", message.format(field=field))
        constants[field] = _checked(field, value.strip())
    columns = tuple(_beside(match, constants) for match in mapping.columns)
    return mapping.model_copy(update={"columns": columns, "constants": {**mapping.constants, **constants}})


def _checked(field: FieldName, value: str) -> str:
    if not value:
        message = _("The field {field} is given without a value. Write “{field}=value”.")
        raise UsageError("set", message.format(field=field))
    limit = LENGTH_LIMITS.get(field)
    if limit is not None and len(value) > limit:
        message = _("The value for {field} is longer than {limit} characters.")
        raise UsageError("set", message.format(field=field, limit=limit))
    if field == "maxDays" and parse_max_days(value).problem is not None:
        message = _("“{value}” is no number of days from 1 to {limit}.")
        raise UsageError("set", message.format(value=shown(value), limit=MAX_DAYS_LIMIT))
    if field in ("entryDate", "exitDate"):
        problem = parse_date(value, DateReading(), open_words=field == "exitDate").problem
        if problem in _NO_DATE:
            message = _("“{value}” is no date. Write it as YYYY-MM-DD, as in 2024-12-31.")
            raise UsageError("set", message.format(value=shown(value)))
    if field == "countryCode" and not is_code(value.upper()):
        message = _("{code} is not a two-letter country code. Write one such as KR or JP.")
        raise UsageError("set", message.format(code=shown(value)))
    return value


def _beside(match: ColumnMatch, constants: dict[FieldName, str]) -> ColumnMatch:
    """Return a column as it is beside the values that hold for all records."""
    if match.contested in constants:
        match = match.model_copy(update={"contested": None})
    if match.field not in constants:
        return match
    if match.confidence < SURE:
        reason = _("you gave one value for all records")
        return match.model_copy(update={"field": None, "confidence": 0, "reason": reason})
    reason = _("{reason}; your value fills its empty cells").format(reason=match.reason)
    return match.model_copy(update={"reason": reason})


def header_shape(columns: Sequence[str]) -> str:
    """Return the key by which a mapping is remembered: equal for equal headers in any order and spelling.

    Empty for a table whose columns have no names of their own: there is nothing to remember it by.
    """
    if all(is_generic(header) for header in columns):
        return ""
    names = sorted(words(header) for header in columns)
    return hashlib.sha256(
        json.dumps(names, ensure_ascii=False).encode("utf-8", "backslashreplace")
    ).hexdigest()


def apply_preset(preset: Mapping, columns: Sequence[str]) -> Mapping | None:
    """Return `preset` bound to a table with these `columns`, by header text; None where one it needs is not there.

    Headers are compared exactly first, then folded; equal headers keep their order. Columns that the preset
    does not know stay unmapped.
    """
    places = _places(preset, columns)
    needed = {m.column for m in preset.columns if m.field is not None} | set(preset.keep_in_notes)
    if not needed <= places.keys():
        return None
    bound = {places[m.column]: m for m in preset.columns if m.column in places}
    return preset.model_copy(
        update={
            "columns": tuple(_bound(at, header, bound.get(at)) for at, header in enumerate(columns)),
            "keep_in_notes": tuple(places[column] for column in preset.keep_in_notes if column in places),
        }
    )


def _places(preset: Mapping, columns: Sequence[str]) -> dict[int, int]:
    """Return which column of the table each column of the preset is, in the order of both."""
    places: dict[int, int] = {}
    free = list(range(len(columns)))
    for key in (str, compact):
        waiting: dict[str, list[int]] = {}
        for at in reversed(free):
            waiting.setdefault(key(columns[at]), []).append(at)
        for match in preset.columns:
            wanted = key(match.header)
            if match.column not in places and waiting.get(wanted) and (wanted or key is str):
                places[match.column] = waiting[wanted].pop()
        taken = set(places.values())
        free = [at for at in free if at not in taken]
    return places


def _bound(at: int, header: str, match: ColumnMatch | None) -> ColumnMatch:
    if match is None:
        return ColumnMatch(column=at, header=header, reason=_("not in the preset"))
    confidence = max(match.confidence, SURE) if match.field is not None else match.confidence
    update = {
        "column": at,
        "header": header,
        "confidence": confidence,
        "reason": _("as remembered"),
        "contested": None,
    }
    return match.model_copy(update=update)


def _listed(texts: Iterable[str]) -> str:
    headers = list(texts)
    more = len(headers) - 30
    return ", ".join(map(shown, headers[:30])) + (f", … (+{more})" if more > 0 else "")
