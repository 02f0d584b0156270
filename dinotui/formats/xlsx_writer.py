"""The XLSX form: a sheet a category, real dates, frozen header, filter, widths that fit.

The sheets are streamed straight into the package: no temporary file, no time stamp (which would betray by
how much an anonymised export moved its dates), and it can be stopped at any row. openpyxl reads it back.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, BinaryIO, Final, TypeAlias
from xml.sax.saxutils import escape as xml
from zipfile import ZIP_DEFLATED, ZipInfo

from dinotui.domain.configuration import Category
from dinotui.domain.dates import from_day, iso_day, to_day
from dinotui.domain.export import CSV_HEADER, ExportRow
from dinotui.formats import xlsx_parts as parts
from dinotui.formats.compression import zip_writing
from dinotui.formats.json_writer import canonical
from dinotui.formats.tabular import table_of
from dinotui.formats.writing import Beat, CannotHold, Document, Fingerprint, Meant
from dinotui.formats.xlsx_text import escape
from dinotui.locale import _

METADATA_HEADER: Final = ("ID", "Country Code", "Created At", "Updated At", "Source")
SHEETS: Final[dict[Category, str]] = {
    "trips": "Trips",
    "preferences": "Preferences",
    "notifications": "Notifications",
    "analytics": "Analytics",
}
MOST_ROWS: Final = 1_048_576
MOST_CHARACTERS: Final = 32_767
SERIAL_OF_1970: Final = 25_569
EARLIEST: Final = to_day(date(1900, 3, 1))  # before it Excel's calendar has a day that never was

_WIDEST: Final = 60
_NARROWEST: Final = 6
_OLDEST: Final = (1980, 1, 1, 0, 0, 0)
_QUOTED: Final = ("=", "+", "-", "@", "'", "\t", "\r")
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

Cell: TypeAlias = str | int | float | date | None
Batches: TypeAlias = Callable[[], Iterable[list[tuple[Cell, ...]]]]


class XlsxWriter:
    """Writes a workbook; its document properties carry the metadata."""

    extension = "xlsx"
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def write(self, document: Document, sink: BinaryIO, beat: Beat) -> Meant:
        """Write the document; see `Writer.write`. Raises `CannotHold` past a worksheet's limits."""
        properties = text_properties(document.metadata)
        meant: Meant = {"metadata": Fingerprint()}
        meant["metadata"].add(properties.items())
        sheets: list[tuple[str, str]] = []
        with zip_writing(sink) as package:
            for number, category in enumerate(document.categories, 1):
                header, batches = sheet_of(document, category)
                meant[category] = Fingerprint()
                with package.open(_part(f"xl/worksheets/sheet{number}.xml"), "w", force_zip64=True) as part:
                    filtered = _stream(part, header, batches, meant[category], beat)
                sheets.append((SHEETS[category], filtered))
            created = document.metadata.get("exportDate")
            for name, content in _fixed_parts(sheets, properties, created):
                package.writestr(_part(name), content)
        return meant


WRITER: Final = XlsxWriter()


def text_properties(metadata: Mapping[str, Any]) -> dict[str, str]:
    """Return the metadata as texts; what is none is written as JSON."""
    return {name: each if isinstance(each, str) else canonical(each) for name, each in metadata.items()}


def sheet_of(document: Document, category: Category) -> tuple[Sequence[str], Batches]:
    """Return the header of a sheet and what yields its rows, as often as it is called."""
    header: Sequence[str]
    if category == "trips":
        header = (*CSV_HEADER, *METADATA_HEADER) if document.trip_metadata else CSV_HEADER
        return header, partial(_trips, document)
    header, _batches = table_of(document, category)
    return header, lambda: _with_dates(table_of(document, category)[1])


def _trips(document: Document) -> Iterator[list[tuple[Cell, ...]]]:
    for batch in document.trips():
        yield [_trip(row, metadata=document.trip_metadata) for row in batch]


def _trip(row: ExportRow, *, metadata: bool) -> tuple[Cell, ...]:
    id_, country, code, entry, leaving, visa, most, passport, notes, *stamps = row
    duration = None if leaving is None else leaving - entry + 1
    left = None if leaving is None else from_day(leaving)
    cells = (country, from_day(entry), left, visa, most, passport, duration, notes)
    return (*cells, id_, code, *stamps) if metadata else cells


def _with_dates(batches: Iterable[list[tuple[Any, ...]]]) -> Iterator[list[tuple[Cell, ...]]]:
    for batch in batches:
        yield [tuple(map(_dated, row)) for row in batch]


def _dated(cell: Cell) -> Cell:
    day = iso_day(cell) if isinstance(cell, str) else None
    return cell if day is None else from_day(day)


def fingerprint_row(row: Iterable[Cell]) -> tuple[Any, ...]:
    """Return cells as they compare: dates as text, no difference between empty text and no cell."""
    return tuple(
        cell.isoformat() if isinstance(cell, date) else (None if cell == "" else cell) for cell in row
    )


def _stream(part: Any, header: Sequence[str], batches: Batches, meant: Fingerprint, beat: Beat) -> str:
    """Write a sheet and return the cells that its filter covers."""
    letters = _LETTERS[: len(header)]
    part.write(parts.sheet_head(_widths(header, batches(), beat)).encode())
    part.write(_row_xml(1, letters, header, parts.HEADER_STYLE).encode())
    number = 1
    for rows in batches():
        meant.add(map(fingerprint_row, rows))
        if number + len(rows) > MOST_ROWS:
            raise CannotHold(
                "too-many-rows",
                _(
                    "A worksheet holds {most} rows at most. Export as JSON or CSV, or choose a range of dates."
                ).format(most=MOST_ROWS - 1),
            )
        text = "".join([_row_xml(at, letters, row) for at, row in enumerate(rows, number + 1)])
        part.write(text.encode())
        number += len(rows)
        beat(len(rows))
    part.write(parts.sheet_tail(f"A1:{letters[-1]}{number}").encode())
    return f"$A$1:${letters[-1]}${number}"


def _row_xml(number: int, letters: str, row: Sequence[Cell], style: int = 0) -> str:
    cells = [_cell_xml(f"{letter}{number}", cell, style) for letter, cell in zip(letters, row, strict=True)]
    return f'<row r="{number}">{"".join(cells)}</row>'


def _cell_xml(at: str, cell: Cell, style: int) -> str:
    if cell is None or cell == "":
        return ""
    if isinstance(cell, str):
        return _text_xml(at, cell, style)
    if isinstance(cell, date):
        day = to_day(cell)
        if day < EARLIEST:
            return _text_xml(at, cell.isoformat(), style)
        return f'<c r="{at}" s="{parts.DATE_STYLE}"><v>{day + SERIAL_OF_1970}</v></c>'
    return f'<c r="{at}"><v>{cell!r}</v></c>'


def _text_xml(at: str, text: str, style: int) -> str:
    held = escape(text)
    if len(held) > MOST_CHARACTERS:
        message = _(
            "A text of {count} characters does not fit into a cell of a worksheet. Export as JSON or CSV."
        )
        raise CannotHold("text-too-long", message.format(count=len(text)), at)
    if not style and text.startswith(_QUOTED):
        style = parts.QUOTED_STYLE
    styled = f' s="{style}"' if style else ""
    kept = ' xml:space="preserve"' if held != held.strip() or "\n" in held else ""
    return f'<c r="{at}"{styled} t="inlineStr"><is><t{kept}>{xml(held)}</t></is></c>'


class Widths(dict[str, int]):
    """How many columns of a terminal or sheet a text takes; a wide character takes two."""

    def __missing__(self, text: str) -> int:
        if len(self) > 10_000:
            self.clear()
        if text.isascii():
            width = len(text)
        else:
            width = sum(
                0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
                for c in text
            )
        self[text] = width
        return width


def _widths(header: Sequence[str], batches: Iterable[list[tuple[Cell, ...]]], beat: Beat) -> list[int]:
    """Return the width of each column: its widest text, within reason; the filter's button takes three."""
    measured = Widths()
    widest = [len(name) + 3 for name in header]
    for rows in batches:
        for at, column in enumerate(zip(*rows, strict=True)):
            if widest[at] < _WIDEST:
                texts = {str(cell) for cell in column if cell is not None}
                widest[at] = max(widest[at], *(measured[text[:_WIDEST]] for text in texts), 0)
        beat(0)
    return [min(max(width, _NARROWEST), _WIDEST) for width in widest]


def _fixed_parts(
    sheets: list[tuple[str, str]], properties: Mapping[str, str], created: str | None
) -> Iterator[tuple[str, str]]:
    yield "[Content_Types].xml", parts.content_types(len(sheets))
    yield "_rels/.rels", parts.ROOT_RELATIONS
    yield "docProps/core.xml", parts.core_properties("DINO Travel Tracker", "dinotui", created)
    yield "docProps/custom.xml", parts.custom_properties(properties)
    yield "xl/workbook.xml", parts.workbook(sheets)
    yield "xl/_rels/workbook.xml.rels", parts.workbook_relations(len(sheets))
    yield "xl/styles.xml", parts.STYLES


def _part(name: str) -> ZipInfo:
    info = ZipInfo(name, _OLDEST)
    info.compress_type = ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info
