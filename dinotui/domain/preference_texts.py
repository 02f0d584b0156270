"""Preferences as a person types and reads them: one line of text each."""

from __future__ import annotations

from typing import Any, Final

from dinotui.domain.errors import UsageError
from dinotui.domain.preferences import PREFERENCE_NAMES
from dinotui.domain.visible import visible
from dinotui.locale import _

THEMES: Final = ("auto", "dark", "light", "contrast", "terminal", "terminal-light")
"""The themes that there are; `auto` takes what the terminal can show."""

_AS_USUAL: Final = ("", "auto", "default")
_MAY_BE_EMPTY: Final = frozenset({"visaExpiryDays"})
_NONE: Final = ("none", "-", "없음")


def setting_of(name: str, text: str) -> Any:
    """Return the value that `text` means for the preference `name` (camelCase), None for the default.

    Raises `UsageError` with the name as `where`. What the value may be is checked by `Preferences.changed`.
    """
    written = text.strip()
    if name not in PREFERENCE_NAMES or written.casefold() in _AS_USUAL:
        return None if name in PREFERENCE_NAMES else written
    if name == "visaExpiryDays":
        if written.casefold() in _NONE:
            return []
        parts = written.strip("[]").replace(",", " ").split()
        return [_number(name, part) for part in parts]
    if name == "schengenWarningDays":
        return _number(name, written)
    if name == "theme":
        return _theme(written)
    return _keys(written) if name == "keyMap" else written


def text_of(name: str, value: Any) -> str:
    """Return a preference's value as `setting_of` reads it; empty for what is left to the surroundings."""
    if value is None:
        return ""
    if name == "visaExpiryDays":
        return ", ".join(map(str, value)) or _NONE[0]
    if name == "keyMap":
        return "; ".join(f"{command}={keys}" for command, keys in value.items())
    return str(value)


def _number(name: str, text: str) -> int | str:
    """Return a whole number; anything else stays text, which the check refuses in its own words."""
    plain = text.removesuffix("일").strip() if name in _MAY_BE_EMPTY else text
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 9 else text


def _theme(text: str) -> str:
    wanted = text.casefold()
    if wanted not in THEMES:
        message = _("There is no theme {name}. There are: {names}.")
        raise UsageError(
            "bad-preference", message.format(name=visible(text[:40]), names=", ".join(THEMES)), "theme"
        )
    return wanted


def _keys(text: str) -> dict[str, str]:
    """Read ``command=keys; command=keys``."""
    found: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        command, equals, keys = part.partition("=")
        if not equals or not command.strip() or not keys.strip():
            message = _("Write each as command=keys, with “;” between them, as in app.undo=z; app.redo=x.")
            raise UsageError("bad-preference", message, "keyMap")
        found[command.strip()] = keys.strip()
    return found
