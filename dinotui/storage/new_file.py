"""A file that appears whole or not at all: written beside its target, private, synced, then named.

Never through a link, never over an existing file unless asked (SPEC.md 3, Files; HAZARDS.md, Files).
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedRandom
from pathlib import Path
from secrets import token_hex
from typing import Final, Self

from dinotui.domain.errors import StorageError
from dinotui.domain.visible import visible
from dinotui.locale import _
from dinotui.storage.filesystem import os_sentence, sync_folder

_NO_LINKS: Final = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV})


class NewFile:
    """A file in the making. Leaving the block without `publish` removes what was written.

    `file` is open for writing and reading. Errors of the disk are told as a `StorageError`.
    """

    file: BufferedRandom

    def __init__(self, target: Path, *, replace: bool = False) -> None:
        """Prepare to write `target`; with `replace` an existing file may go."""
        self.target = target
        self._replace = replace
        self._half = target.with_name(f".dinotui-{token_hex(8)}.part")
        self._made_target = False

    def __enter__(self) -> Self:
        with told_of_disk(self.target):
            refuse_target(self.target, replace=self._replace)
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            try:
                descriptor = os.open(self._half, flags, 0o600)
                self.file = os.fdopen(descriptor, "w+b")
                os.fchmod(descriptor, 0o600)  # whatever the umask says
            except BaseException:
                self._remove(self._half)
                raise
        return self

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        with suppress(OSError):
            self.file.close()  # a full disk can refuse the last bytes once more; they are not wanted
        self._remove(self._half)
        if kind is not None and self._made_target:
            self._remove(self.target)

    def sync(self) -> None:
        """Bring everything written to the disk."""
        with told_of_disk(self.target):
            self.file.flush()
            os.fsync(self.file.fileno())

    def publish(self) -> None:
        """Give the file its name. Raises `StorageError` where another file has taken it meanwhile.

        If the block fails afterwards, a file that was not there before is removed again.
        """
        with told_of_disk(self.target):
            refuse_target(self.target, replace=self._replace)
            if self._replace:
                self._half.replace(self.target)
            else:
                self._link()
        with suppress(OSError):
            sync_folder(self.target.parent)  # some file systems cannot; the file itself is on the disk

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

    @staticmethod
    def _remove(path: Path) -> None:
        with suppress(OSError):
            path.unlink()


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
