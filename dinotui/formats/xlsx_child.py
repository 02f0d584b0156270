"""What the child process does with a workbook: look at every sheet, or stream the rows of one.

This is the one place that chooses the engine. openpyxl's reading mode, the obvious one, is several times
slower, drops the escapes of texts (``_x000D_``), and does not tell a formula without a value from an empty cell.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

import msgspec

from dinotui.formats.base import Cell, Limits
from dinotui.formats.xlsx_dates import DateSystem

ROWS: Final = 500
"""Rows of one message at most."""

HEAD: Final = 60
"""Filled rows of each sheet that the look takes, for finding the header."""

_MESSAGE: Final = 1 << 20  # characters of text, about, after which a message is sent early


class Job(msgspec.Struct, array_like=True):
    """What to do: with `sheet` None look at all sheets, else stream the rows of that one."""

    path: bytes
    scratch: bytes
    where: str
    limits: dict[str, Any]
    sheet: int | None = None
    header_row: int = 0  # the rows up to this one are looked at too


class SheetLook(msgspec.Struct, array_like=True):
    """The first filled rows of one sheet: (row number, cells); formulas in them that have no stored value."""

    name: str
    hidden: bool
    date_system: DateSystem
    rows: list[tuple[int, list[Cell]]]
    uncached: int


def work(payload: Any) -> Iterator[Any]:
    """Yield a `SheetLook` a sheet, or lists of (row number, cells) and at the end the formulas without a value."""
    from dinotui.formats.xlsx_package import Package
    from dinotui.formats.xlsx_sheet import SheetReader

    job = msgspec.convert(payload, Job)
    limits = Limits(**job.limits)
    package = Package(Path(os.fsdecode(job.path)), limits, job.where)
    reader = SheetReader(package, limits, Path(os.fsdecode(job.scratch)))
    if job.sheet is not None:
        yield from _batches(reader.rows(package.sheets[job.sheet]))
        yield reader.uncached
        return
    for sheet in package.sheets:
        rows = list(_head(reader.rows(sheet), job.header_row))
        yield SheetLook(sheet.name, sheet.hidden, package.date_system, rows, reader.uncached)


def _head(rows: Iterator[list[Any]], header_row: int) -> Iterator[Any]:
    count = 0
    for piece in rows:
        for row in piece:
            count += 1
            if count > HEAD and row.number > header_row:
                return
            yield row


def _batches(rows: Iterator[list[Any]]) -> Iterator[list[Any]]:
    for piece in rows:
        pending = iter(piece)
        while batch := list(_bounded(pending)):
            yield batch


def _bounded(rows: Iterator[Any]) -> Iterator[Any]:
    size = 0
    for row in islice(rows, ROWS):
        yield row
        size += sum(len(cell) for cell in row.cells if isinstance(cell, str))
        if size > _MESSAGE:
            return
