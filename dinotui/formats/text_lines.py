"""A text file as physical lines, streamed: decoded in blocks, cut at CR, LF or CRLF, bounded in memory."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Final

from dinotui.domain.errors import FormatError, LimitError
from dinotui.formats.base import Limits
from dinotui.formats.encodings import Encoding
from dinotui.locale import _

BLOCK_BYTES: Final = 1 << 18
MARK: Final = "\ufeff"  # a byte order mark as a character


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text file in a known encoding; `where` names it in errors."""

    path: Path
    encoding: Encoding
    limits: Limits
    where: str

    def lines(
        self, skip: int = 0, mend: Callable[[str], str] | None = None, *, every: bool = False
    ) -> Iterator[str]:
        """Yield the physical lines with their line ends, without the first `skip`.

        Nothing but CR, LF and CRLF ends a line. `mend` sees the lines of the blocks that hold a mark, or
        `every` line, one at a time and only when the line is asked for.

        Raises `FormatError` (bad-encoding, unreadable-file) and `LimitError` (file-too-large, line-too-long).
        """
        pieces: Iterator[Iterable[str]] = (
            map(mend, io.StringIO(text, newline=""))
            if mend is not None and (every or MARK in text)
            else io.StringIO(text, newline="")
            for text in self._blocks()
        )
        return islice(chain.from_iterable(pieces), skip, None)

    def sample(self, size: int) -> tuple[list[str], bool]:
        """Return the lines of the first `size` bytes or so, and whether that is the whole file."""
        lines: list[str] = []
        left = size
        for line in self.lines():
            if left <= 0:
                return lines, False
            lines.append(line if len(line) <= size else line[:size])
            left -= len(line)
        return lines, True

    def place(self, line: int) -> str:
        """Return the place of an error as a reader of the message finds it."""
        return _("{file}, line {line}").format(file=self.where, line=line)

    def _blocks(self) -> Iterator[str]:
        """Yield decoded text in pieces that end with a line, the last one perhaps without a line end."""
        rest = ""
        for text in self._decoded():
            whole = rest + text if rest else text
            cut = max(whole.rfind("\n"), whole.rfind("\r", 0, len(whole) - 1)) + 1
            rest = whole[cut:]
            if len(rest) > self._longest_line():
                message = _(
                    "A line is longer than {limit} characters. Is this a table with one record a line?"
                )
                message = message.format(limit=self._longest_line())
                raise LimitError("line-too-long", message, self.where)
            if cut:
                yield whole[:cut]
        if rest:
            yield rest

    def _longest_line(self) -> int:
        return max(10_000_000, 2 * self.limits.cell_characters)

    def _decoded(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder(self.encoding.codec)(self.encoding.errors)
        read = self.encoding.mark
        try:
            with self.path.open("rb") as file:
                file.seek(read)
                while chunk := file.read(BLOCK_BYTES):
                    read += len(chunk)
                    if read > self.limits.file_bytes:
                        message = _("The file is larger than {limit} bytes. Split it and import the parts.")
                        message = message.format(limit=self.limits.file_bytes)
                        raise LimitError("file-too-large", message, self.where)
                    yield decoder.decode(chunk)
                yield decoder.decode(b"", True)
        except UnicodeDecodeError as error:
            raise self._undecodable(read - len(error.object) + error.start) from error
        except OSError as error:
            message = _("The file cannot be read: {reason}.").format(reason=error.strerror or error)
            raise FormatError("unreadable-file", message, self.where) from error

    def _undecodable(self, offset: int) -> FormatError:
        line = self._line_at(offset)
        message = _("Line {line} is not {encoding} text. Name the encoding of the file with --encoding.")
        message = message.format(line=line, encoding=self.encoding.name)
        return FormatError("bad-encoding", message, self.place(line))

    def _line_at(self, offset: int) -> int:
        """Return the 1-based line that holds byte `offset`; everything before it decodes."""
        decoder = codecs.getincrementaldecoder(self.encoding.codec)("replace")
        line, previous = 1, ""
        with self.path.open("rb") as file:
            file.seek(self.encoding.mark)
            left = offset - self.encoding.mark
            while left > 0 and (chunk := file.read(min(BLOCK_BYTES, left))):
                left -= len(chunk)
                text = decoder.decode(chunk)
                line += text.count("\n") + text.count("\r") - text.count("\r\n")
                line -= previous == "\r" and text[:1] == "\n"
                previous = text[-1:] or previous
        return line
