"""What an import left out, for a reader of the history: each record with line, action and reason (SPEC.md 4.6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dinotui.engine.history import FoundOperation
from dinotui.engine.importing.details import named_cells
from dinotui.engine.importing.wording import problem_text, skip_reason, where_of
from dinotui.storage import left_out as stored
from dinotui.storage.store import Store


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A record that was skipped or rejected: where it stands, why, and of a rejected one the field and its cells."""

    where: str
    line: int
    action: str
    reason: str
    field: str
    cells: dict[str, Any]


def count_left_out(store: Store, operation: FoundOperation) -> int:
    """Return how many records an operation skipped or rejected."""
    return stored.count(store.database, operation.number)


def left_out(store: Store, operation: FoundOperation, *, offset: int = 0, limit: int = 100) -> list[LeftOut]:
    """Return a page of the records that an operation skipped or rejected, in the order of its files."""
    return [_told(row) for row in stored.page(store.database, operation.number, offset, limit)]


def all_left_out(store: Store, operation: FoundOperation) -> Iterator[LeftOut]:
    """Yield every record that an operation skipped or rejected; a million of them cost the memory of one part."""
    for row in stored.stream(store.database, operation.number):
        yield _told(row)


def _told(row: stored.LeftOut) -> LeftOut:
    where = where_of(row._asdict())
    if not row.rejected:
        return LeftOut(where, row.line, "skip", skip_reason(row._asdict()), "", {})
    first = min(row.problems, key=lambda problem: problem["severity"] != "error")
    cells = named_cells(row.columns, row.cells)
    return LeftOut(where, row.line, "reject", problem_text(first), first["field"], cells)


def left_out_form(record: LeftOut) -> dict[str, Any]:
    """Return a record that was left out as JSON has it."""
    form: dict[str, Any] = {
        "where": record.where,
        "line": record.line,
        "action": record.action,
        "reason": record.reason,
    }
    return {**form, "field": record.field, "cells": record.cells} if record.action == "reject" else form
