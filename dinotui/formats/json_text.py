"""A JSON file as chunks of UTF-8, whatever Unicode encoding it is kept in (SPEC.md 4.1).

The readers above see UTF-8 only and count in its bytes. A chunk never splits a character, so that every
chunk can be decoded on its own.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from dinotui.domain.errors import FormatError, LimitError
from dinotui.formats.base import Limits
from dinotui.locale import _

CHUNK_BYTES: Final = 1 << 19

_MARKS: Final = (  # the longer ones first: UTF-32 begins like UTF-16
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def detect_encoding(head: bytes) -> str:
    """Return the Unicode encoding of a JSON text from its first four bytes.

    Without a byte order mark the zeros tell: JSON begins with two ASCII characters (RFC 4627, section 3).
    """
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    zeros = tuple(byte == 0 for byte in head[:4])
    return {
        (True, True, True, False): "utf-32-be",
        (False, True, True, True): "utf-32-le",
        (True, False, True, False): "utf-16-be",
        (False, True, False, True): "utf-16-le",
        (True, False): "utf-16-be",
        (False, True): "utf-16-le",
    }.get(zeros, "utf-8")


class JsonText:
    """A JSON file that can be read as UTF-8 chunks from any place, again and again.

    `encoding` is the user's choice, None to detect it. Errors name the file as `name`. Raises `FormatError`
    for a file that cannot be opened or an unknown encoding.
    """

    def __init__(
        self,
        path: Path,
        *,
        encoding: str | None = None,
        limits: Limits | None = None,
        name: str | None = None,
        chunk_bytes: int = CHUNK_BYTES,
    ) -> None:
        self.path = path
        self.name = name or path.name
        self.limits = limits or Limits()
        self.chunk_bytes = chunk_bytes
        with self._open() as file:
            head = file.read(4)
        self.encoding = _known(encoding) if encoding else detect_encoding(head)
        self._start = next(
            (len(mark) for mark, of in _MARKS if of == self.encoding and head.startswith(mark)), 0
        )

    def chunks(self, offset: int = 0) -> Iterator[bytes]:
        """Yield the text as UTF-8 from byte `offset` of its UTF-8 form, which must begin a character.

        Raises `FormatError` for bytes that are not text in the encoding, `LimitError` for too many of them.
        """
        with self._open() as file:
            if self.encoding == "utf-8":
                file.seek(self._start + offset)
                yield from _aligned(self._counted(file, self._start + offset))
            else:
                file.seek(self._start)
                yield from _after(offset, self._transcoded(self._counted(file, self._start)))

    def line_at(self, offset: int) -> int:
        """Return the 1-based line that holds byte `offset` of the UTF-8 form."""
        line, left, previous = 1, offset, b""
        for chunk in self.chunks():
            part = chunk[:left]
            line += part.count(b"\n") + part.count(b"\r") - part.count(b"\r\n")
            line -= previous == b"\r" and part[:1] == b"\n"
            previous, left = part[-1:], left - len(part)
            if left <= 0:
                break
        return line

    def where(self, line: int, record: int | None = None) -> str:
        """Return the place of an error as a reader of the message finds it."""
        if record is None:
            return _("{file}, line {line}").format(file=self.name, line=line)
        return _("{file}, line {line} (record {record})").format(file=self.name, line=line, record=record)

    def _open(self) -> BinaryIO:
        try:
            return self.path.open("rb")
        except OSError as error:
            reason = error.strerror or type(error).__name__
            message = _("The file cannot be opened: {reason}.").format(reason=reason)
            raise FormatError("unreadable-file", message, self.name) from error

    def _counted(self, file: BinaryIO, already: int) -> Iterator[bytes]:
        total = already
        while chunk := file.read(self.chunk_bytes):
            total += len(chunk)
            if total > self.limits.file_bytes:
                message = _("The file is larger than {limit} bytes. Split it and import the parts.")
                raise LimitError("file-too-large", message.format(limit=self.limits.file_bytes), self.name)
            yield chunk

    def _transcoded(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        decoder = codecs.getincrementaldecoder(self.encoding)("strict")
        line = 1
        try:
            for chunk in chunks:
                text = decoder.decode(chunk)
                yield text.encode()
                line += text.count("\n")
            yield decoder.decode(b"", True).encode()
        except UnicodeError as error:
            raise bad_encoding(self, line) from error


def bad_encoding(text: JsonText, line: int) -> FormatError:
    """Return the error for bytes near `line` that are not text in the encoding of `text`."""
    message = _(
        "This is not {encoding} text. Name the encoding of the file (for example cp949), or save it as UTF-8."
    )
    return FormatError("bad-encoding", message.format(encoding=text.encoding.upper()), text.where(line))


def _known(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
        "".encode(name)  # some codecs turn bytes into bytes and are no text encoding
    except (LookupError, ValueError) as error:
        message = _("The encoding “{encoding}” is not known.").format(encoding=encoding)
        raise FormatError("unknown-encoding", message) from error
    return "utf-8" if name == "utf-8-sig" else name


def _aligned(chunks: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        whole = rest + chunk
        end = len(whole) - _unfinished(whole)
        rest = whole[end:]
        if end:
            yield whole[:end]
    if rest:
        yield rest


def _unfinished(chunk: bytes) -> int:
    """Return how many bytes at the end of `chunk` begin a UTF-8 character without ending it."""
    for back in range(1, min(4, len(chunk)) + 1):
        byte = chunk[-back]
        if byte >= 0xC0:
            length = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return back if back < length else 0
        if byte < 0x80:
            return 0
    return 0


def _after(offset: int, chunks: Iterator[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        if offset < len(chunk):
            yield chunk[offset:]
            offset = 0
        else:
            offset -= len(chunk)
