"""Reading our own workbook back, from its bare XML: ten times as fast as a general reader."""

from __future__ import annotations

from typing import IO, Any, Final
from xml.parsers import expat

from dinotui.domain.dates import day_text
from dinotui.domain.errors import FormatError
from dinotui.domain.export import BATCH
from dinotui.formats.writing import Beat, Fingerprint
from dinotui.formats.xlsx_parts import DATE_STYLE
from dinotui.formats.xlsx_text import unescape
from dinotui.formats.xlsx_writer import SERIAL_OF_1970
from dinotui.locale import _

_CHUNK: Final = 1 << 18


class SheetReader:
    """Parses one sheet: the header, and a fingerprint of the rows below it."""

    def __init__(self, width: int, beat: Beat) -> None:
        """Take how many columns the sheet has and what is called for each batch."""
        self.header: tuple[Any, ...] | None = None
        self.found = Fingerprint()
        self._beat = beat
        self._width = width
        self._batch: list[tuple[Any, ...]] = []
        self._row: list[Any] = []
        self._at = 0
        self._kind: tuple[str | None, str | None] = (None, None)
        self._pieces: list[str] | None = None
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters

    def read(self, part: IO[bytes]) -> None:
        """Read the whole part. Raises `FormatError` where it is not what a sheet of ours is."""
        try:
            while data := part.read(_CHUNK):
                self._parser.Parse(data, False)
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise _broken() from error
        self._flush()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._at = ord(attributes["r"][0]) - ord("A")
            self._kind = attributes.get("t"), attributes.get("s")
        elif name in ("t", "v"):
            self._pieces = []
        elif name == "row":
            self._row = [None] * self._width
        elif name == "f":
            raise _broken()

    def _characters(self, text: str) -> None:
        if self._pieces is not None:
            self._pieces.append(text)

    def _end(self, name: str) -> None:
        if name in ("t", "v") and self._pieces is not None:
            self._row[self._at] = self._value("".join(self._pieces))
            self._pieces = None
        elif name == "row":
            self._take(tuple(self._row))

    def _value(self, text: str) -> str | int | float:
        kind, style = self._kind
        if kind == "inlineStr":
            return unescape(text)
        if kind is not None:
            raise _broken()
        if style == str(DATE_STYLE):
            return day_text(int(text) - SERIAL_OF_1970)
        return float(text) if "." in text or "e" in text else int(text)

    def _take(self, row: tuple[Any, ...]) -> None:
        if self.header is None:
            self.header = row
            return
        self._batch.append(row)
        if len(self._batch) == BATCH:
            self._flush()

    def _flush(self) -> None:
        if self._batch:
            self.found.add(self._batch)
            self._beat(len(self._batch))
            self._batch.clear()


def _broken() -> FormatError:
    message = _("The written workbook is not what it should be. Nothing was kept; try again.")
    return FormatError("export-unverified", message)
