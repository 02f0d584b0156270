"""A file that appears whole or not at all: written beside its target, private, synced, then named.

Never through a link, never over an existing file unless asked (SPEC.md 3, Files; HAZARDS.md, Files).
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import BufferedRandom
from pathlib import Path
from secrets import token_hex
from typing import Final, TypeVar

from dinotui.domain.errors import StorageError
from dinotui.domain.visible import visible
from dinotui.locale import _
from dinotui.storage.filesystem import os_sentence, sync_folder

Result = TypeVar("Result")

_NO_LINKS: Final = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV})


def with_new_file(target: Path, work: Callable[[NewFile], Result], *, replace: bool = False) -> Result:
    """Run `work` with a file in the making and return its answer; what it did not `publish` is removed.

    With `replace` an existing file may go. A function and not a context: Ctrl+C can come between entering a
    context and its block, and just before the first removal, so there is a second one. Raises `StorageError`
    where `target` must not or cannot be written.
    """
    new = NewFile(target, replace=replace)
    try:
        try:
            new.open()
            return work(new)
        finally:
            new.remove()
    finally:
        new.remove()


class NewFile:
    """A file in the making. `file` is open for writing and reading once `open` was called."""

    file: BufferedRandom

    def __init__(self, target: Path, *, replace: bool) -> None:
        """Take the name to give in the end, and whether another file of that name may go."""
        self.target = target
        self._replace = replace
        self._half = target.with_name(f".dinotui-{token_hex(8)}.part")
        self._opened = self._made_target = False

    def open(self) -> None:
        """Create the file beside its target."""
        with told_of_disk(self.target):
            refuse_target(self.target, replace=self._replace)
            self._opened = True
            self.file = open(self._half, "x+b", opener=_private)  # noqa: SIM115 - `remove` closes it

    def remove(self) -> None:
        """Close the file and remove what has no name yet; safe to call twice."""
        if self._opened:
            with suppress(OSError, AttributeError):
                self.file.close()  # a full disk can refuse the last bytes once more; they are not wanted
            _remove(self._half)

    def sync(self) -> None:
        """Bring everything written to the disk."""
        with told_of_disk(self.target):
            self.file.flush()
            os.fsync(self.file.fileno())

    def publish(self) -> None:
        """Give the file its name. Raises `StorageError` where another file has taken it meanwhile."""
        with told_of_disk(self.target):
            refuse_target(self.target, replace=self._replace)
            if self._replace:
                self._half.replace(self.target)
            else:
                self._link()
        with suppress(OSError):
            sync_folder(self.target.parent)  # some file systems cannot; the file itself is on the disk

    def take_back(self) -> None:
        """Remove what `publish` named, unless it replaced another file."""
        if self._made_target:
            _remove(self.target)

    def _link(self) -> None:
        """Name the file without ever replacing one; a file system without hard links can only look first."""
        self._made_target = True
        try:
            os.link(self._half, self.target, follow_symlinks=False)
        except FileExistsError as error:
            self._made_target = False
            raise _exists(self.target) from error
        except OSError as error:
            if error.errno not in _NO_LINKS:
                self._made_target = False
                raise
            refuse_target(self.target, replace=False)
            self._half.rename(self.target)


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink()


def _private(path: str, flags: int) -> int:
    """Open a new file with mode 0600, whatever the umask says, never through a link."""
    descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        os.fchmod(descriptor, 0o600)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def refuse_target(target: Path, *, replace: bool) -> None:
    """Raise `StorageError` where `target` must not be written: a link, a folder, a device, an existing file."""
    try:
        found = target.lstat()
    except FileNotFoundError:
        return
    if stat.S_ISLNK(found.st_mode):
        message = _("That is a symbolic link, and links are not followed here. Name the file itself.")
        raise StorageError("target-is-link", message, visible(str(target)))
    if stat.S_ISDIR(found.st_mode):
        raise StorageError(
            "target-is-folder", _("That is a folder. Name a file in it."), visible(str(target))
        )
    if not stat.S_ISREG(found.st_mode):
        message = _("That is no ordinary file. Write to standard output instead: -o -")
        raise StorageError("target-is-special", message, visible(str(target)))
    if not replace:
        raise _exists(target)


def _exists(target: Path) -> StorageError:
    message = _("The file exists already. Choose another name, or replace it with --force.")
    return StorageError("file-exists", message, visible(str(target)))


@contextmanager
def told_of_disk(target: Path) -> Iterator[None]:
    """Turn the operating system's errors about writing `target` into a `StorageError` that names the disk."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        message = (
            _(
                "The disk that holds {folder} is full. Free some space and try again; nothing was written."
            ).format(folder=visible(str(target.parent.absolute())))
            if full
            else os_sentence(error)
        )
        code = "disk-full" if full else "file-system"
        raise StorageError(code, message, visible(str(target))) from error
