"""Drawing the lines of a list: titles, rows, and what an empty one says. Pure functions of cells and styles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from rich.style import Style
from textual.strip import Strip

from dinotui.locale import _
from dinotui.tui.cells import clean, fit, fit_cell, strip_of, width_of, wrap
from dinotui.tui.widgets.columns import Column, Placed, place
from dinotui.tui.widgets.row_source import Row

GUTTER: Final = 3
"""Cells left of the first column: cursor mark, tick, space."""

_GAP: Final = 2
"""Cells between two columns."""

_MARK: Final = 4
"""Cells for the mark that columns are left out, such as ``+2>``."""


class PlacedColumns(NamedTuple):
    """The columns that have room, how many have none, and the cells of the titles' mark that rows can use."""

    columns: list[Placed]
    dropped: int
    spare: int = 0


def placed_columns(columns: Sequence[Column], width: int, *, marked: bool) -> PlacedColumns:
    """Return the columns for `width` cells; with `marked`, what is dropped leaves room for the mark of it."""
    found = PlacedColumns(*place(columns, width))
    if not found.dropped or not marked or not found.columns:
        return found
    last = columns[found.columns[-1].column]
    blank = found.columns[-1].width - width_of(_(last.title)) if last.align == "left" else 0
    return found if blank >= _MARK else PlacedColumns(*place(columns, width - _MARK), _MARK)


def title_line(
    columns: Sequence[Column], placed: PlacedColumns, width: int, base: Style, style: Style
) -> Strip:
    """Return the titles, with the mark of columns that have no room."""
    titles = [fit(_(columns[index].title), cells, columns[index].align) for index, cells in placed.columns]
    text = " " * GUTTER + (" " * _GAP).join(titles)
    if placed.dropped:
        mark = f"+{placed.dropped}>"
        text = fit(text, width - len(mark)) + mark
    return strip_of([(text, style)], width, base)


def row_pieces(
    columns: Sequence[Column], found: PlacedColumns, row: Row, *, plain: bool
) -> Iterator[tuple[str, str]]:
    """Yield the pieces of a row with the names of their styles; none with `plain`.

    The last cell of a row that has fewer cells than there are columns takes the room of those that follow.
    """
    before = ""
    placed = list(found.columns)
    if placed and columns[placed[-1].column].align == "left":
        placed[-1] = placed[-1]._replace(width=placed[-1].width + found.spare)
    for number, (column, cells) in enumerate(placed):
        if number:
            yield " " * _GAP, before  # in the style before it: one escape sequence less
        spans = column == len(row.cells) - 1
        width = sum(each.width + _GAP for each in placed[number:]) - _GAP if spans else cells
        cell = row.cells[column] if column < len(row.cells) else ""
        for text, style in fit_cell(cell, width, columns[column].align):
            before = "" if plain else style or row.style
            yield text, before
        if spans:
            break


def empty_line(text: str, y: int, width: int, base: Style, style: Style) -> Strip:
    """Return line `y` of what a list without rows says."""
    lines = ["", *wrap(clean(text), width - 4, 6)]
    return strip_of([(f"  {lines[y]}" if y < len(lines) else "", style)], width, base)


def copied(row: Row) -> str:
    """Return a row as text, its cells parted by tabs."""
    return "\t".join(
        cell
        if isinstance(cell, str)
        else cell.text
        if hasattr(cell, "text")
        else "".join(piece.text for piece in cell)
        for cell in row.cells
    )
