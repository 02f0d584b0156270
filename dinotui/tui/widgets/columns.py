"""Columns of a list: which ones fit a width, and how wide each gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dinotui.tui.cells import Align
from dinotui.tui.view import date_width_in_force


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `title` is a message id, `width` its least width in cells, `weight` its share of spare width.

    Columns are dropped from the highest `priority` down when the screen is narrow; 0 always stays. One that
    holds a `date` (in ten cells of its width) grows with the form in which dates are shown.
    """

    title: str
    width: int
    weight: int = 0
    align: Align = "left"
    priority: int = 0
    date: bool = False


class Placed(NamedTuple):
    """A column that is shown: its place in the row and its width in cells."""

    column: int
    width: int


def place(columns: Sequence[Column], width: int, gap: int = 2) -> tuple[list[Placed], int]:
    """Return the columns that fit `width` cells, left to right, and how many had to go."""
    kept = list(range(len(columns)))
    while len(kept) > 1 and _least(columns, kept, gap) > width:
        droppable = [index for index in kept if columns[index].priority > 0]
        if not droppable:
            break
        kept.remove(max(droppable, key=lambda index: (columns[index].priority, index)))
    spare = width - _least(columns, kept, gap)
    widths = {index: _width(columns[index]) for index in kept}
    if spare < 0:
        _shrink(widths, -spare)
    weights = sum(columns[index].weight for index in kept)
    if spare > 0 and weights:
        given = 0
        for index in kept:
            share = spare * columns[index].weight // weights
            widths[index] += share
            given += share
        widths[max(kept, key=lambda index: columns[index].weight)] += spare - given
    return [Placed(index, widths[index]) for index in kept], len(columns) - len(kept)


def _width(column: Column) -> int:
    return column.width + (date_width_in_force() - 10 if column.date else 0)


def _least(columns: Sequence[Column], kept: list[int], gap: int) -> int:
    return sum(_width(columns[index]) for index in kept) + gap * (len(kept) - 1)


def _shrink(widths: dict[int, int], excess: int) -> None:
    """Take `excess` cells from the widest columns, so that all of them stay visible."""
    while excess > 0:
        widest = max(widths, key=lambda index: widths[index])
        if widths[widest] <= 3:
            return
        widths[widest] -= 1
        excess -= 1
