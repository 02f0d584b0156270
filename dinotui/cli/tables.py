"""Plain tables that line up, with Korean and other wide characters too."""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from dinotui.cli.output import Output

_ZERO: Final = ("Mn", "Me", "Cf")
_WIDE: Final = ("W", "F")
_SEPARATOR: Final = "  "
_LEAST: Final = 8  # cells that a column keeps however narrow the terminal is


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title, which side its cells lean to, and whether it may be cut for a narrow terminal."""

    title: str
    lean: Literal["left", "right"] = "left"
    gives: bool = False


def width(text: str) -> int:
    """Return how many cells of a terminal `text` takes."""
    if text.isascii():
        return len(text)
    return sum(_cells(sign) for sign in text)


def _cells(sign: str) -> int:
    if unicodedata.category(sign) in _ZERO:
        return 0
    return 2 if unicodedata.east_asian_width(sign) in _WIDE else 1


def cut(text: str, cells: int) -> str:
    """Return `text` in at most `cells` cells, with ``…`` where something is left out."""
    if width(text) <= cells:
        return text
    kept, used = [], 0
    for sign in text:
        used += _cells(sign)
        if used > cells - 1:
            break
        kept.append(sign)
    return "".join(kept) + "…"


def padded(text: str, cells: int, lean: str) -> str:
    """Return `text` filled with spaces up to `cells` cells."""
    space = " " * (cells - width(text))
    return space + text if lean == "right" else text + space


def wrapped(output: Output, text: str) -> list[str]:
    """Return `text` in lines that fit a terminal, indented as it is and two cells more; elsewhere as one line."""
    text = output.clean(text)
    room = shutil.get_terminal_size().columns if output.to_terminal else 0
    if not room or width(text) <= room:
        return [text]
    indent = text[: len(text) - len(text.lstrip())]
    first, *words = text.lstrip().split(" ")
    lines = [indent + first]
    for word in words:
        longer = f"{lines[-1]} {word}"
        if width(longer) > room:
            lines.append(f"{indent}  {word}")
        else:
            lines[-1] = longer
    return lines


def write_table(output: Output, columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> None:
    """Write `rows` under their titles; on a terminal the columns that give are cut to its width."""
    cleaned = [[output.clean(cell) for cell in row] for row in rows]
    titles = [output.clean(column.title) for column in columns]
    widths = [max(map(width, cells)) for cells in zip(titles, *cleaned, strict=True)]
    if output.to_terminal:
        _squeeze(columns, widths, shutil.get_terminal_size().columns)
    for row in (titles, *cleaned):
        cells = (
            padded(cut(cell, cells), cells, column.lean)
            for cell, cells, column in zip(row, widths, columns, strict=True)
        )
        output.line(_SEPARATOR.join(cells).rstrip())
        if output.closed:
            return


def _squeeze(columns: Sequence[Column], widths: list[int], room: int) -> None:
    """Take cells from the widest columns that give until the row fits."""
    over = sum(widths) + len(_SEPARATOR) * (len(widths) - 1) - room
    giving = [place for place, column in enumerate(columns) if column.gives]
    while over > 0 and giving:
        widest = max(giving, key=lambda place: widths[place])
        if widths[widest] <= _LEAST:
            return
        widths[widest] -= 1
        over -= 1
