"""A saved mapping with the reading choices that go with it (SPEC.md 4.2), and the JSON that carries it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from collections.abc import Mapping as MappingOf
from typing import Any, Final

from pydantic import Field, ValidationError, field_validator

from dinotui.domain.country import is_code
from dinotui.domain.dates import DateOrder
from dinotui.domain.errors import UsageError
from dinotui.domain.folding import fold
from dinotui.domain.mapping import FieldName, Mapping
from dinotui.domain.problems import shown
from dinotui.domain.settings import ImportSettings
from dinotui.domain.wire import Wire
from dinotui.locale import _

NO_PRESET: Final = "none"
"""The setting for reading a file without any preset."""
REMEMBERED: Final = "auto"
"""The setting for feeding the columns as last time, where a header of this shape was imported before."""
LAST: Final = "last"
"""The setting for taking everything as last time; there has to be such a time."""
RESERVED: Final = frozenset({NO_PRESET, REMEMBERED, LAST, "-", "*"})

LONGEST_NAME: Final = 60
MAX_PRESETS: Final = 200
MAX_TEXT: Final = 2_000_000
_MOST: Final = 2_000
_CARRIED: Final = ("encoding", "delimiter", "quote", "table", "header_row", "time_zone")


class Preset(Wire):
    """Which column feeds which field of a table with these `columns`, and what was chosen besides.

    `date_order` holds only where the dates themselves prove none. The rest is as in `ImportSettings`; None or
    empty means that it is found out from each file.
    """

    name: str = ""
    columns: tuple[str, ...] = Field(max_length=_MOST)
    mapping: Mapping
    date_order: DateOrder | None = None
    constants: dict[FieldName, str] = Field(default_factory=dict)
    countries: dict[str, str] = Field(default_factory=dict)
    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    table: str | None = None
    header_row: int | None = None
    time_zone: str | None = None

    @field_validator("mapping")
    @classmethod
    def _of_its_columns(cls, given: Mapping) -> Mapping:
        places = [match.column for match in given.columns]
        if (
            len(places) > _MOST
            or len(set(places)) != len(places)
            or not set(given.keep_in_notes) <= {*places}
        ):
            raise ValueError("the columns of the mapping are not those of a table")
        return given

    @field_validator("countries")
    @classmethod
    def _known_codes(cls, given: dict[str, str]) -> dict[str, str]:
        if len(given) > _MOST or not all(is_code(code) for code in given.values()):
            raise ValueError("a country code is not known")
        return {fold(name): code for name, code in given.items()}

    def extras(self) -> bool:
        """Return whether it holds more than which column feeds which field."""
        return self != Preset(name=self.name, columns=self.columns, mapping=self.mapping)


def checked_name(name: str) -> str:
    """Return the name of a preset without the spaces around it; raises `UsageError` where it is none."""
    plain = " ".join(name.split())
    if not plain or len(plain) > LONGEST_NAME or not plain.isprintable():
        message = _("A preset needs a name of 1 to {limit} visible characters.")
        raise UsageError("preset-name", message.format(limit=LONGEST_NAME))
    if plain.casefold() in RESERVED:
        message = _("“{name}” has a meaning of its own and cannot be the name of a preset.")
        raise UsageError("preset-name", message.format(name=plain))
    return plain


def with_preset(settings: ImportSettings, preset: Preset) -> ImportSettings:
    """Return `settings` with what the preset says where they leave it open."""
    changes: dict[str, Any] = {
        name: getattr(preset, name)
        for name in _CARRIED
        if getattr(settings, name) is None and getattr(preset, name) is not None
    }
    changes["constants"] = {**preset.constants, **settings.constants}
    changes["countries"] = {**preset.countries, **settings.countries}
    return settings.model_copy(update=changes)


def made_from(settings: ImportSettings, columns: Iterable[str], mapping: Mapping) -> Preset:
    """Return the preset of a table that is read with `settings` and mapped by `mapping`."""
    own = {field: value for field, value in mapping.constants.items() if field not in settings.constants}
    bare = tuple(
        match.model_copy(update={"reason": "", "contested": None, "confidence": 100 if match.field else 0})
        for match in mapping.columns
    )
    return Preset(
        columns=tuple(columns),
        mapping=mapping.model_copy(update={"columns": bare, "constants": own}),
        date_order=settings.date_order,
        constants=settings.constants,
        countries=settings.countries,
        **{name: getattr(settings, name) for name in _CARRIED},
    )


def presets_to_json(presets: Iterable[Preset]) -> str:
    """Return `presets` as the JSON that `load_presets` reads."""
    entries = [preset.model_dump(mode="json", by_alias=True, exclude_defaults=True) for preset in presets]
    return json.dumps({"dinotuiPresets": 1, "presets": entries}, ensure_ascii=False, indent=2) + "\n"


def load_presets(text: str) -> list[Preset]:
    """Return the presets of a JSON text.

    Raises:
        UsageError: no JSON, not from `presets_to_json`, too long, or a preset that makes no sense.
    """
    data = _json(text)
    entries = data.get("presets") if isinstance(data, dict) else None
    if not isinstance(data, dict) or "dinotuiPresets" not in data or not isinstance(entries, list):
        raise UsageError("presets", _("This is no file of presets. Write one with: dinotui preset export."))
    if data["dinotuiPresets"] != 1:
        message = _("These presets were written by a newer dinotui. Install the newest version to read them.")
        raise UsageError("presets", message)
    if len(entries) > MAX_PRESETS:
        raise UsageError("presets", _("More than {limit} presets are too many.").format(limit=MAX_PRESETS))
    return [_preset(entry, number) for number, entry in enumerate(entries, start=1)]


def _json(text: str) -> Any:
    if len(text) > MAX_TEXT:
        raise UsageError("presets", _("The presets are longer than 2,000,000 characters."))
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f"{error.lineno}:{error.colno}" if isinstance(error, json.JSONDecodeError) else None
        raise UsageError("presets", _("The presets are no valid JSON."), where) from error


def _preset(entry: object, number: int) -> Preset:
    where = _("preset {number}").format(number=number)
    if not isinstance(entry, MappingOf):
        raise UsageError("presets", _("A preset is an object with name, columns and mapping."), where)
    try:
        preset = Preset.model_validate(entry)
        return preset.model_copy(update={"name": checked_name(preset.name)})
    except UsageError as error:
        raise UsageError(error.code, error.message, where) from error
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        message = _("“{name}” of the preset is missing or not what it should be.")
        raise UsageError("presets", message.format(name=shown(name)), where) from error
