"""One pass over a file's bytes: is it UTF-8, and where not?"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_CHUNK: Final = 1 << 20
_HOPELESS: Final = 20_000  # bad sequences after which the file is certainly something else


@dataclass(slots=True)
class Utf8Scan:
    """What the pass found; it ends early in a file that is hopelessly something else.

    `first_beyond_ascii` is a byte offset (None: the file is ASCII); `bad` counts sequences that are not
    UTF-8, `first_bad_line` is the 1-based line of the first; `extra` is how many bytes more the valid text
    has than characters, so that it grows with every character beyond ASCII.
    """

    first_beyond_ascii: int | None = None
    bad: int = 0
    first_bad_line: int | None = None
    extra: int = 0


def scan_utf8(path: Path) -> Utf8Scan:
    """Read `path` once in bounded memory. `OSError` passes through."""
    scan = Utf8Scan()
    first_bad: int | None = None
    with path.open("rb") as file:
        offset, rest = 0, b""
        while True:
            chunk = file.read(_CHUNK)
            data = rest + chunk
            if chunk and data.isascii():
                offset, rest = offset + len(data), b""
                continue
            if scan.first_beyond_ascii is None and not data.isascii():
                scan.first_beyond_ascii = offset + _first_beyond(data)
            used, bad = _decode(data, scan, final=not chunk)
            if bad is not None and first_bad is None:
                first_bad = offset + bad
            offset, rest = offset + used, data[used:]
            if not chunk or scan.bad > _HOPELESS:
                break
    if first_bad is not None:
        scan.first_bad_line = _line_of(path, first_bad)
    return scan


def _decode(data: bytes, scan: Utf8Scan, *, final: bool) -> tuple[int, int | None]:
    """Count what is valid and what is not; return the bytes used and the offset of the first bad one."""
    position, first = 0, None
    view = memoryview(data)
    while position < len(data):
        try:
            text, used = codecs.utf_8_decode(view[position:], "strict", final)
        except UnicodeDecodeError as error:
            bad = position + error.start
            first = bad if first is None else first
            valid = codecs.utf_8_decode(view[position:bad], "strict", True)[0]
            scan.extra += error.start - len(valid)
            scan.bad += 1
            position += error.end
            if scan.bad > _HOPELESS:
                break
            continue
        scan.extra += used - len(text)
        position += used
        break
    return position, first


def _first_beyond(data: bytes) -> int:
    low, high = 0, len(data)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if data[low:middle].isascii() else (low, middle)
    return low


def _line_of(path: Path, offset: int) -> int:
    line, left, previous = 1, offset, b""
    with path.open("rb") as file:
        while left and (chunk := file.read(min(_CHUNK, left))):
            line += chunk.count(b"\n") + chunk.count(b"\r") - chunk.count(b"\r\n")
            line -= previous == b"\r" and chunk[:1] == b"\n"
            previous, left = chunk[-1:], left - len(chunk)
    return line
