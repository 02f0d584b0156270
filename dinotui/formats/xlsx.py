"""Reads XLSX workbooks as streams of rows, each parsed in a child process under limits (SPEC.md 4.1)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import msgspec

from dinotui.domain.errors import FormatError, LimitError
from dinotui.domain.visible import visible
from dinotui.formats import refusals
from dinotui.formats.base import Cell, Detection, Limits, OtherCategories, ReadOptions, Row, Table
from dinotui.formats.bounded import Child
from dinotui.formats.xlsx_child import Job, SheetLook
from dinotui.formats.xlsx_layout import lay_out_sheet, name_column
from dinotui.locale import _, ngettext

_CHILD: Final = "dinotui.formats.xlsx_child"
_OLE: Final = refusals.OLE_MAGIC
_DIRECTORY: Final = 1 << 16  # bytes in which an OLE file lists its streams, mostly


@dataclass(slots=True)
class XlsxTable:
    """One sheet."""

    name: str
    detection: Detection
    columns: list[str]
    source: XlsxSource
    sheet: int
    data_row: int
    header: list[Cell] | None

    def rows(self) -> Iterator[Row]:
        """Stream the rows below the header; empty ones and repetitions of the header are none.

        Raises `FormatError` and `LimitError` where the sheet cannot be read further.
        """
        limit, count = self.source.options.limits.records, 0
        for batch in self.source.messages(sheet=self.sheet):
            if isinstance(batch, int):
                self._note_formulas(batch)
                return
            for number, cells in batch:
                if number < self.data_row or cells == self.header:
                    continue
                count += 1
                if count > limit:
                    message = _("The sheet has more than {limit} rows. Split it and import the parts.")
                    raise LimitError("too-many-records", message.format(limit=limit), self.source.where)
                for place in range(len(self.columns), len(cells)):
                    self.columns.append(name_column("", place))
                yield Row(number, cells)

    def _note_formulas(self, count: int) -> None:
        notes = [note for note in self.detection.notes if note not in self.source.formula_notes]
        if count:
            notes.append(self.source.formula_note(count))
        self.detection = replace(self.detection, notes=tuple(notes))


@dataclass(slots=True)
class XlsxSource:
    """An opened workbook; its children end when it is closed."""

    name: str
    where: str
    path: Path
    scratch: Path
    options: ReadOptions
    tables: list[Table] = field(default_factory=list)
    formula_notes: set[str] = field(default_factory=set)
    _children: list[Child] = field(default_factory=list)

    def messages(self, *, sheet: int | None = None) -> Iterator[Any]:
        """Yield what a child finds: looks at all sheets, or the rows of one."""
        limits: Limits = self.options.limits
        job = Job(
            os.fsencode(self.path.resolve()),
            os.fsencode(self.scratch.resolve()),
            self.where,
            asdict(limits),
            sheet,
            self.options.header_row or 0,
        )
        child = Child(_CHILD, job, limits, self.where)
        self._children.append(child)
        try:
            yield from child.messages()
        finally:
            child.close()
            self._children.remove(child)

    def formula_note(self, count: int) -> str:
        """Return, and remember, the sentence about `count` formulas that have no stored value."""
        note = ngettext(
            "{count} formula has no stored value and reads as empty. Open and save the workbook once.",
            "{count} formulas have no stored value and read as empty. Open and save the workbook once.",
            count,
        ).format(count=count)
        self.formula_notes.add(note)
        return note

    def other_categories(self) -> OtherCategories:
        """Return nothing: a workbook is read for its trips only."""
        return OtherCategories()

    def close(self) -> None:
        """End the children that still read. Safe to call twice and from another thread."""
        for child in list(self._children):
            child.close()


def open_xlsx(path: Path, options: ReadOptions, *, scratch: Path, name: str | None = None) -> XlsxSource:
    """Open a workbook and find the table in each sheet that holds something, hidden sheets last.

    `scratch` is an existing private folder for what memory should not hold; `name` is what the user calls the
    file. `options.table` picks a sheet, `options.header_row` the sheet row of the header (0: none).
    Raises `FormatError`, `UnsupportedFormat`, `LimitError`, and `UsageError` for a header that is not there.
    """
    name = name or path.name
    where = visible(name)
    _check_kind(path, where)
    source = XlsxSource(name, where, path, scratch, options)
    looks = [msgspec.convert(message, SheetLook) for message in source.messages()]
    chosen = _chosen(list(enumerate(looks)), options.table, where)
    source.tables = [_table(source, number, look) for number, look in chosen]
    if len(source.tables) == 1:
        refusals.refuse_header(source.tables[0].columns, where=where)
    return source


def _chosen(
    looks: list[tuple[int, SheetLook]], wanted: str | None, where: str
) -> list[tuple[int, SheetLook]]:
    if wanted is not None:
        found = [
            (number, look) for number, look in looks if look.name.casefold() == visible(wanted).casefold()
        ]
        if not found:
            message = _("There is no sheet {name} in the workbook. There are: {names}.")
            names = ", ".join(look.name for _number, look in looks)
            raise FormatError("no-such-table", message.format(name=visible(wanted), names=names), where)
    else:
        found = [(number, look) for number, look in looks if look.rows]
    if not any(look.rows for _number, look in found):
        raise FormatError("empty-file", _("The workbook has no cell that holds something."), where)
    return sorted(found, key=lambda pair: pair[1].hidden)


def _table(source: XlsxSource, number: int, look: SheetLook) -> XlsxTable:
    where = _("{file}, sheet {sheet}").format(file=source.where, sheet=look.name)
    layout = lay_out_sheet(look.rows, source.options, where)
    notes = [_("This sheet is hidden.")] if look.hidden else []
    if not layout.header_row:
        notes.append(_("There is no header: the first row is data."))
    elif layout.header_row > 1:
        notes.append(
            _("Row {row} is the header; the rows above it are left out.").format(row=layout.header_row)
        )
    if look.date_system == "1904":
        notes.append(_("The workbook counts its days from 1904."))
    if look.uncached:
        notes.append(source.formula_note(look.uncached))
    detection = Detection(
        format="xlsx",
        form=layout.form,
        header_row=layout.header_row,
        preamble_lines=(layout.header_row or layout.data_row) - 1,
        date_system=look.date_system,
        notes=tuple(notes),
    )
    return XlsxTable(look.name, detection, layout.columns, source, number, layout.data_row, layout.header)


def _check_kind(path: Path, where: str) -> None:
    """Refuse by name what only looks like a workbook: an old one, one with a password, another document."""
    try:
        with path.open("rb") as file:
            head = file.read(_DIRECTORY)
    except OSError as error:
        message = _("The file cannot be opened: {reason}.").format(
            reason=error.strerror or type(error).__name__
        )
        raise FormatError("unreadable-file", message, where) from error
    if head.startswith(_OLE):
        refusals.refuse_ole(head + path.read_bytes()[-_DIRECTORY:], where=where)
    if not head.startswith(b"PK"):
        raise FormatError(
            "broken-workbook", _("This is not an Excel workbook (.xlsx), or it is damaged."), where
        )
