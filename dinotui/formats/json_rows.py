"""JSON objects as rows: one column a key in order of first appearance, nested objects as ``a.b`` (SPEC.md 4.1).

Objects within objects become columns of their own down to three levels; what is nested deeper, and every
list, becomes its JSON text. In our own forms the bookkeeping inside a trip's ``metadata`` becomes plain
columns.

Most records of a file have one of a few shapes (keys and types), so what to do with a shape is worked out
once. `_fast_rows` gives what `_slow_row` gives, which every rarer record goes through.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from dinotui.domain.errors import LimitError
from dinotui.formats.base import Cell, Limits, Row, RowProblem
from dinotui.formats.json_decode import ExactNumber, RepeatedKeys, scan_all, surely_unique
from dinotui.formats.json_stream import Batch
from dinotui.locale import _

_Path: TypeAlias = tuple[str, ...]

LEVELS: Final = 3
_SHAPES: Final = 5_000  # remembered at once
_COPIED: Final = frozenset({str, int, float, bool, type(None)})
_WORDS: Final = {None: "null", True: "true", False: "false"}
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_LARGEST: Final = 1 << 63
_LIFTED: Final[dict[_Path, str]] = {("metadata", key): key for key in ("createdAt", "updatedAt", "source")}
_new_row: Final = tuple.__new__


@dataclass(slots=True)
class Columns:
    """The columns of one table, growing as keys appear. `lift` brings a trip's bookkeeping to the top."""

    limits: Limits
    lift: bool = False
    names: list[str] = field(default_factory=list)
    _places: dict[_Path, int] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)

    def place(self, path: _Path) -> int:
        """Return the position of the column for the value at `path`, adding it where it is new."""
        place = self._places.get(path)
        if place is None:
            if len(self.names) >= self.limits.columns:
                message = _("The records have more than {limit} different fields.")
                raise LimitError("too-many-columns", message.format(limit=self.limits.columns))
            place = self._places[path] = len(self.names)
            self.names.append(self._name(path))
            self._taken.add(self.names[-1])
        return place

    def _name(self, path: _Path) -> str:
        dotted = storable(".".join(path)) or f"Column {len(self.names) + 1}"
        lifted = _LIFTED.get(path) if self.lift else None
        if lifted is not None and lifted not in self._taken:
            return lifted
        name, number = dotted, 2
        while name in self._taken:
            name, number = f"{dotted} ({number})", number + 1
        return name


@dataclass(frozen=True, slots=True)
class _Shape:
    """What to do with the cells of records of one shape: where they go, which need more than a copy.

    `plain` cells need nothing. A shape with objects in it only says where: what is `inside` says the rest.
    `keys` and `texts` are how many names and texts such a record has.
    """

    keys: int = 0
    places: tuple[int, ...] | None = None  # None: they stand where they belong
    width: int = 0
    whole: tuple[int, ...] = ()  # the integers, which may be too large
    others: tuple[int, ...] = ()  # lists and exact numbers
    nested: tuple[int, ...] = ()  # from the last one to the first
    inside: dict[Any, _Shape | None] = field(default_factory=dict)
    texts: int = 0
    plain: bool = False


_UNKNOWN: Final = _Shape()


def storable(text: str) -> str:
    """Return `text` with every lone surrogate, which no database or terminal takes, as its JSON escape."""
    if text.isascii() or not _SURROGATE.search(text):
        return text
    return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


class RecordShaper:
    """Turns batches of decoded records into rows under growing `columns`; `where` names a row's place."""

    def __init__(self, columns: Columns, where: Callable[[int], str]) -> None:
        self.columns = columns
        self._where = where
        self._limits = columns.limits
        self._shapes: dict[Any, _Shape | None] = {}
        self._keys = self._texts = 0  # counted while a batch is read, to know that no key was repeated
        self._surrogates = self._repeated = False  # met while a record is read

    def rows(self, batch: Batch, lines: Sequence[int]) -> list[Row]:
        """Return one row a value of `batch`; `lines` are their 1-based places.

        Raises `LimitError` for a text that is too long, too many columns, or values nested too deeply.
        """
        if batch.source is None:
            return list(map(self._careful_row, lines, batch.values))
        self._keys = self._texts = 0
        try:
            rows = self._fast_rows(batch.values, lines)
            if len(batch.source) > self._limits.cell_characters:
                self._check_lengths(rows)
            if surely_unique(batch.source, self._keys, self._texts):
                return rows
        except LimitError:
            pass  # the careful way knows the place
        return list(map(self._careful_row, lines, scan_all(batch.source)))

    def _fast_rows(self, records: list[Any], lines: Sequence[int]) -> list[Row]:
        rows: list[Row] = []
        shape_of, keys, texts = self._shapes.get, 0, 0
        for line, record in zip(lines, records, strict=True):
            if type(record) is not dict:
                rows.append(self._slow_row(line, record))
                continue
            cells = list(record.values())
            shape = shape_of((tuple(record), tuple(map(type, cells))), _UNKNOWN)
            if shape is not None and shape.nested:
                shape = shape.inside.get(_taken_apart(shape.nested, cells), _UNKNOWN)
            if shape is _UNKNOWN:
                shape, cells = self._learn(record)
            if shape is None:
                rows.append(self._slow_row(line, record))
                continue
            keys += shape.keys
            texts += shape.texts
            if not shape.plain:
                cells = self._placed(shape, cells)
            rows.append(_new_row(Row, (line, cells, None)))
        self._keys += keys
        self._texts += texts
        return rows

    def _learn(self, record: dict[str, Any]) -> tuple[_Shape | None, list[Any]]:
        """Remember the shape of `record`; return it, None where only the slow way will do, and the cells."""
        if len(self._shapes) >= _SHAPES:
            self._shapes.clear()
        cells = list(record.values())
        shapes, key = self._shapes, (tuple(record), tuple(map(type, cells)))
        nested = tuple(at for at in reversed(range(len(cells))) if type(cells[at]) is dict)
        if nested:
            outer = shapes.setdefault(key, _Shape(nested=nested))
            assert outer is not None
            shapes, key = outer.inside, _taken_apart(nested, cells)
        types = tuple(map(type, cells))
        if dict in types:  # nested more than once
            shape = None
        else:
            flat: list[tuple[_Path, Any]] = []
            keys = _flatten(record, (), flat, [])
            shape = _shape(keys, tuple(self.columns.place(path) for path, _cell in flat), types)
        if len(shapes) < _SHAPES:
            shapes[key] = shape
        return shape, cells

    def _placed(self, shape: _Shape, cells: list[Any]) -> list[Cell]:
        for at in shape.whole:
            if not -_LARGEST <= cells[at] < _LARGEST:
                cells[at] = str(cells[at])
        for at in shape.others:
            cells[at] = self._cell(cells[at])
        if shape.places is None:
            return cells
        row: list[Cell] = [None] * shape.width
        for place, cell in zip(shape.places, cells, strict=True):
            row[place] = cell
        return row

    def _careful_row(self, line: int, record: Any) -> Row:
        try:
            row = self._slow_row(line, record)
            self._check_lengths([row])
        except LimitError as error:
            error.where = self._where(line)
            raise
        return row

    def _slow_row(self, line: int, record: Any) -> Row:
        self._surrogates = self._repeated = False
        if not isinstance(record, dict):
            return Row(line, [self._cell(record)], "not-an-object")
        flat: list[tuple[_Path, Any]] = []
        repeated: list[Any] = []
        self._keys += _flatten(record, (), flat, repeated)
        cells: list[Cell] = []
        for path, value in flat:
            place = self.columns.place(path)
            cells.extend([None] * (place + 1 - len(cells)))
            cells[place] = self._cell(value)
        problem: RowProblem | None = None
        if repeated or self._repeated:
            problem = "repeated-key"
            cells.extend([None] * (len(self.columns.names) - len(cells)))
            cells.extend(map(self._cell, repeated))
        elif self._surrogates:
            problem = "lone-surrogate"
        return Row(line, cells, problem)

    def _cell(self, value: Any) -> Cell:
        if isinstance(value, str):
            self._texts += type(value) is str
            return self._storable(str(value))
        if isinstance(value, list | dict):
            return self._storable(self._json(value, 2))
        if type(value) is int and not -_LARGEST <= value < _LARGEST:
            return str(value)
        return value  # type: ignore[no-any-return]

    def _storable(self, text: str) -> str:
        safe = storable(text)
        self._surrogates |= safe is not text
        return safe

    def _json(self, value: Any, level: int) -> str:
        if level > self._limits.nesting:
            message = _("Values are nested more than {limit} deep.").format(limit=self._limits.nesting)
            raise LimitError("nested-too-deeply", message)
        if isinstance(value, dict):
            self._keys += len(value)
            pairs = list(value.items())
            if isinstance(value, RepeatedKeys):
                self._repeated = True
                pairs += value.extras
            inside = ",".join(f"{_quoted(key)}:{self._json(inner, level + 1)}" for key, inner in pairs)
            return f"{{{inside}}}"
        if isinstance(value, list):
            return f"[{','.join(self._json(inner, level + 1) for inner in value)}]"
        if isinstance(value, str) and not isinstance(value, ExactNumber):
            self._texts += 1
            return _quoted(value)
        return _WORDS.get(value, str(value)) if value is None or isinstance(value, bool) else str(value)

    def _check_lengths(self, rows: list[Row]) -> None:
        limit = self._limits.cell_characters
        for row in rows:
            if any(len(cell) > limit for cell in row.cells if isinstance(cell, str)):
                message = _("A text is longer than {limit} characters.").format(limit=limit)
                raise LimitError("cell-too-long", message)


def _flatten(record: dict[str, Any], path: _Path, flat: list[tuple[_Path, Any]], repeated: list[Any]) -> int:
    """Append the leaves of `record` with their paths, and repeated values; return the number of keys."""
    keys = len(record)
    for key, value in record.items():
        if isinstance(value, dict) and len(path) + 1 < LEVELS:
            keys += _flatten(value, (*path, key), flat, repeated)
        else:
            flat.append(((*path, key), value))
    if isinstance(record, RepeatedKeys):
        repeated.extend(value for _key, value in record.extras)
    return keys


def _shape(keys: int, places: tuple[int, ...], types: tuple[type, ...]) -> _Shape:
    whole = tuple(at for at, of in enumerate(types) if of is int)
    others = tuple(at for at, of in enumerate(types) if of not in _COPIED)
    ordered = places == tuple(range(len(places)))
    plain = ordered and not whole and not others
    width = max(places, default=-1) + 1
    return _Shape(
        keys, None if ordered else places, width, whole, others, texts=types.count(str), plain=plain
    )


def _taken_apart(nested: tuple[int, ...], cells: list[Any]) -> Any:
    """Replace the objects among `cells` by what is in them; return what tells their shapes."""
    found: Any = None
    for at in nested:
        inner = cells[at]
        cells[at : at + 1] = inner.values()
        found = (found, tuple(inner), tuple(map(type, inner.values())))
    return found


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
