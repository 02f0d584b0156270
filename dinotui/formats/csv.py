"""Reads CSV and TSV of any dialect as a stream of rows (SPEC.md 4.1, HAZARDS.md Files).

The ordinary file runs at the speed of `csv.reader` in strict mode, which also counts the physical lines.
Where strict mode stops, and for the legacy form, `Repair` goes on from the same record.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

from dinotui.domain.errors import LimitError
from dinotui.domain.visible import visible
from dinotui.formats import encodings, refusals
from dinotui.formats.base import Cell, Detection, OtherCategories, ReadOptions, Row, RowProblem, Table
from dinotui.formats.csv_cells import header_words
from dinotui.formats.csv_dialect import Dialect, detect_dialect, read_sample
from dinotui.formats.csv_layout import Layout, lay_out
from dinotui.formats.csv_notes import cautions, evidence
from dinotui.formats.csv_repair import Repair
from dinotui.formats.encodings import Encoding
from dinotui.formats.guard import unguard
from dinotui.formats.rejects import REJECT_HEADERS
from dinotui.formats.text_lines import MARK, TextFile
from dinotui.locale import _

_SAMPLE_CHARACTERS: Final = 256 * 1024
_GUARDED: Final = (0, 3, 5, 7)  # the text columns of our own CSV
_LOOKED_AT: Final = 50  # lines after an endless cell among which records are looked for
_BLANK: Final = frozenset({"", "\x1a"})  # DOS ends a text with Ctrl-Z
_new_row: Final = tuple.__new__


@dataclass(slots=True)
class CsvTable:
    """The one table of a text file."""

    name: str
    detection: Detection
    columns: list[str]
    text: TextFile
    dialect: Dialect
    layout: Layout

    @property
    def is_prose(self) -> bool:
        """Whether the lines are hardly a table: no known names, no dates or numbers, and no clear shape."""
        if self.layout.width == 1:
            return True
        named = header_words(self.columns) > 1 or any(self.layout.values)
        return not named and (self.dialect.agreement < 0.9 or self.detection.preamble_lines > 0)

    def rows(self) -> Iterator[Row]:
        """Stream the records as rows; blank lines and repeated headers are none.

        Raises `FormatError` and `LimitError` where the file cannot be read further.
        """
        limit = self.text.limits.records
        for count, row in enumerate(_Reading(self).rows(), start=1):
            if count > limit:
                message = _("The table has more than {limit} records. Split the file and import the parts.")
                raise LimitError("too-many-records", message.format(limit=limit), self.text.where)
            yield row


@dataclass(slots=True)
class CsvSource:
    """A text file: one table and nothing else."""

    name: str
    tables: list[Table]
    other: OtherCategories = field(default_factory=OtherCategories)

    def other_categories(self) -> OtherCategories:
        """Return nothing: a table of text holds trips only."""
        return self.other

    def close(self) -> None:
        """Do nothing: the file is open only while its rows are read."""


def open_csv(path: Path, options: ReadOptions, *, name: str, encoding: Encoding | None = None) -> CsvSource:
    """Open `path` as a table of text and say how it is read; `name` is what the user calls the file.

    `encoding` is what was detected already.
    Raises `FormatError`, `UnsupportedFormat` (a flight log), `LimitError`, `UsageError` (bad options).
    """
    where = visible(name)
    encoding = encoding or encodings.detect(path, chosen=options.encoding, where=where)
    text = TextFile(path, encoding, options.limits, where)
    csv.field_size_limit(options.limits.cell_characters)
    lines, complete = text.sample(_SAMPLE_CHARACTERS)
    lines = [line.lstrip(MARK) for line in lines]
    dialect = detect_dialect(lines, complete=complete, delimiter=options.delimiter, quote=options.quote)
    records = read_sample(lines, dialect, complete=complete)
    layout = lay_out(records, header_row=options.header_row, limits=options.limits, where=where)
    if layout.header is not None:
        refusals.refuse_header(layout.columns, where=where)
    detection = Detection(
        format="csv",
        form=layout.form,
        encoding=encoding.name,
        encoding_sure=encoding.sure,
        alternatives=encoding.alternatives,
        delimiter=dialect.delimiter,
        quote=dialect.quote,
        header_row=layout.header_row,
        preamble_lines=(layout.header_row or layout.data_line) - 1,
        guarded=layout.form == "dino" or tuple(layout.columns[-3:]) == REJECT_HEADERS,
        notes=evidence(encoding, dialect, layout),
        cautions=cautions(encoding, layout),
    )
    table = CsvTable(name, detection, list(layout.columns), text, dialect, layout)
    return CsvSource(name, [table])


class _Reading:
    """One pass over a table."""

    def __init__(self, table: CsvTable) -> None:
        self._text = table.text
        self._dialect = table.dialect
        self._layout = table.layout
        self._width = table.layout.width
        self._header = list(table.layout.header) if table.layout.header is not None else None
        self._guarded = _guarded_columns(table.detection, table.columns)
        limits = table.text.limits
        self._limits = limits
        self._repair = Repair(table.text, table.dialect, table.layout)

    def rows(self) -> Iterator[Row]:
        if self._layout.form == "legacy":
            yield from self._mended(self._layout.data_line)
            return
        csv.field_size_limit(self._limits.cell_characters)
        stopped = yield from self._straight()
        if stopped is not None:
            yield from self._mended(stopped)

    def _straight(self) -> Generator[Row, None, int | None]:
        """Yield rows as `csv.reader` gives them; return the line of the record that it cannot read.

        Raises `LimitError` for a cell past the limit, unless a quote that never closed made it so long.
        """
        offset = self._layout.data_line - 1
        before = 0
        width, guarded = self._width, self._guarded
        first_name = self._header[0] if self._header and self._width > 1 else None
        lines = self._text.lines(
            offset, self._mend(lambda: reader.line_num == before), every=self._layout.comments
        )
        reader = self._dialect.reader(lines, strict=True)
        try:
            for cells in reader:
                first, before = before, reader.line_num
                if len(cells) != width or before - first != 1 or not cells[0] or cells[0] == first_name:
                    row = self._row(first + offset + 1, before - first, cells)
                    if row is not None:
                        yield row
                    continue
                for index in guarded:
                    if cells[index][:1] == "'":
                        cells[index] = unguard(cells[index])
                yield _new_row(Row, (first + offset + 1, cells, None))
        except csv.Error as error:
            stopped = offset + before + 1
            if "field limit" in str(error):
                self._check_swallowed(stopped)
            return stopped
        return None

    def _check_swallowed(self, line: int) -> None:
        following = islice(self._text.lines(line), _LOOKED_AT)
        if not any(map(self._repair.looks_whole, following)):
            raise self._repair.too_long(line)

    def _mended(self, line: int) -> Iterator[Row]:
        """Yield rows from physical `line` on, cut with patience for broken quotes."""
        for cut in self._repair.rows(self._text.lines(line - 1), line):
            if not cut.sure:
                yield Row(cut.line, list(self._unguarded(cut.cells)), "unclosed-quote")
            elif (row := self._row(cut.line, cut.lines, cut.cells)) is not None:
                yield row

    def _mend(self, at_record: Callable[[], bool]) -> Callable[[str], str]:
        """Return what takes marks and comments away from a line that begins a record."""
        comments = self._layout.comments

        def mend(line: str) -> str:
            if not at_record():
                return line
            line = line.lstrip(MARK)
            return "\n" if comments and line.startswith("#") else line

        return mend

    def _row(self, line: int, lines: int, cells: list[str]) -> Row | None:
        """Return the row of one record with its problem, None for a blank one or the header again."""
        if not any(cells) or (len(cells) == 1 and cells[0].strip() in _BLANK):
            return None
        if self._width > 1 and cells == self._header:
            return None
        problem: RowProblem | None = None
        if len(cells) != self._width:
            cells = self._without_joined_header(cells)
            self._check_width(line, cells)
            if len(cells) != self._width:
                problem = "short-row" if len(cells) < self._width else "long-row"
        if lines > 1 and self._holds_records(cells):
            problem = "unclosed-quote"
        return Row(line, list(self._unguarded(cells)), problem)

    def _unguarded(self, cells: list[str]) -> Iterator[Cell]:
        for index, cell in enumerate(cells):
            yield unguard(cell) if index in self._guarded else cell

    def _without_joined_header(self, cells: list[str]) -> list[str]:
        """Undo a file that was appended without a line end: its mark and header stand in our last cell."""
        last = self._width - 1
        if self._header is None or len(cells) <= self._width or MARK not in cells[last]:
            return cells
        ours, theirs = cells[last].split(MARK, 1)
        return [*cells[:last], ours] if [theirs, *cells[last + 1 :]] == self._header else cells

    def _check_width(self, line: int, cells: list[str]) -> None:
        if len(cells) > self._limits.columns:
            message = _("Line {line} has more than {limit} cells.").format(
                line=line, limit=self._limits.columns
            )
            raise LimitError("too-many-columns", message, self._text.place(line))

    def _holds_records(self, cells: list[str]) -> bool:
        """Whether a cell over many lines holds lines that are records: then its quote closed too late."""
        if self._layout.form == "dino" or not any(self._layout.values):
            return False
        delimiter = self._dialect.delimiter
        for index, cell in enumerate(cells):
            _first, *inner = cell.replace("\r\n", "\n").replace("\r", "\n").split("\n")
            if inner:
                inner[-1] = delimiter.join([inner[-1], *cells[index + 1 :]])
                if any(map(self._repair.looks_whole, inner)):
                    return True
        return False


def _guarded_columns(detection: Detection, columns: Sequence[str]) -> Sequence[int]:
    """Return the text columns of our own export, or every column of our own file of rejects."""
    if not detection.guarded:
        return ()
    return _GUARDED if detection.form == "dino" else range(len(columns))
