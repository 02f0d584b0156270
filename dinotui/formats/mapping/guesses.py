"""Columns that no header explains, matched by what is in them; always with less than full confidence.

A guess needs to be the only one of its kind: two columns that look alike stay open. (SPEC.md 4.2)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from dinotui.domain.mapping import FieldName
from dinotui.formats.mapping.candidates import Candidate, Column
from dinotui.formats.mapping.contents import date_order
from dinotui.locale import _

_NEARLY_ALL: Final = 0.8
_PAIR: Final = 60  # two date columns in a clear order
_ALONE: Final = 50
_FAINT: Final = 40


def guess(columns: Sequence[Column], fed: dict[FieldName, Column], closed: set[FieldName]) -> list[Candidate]:
    """Return guesses for the fields that are neither `fed` nor `closed`, from the columns that are open."""
    free = [column for column in columns if column.open and column.contents.filled]
    missing: set[FieldName] = {
        name
        for name in ("country", "entryDate", "exitDate", "visaType", "maxDays", "notes")
        if name not in fed
    }
    missing -= closed
    guesses = _dates(free, fed, missing)
    for one in (_countries, _visa, _max_days, _notes):
        taken = {made.column.index for made in guesses}
        guesses += one([column for column in free if column.index not in taken], missing)
    return guesses


def _dates(free: Sequence[Column], fed: dict[FieldName, Column], missing: set[FieldName]) -> list[Candidate]:
    dates = [column for column in free if column.contents.dates >= _NEARLY_ALL]
    entry, leaving = fed.get("entryDate"), fed.get("exitDate")
    if len(dates) == 2 and {"entryDate", "exitDate"} <= missing:
        return _pair(dates[0], dates[1])
    if len(dates) != 1:
        return []
    [only] = dates
    if "entryDate" in missing and (leaving is None or _never_later(only, leaving)):
        return [Candidate(only, "entryDate", _ALONE, _("the only column that looks like dates"))]
    if "exitDate" in missing and entry is not None and _never_later(entry, only):
        return [Candidate(only, "exitDate", _ALONE, _("dates that are never before the entry"))]
    return []


def _pair(one: Column, other: Column) -> list[Candidate]:
    for first, second in ((one, other), (other, one)):
        if _never_later(first, second):
            return [
                Candidate(first, "entryDate", _PAIR, _("the earlier one of two columns of dates")),
                Candidate(second, "exitDate", _PAIR, _("the later one of two columns of dates")),
            ]
    return []


def _never_later(first: Column, second: Column) -> bool:
    """Whether nearly no date of `first` is after that of `second`; a slip in ten rows is let pass."""
    order = date_order(first.contents, second.contents)
    return order.before > 0 and order.after * 10 <= order.rows


def _countries(free: Sequence[Column], missing: set[FieldName]) -> list[Candidate]:
    """The one column of countries; where there are two, the one that varies while the other does not."""
    found = [column for column in free if _are_countries(column)]
    if "country" not in missing or not found:
        return []
    if len(found) > 1:
        found = [column for column in found if column.contents.distinct > 1]
    if len(found) != 1:
        return []
    return [Candidate(found[0], "country", _PAIR, _("looks like countries"))]


def _are_countries(column: Column) -> bool:
    contents = column.contents
    if contents.short_texts > 0.5:
        # Below a header of another meaning, codes may be languages, sizes, states or airports.
        return column.generic and contents.countries == 1
    return contents.countries >= _NEARLY_ALL


def _visa(free: Sequence[Column], missing: set[FieldName]) -> list[Candidate]:
    return _only(free, missing, "visaType", _ALONE + 5, _("looks like visa types"), _looks_like_visas)


def _looks_like_visas(column: Column) -> bool:
    return column.contents.visas >= _NEARLY_ALL and column.contents.countries < _NEARLY_ALL


def _max_days(free: Sequence[Column], missing: set[FieldName]) -> list[Candidate]:
    reason = _("numbers of days that visas usually grant")
    return _only(free, missing, "maxDays", _FAINT, reason, lambda column: column.contents.usual_limits == 1)


def _notes(free: Sequence[Column], missing: set[FieldName]) -> list[Candidate]:
    return _only(
        free, missing, "notes", _FAINT, _("looks like texts"), lambda column: column.contents.sentences >= 0.5
    )


def _only(
    free: Sequence[Column],
    missing: set[FieldName],
    field: FieldName,
    confidence: int,
    reason: str,
    fits: Callable[[Column], bool],
) -> list[Candidate]:
    if field not in missing:
        return []
    found = [column for column in free if fits(column)]
    return [Candidate(found[0], field, confidence, reason)] if len(found) == 1 else []
