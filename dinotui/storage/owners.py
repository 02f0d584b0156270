"""Which process has a piece of work in hand: the system frees its lock however it ends.

A process number would not do: in a container the next start has the same one, and a killed process keeps its
number until its parent has asked for it.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from dinotui.storage.filesystem import private_folder, told_plainly

SUFFIX: Final = ".lock"


class Owner:
    """This process as the owner of work, known by `name` as long as it lives or until `close`."""

    def __init__(self, folder: Path) -> None:
        """Take a new name in `folder`; raises `StorageError` where no file can be made there."""
        self.name = os.urandom(8).hex()
        with told_plainly(folder):
            private_folder(folder)
            self._path = folder / (self.name + SUFFIX)
            held = take_lock(self._path, wait=True)
        assert held is not None
        self._lock: int | None = held

    def close(self) -> None:
        """Give the name up; safe to call twice."""
        if self._lock is not None:
            with suppress(OSError):
                self._path.unlink()
            os.close(self._lock)
            self._lock = None


def take_lock(path: Path, *, wait: bool = False) -> int | None:
    """Make and lock the file at `path` and return its descriptor, None where another process has it.

    Whoever looks for the locks of the dead holds each for a moment; with `wait` that is waited for. Closing the
    descriptor frees the lock. Raises `OSError`.
    """
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        except BaseException:
            os.close(descriptor)
            raise
        if _is_named(descriptor, path):
            return descriptor
        os.close(descriptor)  # it was removed in between, and a lock without a name keeps nobody out


def _is_named(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False


def living(folder: Path) -> set[str]:
    """Return the names in `folder` whose processes are still there; the locks of the others are removed."""
    return {path.stem for path in folder.glob("*" + SUFFIX) if _is_held(path, remove=True)}


def is_alive(folder: Path, name: str) -> bool:
    """Return whether the process that took `name` in `folder` is still there."""
    return _is_held(folder / (name + SUFFIX))


def _is_held(path: Path, *, remove: bool = False) -> bool:
    """Return whether a process holds the lock of an owner; with `remove` one that nobody holds goes.

    It goes while it is locked here, so that whoever waits for it finds it without a name and makes another.
    """
    try:
        found = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(found, fcntl.LOCK_SH | fcntl.LOCK_NB)  # shared: several may look at once
        if remove and _is_named(found, path):
            path.unlink(missing_ok=True)
    except OSError:
        return True
    finally:
        os.close(found)
    return False
