"""Reading a written export back, strictly and apart from the code that wrote it (FormatValidator).

The outcome is a fingerprint a category, to be compared with what was meant. On the way every decompressed
byte is searched for traces of the user that privacy should have removed.
"""

from __future__ import annotations

import csv
import io
import json
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from gzip import BadGzipFile
from itertools import islice
from operator import itemgetter
from typing import IO, Any, BinaryIO, Final
from xml.sax.saxutils import escape as xml
from zipfile import BadZipFile, ZipFile

from dinotui.domain.configuration import ExportFormat
from dinotui.domain.errors import FormatError
from dinotui.domain.export import BATCH, CSV_HEADER
from dinotui.formats.compression import unpacked
from dinotui.formats.csv_writer import BOM
from dinotui.formats.json_writer import canonical, notification_keys, trip_keys
from dinotui.formats.tabular import table_of
from dinotui.formats.writing import Beat, Document, Fingerprint, Layout, Meant
from dinotui.formats.xlsx_text import unescape
from dinotui.locale import _

_CHUNK: Final = 1 << 20


class TraceFound(FormatError):
    """The written bytes hold what privacy should have removed."""


class Traces:
    """Words that must not occur in a file, in UTF-8, plain or as JSON or XML write them, in any case.

    A Latin word counts as a word of its own only. Plain substring search: ten times a pattern's speed.
    """

    def __init__(self, words: Sequence[str]) -> None:
        forms = {form for word in words for form in (word, word.lower(), word.upper(), word.title())}
        spelt = {
            each for form in forms for each in (form, json.dumps(form, ensure_ascii=False)[1:-1], xml(form))
        }
        self._spelt = sorted(
            {(each.encode().lower(), each[0].isascii(), each[-1].isascii()) for each in spelt}
        )
        self.longest = max((len(word) for word, *_edges in self._spelt), default=0)

    def __bool__(self) -> bool:
        return bool(self._spelt)

    def found_in(self, data: bytes, *, first: bool = True, last: bool = True) -> bool:
        """Tell whether any of the words occurs in `data`.

        Of a piece that is not the `first`, what begins with its first byte was looked at before; of one that
        is not the `last`, what ends with its last byte is looked at again with what follows.
        """
        lowered = data.lower()
        return any(_occurs(lowered, *word, first=first, last=last) for word in self._spelt)


def _occurs(
    data: bytes, word: bytes, edge_before: bool, edge_after: bool, *, first: bool, last: bool
) -> bool:
    at = data.find(word)
    while at >= 0:
        end = at + len(word)
        apart = not (edge_before and data[at - 1 : at].isalnum()) if at else first
        if apart and (not (edge_after and data[end : end + 1].isalnum()) if end < len(data) else last):
            return True
        at = data.find(word, at + 1)
    return False


class Watched(io.RawIOBase):
    """A stream that looks at all bytes that pass and raises `TraceFound` for what must not be there."""

    def __init__(self, inner: IO[bytes], traces: Traces) -> None:
        self._inner = inner
        self._traces = traces
        self._tail = b""
        self._first = True
        self.end = b""
        """The last two bytes so far."""

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` and return with how many bytes."""
        data = self._inner.read(len(buffer))
        if self._traces:
            seen = self._tail + data
            if self._traces.found_in(seen, first=self._first, last=not data):
                raise TraceFound(
                    "privacy-trace", _("The written file still held what should be left out of it.")
                )
            self._first = self._first and not data
            self._tail = seen[-self._traces.longest - 1 :]
        self.end = (self.end + data)[-2:]
        buffer[: len(data)] = data
        return len(data)


def reread(file: BinaryIO, layout: Layout, document: Document, traces: Traces, beat: Beat) -> Meant:
    """Read a whole package back and return the fingerprints of what it holds.

    Raises `FormatError` where it is not exactly what an export is, `TraceFound` where privacy failed.
    """
    found: Meant = {}
    entries = {entry.name: document.only(entry.categories) for entry in layout.entries}
    readers = {"json": _json, "csv": _csv, "xlsx": _xlsx}
    try:
        for name, content in unpacked(file, layout):
            with _seekable(content, layout, document) as whole:
                found |= readers[layout.format](whole, entries[name], traces, beat)
    except (BadGzipFile, BadZipFile, EOFError, zlib.error) as error:
        raise _broken(_("its packing")) from error
    return found


def all_text(format_name: ExportFormat, data: bytes) -> str:
    """Return everything that an unpacked export of that format says, also the parts of a workbook."""
    if format_name != "xlsx":
        return data.decode()
    with ZipFile(io.BytesIO(data)) as package:
        return "\n".join(package.read(name).decode() for name in package.namelist())


def _broken(what: str) -> FormatError:
    message = _("The written file is not what it should be ({what}). Nothing was kept; try again.")
    return FormatError("export-unverified", message.format(what=what))


def _buffered(content: IO[bytes], traces: Traces) -> io.BufferedReader:
    return io.BufferedReader(Watched(content, traces), _CHUNK)


# JSON -------------------------------------------------------------------------------------------------------


def _json(content: IO[bytes], document: Document, traces: Traces, beat: Beat) -> Meant:
    found: Meant = {}
    lines = iter(_buffered(content, traces))
    outline: list[bytes] = []
    arrays = {f'    "{name}": [\n'.encode(): name for name in ("trips", "notifications")}
    for line in lines:
        outline.append(line)
        if line in arrays:
            name = arrays[line]
            found[name] = Fingerprint()
            outline.append(_rows(lines, found[name], document, name, beat))
    try:
        whole = json.loads(b"".join(outline), object_pairs_hook=_once)
    except ValueError as error:
        raise _broken(_("no JSON")) from error
    if list(whole) != ["metadata", "data"] or list(whole["data"]) != list(document.categories):
        raise _broken(_("other keys"))
    for name, value in [("metadata", whole["metadata"]), *whole["data"].items()]:
        if name not in found:
            found[name] = Fingerprint()
            if value != []:
                found[name].add([(canonical(value),)])
    return found


def _rows(lines: Iterator[bytes], found: Fingerprint, document: Document, name: str, beat: Beat) -> bytes:
    """Read the objects of an array, one a line, and return the line that ends it."""
    import msgspec

    pick = _trip_picker(document) if name == "trips" else _picker(notification_keys(document))
    decoder = msgspec.json.Decoder(list[dict[str, Any]])
    chunk: list[bytes] = []
    for line in lines:
        ended = line.startswith(b"    ]")
        if not ended:
            chunk.append(line)
        if len(chunk) == BATCH or (ended and chunk):
            text = b"".join(chunk).rstrip()
            more = text.endswith(b",")
            try:
                objects = decoder.decode(b"[" + (text[:-1] if more else text) + b"]")
                found.add(map(pick, objects))
            except (msgspec.DecodeError, KeyError, TypeError, UnicodeError) as error:
                raise _broken(_("a row cannot be read")) from error
            if len(objects) != len(chunk) or (ended and more):
                raise _broken(_("rows are torn"))
            beat(len(chunk))
            chunk.clear()
        if ended:
            return line
    raise _broken(_("it ends in the middle"))


def _picker(keys: Sequence[str]) -> Any:
    """Return what takes the values out of an object that must have exactly these keys."""
    values = itemgetter(*keys) if len(keys) > 1 else lambda each: (each[keys[0]],)

    def pick(each: dict[str, Any]) -> tuple[Any, ...]:
        if len(each) != len(keys):
            raise KeyError(*keys)
        found: tuple[Any, ...] = values(each)
        return found

    return pick


def _trip_picker(document: Document) -> Any:
    plain, extra = trip_keys(document)
    if not extra:
        return _picker(plain)
    outer, inner = _picker((*plain, "metadata")), _picker(extra)

    def pick(each: dict[str, Any]) -> tuple[Any, ...]:
        *values, metadata = outer(each)
        return (*values, *inner(metadata))

    return pick


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is repeated")
    return found


# CSV --------------------------------------------------------------------------------------------------------


def _csv(content: IO[bytes], document: Document, traces: Traces, beat: Beat) -> Meant:
    (category,) = document.categories
    header = CSV_HEADER if category == "trips" else table_of(document, category)[0]
    watched = Watched(content, traces)
    buffered = io.BufferedReader(watched, _CHUNK)
    if buffered.peek(3).startswith(BOM) != document.bom:
        raise _broken(_("the byte order mark"))
    if document.bom:
        buffered.read(3)
    csv.field_size_limit(max(csv.field_size_limit(), 1 << 27))
    text = io.TextIOWrapper(buffered, encoding="utf-8", newline="")
    rows = csv.reader(text, strict=True)
    found = Fingerprint()
    try:
        if next(rows, None) != list(header):
            raise _broken(_("the header"))
        while batch := list(map(tuple, islice(rows, BATCH))):
            found.add(batch)
            beat(len(batch))
        if watched.end != b"\r\n":
            raise _broken(_("it ends in the middle"))
    except (csv.Error, UnicodeError) as error:
        raise _broken(_("a row cannot be read")) from error
    finally:
        text.detach()
    return {category: found}


# XLSX -------------------------------------------------------------------------------------------------------


def _xlsx(content: IO[bytes], document: Document, traces: Traces, beat: Beat) -> Meant:
    from defusedxml.ElementTree import ParseError, fromstring

    from dinotui.formats.xlsx_rereading import SheetReader
    from dinotui.formats.xlsx_writer import SHEETS, sheet_of

    found: Meant = {"metadata": Fingerprint()}
    try:
        with ZipFile(content) as package:
            names = [each.get("name") for each in fromstring(package.read("xl/workbook.xml"))[0]]
            if names != [SHEETS[category] for category in document.categories]:
                raise _broken(_("other sheets"))
            properties = fromstring(_searched(package, "docProps/custom.xml", traces).read())
            found["metadata"].add((each.get("name"), unescape(each[0].text or "")) for each in properties)
            _searched(package, "docProps/core.xml", traces).read()
            for number, category in enumerate(document.categories, 1):
                header = tuple(sheet_of(document, category)[0])
                reader = SheetReader(len(header), beat)
                reader.read(_searched(package, f"xl/worksheets/sheet{number}.xml", traces))
                if reader.header != header:
                    raise _broken(_("the header"))
                found[category] = reader.found
    except (KeyError, ParseError) as error:
        raise _broken(_("no workbook")) from error
    return found


def _searched(package: ZipFile, name: str, traces: Traces) -> io.BufferedReader:
    return _buffered(package.open(name), traces)


@contextmanager
def _seekable(content: IO[bytes], layout: Layout, document: Document) -> Iterator[IO[bytes]]:
    """Yield the content so that the format can be read; a packed workbook is unpacked to scratch."""
    if layout.format != "xlsx" or layout.container == "plain":
        yield content
        return
    import shutil
    import tempfile

    with tempfile.TemporaryFile(dir=document.scratch) as file:
        shutil.copyfileobj(content, file, _CHUNK)
        file.seek(0)
        yield file
