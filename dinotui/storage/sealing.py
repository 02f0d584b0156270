"""A seal at the end of every backup: the checksum of all bytes before it, so that a file vouches for itself.

The register of a database can be lost together with the database; a backup then still shows whether a byte
of it changed or its end is missing. The seal harms no reader: a comment in SQL, the last member of the JSON
object, and behind the last page of a SQLite file, where SQLite does not look.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import Final

from dinotui.domain.configuration import BackupFormat

_BEFORE: Final = {
    "sql": b"-- dinotui sha256 ",
    "json": b',\n  "sha256": "',
    "sqlite": b"\n-- dinotui sha256 ",
}
_AFTER: Final = {"sql": b"\n", "json": b'"\n}\n', "sqlite": b"\n"}
_DIGITS: Final = 64
_CHUNK: Final = 1 << 20


def seal(digest: str, form: BackupFormat) -> bytes:
    """Return the bytes that end a backup whose other bytes have this SHA-256."""
    return _BEFORE[form] + digest.encode() + _AFTER[form]


def sealed_length(form: BackupFormat) -> int:
    """Return how many bytes a seal takes."""
    return len(_BEFORE[form]) + _DIGITS + len(_AFTER[form])


def put_seal(path: Path, form: BackupFormat) -> None:
    """Append the seal to a finished file and flush it to the disk."""
    with path.open("r+b") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0, os.SEEK_END)
        file.write(seal(digest, form))
        file.flush()
        os.fsync(file.fileno())


def is_sealed(path: Path, form: BackupFormat) -> bool:
    """Return whether the file ends in the seal of exactly the bytes before it."""
    length = path.stat().st_size - sealed_length(form)
    if length < 0:
        return False
    with path.open("rb") as file:
        made = hashlib.sha256()
        left = length
        while left and (piece := file.read(min(_CHUNK, left))):
            made.update(piece)
            left -= len(piece)
        return left == 0 and file.read() == seal(made.hexdigest(), form)


def form_of(path: Path) -> BackupFormat | None:
    """Return which form a file seems to have, by its first bytes; None where it is none of them."""
    with path.open("rb") as file:
        head = file.read(64)
    if head.startswith(b"SQLite format 3\x00"):
        return "sqlite"
    if head.startswith(b"PRAGMA foreign_keys"):
        return "sql"
    return "json" if re.match(rb"\s*\{", head) else None
