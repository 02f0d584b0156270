"""The preferences as fields of a form: their names, choices, texts, and what is wrong with a text. No widget."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, get_args

from dinotui.domain.dates import from_day, today
from dinotui.domain.errors import DinoError
from dinotui.domain.preference_texts import THEMES, setting_of, text_of
from dinotui.domain.preferences import DateFormat, Preferences, shown_date
from dinotui.locale import N_, _
from dinotui.tui.keys import check_key_map
from dinotui.tui.view import zone_in_force
from dinotui.tui.widgets.form import Field

_THEME_LABELS: Final = {
    "auto": N_("as the terminal can"),
    "dark": N_("dark"),
    "light": N_("light"),
    "contrast": N_("high contrast"),
    "terminal": N_("the terminal's 16 colours, dark"),
    "terminal-light": N_("the terminal's 16 colours, light"),
}
_LANGUAGES: Final = (("", N_("as the system has it")), ("en", "English"), ("ko", "한국어"))
_FORMATS: Final = tuple((name, name) for name in get_args(DateFormat))
_THEMES: Final = tuple((name, _THEME_LABELS[name]) for name in THEMES)

FIELDS: Final = (
    Field("language", N_("Language"), choices=_LANGUAGES),
    Field("dateFormat", N_("Dates"), choices=_FORMATS),
    Field("timeZone", N_("Time zone"), hint=N_("as the system has it; or Asia/Seoul")),
    Field("homePassport", N_("Home passport"), hint=N_("a country or its code, such as KR")),
    Field("visaExpiryDays", N_("Warn before max days"), hint=N_("7, 14, 30")),
    Field("schengenWarningDays", N_("Warn, Schengen left"), hint=N_("10")),
    Field("theme", N_("Colours"), choices=_THEMES),
    Field("keyMap", N_("Keys"), hint=N_("app.undo=z; app.redo=x")),
)

HELP: Final[Mapping[str, str]] = {
    "language": N_("The language of everything the program says. F2 switches for now only."),
    "dateFormat": N_(
        "How dates are shown. They are typed as YYYY-MM-DD or in any form that is unmistakable."
    ),
    "timeZone": N_("Decides which day is today, and on which day an instant of a file falls."),
    "homePassport": N_(
        "The passport you travel on unless a trip says another; the Schengen rule follows it."
    ),
    "visaExpiryDays": N_("How many days before a stay reaches its max days you are told, each once."),
    "schengenWarningDays": N_("You are told when so few of the 90 Schengen days are left, 0 to 90."),
    "theme": N_("Colours never carry meaning alone. NO_COLOR in the environment takes them all away."),
    "keyMap": N_(
        "Other keys for commands, as command=keys with “;” between; help (?) names each command's keys."
    ),
}


def values_of(preferences: Preferences) -> dict[str, str]:
    """Return the preferences as the texts of the fields."""
    found = preferences.model_dump(mode="json", by_alias=True)
    return {field.name: text_of(field.name, found[field.name]) for field in FIELDS}


def fault_of(
    preferences: Preferences, name: str, text: str, commands: Mapping[str, tuple[str, ...]]
) -> tuple[str, Preferences]:
    """Return what is wrong with a text, empty for nothing, and the preferences with it.

    `commands` are the keys of all commands by id.
    """
    try:
        changed = preferences.changed({name: setting_of(name, text)})
    except DinoError as error:
        return error.message, preferences
    faults = check_key_map(changed.key_map, commands) if name == "keyMap" else []
    return " ".join(faults), preferences if faults else changed


def now_text(preferences: Preferences) -> str:
    """Return this day and time as these preferences show them."""
    day = from_day(today(preferences.time_zone))
    time = datetime.now(zone_in_force()).astimezone(zone_in_force())
    return _("Today is {date}, {time} ({zone}).").format(
        date=shown_date(day, preferences.date_format),
        time=f"{time:%H:%M}",
        zone=preferences.time_zone or time.tzname() or _("the system's time zone"),
    )
