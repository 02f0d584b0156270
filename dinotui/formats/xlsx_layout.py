"""Where the table of a sheet begins: the same judgement as for tables of text (`csv_layout`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dinotui.formats.base import Cell, Form, ReadOptions
from dinotui.formats.csv_dialect import Record
from dinotui.formats.csv_layout import DINO_HEADER, lay_out, numbered

_BOOKKEEPING: Final = frozenset({"ID", "Country Code", "Created At", "Updated At", "Source"})
_OURS: Final = tuple(DINO_HEADER.split(","))


@dataclass(frozen=True, slots=True)
class SheetLayout:
    """The shape of a sheet's table: `header_row` and `data_row` are rows of the sheet, `header` its cells."""

    columns: list[str]
    form: Form
    header_row: int
    data_row: int
    header: list[Cell] | None


def lay_out_sheet(rows: list[tuple[int, list[Cell]]], options: ReadOptions, where: str) -> SheetLayout:
    """Find header and data among the first filled rows of a sheet.

    Raises `UsageError` for a header row that is not there, `LimitError` for too many columns.
    """
    if not rows:
        return SheetLayout([], "inferred", 0, 1, None)
    width = max(len(cells) for _number, cells in rows)
    records = [Record(number, number, _texts(cells, width)) for number, cells in rows]
    found = lay_out(records, header_row=options.header_row, limits=options.limits, where=where)
    by_number = dict(rows)
    header = by_number.get(found.header_row)
    names = [_text(cell).strip() for cell in header] if header is not None else []
    width = max(found.width, len(names))
    columns = [name_column(names[place] if place < len(names) else "", place) for place in range(width)]
    ours = tuple(names[: len(_OURS)]) == _OURS and _BOOKKEEPING.issuperset(names[len(_OURS) :])
    return SheetLayout(columns, "dino" if ours else found.form, found.header_row, found.data_line, header)


def name_column(name: str, place: int) -> str:
    """Return the name of the column at 0-based `place`, which may have none of its own."""
    return name or numbered(place)


def _texts(cells: list[Cell], width: int) -> list[str]:
    texts = [_text(cell) for cell in cells] + [""] * (width - len(cells))
    if texts[0].startswith("#"):  # a heading like any other here, not a comment
        texts[0] = f"No. {texts[0].lstrip('#')}".strip()
    return texts


def _text(cell: Cell) -> str:
    return "" if cell is None else str(cell)
