"""Rejected records as a CSV: the original cells plus line, field and reason; it imports again once fixed."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, TextIO

from dinotui.formats.guard import guard

REJECT_HEADERS: Final = ("Rejected Line", "Rejected Field", "Rejected Reason")
"""The three last columns; a file that ends with them is read as ours, guards taken off, the three ignored."""


class Reject(NamedTuple):
    """A rejected record: where it stood, which field is wrong and why, and its original cells by header."""

    line: int
    field: str
    reason: str
    cells: dict[str, str]


def write_rejects(stream: TextIO, columns: Sequence[str], rejects: Iterable[Reject]) -> int:
    """Write the rejects under the original header and return how many there were (RFC 4180, guarded)."""
    writer = csv.writer(stream)
    writer.writerow([*columns, *REJECT_HEADERS])
    count = 0
    for reject in rejects:
        cells = [guard(reject.cells.get(name, "")) for name in columns]
        writer.writerow([*cells, reject.line, reject.field, guard(reject.reason)])
        count += 1
    return count
