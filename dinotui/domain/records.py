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

from dinotui.domain.checks import check_lengths, check_stay, parse_max_days
from dinotui.domain.country import Recognition, is_code, recognise
from dinotui.domain.date_cells import is_too_early
from dinotui.domain.date_parsing import parse_date
from dinotui.domain.date_reading import DateReading
from dinotui.domain.dates import PartialPolicy, day_text
from dinotui.domain.folding import fold
from dinotui.domain.mapping import FieldName
from dinotui.domain.mapping import Mapping as ColumnMapping
from dinotui.domain.problems import Correction, Problem, make_correction, make_problem
from dinotui.domain.visa import correct_visa, fold_visa

Cell: TypeAlias = str | int | float | bool | None
_CACHE_LIMIT: Final = 100_000  # distinct texts remembered a column


class Understood(NamedTuple):
    """What one cell means: the value (or values) for the record, and what has to be said about it."""

    value: Any
    problems: tuple[Problem, ...] = ()
    corrections: tuple[Correction, ...] = ()


@dataclass(frozen=True, slots=True)
class NormaliserOptions:
    """What applies to every record: readings by field, policies, the user's country answers, rules, today.

    `doubtful` are folded country texts that this column uses for something else (states, "not available"),
    so they are asked about. `swap` puts an entry and an exit that stand the wrong way round right, instead
    of rejecting the record.
    """

    readings: Mapping[str, DateReading]
    partial: PartialPolicy = "reject"
    countries: Mapping[str, str] = field(default_factory=dict)
    rules: Callable[[Mapping[str, object]], list[Problem]] | None = None
    doubtful: frozenset[str] = frozenset()
    today: int = 0
    swap: bool = False


class Normaliser:
    """Call with (record, cells, reader's problem, fixes) to get the columns of a staged record."""

    def __init__(self, mapping: ColumnMapping, columns: Sequence[str], options: NormaliserOptions) -> None:
        self._mapping = mapping
        self._columns = columns
        self._options = options
        self._readers: tuple[tuple[FieldName, Callable[[Cell], Understood], dict[Any, Understood]], ...] = (
            ("country", self._country, {}),
            ("entryDate", self._entry, {}),
            ("exitDate", self._exit, {}),
            ("visaType", self._visa, {}),
            ("maxDays", self._max_days, {}),
            ("passportCountry", self._passport, {}),
        )
        self._positions = {match.field: match.column for match in mapping.columns if match.field is not None}

    def __call__(
        self,
        record: int,
        cells: Sequence[Cell],
        row_problem: str | None,
        fixes: Mapping[str, str] | None = None,
    ) -> tuple[Any, ...]:
        """Return the staged record, columns as in `dinotui.storage.staging.RECORD_COLUMNS`."""
        problems: list[Problem] = [make_problem(row_problem, "", len(cells))] if row_problem else []
        corrections: list[Correction] = []
        read = self._read_fields(cells, fixes, problems, corrections)
        (
            (country, code, country_fold),
            entry,
            leaving,
            (visa, visa_fold),
            max_days,
            (passport, passport_fold),
        ) = read
        code = self._given_code(self._cell("countryCode", cells, fixes), code, problems)
        if self._options.swap and entry is not None and leaving is not None and leaving < entry:
            corrections.append(
                make_correction("dates-swapped", "exitDate", day_text(leaving), day_text(entry))
            )
            entry, leaving = leaving, entry
        elif fixes and entry is not None and leaving is not None:
            corrections.extend(self._swapped_by_hand(cells, fixes, entry, leaving))
        problems.extend(check_stay(entry, leaving, max_days, self._options.today))
        texts = {
            "id": self._plain("id", cells, fixes).strip(),
            "country": country,
            "visaType": visa,
            "passportCountry": passport,
            "notes": self._notes(cells, fixes),
            "source": self._plain("source", cells, fixes),
        }
        problems.extend(check_lengths(texts))
        if self._options.rules is not None:
            days = {"entryDate": entry, "exitDate": leaving, "maxDays": max_days, "countryCode": code}
            problems.extend(self._options.rules({**texts, **days}))
        errors = sum(problem.severity == "error" for problem in problems)
        return (
            record,
            texts["id"] or None,
            country,
            code,
            country_fold,
            entry,
            leaving,
            visa,
            visa_fold,
            max_days,
            passport,
            passport_fold,
            texts["notes"],
            self._plain("createdAt", cells, fixes) or None,
            self._plain("updatedAt", cells, fixes) or None,
            texts["source"] or None,
            errors == 0,
            len(corrections),
            len(problems) - errors,
            _as_json(problems, corrections) if problems or corrections else None,
        )

    def understand(self, name: FieldName, cell: Cell, given_code: Cell = None) -> Understood:
        """Return what one cell of a field with a reader of its own means; a country together with its code."""
        read = next(read for field, read, _known in self._readers if field == name)
        found = read(cell)
        if name != "country":
            return found
        (text, code, folded), problems = found.value, list(found.problems)
        code = self._given_code(given_code, code, problems)
        return Understood((text, code, folded), tuple(problems), found.corrections)

    def _swapped_by_hand(
        self, cells: Sequence[Cell], fixes: Mapping[str, str], entry: int, leaving: int
    ) -> list[Correction]:
        """Return the correction that a user made by swapping entry and exit of the file, if that is the fix."""
        if not {"entryDate", "exitDate"} <= fixes.keys() or leaving <= entry:
            return []
        before = [
            self._entry(self._cell("entryDate", cells, None)).value,
            self._exit(self._cell("exitDate", cells, None)).value,
        ]
        if before != [leaving, entry]:
            return []
        return [make_correction("dates-swapped", "exitDate", day_text(entry), day_text(leaving))]

    def _read_fields(
        self,
        cells: Sequence[Cell],
        fixes: Mapping[str, str] | None,
        problems: list[Problem],
        corrections: list[Correction],
    ) -> list[Any]:
        values: list[Any] = []
        for name, read, cache in self._readers:
            cell = self._cell(name, cells, fixes)
            key = cell if type(cell) is str else (cell, type(cell))
            understood = cache.get(key)
            if understood is None:
                if len(cache) >= _CACHE_LIMIT:
                    cache.clear()
                understood = cache[key] = read(cell)
            values.append(understood.value)
            if understood.problems:
                problems.extend(understood.problems)
            if understood.corrections:
                corrections.extend(understood.corrections)
        return values

    def _cell(self, name: FieldName, cells: Sequence[Cell], fixes: Mapping[str, str] | None) -> Cell:
        if fixes and name in fixes:
            return fixes[name]
        position = self._positions.get(name)
        cell = cells[position] if position is not None and position < len(cells) else None
        if cell is None or cell == "":
            return self._mapping.constants.get(name, cell)
        return cell

    def _plain(self, name: FieldName, cells: Sequence[Cell], fixes: Mapping[str, str] | None) -> str:
        return as_text(self._cell(name, cells, fixes))

    def _country(self, cell: Cell) -> Understood:
        text, corrections = _trimmed("country", cell)
        if not text:
            return Understood(("", None, ""), (make_problem("country-missing", "country", cell),))
        found = recognise(text, self._options.countries)
        if fold(text) in self._options.doubtful and fold(text) not in self._options.countries:
            found = Recognition(None, "ambiguous", (found.code,) if found.code else ())
        problem = {"ambiguous": "country-ambiguous", "unknown": "country-unknown"}.get(found.status)
        problems = (make_problem(problem, "country", text),) if problem else ()
        return Understood((text, found.code, fold(text)), problems, corrections)

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

    def _entry(self, cell: Cell) -> Understood:
        if as_text(cell).strip() == "":
            return Understood(None, (make_problem("entry-date-missing", "entryDate", cell),))
        return self._date("entryDate", cell, open_words=False)

    def _exit(self, cell: Cell) -> Understood:
        return self._date("exitDate", cell, open_words=True)

    def _date(self, name: FieldName, cell: Cell, *, open_words: bool) -> Understood:
        reading = self._options.readings.get(name) or DateReading()
        parsed = parse_date(cell, reading, self._options.partial, open_words=open_words)
        if parsed.problem is not None:
            early = parsed.problem == "no-such-date" and is_too_early(cell)
            return Understood(
                None, (make_problem("year-too-early" if early else parsed.problem, name, cell),)
            )
        if parsed.correction is None or parsed.day is None:
            return Understood(parsed.day)
        return Understood(
            parsed.day, (), (make_correction(parsed.correction, name, cell, day_text(parsed.day)),)
        )

    def _visa(self, cell: Cell) -> Understood:
        text, corrections = _trimmed("visaType", cell)
        if not text:
            return Understood(("", ""), (make_problem("visa-type-missing", "visaType", cell),))
        better = correct_visa(text)
        if better is None:
            return Understood((text, fold_visa(text)), (), corrections)
        corrected = make_correction("visa-spelling", "visaType", text, better)
        return Understood((better, fold_visa(better)), (), (corrected,))

    def _max_days(self, cell: Cell) -> Understood:
        read = parse_max_days(cell)
        problems = () if read.problem is None else (make_problem(read.problem, "maxDays", cell),)
        if read.correction is None:
            return Understood(read.value, problems)
        return Understood(
            read.value, problems, (make_correction(read.correction, "maxDays", cell, read.value),)
        )

    def _passport(self, cell: Cell) -> Understood:
        text, corrections = _trimmed("passportCountry", cell)
        code = recognise(text, self._options.countries).code if text else None
        return Understood((text, code or fold(text)), (), corrections)

    def _notes(self, cells: Sequence[Cell], fixes: Mapping[str, str] | None) -> str:
        parts = [self._plain("notes", cells, fixes)]
        for position in self._mapping.keep_in_notes:
            kept = as_text(cells[position]) if position < len(cells) else ""
            if kept:
                parts.append(f"{self._columns[position]}: {kept}")
        return "\n".join(part for part in parts if part)


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


def _trimmed(name: FieldName, cell: Cell) -> tuple[str, tuple[Correction, ...]]:
    text = as_text(cell)
    stripped = text.strip()
    if stripped == text or not stripped:
        return stripped, ()
    return stripped, (make_correction("stray-whitespace", name, text, stripped),)


def _as_json(problems: Sequence[Problem], corrections: Sequence[Correction]) -> str:
    said: list[dict[str, object]] = [problem._asdict() for problem in problems]
    said += [
        {
            "field": c.field,
            "code": c.code,
            "message": c.message,
            "severity": "info",
            "value": c.before,
            "after": c.after,
        }
        for c in corrections
    ]
    return json.dumps(said, ensure_ascii=False, default=str)
