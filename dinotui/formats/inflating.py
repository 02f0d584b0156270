"""Unpacks into private temporary files and counts what really comes out (HAZARDS.md Files).

A declared size is believed nowhere: bytes, ratio and time are checked while they happen, so that a bomb is
refused after a few megabytes.
"""

from __future__ import annotations

import errno
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from dinotui.domain.errors import FormatError, LimitError
from dinotui.formats.base import Limits
from dinotui.formats.zip_listing import Entry, damaged
from dinotui.locale import _

_CHUNK: Final = 1 << 18
_STORED: Final = 0
_DEFLATED: Final = 8
_GZIP: Final = 31  # zlib's sign for a gzip header
_RAW: Final = -15
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(slots=True)
class Budget:
    """What one archive may still use: packed bytes in, unpacked bytes out, time."""

    limits: Limits
    where: str
    taken: int = 0
    given: int = 0
    _until: float = field(init=False)

    def __post_init__(self) -> None:
        self._until = time.monotonic() + self.limits.seconds

    def took(self, count: int) -> None:
        """Count packed bytes that were read."""
        self.taken += count

    def gave(self, count: int) -> None:
        """Count unpacked bytes. Raises `LimitError`."""
        self.given += count
        limits = self.limits
        if self.given > limits.inflated_bytes:
            message = _("The archive unpacks to more than {limit} bytes. Import the files in it one by one.")
            raise LimitError("archive-too-large", message.format(limit=limits.inflated_bytes), self.where)
        if self.given > limits.ratio_floor and self.given > limits.inflation_ratio * self.taken:
            message = _("The archive unpacks to more than {ratio} times its size, as only a trap does.")
            raise LimitError("archive-ratio", message.format(ratio=limits.inflation_ratio), self.where)
        if time.monotonic() > self._until:
            message = _(
                "Unpacking takes longer than {seconds} seconds. Unpack it and import the files in it."
            )
            raise LimitError("archive-time", message.format(seconds=int(limits.seconds)), self.where)


def inflate_entry(
    archive: Path, entry: Entry, scratch: Path, budget: Budget, check: Callable[[bytes], None]
) -> Path:
    """Unpack one entry of a ZIP file into a new file in `scratch` and return its path.

    `check` sees the first bytes and may refuse. Raises `FormatError` (damaged-archive, unsupported-method,
    no-room, unreadable-file) and `LimitError`.
    """
    with archive.open("rb") as file:
        file.seek(entry.start)
        if entry.method == _STORED:
            pieces = _counted(_limited(file, entry.packed), budget)
        elif entry.method == _DEFLATED:
            pieces = _inflated(_limited(file, entry.packed), _RAW, budget, entry.name)
        else:
            message = _("“{entry}” is packed by a rare method. Pack the archive again with the usual one.")
            raise FormatError("unsupported-method", message.format(entry=entry.name), budget.where)
        return _write(_checked(pieces, entry, budget.where), scratch, budget.where, check)


def inflate_gzip(path: Path, scratch: Path, budget: Budget, check: Callable[[bytes], None]) -> Path:
    """Unpack a gzip file into a new file in `scratch` and return its path; errors as `inflate_entry`."""
    with path.open("rb") as file:
        pieces = _inflated(_limited(file, path.stat().st_size), _GZIP, budget, None)
        return _write(pieces, scratch, budget.where, check)


def _limited(file: BinaryIO, length: int) -> Iterator[bytes]:
    while length > 0 and (chunk := file.read(min(_CHUNK, length))):
        length -= len(chunk)
        yield chunk


def _counted(chunks: Iterator[bytes], budget: Budget) -> Iterator[bytes]:
    for chunk in chunks:
        budget.took(len(chunk))
        budget.gave(len(chunk))
        yield chunk


def _inflated(chunks: Iterator[bytes], window: int, budget: Budget, entry: str | None) -> Iterator[bytes]:
    engine = zlib.decompressobj(window)
    started = False
    try:
        for chunk in chunks:
            budget.took(len(chunk))
            data = chunk
            while data:
                if engine.eof:
                    data = data.lstrip(b"\0") if window == _GZIP else data
                    if not data:
                        break
                    if window == _RAW:
                        raise damaged(budget.where, entry)
                    engine = zlib.decompressobj(window)  # files that were packed one after the other
                piece = engine.decompress(data, _CHUNK)
                started = True
                budget.gave(len(piece))
                yield piece
                data = engine.unused_data if engine.eof else engine.unconsumed_tail
    except zlib.error as error:
        raise damaged(budget.where, entry) from error
    if started and not engine.eof:
        piece = engine.flush()
        budget.gave(len(piece))
        yield piece
    if not engine.eof:
        raise damaged(budget.where, entry)


def _checked(pieces: Iterator[bytes], entry: Entry, where: str) -> Iterator[bytes]:
    """Pass the pieces on and compare size and checksum at the end with what the directory says."""
    size, crc = 0, 0
    for piece in pieces:
        size += len(piece)
        crc = zlib.crc32(piece, crc)
        yield piece
    if size != entry.declared or crc != entry.crc:
        raise damaged(where, entry.name)


def _write(pieces: Iterator[bytes], scratch: Path, where: str, check: Callable[[bytes], None]) -> Path:
    first = True
    path: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(dir=scratch, prefix="inflated-", delete=False) as out:
            path = Path(out.name)
            for piece in pieces:
                if first and piece:
                    check(piece)
                    first = False
                out.write(piece)
    except OSError as error:
        _remove(path)
        reason = error.strerror or type(error).__name__
        if error.errno in _NO_ROOM:
            message = _("There is no room to unpack the archive in {folder}: {reason}.")
            raise FormatError("no-room", message.format(folder=scratch, reason=reason), where) from error
        message = _("The file cannot be read: {reason}.").format(reason=reason)
        raise FormatError("unreadable-file", message, where) from error
    except BaseException:
        _remove(path)
        raise
    return path


def _remove(path: Path | None) -> None:
    if path is not None:
        path.unlink(missing_ok=True)
