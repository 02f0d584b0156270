"""A user's preferences (SPEC.md 2): typed, with defaults, each value checked by itself.

Stored and exported under their camelCase names. None means: as the surroundings say (the locale, the
machine's time zone).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import Field, ValidationError, field_validator
from pydantic_core import ErrorDetails

from dinotui.domain.country import is_code, recognise
from dinotui.domain.dates import zone_named
from dinotui.domain.errors import UsageError
from dinotui.domain.visible import visible
from dinotui.domain.wire import Wire
from dinotui.locale import N_, _

DateFormat: TypeAlias = Literal["YYYY-MM-DD", "DD.MM.YYYY", "DD/MM/YYYY", "MM/DD/YYYY", "YYYY. M. D."]

_PATTERNS: Final = {
    "YYYY-MM-DD": "{y:04}-{m:02}-{d:02}",
    "DD.MM.YYYY": "{d:02}.{m:02}.{y:04}",
    "DD/MM/YYYY": "{d:02}/{m:02}/{y:04}",
    "MM/DD/YYYY": "{m:02}/{d:02}/{y:04}",
    "YYYY. M. D.": "{y:04}. {m}. {d}.",
}
_Short: TypeAlias = Annotated[str, Field(max_length=200)]
_HINTS: Final = {
    "language": N_("Choose en or ko."),
    "dateFormat": N_("Choose one of {formats}."),
    "timeZone": N_("Name a zone such as Asia/Seoul."),
    "homePassport": N_("Give a country's two-letter code, such as KR."),
    "visaExpiryDays": N_("Give whole numbers of days, such as 7, 14 and 30."),
    "schengenWarningDays": N_("Give a whole number from 0 to 90."),
    "theme": N_("Give the name of a theme in small letters, or auto."),
    "keyMap": N_("Give the keys of each command as text, separated by commas."),
}


class Preferences(Wire):
    """One user's settings.

    `visa_expiry_days`: how many days before a stay reaches its max days to tell the user, each once.
    `schengen_warning_days`: tell when so few of the 90 days are left. `home_passport`: alpha-2 or None.
    `key_map`: command id and its keys, comma-separated.
    """

    language: Literal["en", "ko"] | None = None
    date_format: DateFormat = "YYYY-MM-DD"
    time_zone: str | None = None
    home_passport: str | None = None
    visa_expiry_days: tuple[Annotated[int, Field(ge=0, le=3650, strict=True)], ...] = Field(
        (7, 14, 30), max_length=20
    )
    schengen_warning_days: int = Field(10, ge=0, le=90, strict=True)
    theme: str = Field("auto", pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    key_map: dict[_Short, _Short] = Field({}, max_length=200)

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str | None) -> str | None:
        if name is not None:
            zone_named(name)
        return name

    @field_validator("home_passport", mode="before")
    @classmethod
    def _country(cls, text: object) -> object:
        if not isinstance(text, str):
            return text
        if not text.strip():
            return None
        code = text.strip().upper()
        return code if is_code(code) else recognise(text).code or _refuse_country(text)

    @field_validator("visa_expiry_days")
    @classmethod
    def _sorted(cls, days: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(sorted(set(days)))

    def export(self) -> dict[str, Any]:
        """Return the settings as the JSON export has them; what is left to the surroundings is left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)

    def changed(self, values: Mapping[str, Any]) -> Preferences:
        """Return the settings with some changed, by camelCase name; None means the default.

        Raises `UsageError` for an unknown name or a value that makes no sense.
        """
        for name in values:
            if name not in PREFERENCE_NAMES:
                known = ", ".join(PREFERENCE_NAMES)
                message = _("There is no preference {name}. There are: {known}.")
                raise UsageError("unknown-preference", message.format(name=visible(name), known=known))
        kept = {**self.model_dump(by_alias=True), **values}
        try:
            return Preferences.model_validate(
                {name: value for name, value in kept.items() if value is not None}
            )
        except ValidationError as error:
            raise _refusal(error.errors()[0]) from error


PREFERENCE_NAMES: Final = tuple(field.alias or name for name, field in Preferences.model_fields.items())


def from_stored(stored: Mapping[str, Any], base: Preferences | None = None) -> Preferences:
    """Return the settings that stored or imported values mean, `base` (or the default) for all others.

    A value that makes no sense, or a name of another version of the program, is passed over.
    """
    found = base or Preferences()
    for name, value in stored.items():
        if name in PREFERENCE_NAMES and value is not None:
            try:
                found = found.changed({name: value})
            except UsageError:
                continue
    return found


def shown_date(day: date, date_format: DateFormat) -> str:
    """Return a date as the user wants to read it."""
    return _PATTERNS[date_format].format(y=day.year, m=day.month, d=day.day)


def _refuse_country(text: str) -> str:
    message = _("{text} is no country that I know. Give its two-letter code, such as KR.")
    raise UsageError("unknown-country", message.format(text=visible(text)), "homePassport")


def _refusal(error: ErrorDetails) -> UsageError:
    name = str(error["loc"][0])
    given = json.dumps(error["input"], ensure_ascii=False, default=str)
    message = _("{value} is no value for this preference. {hint}")
    hint = _(_HINTS[name]).format(formats=", ".join(_PATTERNS))
    return UsageError("bad-preference", message.format(value=visible(given[:80]), hint=hint), name)
