"""Rows of a source as they stand in it, many at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

Cell: TypeAlias = str | int | float | bool | None


class SourceRows(NamedTuple):
    """A batch of source rows: their numbers, cells, and the reader's problem of each."""

    records: Sequence[int]
    cells: Sequence[Sequence[Cell]]
    problems: Sequence[str | None]
