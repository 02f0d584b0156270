"""The CSV form (CSVExporter): RFC 4180 with CRLF, UTF-8, texts guarded against formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO, Final

from dinotui.domain.export import CSV_HEADER, ExportRow
from dinotui.formats.guard import guard
from dinotui.formats.json_writer import DayText
from dinotui.formats.tabular import Cells, table_of
from dinotui.formats.writing import Beat, Document, Fingerprint, Meant

BOM: Final = b"\xef\xbb\xbf"
_SUSPECT: Final = frozenset("=+-@\t\r'")  # with any other first character `guard` changes nothing


class CsvWriter:
    """Writes one category; trips have the eight columns of the source document."""

    extension = "csv"
    media_type = "text/csv"

    def write(self, document: Document, sink: BinaryIO, beat: Beat) -> Meant:
        """Write the document's only category; see `Writer.write`."""
        (category,) = document.categories
        if document.bom:
            sink.write(BOM)
        header: Sequence[str]
        batches: Iterable[list[tuple[str, ...]]]
        if category == "trips":
            header, batches = CSV_HEADER, _trips(document.trips())
        else:
            header, table = table_of(document, category)
            batches = _guarded(table)
        meant = Fingerprint()
        sink.write(_encoded([header]))
        for rows in batches:
            meant.add(rows)
            sink.write(_encoded(rows))
            beat(len(rows))
        return {category: meant}


WRITER: Final = CsvWriter()


def _encoded(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def _trips(batches: Iterable[list[ExportRow]]) -> Iterator[list[tuple[str, ...]]]:
    days, safe = DayText(), Guarded()
    for batch in batches:
        yield [
            (
                safe[country],
                days[entry],
                "" if leaving is None else days[leaving],
                safe[visa],
                "" if most is None else str(most),
                safe[passport],
                "" if leaving is None else str(leaving - entry + 1),
                guard(notes) if notes[:1] in _SUSPECT else notes,
            )
            for _id, country, _code, entry, leaving, visa, most, passport, notes, *_more in batch
        ]
        safe.trim()


class Guarded(dict[str, str]):
    """The guarded form of a text, remembered: few countries and visa types, many trips."""

    def __missing__(self, text: str) -> str:
        self[text] = made = guard(text)
        return made

    def trim(self) -> None:
        """Forget everything once it is more than a column of few values holds."""
        if len(self) > 10_000:
            self.clear()


def _guarded(batches: Iterable[list[Cells]]) -> Iterator[list[tuple[str, ...]]]:
    for batch in batches:
        yield [tuple(map(_cell, row)) for row in batch]


def _cell(value: str | float | None) -> str:
    if isinstance(value, str):
        return guard(value)
    return "" if value is None else str(value)
