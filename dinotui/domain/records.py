"""From the cells of a source row to a normalised record, by a mapping and the readings of its columns.

A normaliser is compiled once for a table and called once a row; each distinct cell text is understood once.
Nothing is dropped or changed silently: what cannot be understood is a problem, what is put right is a
correction, both with field, code and the original value (SPEC.md 4.3).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeAlias

from dinotui.domain.country import is_code, recognise
from dinotui.domain.date_columns import DateReading, parse_date
from dinotui.domain.dates import PartialPolicy, is_open_stay
from dinotui.domain.folding import fold
from dinotui.domain.mapping import FieldName
from dinotui.domain.mapping import Mapping as ColumnMapping
from dinotui.domain.validation import (
    LENGTH_LIMITS,
    Problem,
    check_stay,
    make_problem,
    parse_max_days,
)
from dinotui.domain.visa import correct_visa

Cell: TypeAlias = str | int | float | bool | None
_CACHE_LIMIT: Final = 100_000  # distinct texts remembered a column


class Understood(NamedTuple):
    """What one cell means: the value (or values) for the record, and what has to be said about it."""

    value: Any
    problems: tuple[Problem, ...] = ()
    corrected: bool = False


@dataclass(frozen=True, slots=True)
class NormaliserOptions:
    """What applies to every record: readings by field, policies, the user's country answers, rules, today."""

    readings: Mapping[str, DateReading]
    partial: PartialPolicy = "reject"
    countries: Mapping[str, str] = field(default_factory=dict)
    rules: Callable[[Mapping[str, object]], list[Problem]] | None = None
    today: int = 0


class Normaliser:
    """Call with (record, cells, reader's problem, fixes) to get the columns of a staged record."""

    def __init__(self, mapping: ColumnMapping, columns: Sequence[str], options: NormaliserOptions) -> None:
        self._mapping = mapping
        self._columns = columns
        self._options = options
        self._caches: dict[str, dict[Cell, Understood]] = {}
        self._readers: dict[str, Callable[[Cell], Understood]] = {
            "country": self._country,
            "entryDate": lambda cell: self._date("entryDate", cell),
            "exitDate": self._exit,
            "visaType": self._visa,
            "maxDays": self._max_days,
            "passportCountry": self._passport,
        }
        self._positions = {
            match.field: match.column for match in mapping.columns if match.field is not None
        }
        self._width = len(columns)

    def __call__(
        self, record: int, cells: Sequence[Cell], row_problem: str | None, fixes: Mapping[str, str] | None = None
    ) -> tuple[Any, ...]:
        """Return the staged record, columns as in `dinotui.storage.staging.RECORD_COLUMNS`."""
        problems: list[Problem] = []
        corrected = 0
        values: dict[str, Any] = {}
        if row_problem is not None:
            problems.append(make_problem(row_problem, "", len(cells)))
        for name, read in self._readers.items():
            cell = self._cell(name, cells, fixes)
            cache = self._caches.setdefault(name, {})
            key = (cell, type(cell)) if type(cell) is not str else cell
            understood = cache.get(key)  # type: ignore[call-overload]
            if understood is None:
                understood = read(cell)
                if len(cache) >= _CACHE_LIMIT:
                    cache.clear()
                cache[key] = understood  # type: ignore[index]
            values[name] = understood.value
            if understood.problems:
                problems.extend(understood.problems)
            corrected += understood.corrected
        country, code, country_fold = values["country"]
        code = self._given_code(self._cell("countryCode", cells, fixes), code, problems)
        entry, leaving = values["entryDate"], values["exitDate"]
        visa, visa_fold = values["visaType"]
        passport, passport_fold = values["passportCountry"]
        notes = self._notes(cells, fixes, problems)
        if entry is not None:
            problems.extend(check_stay(entry, leaving, values["maxDays"], self._options.today))
        if self._options.rules is not None:
            problems.extend(
                self._options.rules(
                    {
                        "country": country,
                        "countryCode": code,
                        "entryDate": entry,
                        "exitDate": leaving,
                        "visaType": visa,
                        "maxDays": values["maxDays"],
                        "passportCountry": passport,
                        "notes": notes,
                    }
                )
            )
        errors = sum(problem.severity == "error" for problem in problems)
        return (
            record,
            self._plain("id", cells, fixes) or None,
            country,
            code,
            country_fold,
            entry,
            leaving,
            visa,
            visa_fold,
            values["maxDays"],
            passport,
            passport_fold,
            notes,
            self._plain("createdAt", cells, fixes) or None,
            self._plain("updatedAt", cells, fixes) or None,
            self._plain("source", cells, fixes) or None,
            errors == 0,
            corrected,
            len(problems) - errors,
            _as_json(problems) if problems else None,
        )

    def _cell(self, name: str, cells: Sequence[Cell], fixes: Mapping[str, str] | None) -> Cell:
        if fixes and name in fixes:
            return fixes[name]
        position = self._positions.get(name)  # type: ignore[call-overload]
        cell = cells[position] if position is not None and position < len(cells) else None
        if cell is None or cell == "":
            constant: str | None = self._mapping.constants.get(name)  # type: ignore[call-overload]
            return constant if constant is not None else cell
        return cell  # type: ignore[no-any-return]

    def _plain(self, name: str, cells: Sequence[Cell], fixes: Mapping[str, str] | None) -> str:
        return as_text(self._cell(name, cells, fixes))

    def _country(self, cell: Cell) -> Understood:
        text, trimmed = _trimmed(cell)
        if not text:
            return Understood(("", None, ""), (make_problem("country-missing", "country", cell),))
        problems = _too_long("country", text)
        found = recognise(text, self._options.countries)
        if found.status == "ambiguous":
            problems += (make_problem("country-ambiguous", "country", text),)
        elif found.code is None:
            problems += (make_problem("country-unknown", "country", text),)
        return Understood((text, found.code, fold(text)), problems, trimmed)

    def _given_code(self, cell: Cell, code: str | None, problems: list[Problem]) -> str | None:
        """Use the code that the file gives where the name has none; where they disagree, use neither."""
        given = as_text(cell).strip().upper()
        if not given or given == code:
            return code
        if not is_code(given):
            problems.append(make_problem("country-code-unknown", "countryCode", given))
            return code
        if code is None:
            problems[:] = [p for p in problems if p.code not in ("country-ambiguous", "country-unknown")]
            return given
        problems.append(make_problem("country-code-differs", "countryCode", given))
        return None

    def _date(self, name: str, cell: Cell) -> Understood:
        if cell is None or as_text(cell).strip() == "":
            if name == "entryDate":
                return Understood(None, (make_problem("entry-date-missing", name, cell),))
            return Understood(None)
        reading = self._options.readings.get(name) or DateReading()
        parsed = parse_date(cell, reading, self._options.partial)
        if parsed.problem is not None:
            return Understood(None, (make_problem(parsed.problem, name, cell),))
        return Understood(parsed.day, (), parsed.correction is not None)

    def _exit(self, cell: Cell) -> Understood:
        if isinstance(cell, str) and is_open_stay(cell):
            return Understood(None)
        return self._date("exitDate", cell)

    def _visa(self, cell: Cell) -> Understood:
        text, trimmed = _trimmed(cell)
        if not text:
            return Understood(("", ""), (make_problem("visa-type-missing", "visaType", cell),))
        better = correct_visa(text)
        problems = _too_long("visaType", text)
        if better is not None and better != text:
            problems += (make_problem("visa-type-corrected", "visaType", text),)
            return Understood((better, fold(better)), problems, corrected=True)
        return Understood((text, fold(text)), problems, trimmed)

    def _max_days(self, cell: Cell) -> Understood:
        value, problem, correction = parse_max_days(cell)
        problems = () if problem is None else (make_problem(problem, "maxDays", cell),)
        return Understood(value, problems, correction is not None)

    def _passport(self, cell: Cell) -> Understood:
        text, trimmed = _trimmed(cell)
        code = recognise(text, self._options.countries).code if text else None
        return Understood((text, code or fold(text)), _too_long("passportCountry", text), trimmed)

    def _notes(self, cells: Sequence[Cell], fixes: Mapping[str, str] | None, problems: list[Problem]) -> str:
        notes = self._plain("notes", cells, fixes)
        for position in self._mapping.keep_in_notes:
            kept = as_text(cells[position]) if position < len(cells) else ""
            if kept:
                notes = f"{notes}\n{self._columns[position]}: {kept}" if notes else f"{self._columns[position]}: {kept}"
        if len(notes) > LENGTH_LIMITS["notes"]:
            problems.extend(_too_long("notes", notes))
        return notes


def as_text(cell: Cell) -> str:
    """Return a cell as the text a person would write: 90.0 is ``90``, true is ``true``, nothing is empty."""
    if isinstance(cell, str):
        return cell
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)


def _trimmed(cell: Cell) -> tuple[str, bool]:
    text = as_text(cell)
    stripped = text.strip()
    return stripped, stripped != text and stripped != ""


def _too_long(name: FieldName, text: str) -> tuple[Problem, ...]:
    if len(text) <= LENGTH_LIMITS[name]:
        return ()
    return (make_problem("too-long", name, text[:50]),)


def _as_json(problems: Sequence[Problem]) -> str:
    return json.dumps([problem._asdict() for problem in problems], ensure_ascii=False, default=str)
