"""What every reader gives and every format promises: a file is a `Source` that holds tables of rows.

A reader streams: it holds one row at a time (and bounded buffers), counts the bytes and rows it really
read against `Limits`, and never changes the file. Cells are plain: text, numbers, booleans or None. A date
cell of a workbook arrives as ISO text, a nested JSON value as its JSON text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias

Cell: TypeAlias = str | int | float | bool | None
FormatName: TypeAlias = Literal["csv", "json", "ndjson", "xlsx"]
Form: TypeAlias = Literal["dino", "legacy", "stays", "inferred"]
RowProblem: TypeAlias = Literal[
    "short-row", "long-row", "unclosed-quote", "repeated-key", "not-an-object", "lone-surrogate"
]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file is read before it is refused; each limit has its own message (SPEC.md 4.1)."""

    file_bytes: int = 4_000_000_000
    records: int = 5_000_000
    columns: int = 1_000
    cell_characters: int = 1_000_000
    nesting: int = 100
    archive_entries: int = 1_000
    inflated_bytes: int = 4_000_000_000
    inflation_ratio: int = 200  # checked once more than `ratio_floor` bytes came out
    ratio_floor: int = 10_000_000
    seconds: float = 120.0  # for a workbook or archive that is parsed in a child process
    memory_bytes: int = 1_000_000_000  # likewise


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the user fixed about reading; None means: detect it.

    `table` names a sheet, an archive entry or a JSON array. `header_row` is the 1-based line of the header
    and 0 says that there is none.
    """

    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    table: str | None = None
    header_row: int | None = None
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Detection:
    """How a table is read and how sure that is; shown to the user and changeable through `ReadOptions`.

    `notes` are short translated sentences of evidence. `alternatives` are other encodings that also decode.
    """

    format: FormatName
    form: Form = "inferred"
    encoding: str | None = None
    encoding_sure: bool = True
    alternatives: tuple[str, ...] = ()
    delimiter: str | None = None
    quote: str | None = None
    header_row: int = 0
    preamble_lines: int = 0
    cautions: tuple[str, ...] = ()  # notes that a user should read even when nothing is asked
    guarded: bool = False  # our own CSV: a leading apostrophe is the formula guard and comes off
    date_system: Literal["1900", "1904"] = "1900"  # what day a number that should be a date counts from
    notes: tuple[str, ...] = ()


class Row(NamedTuple):
    """One record of a table: its 1-based `line` (or sheet row, or array position), cells, and a problem.

    A row with a problem keeps every cell it has: cells past the header stay at the end of `cells`.
    """

    line: int
    cells: list[Cell]
    problem: RowProblem | None = None


class Table(Protocol):
    """Rows under one header.

    `columns` may grow at its end while `rows` is read (JSON objects with new keys); a row that was read
    before simply has fewer cells. Columns of a headerless table are named ``Column 1`` and so on.
    """

    name: str
    detection: Detection
    columns: list[str]

    def rows(self) -> Iterator[Row]:
        """Stream the rows from the beginning; may be called again."""
        ...


@dataclass(frozen=True, slots=True)
class OtherCategories:
    """What a JSON document holds beside trips: the values as they stand in the file, not yet checked."""

    metadata: Mapping[str, Any] = field(default_factory=dict)
    preferences: Mapping[str, Any] | None = None
    notifications: list[Mapping[str, Any]] | None = None
    analytics: Mapping[str, Any] | None = None


class Source(Protocol):
    """One opened file: its tables (sheets, archive entries, arrays) and its other categories."""

    name: str
    tables: list[Table]

    def other_categories(self) -> OtherCategories:
        """Return what the file holds beside trips; empty for anything but JSON of our own forms."""
        ...

    def close(self) -> None:
        """Release files and child processes. Safe to call twice."""
        ...
