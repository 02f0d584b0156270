"""Whether the cells of a column fit the field that its header names (SPEC.md 4.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from dinotui.domain.mapping import FieldName
from dinotui.formats.mapping.contents import Contents

_MOST: Final = 0.5  # share from which contents speak for a field
_NEARLY_ALL: Final = 0.8  # share from which contents speak against every other field

_DATES: Final = ("entryDate", "exitDate", "createdAt", "updatedAt")
_SOURCES: Final = frozenset(
    {"manual", "import", "imported", "api", "csv", "json", "xlsx", "app", "web", "user"}
)


def agrees(field: FieldName, contents: Contents) -> bool:
    """Tell whether filled cells speak for `field`; needed where the header alone is not enough."""
    test = _AGREEING.get(field)
    return test is None or test(contents)


def contradicts(field: FieldName, contents: Contents) -> bool:
    """Tell whether filled cells cannot be `field`, whatever the header says; never true for an empty column."""
    if contents.filled == 0:
        return False
    test = _CONTRADICTING.get(field)
    return test is not None and test(contents)


def _are_dates(contents: Contents) -> bool:
    return contents.dates >= _MOST or contents.date_numbers >= _MOST or contents.partial_dates >= _MOST


def _hold_no_date(contents: Contents) -> bool:
    return not (contents.dates or contents.date_numbers or contents.partial_dates)


def _are_countries(contents: Contents) -> bool:
    # FRA is France and Frankfurt's airport: short texts must be countries all of them.
    return contents.countries >= (1 if contents.short_texts >= _MOST else _MOST)


def _are_visas(contents: Contents) -> bool:
    return contents.visas >= _MOST and contents.dates < _MOST


def _are_passports(contents: Contents) -> bool:
    named = contents.without_digits >= 0.9 and contents.yes_or_no < _MOST
    return contents.countries >= _MOST or named


def _are_dates_or_numbers(contents: Contents) -> bool:
    return contents.countries == 0 and (contents.dates >= _NEARLY_ALL or contents.numbers >= _NEARLY_ALL)


def _are_known_sources(contents: Contents) -> bool:
    return all(
        isinstance(cell, str) and cell.strip().casefold() in _SOURCES
        for cell in contents.cells
        if cell is not None
    )


_AGREEING: Final[dict[FieldName, Callable[[Contents], bool]]] = {
    **dict.fromkeys(_DATES, _are_dates),
    "exitDate": lambda contents: _are_dates(contents) or contents.open_words == 1,
    "country": _are_countries,
    "countryCode": lambda contents: contents.country_codes >= _MOST,
    "visaType": _are_visas,
    "maxDays": lambda contents: contents.day_counts >= _MOST,
    "passportCountry": _are_passports,
    "source": _are_known_sources,
}
_CONTRADICTING: Final[dict[FieldName, Callable[[Contents], bool]]] = {
    **dict.fromkeys(_DATES, _hold_no_date),
    "exitDate": lambda contents: _hold_no_date(contents) and contents.open_words == 0,
    "country": _are_dates_or_numbers,
    "countryCode": _are_dates_or_numbers,
    "passportCountry": _are_dates_or_numbers,
    "visaType": lambda contents: contents.dates >= _NEARLY_ALL or contents.yes_or_no >= _NEARLY_ALL,
    "maxDays": lambda contents: contents.day_counts == 0,
    "source": lambda contents: not _are_known_sources(contents),
    "id": lambda contents: contents.counts_up,
}
