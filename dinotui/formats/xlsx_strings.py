"""The shared strings of a workbook, read as far as they are asked for and kept in bounded memory."""

from __future__ import annotations

import os
import tempfile
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from dinotui.domain.errors import FormatError, LimitError
from dinotui.formats.base import Limits
from dinotui.formats.xlsx_markup import Characters, End, Start, feed
from dinotui.formats.xlsx_package import Package
from dinotui.formats.xlsx_text import unescape
from dinotui.locale import _

_IN_MEMORY: Final = 16_000_000  # characters; what comes after goes to a file


class SharedStrings:
    """Texts by number. The file for what memory should not hold has no name and goes with the process."""

    def __init__(self, package: Package, limits: Limits, scratch: Path) -> None:
        self._package = package
        self._limits = limits
        self._scratch = scratch
        self._texts: list[str] = []
        self._held = 0
        self._ends = array("Q", [0])  # of the texts in the file
        self._file: IO[bytes] | None = None
        self._feed: Iterator[None] = iter(())
        if package.shared_strings is not None:
            self._feed = feed(package, package.shared_strings, self._handlers)

    def __getitem__(self, number: int) -> str:
        """Return text `number`. Raises `FormatError` where there is none, `LimitError` for too much text."""
        while number >= len(self._texts):
            count = len(self._texts)
            if number < count + len(self._ends) - 1:
                return self._from_file(number - count)
            if next(self._feed, self) is self:
                raise self._package.broken()
        if number < 0:
            raise self._package.broken()
        return self._texts[number]

    def _add(self, text: str) -> None:
        if self._held < _IN_MEMORY:
            self._held += len(text) + 50
            self._texts.append(text)
            return
        if self._file is None:
            self._file = self._new_file()
        try:
            self._file.write(text.encode())
        except OSError as error:
            raise self._no_room(error) from error
        self._ends.append(self._file.tell())
        if self._ends[-1] > self._limits.memory_bytes:
            message = _(
                "The workbook holds more than {limit} bytes of text. Save the table as CSV and import that."
            )
            raise LimitError(
                "text-too-large", message.format(limit=self._limits.memory_bytes), self._package.where
            )

    def _from_file(self, number: int) -> str:
        assert self._file is not None
        start, end = self._ends[number], self._ends[number + 1]
        self._file.flush()
        return os.pread(self._file.fileno(), end - start, start).decode()

    def _new_file(self) -> IO[bytes]:
        try:
            return tempfile.TemporaryFile(dir=self._scratch, buffering=1 << 20)
        except OSError as error:
            raise self._no_room(error) from error

    def _no_room(self, error: OSError) -> FormatError:
        message = _("There is no room to unpack the workbook in {folder}: {reason}.")
        message = message.format(folder=self._scratch, reason=error.strerror or type(error).__name__)
        return FormatError("no-room", message, self._package.where)

    def _handlers(self, prefix: str) -> tuple[Start, End, Characters]:
        item, text, phonetic = prefix + "si", prefix + "t", prefix + "rPh"
        pieces: list[str] = []
        taking, spoken, length = False, False, 0

        def start(name: str, _attributes: dict[str, str]) -> None:
            nonlocal taking, spoken, length
            if name == text:
                taking = not spoken
            elif name == item:
                pieces.clear()
                length = 0
            elif name == phonetic:
                spoken = True

        def end(name: str) -> None:
            nonlocal taking, spoken
            if name == text:
                taking = False
            elif name == item:
                self._add(plain_text("".join(pieces)))
            elif name == phonetic:
                spoken = False

        def characters(piece: str) -> None:
            nonlocal length
            if taking:
                pieces.append(piece)
                length += len(piece)
                if length > self._limits.cell_characters:
                    raise cell_too_long(self._limits, self._package.where)

        return start, end, characters


def cell_too_long(limits: Limits, where: str) -> LimitError:
    """Return the error for a text that no cell should hold."""
    message = _("A text is longer than {limit} characters.").format(limit=limits.cell_characters)
    return LimitError("cell-too-long", message, where)


def plain_text(text: str) -> str:
    """Return a worksheet's text with its escapes undone; those that make no whole character stay as they are."""
    if "_x" not in text:
        return text
    try:
        return unescape(text).encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        return text
