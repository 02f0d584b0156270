"""What a ZIP file holds, checked before anything is inflated: `zipfile` of Python 3.11 trusts too much.

The directory of a ZIP file is what its maker wrote. Names that point elsewhere, links, repeated names,
encrypted and overlapping entries (CVE-2024-0450) are refused here by name; sizes are believed nowhere.
"""

from __future__ import annotations

import re
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from dinotui.domain.errors import FormatError, LimitError
from dinotui.domain.visible import visible
from dinotui.formats import encodings, refusals
from dinotui.formats.base import Limits
from dinotui.locale import _

_LOCAL: Final = struct.Struct("<4s5H3L2H")
_END: Final = struct.Struct("<4s4H2LH")
_END64: Final = struct.Struct("<4sQ2H2L4Q")
_END64_PLACE: Final = struct.Struct("<4sLQL")
_ENTRY_BYTES: Final = 1_000  # of the directory, more than any entry with a sane name takes
_NO_DATA: Final = re.compile(r"(^|/)(__MACOSX/|\.|Thumbs\.db$|desktop\.ini$)|/$", re.IGNORECASE)
_DRIVE: Final = re.compile(r"[A-Za-z]:")
ENCRYPTED: Final = 0x1
UTF8_NAME: Final = 0x800


@dataclass(frozen=True, slots=True)
class Entry:
    """One file in a ZIP: its name in the archive and where its packed bytes are."""

    name: str
    method: int
    start: int
    packed: int
    declared: int
    crc: int

    @property
    def is_data(self) -> bool:
        """Whether a person put it there: no folder, no hidden file, nothing that a system added."""
        return not _NO_DATA.search(self.name)


def list_zip(path: Path, *, limits: Limits, where: str, document: bool = False) -> tuple[Entry, ...]:
    """Return the entries of a ZIP file in the order of its directory.

    A `document` (a workbook) may repeat names, as some programs write it; nothing unpacks it to paths.
    Raises `FormatError` (damaged-archive, unsafe-archive), `UnsupportedFormat` (encrypted), `LimitError`.
    """
    try:
        with path.open("rb") as file:
            _check_directory(file, limits, where)
            with zipfile.ZipFile(file) as archive:
                infos = archive.infolist()
                if len(infos) > limits.archive_entries:
                    raise _too_many(limits, where)
                if any(info.flag_bits & ENCRYPTED for info in infos):
                    raise refusals.ENCRYPTED_ZIP.error(where)
                found = [(info, _entry(file, info, where)) for info in infos]
                directory = archive.start_dir
    except OSError as error:
        message = _("The file cannot be read: {reason}.").format(
            reason=error.strerror or type(error).__name__
        )
        raise FormatError("unreadable-file", message, where) from error
    except (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError, zlib.error) as error:
        raise damaged(where) from error
    entries = tuple(entry for _info, entry in found)
    _check_overlap(found, directory, where)
    if not document:
        _check_names(found, where)
    return entries


def damaged(where: str, entry: str | None = None) -> FormatError:
    """Return the error for an archive that cannot be unpacked, or one entry of it."""
    if entry is None:
        message = _("The archive is damaged or incomplete. Fetch it again.")
    else:
        message = _("“{entry}” in the archive is damaged. Fetch the archive again.").format(
            entry=visible(entry)
        )
    return FormatError("damaged-archive", message, where)


def _too_many(limits: Limits, where: str) -> LimitError:
    message = _("The archive holds more than {limit} files. Unpack it and import the files you want.")
    return LimitError("too-many-entries", message.format(limit=limits.archive_entries), where)


def _check_directory(file: BinaryIO, limits: Limits, where: str) -> None:
    """Refuse a directory that would not fit into memory before `zipfile` reads it whole."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 65_557))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        raise damaged(where)
    count, length = _END.unpack_from(tail, at)[4:6]
    place = at - _END64_PLACE.size
    if place >= 0 and tail[place : place + 4] == b"PK\x06\x07":
        file.seek(min(_END64_PLACE.unpack_from(tail, place)[2], size))
        record = file.read(_END64.size)
        if len(record) < _END64.size:
            raise damaged(where)
        count, length = _END64.unpack(record)[7:9]
    if count > limits.archive_entries or length > limits.archive_entries * _ENTRY_BYTES + 65_536:
        raise _too_many(limits, where)


def _entry(file: BinaryIO, info: zipfile.ZipInfo, where: str) -> Entry:
    """Return the entry with the place of its bytes, which only its own header tells."""
    if info.header_offset < 0:  # `zipfile` adds what stands before the archive, or its absence
        raise damaged(where, info.filename)
    file.seek(info.header_offset)
    header = file.read(_LOCAL.size)
    if len(header) < _LOCAL.size or not header.startswith(b"PK\x03\x04"):
        raise damaged(where, info.filename)
    *_fields, name_length, extra_length = _LOCAL.unpack(header)
    raw = info.orig_filename.encode("utf-8" if info.flag_bits & UTF8_NAME else "cp437", "replace")
    if file.read(name_length).split(b"\0")[0] != raw.split(b"\0")[0]:
        raise damaged(where, info.filename)
    start = info.header_offset + _LOCAL.size + name_length + extra_length
    return Entry(_name(info, raw), info.compress_type, start, info.compress_size, info.file_size, info.CRC)


def _name(info: zipfile.ZipInfo, raw: bytes) -> str:
    """Return the name as it was meant: what is not marked as UTF-8 is mostly UTF-8 or the writer's own."""
    if info.flag_bits & UTF8_NAME or raw.isascii():
        return info.filename
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    judged = encodings.detect_bytes(raw)
    return raw.decode(judged.codec, "replace") if judged.name == "cp949" else info.filename


def _check_overlap(found: list[tuple[zipfile.ZipInfo, Entry]], directory: int, where: str) -> None:
    end, owner = 0, ""
    for info, entry in sorted(found, key=lambda pair: pair[0].header_offset):
        if info.header_offset < end:
            message = _("“{entry}” and “{other}” lie over each other in the archive. Pack the files again.")
            message = message.format(entry=visible(entry.name), other=visible(owner))
            raise FormatError("unsafe-archive", message, where)
        end, owner = entry.start + entry.packed, entry.name
    if end > directory:
        raise damaged(where, owner)


def _check_names(found: list[tuple[zipfile.ZipInfo, Entry]], where: str) -> None:
    seen: set[str] = set()
    for info, entry in found:
        parts = entry.name.replace("\\", "/").split("/")
        mode = info.external_attr >> 16
        if ".." in parts or not parts[0] or _DRIVE.match(entry.name):
            message = _("“{entry}” points outside the archive. Pack the files again without folders.")
        elif stat.S_IFMT(mode) not in {0, stat.S_IFREG, stat.S_IFDIR}:
            message = _("“{entry}” is a link or a device. Pack the file itself.")
        elif entry.name in seen:
            message = _("The archive holds “{entry}” twice. Pack the files again.")
        else:
            seen.add(entry.name)
            continue
        raise FormatError("unsafe-archive", message.format(entry=visible(entry.name)), where)
