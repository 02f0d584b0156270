"""How a table of text is separated and quoted, judged from its first lines (SPEC.md 4.1).

Every delimiter and quote that the lines could mean is tried. The one whose records agree best in width and
whose cells look most like whole values wins.
"""

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, NamedTuple

from dinotui.domain.errors import UsageError
from dinotui.formats.csv_cells import header_words, is_value
from dinotui.locale import _

_USUAL: Final = (",", ";", "\t", "|")
_UNUSUAL: Final = ("\x1f", "\x01", "^", "~", "¦", "§", ":", "!")
_NAMED: Final = {
    "tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " ", "colon": ":",
}  # fmt: skip
_TITLES: Final = 20  # records among which a header may stand
_COMPARED: Final = 500  # records
_LONGEST: Final = 50  # lines of one record in a sample
_TIME: Final = re.compile(r"\d:\d\d")
_SEPARATOR_LINE: Final = re.compile(r"\"?sep=(.)\"?\s*", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Dialect:
    """One way to cut lines into cells.

    An empty `quote` means that nothing is quoted, a non-empty `escape` stands before a quote inside a
    quoted cell, `skip_space` takes spaces after a delimiter away. `prologue` counts the lines before the
    table that only describe it (``sep=;``). `agreement` (0..1) says how many records agree in width.
    """

    delimiter: str = ","
    quote: str = '"'
    escape: str = ""
    skip_space: bool = False
    prologue: int = 0
    agreement: float = 1.0

    def reader(self, lines: Iterable[str], *, strict: bool) -> Any:
        """Return a `csv.reader` over `lines`; its type has no public name."""
        quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote or None,
            escapechar=self.escape or None,
            doublequote=not self.escape,
            skipinitialspace=self.skip_space,
            quoting=quoting,
            strict=strict,
        )


class Record(NamedTuple):
    """A record of the sample: its first and last physical line (1-based) and its cells."""

    line: int
    last: int
    cells: list[str]


def known_delimiter(text: str) -> str:
    """Return the delimiter that the user named. Raises `UsageError`."""
    delimiter = _NAMED.get(text.lower(), text)
    if len(delimiter) != 1 or delimiter in '\r\n\ufeff"':
        message = _("A delimiter is one character, or tab, comma, semicolon, pipe, space or colon.")
        raise UsageError("bad-delimiter", message)
    return delimiter


def known_quote(text: str) -> str:
    """Return the quote that the user named, empty for none. Raises `UsageError`."""
    quote = "" if text.lower() == "none" else text
    if len(quote) > 1 or quote in {"\r", "\n", "\ufeff"}:
        raise UsageError("bad-quote", _("A quote is one character, or none."))
    return quote


def detect_dialect(
    lines: list[str], *, complete: bool, delimiter: str | None = None, quote: str | None = None
) -> Dialect:
    """Return the dialect that fits the first `lines` of a file best; what the user fixed stays.

    `complete` says that the lines are the whole file. Raises `UsageError` for an impossible choice.
    """
    prologue, separator = _separator_line(lines)
    fixed = known_delimiter(delimiter) if delimiter is not None else separator
    mark = known_quote(quote) if quote is not None else None
    if fixed is not None and fixed == mark:
        raise UsageError("bad-delimiter", _("The delimiter and the quote cannot be the same character."))
    body = lines[prologue:]
    best = _best(body, (fixed,) if fixed else _USUAL, mark, complete)
    if best.agreement < 0.5 and fixed is None:
        times = any(_TIME.search(line) for line in body[:_COMPARED])
        unusual = _best(body, [each for each in _UNUSUAL if each != ":" or not times], mark, complete)
        if unusual.agreement > 0.99 and len(body) > 1:
            best = unusual
    return _with_escape(body, replace(best, prologue=prologue))


def read_sample(lines: list[str], dialect: Dialect, *, complete: bool) -> list[Record]:
    """Cut sample lines (the prologue among them) into records without the blank ones.

    A record that the end of the sample may have cut is left out, unless it is the only one.
    """
    records: list[Record] = []
    start = dialect.prologue
    while start < len(lines):
        start = _read_until_long(lines, start, dialect, records)
    return records if complete or len(records) < 2 else records[:-1]


def _read_until_long(lines: list[str], start: int, dialect: Dialect, records: list[Record]) -> int:
    """Append records from line `start` (0-based) on and return where to go on after one that is too long."""
    reader = dialect.reader(lines[start:], strict=False)
    before = start
    try:
        for cells in reader:
            first, before = before, start + reader.line_num
            if before - first > _LONGEST:
                return first + 1  # a quote that never closes: the lines after it tell more
            if any(cells):
                records.append(Record(first + 1, before, cells))
    except csv.Error:
        pass  # a cell past the limit: what came before it is sample enough
    return len(lines)


def _separator_line(lines: list[str]) -> tuple[int, str | None]:
    """Read the line with which Excel names the delimiter."""
    match = _SEPARATOR_LINE.fullmatch(lines[0]) if lines else None
    return (1, match[1]) if match else (0, None)


def _best(lines: list[str], delimiters: Sequence[str], quote: str | None, complete: bool) -> Dialect:
    best, best_score = (
        Dialect(delimiter=delimiters[0], quote='"' if quote is None else quote, agreement=0.0),
        -1.0,
    )
    for delimiter in delimiters:
        for mark in _quotes(lines, delimiter) if quote is None else (quote,):
            dialect = Dialect(delimiter, mark)
            records = read_sample(lines, dialect, complete=complete)
            if _quoted_after_spaces(lines, records, dialect):
                dialect = replace(dialect, skip_space=True)
                records = read_sample(lines, dialect, complete=complete)
            score, agreement = _score(records, delimiter, mark)
            if score > best_score + 1e-9:
                best, best_score = replace(dialect, agreement=agreement), score
    return best


def _quotes(lines: list[str], delimiter: str) -> Iterator[str]:
    yield '"'
    cells = [cell.strip() for line in lines[:200] for cell in line.split(delimiter)]
    texts = [cell for cell in cells[1:] if cell and not is_value(cell)]
    wrapped = sum(cell[0] == "'" or cell[-1] == "'" for cell in texts)
    doubly = sum(cell[0] == '"' or cell[-1] == '"' for cell in texts)
    unquoted_header = len(lines[0].split(delimiter)) if lines and "'" not in lines[0] else 0
    if wrapped > max(doubly, 0.7 * (len(texts) - unquoted_header)):
        yield "'"


def _quoted_after_spaces(lines: list[str], records: list[Record], dialect: Dialect) -> bool:
    """Whether spaces stand between delimiters and quotes: ``Spain, "a, b"``.

    Only a line with as many delimiters as its record has cells proves it: no quote was taken for one there.
    """
    if not dialect.quote:
        return False
    spaced = re.compile(rf"{re.escape(dialect.delimiter)} +{re.escape(dialect.quote)}")
    return any(
        spaced.search(line) and len(record.cells) == line.count(dialect.delimiter) + 1
        for record in records[:_COMPARED]
        if record.line == record.last and (line := lines[record.line - 1])
    )


def _with_escape(lines: list[str], dialect: Dialect) -> Dialect:
    """Return `dialect` with a backslash as escape where the lines are well formed only with it."""
    if not dialect.quote or not any("\\" + dialect.quote in line for line in lines):
        return dialect
    escaped = replace(dialect, escape="\\")
    return escaped if _strict(lines, escaped) and not _strict(lines, dialect) else dialect


def _strict(lines: list[str], dialect: Dialect) -> bool:
    try:
        for _record in dialect.reader(lines, strict=True):
            pass
    except csv.Error:
        return False
    return True


def _score(records: list[Record], delimiter: str, quote: str) -> tuple[float, float]:
    """Return how well records of one dialect look (more is better) and how well they agree in width."""
    rows = [record.cells for record in records if not record.cells[0].startswith("#")][:1_000]
    counts = Counter(len(cells) for cells in rows)
    width = max(counts, key=lambda size: (counts[size] * math.log2(size), size), default=1)
    if width == 1:
        return 0.0, 0.0
    start = next(index for index, cells in enumerate(rows) if len(cells) == width)
    agreement = counts[width] / (len(rows) - start)
    shape = counts[width] / (len(rows) - 0.5 * start)
    cells = [cell for row in rows if len(row) == width for cell in row][:2_000]
    looks = sum(_look(cell, delimiter, quote) for cell in cells) / len(cells)
    named = min(3, max(map(header_words, rows[:_TITLES]), default=0)) / 10
    return shape * (0.5 + 0.5 * looks) + named + 0.001 * math.log2(width), agreement


def _look(cell: str, delimiter: str, quote: str) -> float:
    """Return how much a cell looks like one whole value, 0..1."""
    if not cell or is_value(cell):
        return 1.0
    if any(other in cell for other in _USUAL if other != delimiter) and len(cell) < 200:
        return 0.4
    if cell[0] == " " or (quote and cell[0] == quote) or (cell[0] == "'" == cell[-1]):
        return 0.5
    return 0.9
