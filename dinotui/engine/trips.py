"""Adding, changing and deleting single trips; each is an operation that can be undone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from dinotui.domain.country import recognise
from dinotui.domain.date_parsing import parse_date
from dinotui.domain.date_reading import DateReading
from dinotui.domain.dates import DateOrder, day_text, today
from dinotui.domain.errors import UsageError
from dinotui.domain.ids import new_id
from dinotui.domain.mapping import ColumnMatch
from dinotui.domain.mapping import Mapping as ColumnMapping
from dinotui.domain.problems import Problem, make_problem
from dinotui.domain.records import Normaliser, NormaliserOptions
from dinotui.domain.trip import TRIP_FIELDS, Trip
from dinotui.locale import _, ngettext
from dinotui.storage.changelog import operation
from dinotui.storage.database import utc_now
from dinotui.storage.staging import RECORD_COLUMNS
from dinotui.storage.store import Store
from dinotui.storage.tables import TripRow
from dinotui.storage.trips import find_row, named_row, rows_by_number, trip_of

_STORED: Final = (
    "country",
    "country_code",
    "country_fold",
    "entry_day",
    "exit_day",
    "visa_type",
    "visa_fold",
    "max_days",
    "passport_country",
    "passport_fold",
    "notes",
)


class Checked(NamedTuple):
    """What a person typed for a trip: the stored columns, and every problem found."""

    values: dict[str, Any]
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep the trip from being stored."""
        return tuple(problem for problem in self.problems if problem.severity == "error")


_MAPPING: Final = ColumnMapping(
    columns=tuple(ColumnMatch(column=n, header=name, field=name) for n, name in enumerate(TRIP_FIELDS))
)


def check(fields: Mapping[str, str], today_day: int, existing: Mapping[str, Any] | None = None) -> Checked:
    """Read what a person typed: field names of `TRIP_FIELDS`, dates as ``YYYY-MM-DD`` or unmistakable ones.

    Fields that are not given keep the values of `existing`.
    """
    texts = {**(as_fields(existing) if existing else {}), **fields}
    unknown = [name for name in texts if name not in TRIP_FIELDS]
    if unknown:
        raise UsageError("unknown-field", _("There is no field {name}.").format(name=unknown[0]))
    read = Normaliser(_MAPPING, TRIP_FIELDS, NormaliserOptions({}, today=today_day))
    row = dict(zip(RECORD_COLUMNS, read(0, [texts.get(name, "") for name in TRIP_FIELDS], None), strict=True))
    found = [Problem(**item) for item in json.loads(row["problems"] or "[]") if item["severity"] != "info"]
    said = [*map(_of_one_trip, found), *_passport_problems(texts.get("passportCountry", ""))]
    values = {name: row[name] for name in _STORED}
    if existing and values["country_fold"] == existing["country_fold"] and values["country_code"] is None:
        values["country_code"] = existing["country_code"]  # the user settled it before
    return Checked(values, tuple(said))


def _of_one_trip(problem: Problem) -> Problem:
    """Return a problem in words for a date that stands alone: there is no column whose order could be said."""
    if problem.code != "ambiguous-order":
        return problem
    orders: tuple[DateOrder, ...] = ("dmy", "mdy")
    days = [parse_date(str(problem.value), DateReading(order=order)).day for order in orders]
    shown = [day_text(day) for day in days if day is not None]
    if len(shown) < len(orders):
        return problem
    return make_problem("two-days-possible", problem.field, problem.value, first=shown[0], second=shown[1])


def _passport_problems(text: str) -> list[Problem]:
    """Return a warning about a passport that does not tell its country."""
    status = recognise(text.strip()).status
    code = {"ambiguous": "passport-ambiguous", "unknown": "passport-unknown"}.get(status)
    return [make_problem(code, "passportCountry", text.strip())] if code else []


def as_fields(row: Mapping[str, Any]) -> dict[str, str]:
    """Return a stored row as the texts a person edits."""
    return {
        "country": row["country"],
        "entryDate": day_text(row["entry_day"]),
        "exitDate": "" if row["exit_day"] is None else day_text(row["exit_day"]),
        "visaType": row["visa_type"],
        "maxDays": "" if row["max_days"] is None else str(row["max_days"]),
        "passportCountry": row["passport_country"],
        "notes": row["notes"],
    }


def add_trip(store: Store, fields: Mapping[str, str], *, source: str = "manual") -> tuple[Trip, Checked]:
    """Store a new trip; raises `UsageError` with the first problem that keeps it from being stored."""
    checked = check(fields, today(None))
    _refuse(checked)
    now = utc_now()
    with operation(store, "add", source=source) as recorder, recorder.part():
        number = store.database.run(
            TripRow.insert(
                user=store.user,
                id=new_id(),
                created_at=now,
                updated_at=now,
                source="manual",
                changed_by=recorder.number,
                **checked.values,
            )
        )
        row = rows_by_number(store, [int(number)])[int(number)]
        recorder.describe(summary=_("Added {trip}").format(trip=short(row)))
    return trip_of(row), checked


def named_id(store: Store, word: str) -> str:
    """Return the id of the trip that a person names, by its number or id; raises as `named_row`."""
    return str(named_row(store, word)["id"])


def edit_trip(
    store: Store, key: str, fields: Mapping[str, str], *, source: str = "manual"
) -> tuple[Trip, Checked]:
    """Change fields of a trip; an empty text clears a field that may be empty. Errors as `add_trip`."""
    with operation(store, "edit", source=source) as recorder, recorder.part():
        before = find_row(store, key)
        checked = check(fields, today(None), before)
        _refuse(checked)
        changed = [name for name in _STORED if checked.values[name] != before[name]]
        if not changed:
            raise UsageError(
                "nothing-to-change", _("Nothing was changed: the trip already has these values.")
            )
        row = {"updated_at": utc_now(), "changed_by": recorder.number, **checked.values}
        store.database.run(TripRow.update(**row).where(TripRow.number == before["number"]))
        after = rows_by_number(store, [before["number"]])[before["number"]]
        recorder.describe(summary=_("Changed {trip}").format(trip=short(after)))
    return trip_of(after), checked


def delete_trips(store: Store, keys: Sequence[str], *, source: str = "manual") -> list[Trip]:
    """Delete trips, all in one operation; raises `NotFound` for a key that names none."""
    with operation(store, "delete", source=source) as recorder, recorder.part():
        rows = [find_row(store, key) for key in keys]
        for row in rows:
            store.database.run(TripRow.delete().where(TripRow.number == row["number"]))
        recorder.describe(
            summary=_("Deleted {trip}").format(trip=short(rows[0]))
            if len(rows) == 1
            else ngettext("Deleted {count} trip", "Deleted {count} trips", len(rows)).format(count=len(rows))
        )
    return [trip_of(row) for row in rows]


def short(row: Mapping[str, Any]) -> str:
    """Return a trip in a few words: number, country and dates."""
    leaving = "…" if row["exit_day"] is None else day_text(row["exit_day"])
    return f"#{row['number']} {row['country']} {day_text(row['entry_day'])} – {leaving}"


def _refuse(checked: Checked) -> None:
    if checked.errors:
        first = checked.errors[0]
        raise UsageError(first.code, first.message, first.field or None)
