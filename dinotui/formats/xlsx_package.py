"""The package of a workbook: its parts, counted as they inflate, its sheets, its number formats.

Only parts that the workbook names inside its own ZIP file are ever opened: no link and no path leads out of
it. Markup that declares entities is refused. (ECMA-376 part 2; HAZARDS.md Files)
"""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn
from urllib.parse import unquote

from dinotui.domain.errors import FormatError, LimitError
from dinotui.domain.visible import visible
from dinotui.formats.base import Limits
from dinotui.formats.xlsx_dates import DateKind, DateSystem, kind_of_built_in, kind_of_format
from dinotui.formats.xlsx_text import unescape
from dinotui.formats.zip_listing import list_zip
from dinotui.locale import _

_CHUNK: Final = 1 << 16
_SMALL: Final = 1 << 25  # bytes of a part that is read whole
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_YES: Final = frozenset({"1", "true", "on"})


@dataclass(frozen=True, slots=True)
class Sheet:
    """One worksheet: its name, its part in the package, whether it is hidden."""

    name: str
    part: str
    hidden: bool


class Package:
    """An opened workbook. Every method raises `FormatError` and `LimitError` with `where`."""

    def __init__(self, path: Path, limits: Limits, where: str) -> None:
        self.where = where
        self._limits = limits
        listed = list_zip(path, limits=limits, where=where, document=True)
        self._packed = path.stat().st_size
        self._given = 0
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise self.broken() from error
        self._names: dict[str, zipfile.ZipInfo | None] = {}
        for info in self._zip.infolist():
            name = _part_name("", info.filename)
            self._names[name] = None if name in self._names else info
        assert len(listed) == len(self._zip.infolist())
        self._find_workbook()

    def chunks(self, part: str) -> Iterator[bytes]:
        """Yield the bytes of a part; what comes out is counted and compared with what was packed."""
        info = self._names.get(part.lower())
        if info is None or info.compress_type not in _METHODS:
            raise self.broken()
        self._check_ratio(info.file_size, info.compress_size)  # what its own maker says, before it is opened
        out = 0
        try:
            with self._zip.open(info) as stream:
                while chunk := stream.read(_CHUNK):
                    out += len(chunk)
                    self._count(len(chunk), out, info.compress_size)
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise self.broken() from error

    def broken(self) -> FormatError:
        """Return the error for a workbook that is damaged or none."""
        message = _(
            "The workbook is damaged or incomplete. Open it in a spreadsheet, save it anew, import that."
        )
        return FormatError("broken-workbook", message, self.where)

    def _count(self, more: int, out: int, packed: int) -> None:
        self._given += more
        if self._given > self._limits.inflated_bytes:
            message = _(
                "The workbook unpacks to more than {limit} bytes. Save the table as CSV and import that."
            )
            raise LimitError(
                "archive-too-large", message.format(limit=self._limits.inflated_bytes), self.where
            )
        self._check_ratio(out, packed)

    def _check_ratio(self, out: int, packed: int) -> None:
        if out > self._limits.ratio_floor and out > self._limits.inflation_ratio * packed:
            message = _("The workbook unpacks to more than {ratio} times its size, as only a trap does.")
            raise LimitError("archive-ratio", message.format(ratio=self._limits.inflation_ratio), self.where)

    def _find_workbook(self) -> None:
        start = next(
            (target for kind, target in self._relations("").values() if kind == "officeDocument"), None
        )
        self.workbook = start if start in self._names else "xl/workbook.xml"
        if self.workbook not in self._names:
            raise self.broken()
        root = self._xml(self.workbook)
        related = self._relations(self.workbook)
        properties = next((node for node in root if _local(node.tag) == "workbookPr"), None)
        dates_from_1904 = properties is not None and properties.get("date1904", "").lower() in _YES
        self.date_system: DateSystem = "1904" if dates_from_1904 else "1900"
        self.sheets = [sheet for node in root.iter() if (sheet := _sheet(node, related)) is not None]
        by_kind = {kind: target for kind, target in related.values() if target in self._names}
        self.shared_strings = by_kind.get("sharedStrings")
        self.date_kinds = self._date_kinds(by_kind.get("styles"))

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Return what a part refers to inside the package: id, then kind and part name."""
        folder, name = posixpath.split(part)
        rels = posixpath.join(folder, "_rels", f"{name}.rels")
        if rels not in self._names:
            return {}
        return {
            node.get("Id", ""): (
                node.get("Type", "").rsplit("/", 1)[-1],
                _part_name(folder, node.get("Target", "")),
            )
            for node in self._xml(rels)
            if _local(node.tag) == "Relationship" and node.get("TargetMode") != "External"
        }

    def _date_kinds(self, part: str | None) -> list[DateKind | None]:
        """Return for each cell style whether its numbers are dates."""
        if part is None:
            return []
        root = self._xml(part)
        custom = {
            node.get("numFmtId"): kind_of_format(node.get("formatCode", ""))
            for node in root.iter()
            if _local(node.tag) == "numFmt"
        }
        styles = next((node for node in root if _local(node.tag) == "cellXfs"), ())
        kinds: list[DateKind | None] = []
        for style in styles:
            number = style.get("numFmtId", "0")
            kinds.append(custom[number] if number in custom else _built_in(number))
        return kinds

    def _xml(self, part: str) -> Any:
        from xml.etree.ElementTree import ParseError

        from defusedxml.common import DefusedXmlException
        from defusedxml.ElementTree import fromstring

        text = bytearray()
        for chunk in self.chunks(part):
            text += chunk
            if len(text) > _SMALL:
                self._too_large()
        try:
            return fromstring(bytes(text), forbid_dtd=True)
        except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
            raise self.broken() from error

    def _too_large(self) -> NoReturn:
        message = _(
            "The workbook describes itself in more than {limit} bytes. Save the table as CSV, import that."
        )
        raise LimitError("archive-too-large", message.format(limit=_SMALL), self.where)


def _sheet(node: Any, related: dict[str, tuple[str, str]]) -> Sheet | None:
    if _local(node.tag) != "sheet":
        return None
    reference = next((value for name, value in node.items() if name.endswith("}id")), "")
    kind, part = related.get(reference, ("", ""))
    if kind != "worksheet":
        return None
    name = visible(unescape(node.get("name", ""))) or part
    return Sheet(name, part, node.get("state", "visible") != "visible")


def _part_name(folder: str, target: str) -> str:
    """Return the name of a part, the way names are compared: in small letters, without a leading slash."""
    joined = posixpath.normpath(posixpath.join("/", folder, unquote(target.replace("\\", "/"))))
    return joined.lstrip("/").lower()


def _built_in(number: str) -> DateKind | None:
    return kind_of_built_in(int(number)) if number.isdecimal() else None


def _local(tag: object) -> str:
    return str(tag).rsplit("}", 1)[-1]
