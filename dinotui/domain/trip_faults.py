"""What can be wrong with a stored trip, and which columns put it right (SPEC.md 5, integrity). Pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from dinotui.domain.country import is_code, recognise
from dinotui.domain.dates import LAST_DAY, day_text
from dinotui.domain.finding import Severity
from dinotui.domain.folded import folded
from dinotui.domain.problems import MAX_DAYS_LIMIT
from dinotui.locale import _

_FIRST_DAY: Final = (date.min - date(1970, 1, 1)).days
_TEXTS: Final = (
    "id",
    "country",
    "visa_type",
    "passport_country",
    "notes",
    "created_at",
    "updated_at",
    "source",
)
_FOLDS: Final = ("country_fold", "visa_fold", "passport_fold")


class TripFault(NamedTuple):
    """Something wrong with a trip; `values` are the columns that put it right, `fix` says so (both may be empty)."""

    code: str
    severity: Severity
    message: str
    fix: str = ""
    values: Mapping[str, Any] = {}


def faults_of(row: Mapping[str, Any]) -> Iterator[TripFault]:
    """Yield what is wrong with a stored row; where its types are wrong, nothing else is looked at."""
    name = trip_label(row)
    wrong = [column for column in _TEXTS if not isinstance(row[column], str)]
    if wrong:
        text = _("{trip}: {columns} hold no text. Edit the trip, or restore a backup.")
        yield TripFault("text-type", "error", text.format(trip=name, columns=", ".join(wrong)))
        return
    yield from _date_faults(row, name)
    yield from _missing(row, name)
    yield from _max_days(row, name)
    yield from _code_faults(row, name)
    yield from _fold_faults(row, name)


def trip_label(row: Mapping[str, Any]) -> str:
    """Return a trip in a few words, whatever is in its columns."""
    entry = day_text(row["entry_day"]) if _is_day(row["entry_day"]) else "?"
    return f"#{row['number']} {row['country']} {entry}"


def _is_day(value: object) -> bool:
    return isinstance(value, int) and _FIRST_DAY <= value <= LAST_DAY


def _date_faults(row: Mapping[str, Any], name: str) -> Iterator[TripFault]:
    entry, leaving = row["entry_day"], row["exit_day"]
    if not _is_day(entry) or not (leaving is None or _is_day(leaving)):
        text = _("{trip}: a date is none that the calendar has. Edit the trip, or restore a backup.")
        yield TripFault("date-impossible", "error", text.format(trip=name))
    elif leaving is not None and leaving < entry:
        text = _("{trip}: the exit is before the entry.")
        fix = _("{trip}: swap entry and exit.")
        yield TripFault(
            "dates-swapped",
            "error",
            text.format(trip=name),
            fix.format(trip=name),
            {"entry_day": leaving, "exit_day": entry},
        )


def _missing(row: Mapping[str, Any], name: str) -> Iterator[TripFault]:
    for column, label in (("id", _("id")), ("country", _("country")), ("visa_type", _("visa type"))):
        if not row[column].strip():
            text = _("{trip}: the {field} is empty. Edit the trip.")
            yield TripFault("field-empty", "error", text.format(trip=name, field=label))


def _max_days(row: Mapping[str, Any], name: str) -> Iterator[TripFault]:
    days = row["max_days"]
    if days is not None and not (isinstance(days, int) and 1 <= days <= MAX_DAYS_LIMIT):
        text = _("{trip}: max days is {days}, and it must be 1 to {limit}.")
        yield TripFault(
            "max-days-range",
            "error",
            text.format(trip=name, days=days, limit=MAX_DAYS_LIMIT),
            _("{trip}: empty max days.").format(trip=name),
            {"max_days": None},
        )


def _code_faults(row: Mapping[str, Any], name: str) -> Iterator[TripFault]:
    code, meant = row["country_code"], recognise(row["country"]).code
    if code is not None and not (isinstance(code, str) and is_code(code)):
        text = _("{trip}: there is no country with the code {code}.").format(trip=name, code=code)
        fix = _("{trip}: set the code to {code}.") if meant else _("{trip}: take the code away.")
        yield TripFault(
            "country-code-unknown", "error", text, fix.format(trip=name, code=meant), {"country_code": meant}
        )
    elif code is None and meant is not None:
        text = _("{trip}: the country has no code, and it is known by now.")
        fix = _("{trip}: set the code to {code}.")
        yield TripFault(
            "country-code-missing",
            "info",
            text.format(trip=name),
            fix.format(trip=name, code=meant),
            {"country_code": meant},
        )
    elif meant is not None and code != meant:
        text = _(
            "{trip}: the code is {code}, and the name usually means {meant}. Edit the trip if it is wrong."
        )
        yield TripFault("country-code-differs", "info", text.format(trip=name, code=code, meant=meant))


def _fold_faults(row: Mapping[str, Any], name: str) -> Iterator[TripFault]:
    right = dict(zip(_FOLDS, folded(row["country"], row["visa_type"], row["passport_country"]), strict=True))
    settled = isinstance(row["passport_fold"], str) and is_code(row["passport_fold"])
    values = {
        column: value
        for column, value in right.items()
        if row[column] != value and not (column == "passport_fold" and settled)  # a code given by the user
    }
    if values:
        yield TripFault(
            "search-text-stale",
            "warning",
            _("{trip}: what it is found and compared by does not fit its texts.").format(trip=name),
            _("{trip}: make it anew from the texts.").format(trip=name),
            values,
        )
