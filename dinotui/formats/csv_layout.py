"""Where the table of a text file begins: preamble, header, columns, and which of our own forms it is."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from dinotui.domain.errors import FormatError, LimitError, UsageError
from dinotui.formats.base import Form, Limits
from dinotui.formats.csv_cells import header_words, is_open_value, is_value
from dinotui.formats.csv_dialect import Record
from dinotui.formats.tabular import OWN_HEADERS
from dinotui.locale import _

_SEARCHED: Final = 40  # records among which the header is looked for

DINO_HEADER: Final = "Country,Entry Date,Exit Date,Visa Type,Max Days,Passport Country,Duration,Notes"
LEGACY_HEADER: Final = "Country,Entry Date,Exit Date,Visa Type,Max Days,Passport Country,Notes,Created At"
STAYS_HEADER: Final = (
    "Country,Country Code,City,From Country,From Country Code,From City,Entry Date,Exit Date,Visa Type,Notes"
)
FORMS: Final[dict[tuple[str, ...], Form]] = {
    tuple(DINO_HEADER.split(",")): "dino",
    tuple(LEGACY_HEADER.split(",")): "legacy",
    tuple(STAYS_HEADER.split(",")): "stays",
}
_VALUE_NAMES: Final = frozenset({"Entry Date", "Exit Date", "Max Days", "Duration", "Created At"})


@dataclass(frozen=True, slots=True)
class Layout:
    """The shape of one table.

    `header` are the cells of the header record as they stand (None: there is none), `columns` the names
    shown for them, `values` which columns hold dates or numbers. `header_row` is the 1-based line of the
    header (0: none), `data_line` the 1-based line where the data begins. `comments` says that lines that
    begin with ``#`` are no records.
    """

    header: tuple[str, ...] | None
    columns: list[str]
    values: tuple[bool, ...]
    form: Form
    header_row: int
    data_line: int
    comments: bool

    @property
    def width(self) -> int:
        """The number of cells of a whole record."""
        return len(self.columns)


def lay_out(records: list[Record], *, header_row: int | None, limits: Limits, where: str) -> Layout:
    """Find header and data among the records of a sample; `header_row` by the user wins (0: none).

    Raises `FormatError` for a file without records, `UsageError` for a header line that is not there,
    `LimitError` for too many columns.
    """
    comments, records = _without_comments(records)
    if not records:
        raise FormatError("empty-file", _("The file holds no records."), where)
    if header_row:
        at = next((i for i, record in enumerate(records) if record.line <= header_row <= record.last), None)
        if at is None:
            message = _("There is no line {line} that could be a header.").format(line=header_row)
            raise UsageError("no-such-header", message, where)
        start = at + 1
    elif header_row == 0:
        at, start = None, _first_whole(records)
    else:
        at = _find_header(records)
        start = _first_whole(records) if at is None else at + 1
    layout = _layout(records, at, start, comments=comments)
    if layout.width > limits.columns:
        message = _("The table has more than {limit} columns.").format(limit=limits.columns)
        raise LimitError("too-many-columns", message, where)
    return layout


def numbered(position: int) -> str:
    """Return the name of an unnamed column at 0-based `position`."""
    return f"Column {position + 1}"


def _without_comments(records: list[Record]) -> tuple[bool, list[Record]]:
    """Take lines that begin with # away, except one that is the header behind a #."""
    leading = 0
    while leading < len(records) and records[leading].cells[0].startswith("#"):
        leading += 1
    width = _usual_width(records[leading:])
    inner = any(len(r.cells) == 1 < width and r.cells[0].startswith("#") for r in records[leading:])
    kept = [r for r in records[leading:] if not (leading or inner) or not r.cells[0].startswith("#")]
    if leading:
        last = records[leading - 1]
        cells = [last.cells[0].lstrip("#").lstrip(), *last.cells[1:]]
        if len(cells) > 1 and header_words(cells) >= 2 and not (kept and header_words(kept[0].cells) >= 2):
            kept.insert(0, Record(last.line, last.last, cells))
    return bool(leading or inner), kept


def _usual_width(records: Sequence[Record]) -> int:
    counts = Counter(len(record.cells) for record in records)
    return max(counts, key=lambda size: (counts[size] * math.log2(size), counts[size]), default=1)


def _first_whole(records: list[Record], *, padded: bool = False) -> int:
    """Return the index of the first record that is as wide as the table: before it stand title lines.

    With `padded` a record with text in its first cell only is a title too, made wide by a spreadsheet.
    """
    width = _usual_width(records)
    certain = sum(len(record.cells) == width for record in records) > 1
    for index, record in enumerate(records[:_SEARCHED]):
        title = padded and width > 2 and not any(record.cells[1:]) and not is_value(record.cells[0])
        narrow = len(record.cells) == 1 or (certain and len(record.cells) * 2 <= width)
        if width == 1 or not (narrow or title):
            return index
    return 0


def _find_header(records: list[Record]) -> int | None:
    if tuple(records[0].cells) in OWN_HEADERS:
        return 0
    hits = [0 if any(map(is_value, r.cells)) else header_words(r.cells) for r in records[:_SEARCHED]]
    best = max(range(len(hits)), key=lambda index: hits[index])
    filled = sum(1 for cell in records[best].cells if cell.strip())
    if hits[best] >= 2 and hits[best] * 2 >= filled:
        return best
    first = _first_whole(records, padded=True)
    return first if _names_columns(records[first].cells, records[first + 1 :]) else None


def _names_columns(cells: list[str], body: list[Record]) -> bool:
    """Whether a record without known words is a header: it names, and what follows it holds values."""
    if any(map(is_value, cells)) or not any(cell.strip() for cell in cells):
        return False
    if not body:
        return len(cells) > 1 or header_words(cells) > 0
    if header_words(cells) or any(_values(body, len(cells))):
        return True
    repeated = any(
        cell.strip() and any(index < len(row.cells) and row.cells[index] == cell for row in body[:200])
        for index, cell in enumerate(cells)
    )
    return len(cells) > 1 and not repeated


def _layout(records: list[Record], at: int | None, start: int, *, comments: bool) -> Layout:
    body = records[start:]
    usual = _usual_width(body) if body else 0
    if at is None:
        header = None
        names: list[str] = [""] * usual
        form: Form = "inferred"
    else:
        header = tuple(records[at].cells)
        names = _header_names(header, body, usual)
        form = FORMS.get(tuple(names), "inferred")
    columns = [name or numbered(index) for index, name in enumerate(names)]
    values = (
        tuple(name in _VALUE_NAMES for name in names) if form != "inferred" else _values(body, len(columns))
    )
    row = records[at].line if at is not None else 0
    data = records[at].last + 1 if at is not None else body[0].line if body else 1
    return Layout(header, columns, values, form, row, data, comments)


def _header_names(header: tuple[str, ...], body: list[Record], usual: int) -> list[str]:
    """Return one name a column: without an empty tail that no record has, with one that they all have."""
    names = [cell.strip() for cell in header]
    while len(names) > max(usual, 1) and not names[-1]:
        names.pop()
    if len(names) < usual and _all_end_empty(body, len(names), usual):
        names += [""] * (usual - len(names))
    return names


def _all_end_empty(body: list[Record], width: int, longer: int) -> bool:
    """Whether every record has the same empty cells past the header: a delimiter ends each line.

    One record alone proves nothing: ``Korea, South,2024-01-05,`` has an empty end because it is shifted.
    """
    return len(body) > 1 and all(len(r.cells) == longer and not any(r.cells[width:]) for r in body)


def _values(body: list[Record], width: int) -> tuple[bool, ...]:
    """Say of each column whether at least four in five of its cells are dates or numbers."""
    found = []
    for index in range(width):
        cells = [r.cells[index] for r in body[:500] if index < len(r.cells) and r.cells[index].strip()]
        hits = sum(map(is_open_value, cells))
        found.append(bool(cells) and hits * 5 >= len(cells) * 4)
    return tuple(found)
