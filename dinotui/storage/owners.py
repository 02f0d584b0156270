"""Which process has a piece of work in hand: the system frees its lock however it ends.

A process number would not do: in a container the next start has the same one.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

from dinotui.storage.filesystem import private_folder, told_plainly


class Owner:
    """This process as the owner of work, known by `name` as long as it lives or until `close`."""

    def __init__(self, folder: Path) -> None:
        """Take a new name in `folder`, and clear away the names of processes that are gone."""
        self.name = token_hex(8)
        with told_plainly(folder):
            private_folder(folder)
            for path in folder.glob("*.lock"):
                if not is_alive(folder, path.stem):
                    path.unlink(missing_ok=True)
            self._path = folder / f"{self.name}.lock"
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
            half = self._path.with_suffix(".new")  # a lock file that has its name is held already
            self._lock = os.open(half, flags, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            half.rename(self._path)

    def close(self) -> None:
        """Give the name up."""
        self._path.unlink(missing_ok=True)
        os.close(self._lock)


def is_alive(folder: Path, name: str) -> bool:
    """Return whether the process that took `name` in `folder` is still there."""
    try:
        lock = os.open(folder / f"{name}.lock", os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        with suppress(OSError):
            os.close(lock)
    return False
