"""What every writer is given and answers: a document, and what it meant to write (SPEC.md 3).

A writer streams: it asks for one batch of rows after the other and keeps none. What it wrote is remembered
as a `Fingerprint` a category, with which the file is compared when it is read back (`rereading`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal, Protocol, TypeAlias

from dinotui.domain.configuration import Category, ExportConfiguration, ExportFormat
from dinotui.domain.errors import DinoError, UsageError
from dinotui.domain.export import ExportRow, NotificationRow
from dinotui.locale import _

Container: TypeAlias = Literal["plain", "gzip", "zip"]
Beat: TypeAlias = Callable[[int], None]
"""Called with the number of rows just done; may raise `Cancelled`."""


class Fingerprint:
    """How many rows went by, and a checksum over all their fields in order.

    The checksum is chained over Python's keyed hash of each batch: cheap, and good within one process only.
    Batches must have the same sizes on both sides (`dinotui.domain.export.BATCH`).
    """

    __slots__ = ("_chain", "rows")

    def __init__(self) -> None:
        self.rows = 0
        self._chain = 0

    def add(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Add a batch of rows; their fields are text, whole numbers or None."""
        batch = tuple(rows)
        self.rows += len(batch)
        self._chain = hash((self._chain, batch))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fingerprint) and (self.rows, self._chain) == (other.rows, other._chain)

    __hash__ = None  # type: ignore[assignment] # it changes while rows are added


Meant: TypeAlias = dict[str, Fingerprint]
"""The fingerprint of each category, and of the metadata where the format has some."""


@dataclass(frozen=True, slots=True)
class Document:
    """One export as a writer gets it; privacy is already applied.

    `trips` and `notifications` may be called more than once and give the same batches each time. `omitted`
    names fields of trips and notifications that the JSON form leaves out. `scratch` is a private folder for
    temporary files.
    """

    categories: tuple[Category, ...]
    metadata: Mapping[str, Any]
    trips: Callable[[], Iterable[list[ExportRow]]]
    notifications: Callable[[], Iterable[list[NotificationRow]]]
    scratch: Path
    preferences: Mapping[str, Any] = field(default_factory=dict)
    analytics: Mapping[str, Any] = field(default_factory=dict)
    trip_metadata: bool = True
    omitted: frozenset[str] = frozenset()
    bom: bool = False

    def only(self, categories: tuple[Category, ...]) -> Document:
        """Return the document with these categories alone."""
        return replace(self, categories=categories)


class Writer(Protocol):
    """Writes one document in one format; `extension` has no dot."""

    extension: str
    media_type: str

    def write(self, document: Document, sink: BinaryIO, beat: Beat) -> Meant:
        """Write the document and return what was meant. Raises `DinoError` for what the format cannot hold."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the output: its name inside an archive and the categories it holds."""

    name: str
    categories: tuple[Category, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """How an export lies on disk: the format of its entries, what they are packed in and how hard (1 to 5)."""

    format: ExportFormat
    container: Container
    level: int
    entries: tuple[Entry, ...]

    @property
    def suffix(self) -> str:
        """The ending of the file's name, without the first dot."""
        if self.container == "zip":
            return "zip"
        ending = writer_for(self.format).extension
        return f"{ending}.gz" if self.container == "gzip" else ending

    @property
    def media_type(self) -> str:
        """The media type of the whole output."""
        packed = {"gzip": "application/gzip", "zip": "application/zip"}
        return packed.get(self.container) or writer_for(self.format).media_type


def layout_of(configuration: ExportConfiguration) -> Layout:
    """Return how an export is laid out.

    CSV holds one category a file: several go into one zip. Raises `UsageError` where nothing is chosen, or
    where CSV is asked for one category that it cannot hold.
    """
    chosen, compression = configuration.categories.chosen(), configuration.compression
    if not chosen:
        raise UsageError("no-category", _("Nothing is chosen. Choose at least one category, such as trips."))
    container: Container = compression.algorithm if compression.enabled else "plain"
    entries: tuple[Entry, ...] = (Entry(f"dinocal.{writer_for(configuration.format).extension}", chosen),)
    if configuration.format == "csv":
        if len(chosen) > 1:
            container = "zip"
        elif chosen != ("trips",):
            message = _("A CSV file holds trips only. Export {category} as JSON or XLSX, or add trips.")
            raise UsageError("csv-trips-only", message.format(category=chosen[0]))
        entries = tuple(Entry(f"{category}.csv", (category,)) for category in chosen)
    return Layout(configuration.format, container, compression.level, entries)


class CannotHold(DinoError):
    """The chosen format has no room for the data; the message names another one."""


_MODULES: Final = {"json": "json_writer", "csv": "csv_writer", "xlsx": "xlsx_writer"}


@cache
def writer_for(name: ExportFormat) -> Writer:
    """Return the writer of a format; its module is loaded on first use."""
    from importlib import import_module

    writer: Writer = import_module(f"dinotui.formats.{_MODULES[name]}").WRITER
    return writer


def sheet_lines(document: Document, category: Category) -> Iterator[str]:
    """Yield a sheet of the workbook form as lines of text, for a preview."""
    from dinotui.formats.xlsx_writer import SHEETS, sheet_of

    header, batches = sheet_of(document, category)
    yield f"[{SHEETS[category]}]"
    yield " | ".join(header)
    for rows in batches():
        yield from (" | ".join("" if cell is None else str(cell) for cell in row) for row in rows)
