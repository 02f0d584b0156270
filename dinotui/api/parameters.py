"""The parameters in a request's address: which there are, how they are read, what they come to.

Each is one `Parameter`: the reader, the OpenAPI page and the tests go by the same table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.datastructures import QueryParams

from dinotui.api.refusals import Refusal
from dinotui.domain.dates import from_day, iso_day
from dinotui.domain.visible import visible
from dinotui.locale import N_, _

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: what reads its text, its OpenAPI schema, and what it is in a few words.

    `place` is where its value goes in the configuration (``validation.strict``), empty where it goes nowhere.
    `repeats` says that it may be given several times.
    """

    name: str
    read: Callable[[str], Any]
    schema: Schema
    about: str
    place: str = ""
    repeats: bool = False
    listed: bool = False


class _Unreadable(Exception):
    """A value that is none of this parameter's."""


def _choice(*names: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in names:
            raise _Unreadable(_("Choose one of: {names}.").format(names=", ".join(names)))
        return text

    return read


def _switch(text: str) -> bool:
    if text not in ("true", "false"):
        raise _Unreadable(_("Write true or false."))
    return text == "true"


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise _Unreadable(
                _("Write a whole number from {least} to {most}.").format(least=least, most=most)
            )
        return int(text)

    return read


def _fraction(least: float, most: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        value = float(text) if re.fullmatch(r"[0-9](\.[0-9]{1,20})?", text) else -1.0
        if not least <= value <= most:
            raise _Unreadable(_("Write a number from {least} to {most}.").format(least=least, most=most))
        return value

    return read


def _several(names: Sequence[str]) -> Callable[[str], list[str]]:
    def read(text: str) -> list[str]:
        found = [part.strip() for part in text.split(",")]
        for part in found:
            if part not in names:
                raise _Unreadable(_("There are: {names}.").format(names=", ".join(names)))
        return found

    return read


def _date_range(text: str) -> dict[str, str]:
    first, dots, last = text.partition("..")
    days = {"start": first.strip(), "end": last.strip()}
    given = {name: iso_day(day) for name, day in days.items() if day}
    if not dots or not given or None in given.values():
        raise _Unreadable(_("Write START..END, as in 2024-01-01..2024-12-31; one of them may be left out."))
    return {name: from_day(day).isoformat() for name, day in given.items() if day is not None}


def _compress(text: str) -> dict[str, Any]:
    _choice("true", "false", "gzip", "zip")(text)
    algorithm = text if text in ("gzip", "zip") else "gzip"
    return {"enabled": text != "false", "algorithm": algorithm}


def _text(text: str) -> str:
    if not text or len(text) > _LONGEST or "\x00" in text:
        raise _Unreadable(_("Write a text of at most {most} characters.").format(most=_LONGEST))
    return text


def _pair(text: str) -> str:
    name, equals, value = text.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise _Unreadable(_("Write NAME=VALUE."))
    return _text(text)


_LONGEST: Final = 200
_BOOL: Final[Schema] = {"type": "boolean"}
_STRING: Final[Schema] = {
    "type": "string",
    "minLength": 1,
    "maxLength": _LONGEST,
    "pattern": r"^[^\x00]+$",
}
_PAIRS: Final[Schema] = {"type": "array", "items": {"type": "string", "format": "name-value"}, "maxItems": 50}
_CATEGORIES: Final = ("trips", "preferences", "notifications", "analytics")
_CRITERIA: Final = ("country", "entryDate", "exitDate", "visaType", "maxDays", "passportCountry", "notes")


def _enum(*names: str) -> Schema:
    return {"type": "string", "enum": list(names)}


def _list(names: Sequence[str]) -> Schema:
    return {"type": "array", "items": _enum(*names), "minItems": 1}


def _one(
    name: str, choices: Sequence[str], about: str, place: str = "", default: str | None = None
) -> Parameter:
    schema = _enum(*choices)
    return Parameter(
        name, _choice(*choices), schema if default is None else {**schema, "default": default}, about, place
    )


def _flag(name: str, about: str, place: str = "", *, default: bool = False) -> Parameter:
    return Parameter(name, _switch, {**_BOOL, "default": default}, about, place)


BACKGROUND: Final = _flag("background", N_("answer 202 at once and go on; follow it at /api/export/status"))
OPERATION: Final = Parameter("operationId", _text, _STRING, N_("one operation, by its id"))

EXPORT: Final = (
    _one("format", ("json", "csv", "xlsx"), N_("JSON holds everything"), "format", "json"),
    Parameter(
        "categories",
        _several(_CATEGORIES),
        {**_list(_CATEGORIES), "default": ["trips"]},
        N_("what to export, with commas between; several as CSV come as one zip"),
        "categories",
        listed=True,
    ),
    Parameter(
        "dateRange",
        _date_range,
        {"type": "string", "format": "date-range", "example": "2024-01-01..2024-12-31"},
        N_("only stays that touch these days, START..END; one end may be left out"),
        "dateRange",
    ),
    Parameter(
        "compress",
        _compress,
        {"type": "string", "enum": ["true", "false", "gzip", "zip"], "default": "false"},
        N_("compress the file; true means gzip"),
        "compression",
    ),
    Parameter(
        "level",
        _whole(1, 5),
        {"type": "integer", "minimum": 1, "maximum": 5, "default": 3},
        N_("how hard to compress: 1 is fast, 5 is small"),
        "compression.level",
    ),
    _flag("includeMetadata", N_("when and how each trip was recorded"), "includeMetadata", default=True),
    _flag(
        "excludePersonalData",
        N_("leave out who you are, passports and notes"),
        "privacy.excludePersonalData",
    ),
    _flag(
        "anonymizeData",
        N_("replace ids, shift all dates, mask addresses and numbers"),
        "privacy.anonymizeData",
    ),
    _flag("bom", N_("begin CSV with the mark that Excel needs for Korean")),
    BACKGROUND,
)

IMPORT: Final = (
    _one(
        "strategy",
        ("merge", "replace", "skipExisting"),
        N_("what happens to the trips that are there; replace needs yes=true"),
        "strategy",
    ),
    _one(
        "detection",
        ("strict", "fuzzy", "smart", "off"),
        N_("how repeats are found"),
        "duplicateHandling.detection",
    ),
    _one(
        "resolution",
        ("skip", "update", "prompt", "keepBoth"),
        N_("what happens to repeats that differ"),
        "duplicateHandling.resolution",
    ),
    Parameter(
        "criteria",
        _several(_CRITERIA),
        _list(_CRITERIA),
        N_("fields that must agree before two stays are compared, with commas between"),
        "duplicateHandling.criteria",
        listed=True,
    ),
    Parameter(
        "threshold",
        _fraction(0.6, 1.0),
        {"type": "number", "minimum": 0.6, "maximum": 1.0},
        N_("how alike two stays are that count as one"),
        "duplicateHandling.threshold",
    ),
    _flag("strict", N_("import nothing when one record is in error"), "validation.strict"),
    _flag(
        "skipInvalid",
        N_("leave invalid records out; false corrects them or stops"),
        "validation.skipInvalid",
        default=True,
    ),
    _one(
        "partialDates",
        ("reject", "first", "last"),
        N_("what becomes of a date such as 2019-08"),
        "validation.partialDates",
    ),
    _flag("createBackup", N_("make a backup before"), "backup.createBackup", default=True),
    _one("backupFormat", ("json", "sql", "sqlite"), N_("the form of the backup"), "backup.backupFormat"),
    Parameter("filename", _text, _STRING, N_("what the history calls the file")),
    Parameter("encoding", _text, _STRING, N_("the encoding of a text file, such as cp949")),
    Parameter("table", _text, _STRING, N_("the sheet, archive entry or JSON list to take; * takes all")),
    _one("dateOrder", ("dmy", "mdy", "ymd"), N_("how 03.04.2024 is read, where the file does not prove it")),
    Parameter("map", _pair, _PAIRS, N_("which column feeds a field, HEADER=FIELD"), repeats=True),
    Parameter("set", _pair, _PAIRS, N_("one value for all records, FIELD=VALUE"), repeats=True),
    Parameter("country", _pair, _PAIRS, N_("which country a name means, as in Korea=KR"), repeats=True),
    _flag("dryRun", N_("show what would be done and change nothing")),
    _flag("yes", N_("yes, replace what is there")),
    BACKGROUND,
)

STATUS: Final = (OPERATION,)


def read(query: QueryParams, known: Sequence[Parameter]) -> dict[str, Any]:
    """Return the given parameters by name, each as its `read` returns it, repeated ones as lists.

    Raises `Refusal` 400 for one that does not exist, is given twice, or cannot be read.
    """
    by_name = {parameter.name: parameter for parameter in known}
    found: dict[str, Any] = {}
    for name, text in query.multi_items():
        parameter = by_name.get(name)
        if parameter is None:
            names = ", ".join(by_name)
            message = _("There is no parameter {name}. There are: {names}.")
            raise Refusal(400, message.format(name=visible(name[:80]), names=names))
        if name in found and not parameter.repeats:
            raise Refusal(400, _("{name} is given twice.").format(name=name))
        try:
            value = parameter.read(text)
        except _Unreadable as error:
            message = _("{name}: “{text}” cannot be read. {hint}")
            told = message.format(name=name, text=visible(text[:80]), hint=error)
            raise Refusal(400, told) from error
        if parameter.repeats:
            found.setdefault(name, []).append(value)
        else:
            found[name] = value
    return found


def placed(found: Mapping[str, Any], known: Sequence[Parameter]) -> dict[str, Any]:
    """Return the given parameters that belong to the configuration, at their places in it."""
    result: dict[str, Any] = {}
    for parameter in known:
        if parameter.name in found and parameter.place:
            *outer, last = parameter.place.split(".")
            inside = result
            for name in outer:
                inside = inside.setdefault(name, {})
            inside[last] = found[parameter.name]
    return result
