"""Putting a bad record right in place, and the rejects as a file that imports again once it is fixed."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from dinotui.domain.errors import DinoError, UsageError
from dinotui.domain.mapping import FIELD_NAMES, Mapping
from dinotui.domain.records import as_text
from dinotui.domain.visible import visible
from dinotui.engine.importing.details import named_cells
from dinotui.engine.importing.planning import PlanCounts, plan_import
from dinotui.engine.importing.reading import configuration_of, settings_of
from dinotui.engine.importing.understanding import normaliser, readings_of
from dinotui.formats.rejects import Reject, write_rejects
from dinotui.locale import _
from dinotui.storage import plan_rows
from dinotui.storage.filesystem import told_plainly
from dinotui.storage.staging import Staging
from dinotui.storage.store import Store


def fix_record(
    staging: Staging, store: Store, record: int, fields: dict[str, str], *, time_zone: str | None = None
) -> PlanCounts:
    """Take the user's own text for fields of a record, durably, and plan again; the file is not touched.

    Field names are those of `FIELD_NAMES`; dates are best written ``YYYY-MM-DD``.
    """
    for name in fields:
        if name not in FIELD_NAMES:
            raise UsageError("unknown-field", _("There is no field {name}.").format(name=visible(name)))
    staging.advance("understood")
    with staging.database.write():
        for name, value in fields.items():
            staging.set_fix(record, name, value)
        row = staging.source_row(record)
        table = next(table for table in staging.tables() if table.number == row.table)
        mapping = Mapping.model_validate(table.settings["used"])
        normalise = normaliser(
            table, mapping, readings_of(table), settings_of(staging), configuration_of(staging), time_zone
        )
        staging.add_records([normalise(record, row.cells, row.problem, staging.fixes(record).get(record))])
    return plan_import(staging, store)


def save_rejects(staging: Staging, target: Path) -> int:
    """Write the rejected records to a new CSV file (mode 0600) and return how many there were.

    Raises `DinoError` when the file exists: it may hold somebody's fixes.
    """
    refuse_existing(target)
    rejects = _rejects(staging)
    with told_plainly(target), _new_file(target) as stream:
        return write_rejects(stream, _columns(staging, rejects), rejects)


def copy_rejects(saved: Path, target: Path) -> None:
    """Copy a file that `save_rejects` wrote to the new file `target`; errors as there."""
    refuse_existing(target)
    with (
        told_plainly(target),
        saved.open(encoding="utf-8-sig", newline="") as source,
        _new_file(target) as stream,
    ):
        shutil.copyfileobj(source, stream)


@contextmanager
def _new_file(target: Path) -> Iterator[TextIO]:
    """Open a new private file for writing text; nothing is left of it when the block fails."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def refuse_existing(target: Path) -> None:
    """Raise `DinoError` when `target` exists already, or its folder does not."""
    if not target.parent.is_dir():
        raise DinoError(
            "rejects-folder",
            _("There is no such folder for the rejects. Make it, or name another place."),
            visible(str(target.parent)),
        )
    if os.path.lexists(target):
        raise DinoError(
            "rejects-exist",
            _("The file for the rejects exists already. Choose another name, so that nothing in it is lost."),
            visible(str(target)),
        )


def _columns(staging: Staging, rejects: Sequence[Reject]) -> list[str]:
    """Return the original header, with a name for every cell that stands past it."""
    header = [name for table in staging.tables() for name in table.columns]
    return list(dict.fromkeys([*header, *(name for reject in rejects for name in reject.cells)]))


def _rejects(staging: Staging) -> list[Reject]:
    columns = {table.number: table.columns for table in staging.tables()}
    found = []
    for row in plan_rows.rejected(staging):
        first = row["problems"][0]
        named = named_cells(columns[row["table_number"]], json.loads(row["cells"]))
        cells = {name: as_text(cell) for name, cell in named.items()}
        found.append(Reject(row["line"], first["field"], first["message"], cells))
    return found
