"""What a document of our own forms holds beside trips: preferences, notifications, analytics (SPEC.md 2, 3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from dinotui.domain.errors import FormatError
from dinotui.formats.base import Form, OtherCategories
from dinotui.formats.json_decode import ExactNumber, RepeatedKeys
from dinotui.formats.json_rows import storable
from dinotui.formats.json_stream import RECORD_BYTES, Scanner
from dinotui.formats.json_text import JsonText
from dinotui.locale import _

LEGACY_PREFERENCES: Final[Mapping[tuple[str, str], str]] = {
    ("user", "passportCountry"): "homePassport",
    ("user", "timezone"): "timeZone",
    ("notificationSettings", "visaExpiryDays"): "visaExpiryDays",
    ("notificationSettings", "schengenWarningDays"): "schengenWarningDays",
}
"""Where the legacy form keeps what are preferences here, and their names here."""

_KEPT: Final[Mapping[Form, frozenset[tuple[str, ...]]]] = {
    "dino": frozenset(
        {("metadata",), ("data", "preferences"), ("data", "notifications"), ("data", "analytics")}
    ),
    "legacy": frozenset({("version",), ("exportDate",), ("user",), ("notificationSettings",)}),
}


def read_others(text: JsonText, form: Form) -> OtherCategories:
    """Walk the document from its beginning and keep what is not trips, within `RECORD_BYTES` in all.

    Raises `FormatError` for damage, a repeated key or a wrong shape, `LimitError` for too much.
    """
    if form not in _KEPT:
        return OtherCategories()
    reading = _Reading(text, _KEPT[form])
    found = reading.read()
    if form == "dino":
        return OtherCategories(
            metadata=reading.mapping(("metadata",)) or {},
            preferences=reading.mapping(("data", "preferences")),
            notifications=reading.mappings(("data", "notifications")),
            analytics=reading.mapping(("data", "analytics")),
        )
    parts = {
        "user": reading.mapping(("user",)),
        "notificationSettings": reading.mapping(("notificationSettings",)),
    }
    preferences = {
        name: value
        for (part, key), name in LEGACY_PREFERENCES.items()
        if (value := (parts[part] or {}).get(key)) is not None
    }
    metadata = {path[0]: found[path] for path in (("version",), ("exportDate",)) if path in found}
    return OtherCategories(metadata=metadata, preferences=preferences or None)


class _Reading:
    """One walk through a document that keeps the values at some paths."""

    def __init__(self, text: JsonText, kept: frozenset[tuple[str, ...]]) -> None:
        self._text = text
        self._kept = kept
        self._scanner = Scanner(text)
        self._left = RECORD_BYTES
        self._found: dict[tuple[str, ...], Any] = {}

    def read(self) -> dict[tuple[str, ...], Any]:
        self._scanner.peek()
        self._walk(())
        self._scanner.end()
        return self._found

    def mapping(self, path: tuple[str, ...]) -> dict[str, Any] | None:
        """Return the object at `path`, None where it is missing or null."""
        value = self._found.get(path)
        if value is not None and not isinstance(value, dict):
            self._wrong_shape(path)
        return value

    def mappings(self, path: tuple[str, ...]) -> list[Mapping[str, Any]] | None:
        """Return the list of objects at `path`, None where it is missing or null."""
        value = self._found.get(path)
        if value is not None and not (
            isinstance(value, list) and all(isinstance(item, dict) for item in value)
        ):
            self._wrong_shape(path)
        return value

    def _walk(self, path: tuple[str, ...]) -> None:
        scanner = self._scanner
        scanner.begin()
        for key in scanner.members(set(), scanner.fail_repeated):
            here = (*path, key)
            mark = scanner.peek()
            if here in self._kept:
                start = scanner.offset
                value = scanner.value(self._left)
                self._left -= scanner.offset - start
                self._found[here] = self._plain(value)
            elif mark == b"{" and any(kept[: len(here)] == here for kept in self._kept):
                self._walk(here)
            else:
                scanner.skip(scanner.fail_repeated, len(here) + 1)

    def _plain(self, value: Any, depth: int = 1) -> Any:
        """Return the value without marks; raises for a repeated key or too much nesting."""
        if depth > self._text.limits.nesting:
            self._scanner.fail_nesting()
        if isinstance(value, RepeatedKeys):
            self._scanner.fail_repeated(value.extras[0][0])
        if isinstance(value, dict):
            return {storable(key): self._plain(inner, depth + 1) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._plain(inner, depth + 1) for inner in value]
        if isinstance(value, ExactNumber):
            return str(value)
        return storable(value) if isinstance(value, str) else value

    def _wrong_shape(self, path: tuple[str, ...]) -> None:
        message = _("“{path}” in this export does not have the shape it should. Export it again.")
        raise FormatError("wrong-shape", message.format(path=".".join(path)), self._text.name)
