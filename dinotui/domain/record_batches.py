"""Many rows at once: the same records as `records.Normaliser` makes row by row, column by column.

A row whose cells are all ordinary (no problem, no correction, likely dates in order) is put together from
whole columns of understood values; every other row goes to the `Normaliser`, which alone decides what is
said about it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from typing import Any, Final, TypeAlias

from dinotui.domain.checks import check_stay
from dinotui.domain.mapping import FieldName
from dinotui.domain.mapping import Mapping as ColumnMapping
from dinotui.domain.problems import LENGTH_LIMITS
from dinotui.domain.records import Cell, Normaliser, NormaliserOptions, as_text
from dinotui.domain.source_rows import SourceRows

_LIMIT: Final = 100_000  # distinct cells remembered a field
_LONG: Final = 200  # characters; a longer cell is not worth remembering
_NUMBERS: Final = frozenset({bool, int, float})  # 1, 1.0 and True are one key, and may mean different things
_UNLIMITED: Final = 1 << 60
_UNDERSTOOD: Final[tuple[FieldName, ...]] = (
    "country",
    "entryDate",
    "exitDate",
    "visaType",
    "maxDays",
    "passportCountry",
)
_TEXTS: Final[tuple[FieldName, ...]] = ("id", "notes", "createdAt", "updatedAt", "source")
_Column: TypeAlias = Sequence[Cell]


class BatchNormaliser:
    """Call with a batch of rows to get their staged records in order; `normalise` makes those of single rows."""

    def __init__(self, normalise: Normaliser, mapping: ColumnMapping, options: NormaliserOptions) -> None:
        self._normalise = normalise
        self._mapping = mapping
        self._today = options.today
        self._row_by_row = options.rules is not None or bool(mapping.keep_in_notes)
        self._memories: dict[Any, _Memory] = {}

    def __call__(
        self, rows: SourceRows, fixes: Mapping[int, Mapping[str, str]] | None = None
    ) -> list[tuple[Any, ...]]:
        """Return the staged records, columns as in `dinotui.storage.staging.RECORD_COLUMNS`."""
        records, cells, problems = rows
        fixes = fixes or {}
        found = None if self._row_by_row else self._from_columns(rows)
        made, special = found or ([()] * len(records), set(range(len(records))))
        if any(problems):
            special.update(place for place, problem in enumerate(problems) if problem)
        if fixes:
            special.update(place for place, record in enumerate(records) if record in fixes)
        for place in special:
            record = records[place]
            made[place] = self._normalise(record, cells[place], problems[place], fixes.get(record))
        return made

    def _from_columns(self, rows: SourceRows) -> tuple[list[tuple[Any, ...]], set[int]] | None:
        """Return a record for each row and the places of those that have to be made one by one."""
        columns = list(zip_longest(*rows.cells))
        size = len(rows.records)
        special: set[int] = set()
        understood = []
        for name in _UNDERSTOOD:
            column: Sequence[Any] = self._column(name, columns, size)
            if name == "country" and self._feeds("countryCode"):
                column = list(zip(column, self._column("countryCode", columns, size), strict=True))
            values = self._values(name, column, special)
            if values is None:
                return None
            understood.append(values)
        country, entry, leaving, visa, limit, passport = understood
        special.update(self._out_of_order(entry, leaving, limit))
        texts = {name: self._texts(name, columns, size, special) for name in _TEXTS}
        made = [
            (record, id_.strip() or None, *land, day, last, *kind, most, *holder, notes, made_at or None,
             changed_at or None, source or None, True, 0, 0, None)
            for record, id_, land, day, last, kind, most, holder, notes, made_at, changed_at, source in zip(
                rows.records, texts["id"], country, entry, leaving, visa, limit, passport,
                texts["notes"], texts["createdAt"], texts["updatedAt"], texts["source"], strict=True,
            )
        ]  # fmt: skip
        return made, special

    def _feeds(self, name: FieldName) -> bool:
        return self._mapping.column_of(name) is not None or name in self._mapping.constants

    def _column(self, name: FieldName, columns: Sequence[_Column], size: int) -> _Column:
        position = self._mapping.column_of(name)
        constant = self._mapping.constants.get(name)
        if position is None or position >= len(columns):
            return [constant] * size
        column = columns[position]
        if constant is None:
            return column
        return [constant if cell is None or cell == "" else cell for cell in column]

    def _values(self, name: FieldName, column: Sequence[Any], special: set[int]) -> list[Any] | None:
        """Return the understood value of every cell, None where numbers of several kinds cannot be told apart."""
        kinds = _NUMBERS.intersection(map(type, column))
        if len(kinds) > 1:
            return None
        memory = self._memories.get((name, kinds))
        if memory is None:
            memory = self._memories[name, kinds] = _Memory(self._reader(name))
        memory.make_room()
        values = list(map(memory.__getitem__, column))
        if memory.noted:
            noted = memory.noted
            special.update(place for place, cell in enumerate(column) if cell in noted)
        return values

    def _reader(self, name: FieldName) -> Callable[[Any], tuple[Any, bool]]:
        """Return what understands a cell of `name` and says whether its rows have to be made one by one."""

        def read(cell: Any) -> tuple[Any, bool]:
            cell, code = cell if type(cell) is tuple else (cell, None)
            found = self._normalise.understand(name, cell, code)
            return found.value, bool(found.problems or found.corrections) or self._is_unlikely(
                name, found.value
            )

        return read

    def _is_unlikely(self, name: FieldName, value: Any) -> bool:
        if name in ("entryDate", "exitDate"):
            return value is not None and bool(check_stay(value, value, None, self._today))
        return name in LENGTH_LIMITS and len(value[0]) > LENGTH_LIMITS[name]

    def _out_of_order(self, entry: list[Any], leaving: list[Any], limit: list[Any]) -> list[int]:
        """Return the places where the exit comes before the entry, or the stay is longer than its limit."""
        today = self._today
        return [
            place
            for place, (first, last, most) in enumerate(zip(entry, leaving, limit, strict=True))
            if first is None
            or not 0 <= (today if last is None else last) - first < (_UNLIMITED if most is None else most)
        ]

    def _texts(self, name: FieldName, columns: Sequence[_Column], size: int, special: set[int]) -> list[str]:
        if not self._feeds(name):
            return [""] * size
        texts = [
            cell if type(cell) is str else "" if cell is None else as_text(cell)
            for cell in self._column(name, columns, size)
        ]
        most = LENGTH_LIMITS.get(name, _UNLIMITED)
        if max(map(len, texts), default=0) > most:
            special.update(place for place, text in enumerate(texts) if len(text) > most)
        return texts


class _Memory(dict[Any, Any]):
    """The understood values of one field by cell; `noted` are the cells about which something is said."""

    def __init__(self, read: Callable[[Any], tuple[Any, bool]]) -> None:
        super().__init__()
        self.noted: set[Any] = set()
        self._read = read

    def __missing__(self, cell: Any) -> Any:
        value, noted = self._read(cell)
        if noted:
            self.noted.add(cell)
        if type(cell) is not str or len(cell) <= _LONG:
            self[cell] = value
        return value

    def make_room(self) -> None:
        """Forget everything when it is too much; between two batches only."""
        if len(self) > _LIMIT or len(self.noted) > _LIMIT:
            self.clear()
            self.noted.clear()
