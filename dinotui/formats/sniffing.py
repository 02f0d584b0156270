"""What is this file? Judged by its content, never by its name alone (SPEC.md 4.1).

`look` takes a first look at a file, refuses what is no file, is empty or is recognised as something that
cannot be imported, and leaves what the descriptors of the registry need to choose a reader.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from dinotui.domain.errors import FormatError, LimitError, UnsupportedFormat
from dinotui.formats import encodings, refusals
from dinotui.formats.base import Limits
from dinotui.formats.csv_dialect import detect_dialect
from dinotui.formats.encodings import Encoding
from dinotui.locale import N_, _

_HEAD_BYTES: Final = 64 * 1024
_ZIP_STARTS: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_JSON_START: Final = re.compile(
    r"""\s*(?:\{\s*(?:["'}]|$|\w+\s*:)|\[\s*(?:[\[{"'\]\d-]|$|(?:true|false|null|NaN|Infinity)\b))"""
)
_JSON_NAMES: Final = (".json", ".ndjson", ".jsonl", ".geojson")
_JSON_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"(\s*:)?|[{}\[\]]')
_CONTROLS: Final = bytes(set(range(32)) - set(b"\t\n\r\x0b\x0c\x01\x02\x1a\x1b\x1e\x1f"))
_KINDS: Final = (
    (stat.S_ISDIR, N_("This is a folder. Give the name of a file in it.")),
    (stat.S_ISFIFO, N_("This is a pipe, not a file. Use “-” to read standard input.")),
    (stat.S_ISSOCK, N_("This is a socket, not a file.")),
    (stat.S_ISCHR, N_("This is a device, not a file.")),
    (stat.S_ISBLK, N_("This is a device, not a file.")),
)


@dataclass(frozen=True, slots=True)
class Look:
    """The first look at a file: its first bytes and, where they are text, that text.

    `name` is what the user calls the file and `where` the same for messages. `text` is None for a binary
    file; `encoding` is the Unicode encoding of `text`, None where that is not certain from the first bytes.
    """

    path: Path
    name: str
    where: str
    head: bytes
    size: int
    text: str | None = None
    encoding: Encoding | None = None

    @property
    def is_zip(self) -> bool:
        """Whether it is a ZIP file of any kind."""
        return self.head.startswith(_ZIP_STARTS)

    @property
    def is_gzip(self) -> bool:
        """Whether it is packed with gzip."""
        return self.head.startswith(b"\x1f\x8b\x08")

    @property
    def is_json(self) -> bool:
        """Whether the text is JSON, or can only be meant as JSON."""
        if self.text is None:
            return False
        if _JSON_START.match(self.text):
            return True
        if not self.name.lower().endswith(_JSON_NAMES):
            return False
        return self.text.lstrip()[:1] in {"{", "["} or not looks_tabular(self.text)


def look(path: Path, *, name: str, where: str, limits: Limits, encoding: str | None = None) -> Look:
    """Take a first look at `path`; `encoding` by the user wins.

    Raises `FormatError` (missing-file, not-a-file, unreadable-file, empty-file, only-zeros), `LimitError`
    (file-too-large), `UnsupportedFormat` for what is recognised and cannot be imported.
    """
    try:
        with _open(path, where) as file:
            size = os.fstat(file.fileno()).st_size
            head = file.read(_HEAD_BYTES)
            if head.startswith(refusals.OLE_MAGIC):
                refusals.refuse_ole(head + _ole_directory(file, head), where=where)
    except OSError as error:
        raise _unreadable(error, where) from error
    if size > limits.file_bytes:
        message = _("The file is larger than {limit} bytes. Split it and import the parts.")
        raise LimitError("file-too-large", message.format(limit=limits.file_bytes), where)
    _check_filled(path, head, where)
    refusals.refuse_bytes(head, where=where)
    found = Look(path, name, where, head, size)
    return found if found.is_zip or found.is_gzip else _as_text(found, encoding)


def json_keys(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the keys at the top of a JSON text, which may be cut anywhere, and those of its first record.

    The top is the first object; the first record is the first object in the first array in it.
    """
    keys: set[str] = set()
    inner: set[str] = set()
    path = ""
    done = ""
    for match in _JSON_TOKEN.finditer(text):
        token = match[0]
        if token in {"{", "["}:
            path += token
        elif token in {"}", "]"}:
            done = done or (path if path in {"{[{", "[{"} else "")
            path = path[:-1]
            if not path or done == "[{":
                break
        elif match[1] and path in {"{", "[{"}:
            keys.add(token[: -len(match[1])][1:-1])
        elif match[1] and path == "{[{" and not done:
            inner.add(token[: -len(match[1])][1:-1])
    return frozenset(keys), frozenset(inner)


def looks_tabular(text: str) -> bool:
    """Whether most lines of `text` have the same number of cells, more than one."""
    lines = text.splitlines(keepends=True)[:200]
    return bool(lines) and detect_dialect(lines, complete=True).agreement >= 0.6


def _open(path: Path, where: str) -> BinaryIO:
    """Open a regular file without waiting for the other end of a pipe."""
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        message = next((text for is_kind, text in _KINDS if is_kind(mode)), N_("This is not a file."))
        raise FormatError("not-a-file", _(message), where)
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")


def _unreadable(error: OSError, where: str) -> FormatError:
    if isinstance(error, FileNotFoundError):
        return FormatError("missing-file", _("There is no such file."), where)
    message = _("The file cannot be opened: {reason}.").format(reason=error.strerror or type(error).__name__)
    return FormatError("unreadable-file", message, where)


def _ole_directory(file: BinaryIO, head: bytes) -> bytes:
    """Return the sectors where an OLE file lists its streams (MS-CFB 2.2)."""
    size = 1 << min(16, int.from_bytes(head[30:32], "little"))
    sector = int.from_bytes(head[48:52], "little")
    file.seek((sector + 1) * size)
    return file.read(8 * 4096)


def _check_filled(path: Path, head: bytes, where: str) -> None:
    if not head.strip(b" \t\r\n\xef\xbb\xbf\xff\xfe\0") or not head.strip(b"\0"):
        with path.open("rb") as file:
            rest = next(
                (chunk for chunk in iter(lambda: file.read(1 << 20), b"") if chunk.strip(b" \t\r\n\0")), b""
            )
        if rest.strip(b" \t\r\n\xef\xbb\xbf\xff\xfe\0"):
            return
        if b"\0" in head.strip(b" \t\r\n\xef\xbb\xbf\xff\xfe") and not head.startswith(
            (b"\xff\xfe", b"\xfe\xff")
        ):
            message = _("The file holds nothing but zeros: a copy that went wrong. Fetch it again.")
            raise FormatError("only-zeros", message, where)
        raise FormatError("empty-file", _("The file is empty."), where)


def _as_text(found: Look, chosen: str | None) -> Look:
    """Return the look with its text. Raises `UnsupportedFormat` for bytes that are none."""
    if chosen is not None:
        codec = encodings.detect(found.path, chosen=chosen, where=found.where)
        encoding: Encoding | None = codec
    else:
        encoding = encodings.detect_unicode(found.head)
        codec = encoding or encodings.Encoding("iso8859_1")
    wide = chosen is not None or codec.codec.startswith(("utf-16", "utf-32"))
    content = found.head.rstrip(b"\0")  # a crash of the writer leaves zeros at the end
    controls = len(content) - len(content.translate(None, _CONTROLS))
    if not wide and controls > 8 and controls * 25 > len(content):
        message = _("This is neither text nor a workbook nor an archive. Import CSV, JSON or Excel (.xlsx).")
        raise UnsupportedFormat("unsupported-binary", message, found.where)
    text = found.head[codec.mark :].decode(codec.codec, "replace").lstrip("\ufeff")
    refusals.refuse_text(text, where=found.where)
    return Look(found.path, found.name, found.where, found.head, found.size, text, encoding)
