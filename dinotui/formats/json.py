"""Reads JSON of our own forms, inferred JSON and newline-delimited JSON as streams of rows (SPEC.md 4.1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

from dinotui.domain.errors import FormatError, LimitError
from dinotui.domain.visible import visible
from dinotui.formats.base import Detection, Form, OtherCategories, ReadOptions, Row, Table
from dinotui.formats.json_forms import Layout, Place, survey
from dinotui.formats.json_lines import line_batches
from dinotui.formats.json_others import read_others
from dinotui.formats.json_rows import Columns, RecordShaper
from dinotui.formats.json_stream import Batch, Scanner
from dinotui.formats.json_text import CHUNK_BYTES, JsonText
from dinotui.locale import _

_SAMPLE: Final = 100  # records read at once to know most columns
_OURS: Final[tuple[Form, ...]] = ("dino", "legacy")


@dataclass(slots=True)
class JsonTable:
    """One array of records, the records of a file with one a line, or a single record."""

    name: str
    detection: Detection
    text: JsonText
    place: Place
    shape: Columns
    columns: list[str] = field(init=False)

    def __post_init__(self) -> None:
        """Share the names that grow while rows are read."""
        self.columns = self.shape.names

    def rows(self) -> Iterator[Row]:
        """Stream the records as rows; then check what follows them, so that no damaged file passes.

        Raises `FormatError` and `LimitError` with file, line and record.
        """
        shaper = RecordShaper(self.shape, self._where)
        limit = self.text.limits.records
        for batch, lines, done in self._batches():
            if done > limit:
                message = _("The file has more than {limit} records. Split it and import the parts.")
                raise LimitError("too-many-records", message.format(limit=limit), self.text.name)
            yield from shaper.rows(batch, lines)

    def _batches(self) -> Iterator[tuple[Batch, range | list[int], int]]:
        """Yield batches with the lines to name and the number of records so far."""
        done = 0
        if self.place.kind == "lines":
            for batch, lines in line_batches(self.text):
                done += len(lines)
                yield batch, lines, done
            return
        scanner = Scanner(self.text, self.place.offset)
        batches = scanner.batches() if self.place.kind == "array" else iter([Batch([scanner.value()])])
        for batch in batches:
            start, done = done + 1, done + len(batch.values)
            yield batch, range(start, done + 1), done
        if self.place.around is not None:
            scanner.finish([set(keys) for keys in self.place.around], scanner.fail_repeated)

    def _where(self, line: int) -> str:
        if self.place.kind == "lines":
            return self.text.where(line)
        return _("{file}, record {record}").format(file=self.text.name, record=line)


@dataclass(slots=True)
class JsonSource:
    """An opened JSON file."""

    name: str
    tables: list[Table]
    text: JsonText
    layout: Layout
    _others: list[OtherCategories] = field(default_factory=list)

    def other_categories(self) -> OtherCategories:
        """Read what our own forms hold beside trips, wherever in the file it stands.

        Raises `FormatError` where it is damaged or of the wrong shape, `LimitError` where it is too large.
        """
        if not self._others:
            self._others.append(read_others(self.text, self.layout.form))
        return self._others[0]

    def close(self) -> None:
        """Do nothing: the file is open only while it is read."""


def open_json(
    path: Path, options: ReadOptions, *, name: str | None = None, chunk_bytes: int = CHUNK_BYTES
) -> JsonSource:
    """Open a JSON file and find its tables; `name` is what the user calls it.

    `options.table` picks an array by its path. Raises `FormatError` for what is not JSON or holds no
    records, `UnsupportedFormat` for a newer version of our form and other programs' documents.
    """
    name = name or path.name
    text = JsonText(
        path, encoding=options.encoding, limits=options.limits, name=visible(name), chunk_bytes=chunk_bytes
    )
    layout = survey(text)
    tables = [_table(name, text, layout, place) for place in layout.places]
    return JsonSource(name, _chosen(tables, options.table, text), text, layout)


def _table(name: str, text: JsonText, layout: Layout, place: Place) -> Table:
    detection = Detection(
        format=layout.format, form=layout.form, encoding=text.encoding, notes=tuple(_notes(layout, place))
    )
    title = "trips" if layout.form in _OURS else ".".join(place.path) or name
    table = JsonTable(title, detection, text, place, Columns(text.limits, lift=layout.form in _OURS))
    for _row in islice(table.rows(), _SAMPLE):
        pass
    return table


def _notes(layout: Layout, place: Place) -> Iterator[str]:
    if layout.form == "dino":
        yield _("An export of this program, version {version}.").format(version=layout.version or "1.0")
    elif layout.form == "legacy":
        yield _("An export of the earlier program.")
    elif place.kind == "lines":
        yield _("One JSON object a line.")
    elif place.kind == "record":
        yield _("One JSON object, read as a single record.")
    elif place.path:
        yield _("The list of objects at {path}.").format(path=visible(".".join(place.path)))


def _chosen(tables: list[Table], wanted: str | None, text: JsonText) -> list[Table]:
    if wanted is None or not tables:
        return tables
    found = [table for table in tables if table.name.casefold() == wanted.casefold()]
    if not found:
        message = _("There is no list {name} in the file. There are: {names}.")
        names = ", ".join(visible(table.name) for table in tables)
        raise FormatError("no-such-table", message.format(name=visible(wanted), names=names), text.name)
    return found
