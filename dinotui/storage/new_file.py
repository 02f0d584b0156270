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
from dinotui.storage.owners import Owner

Result = TypeVar("Result")

_PREFIX: Final = ".dinotui-"
_SUFFIX: Final = ".part"
_NO_LINKS: Final = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV})


def with_new_file(
    target: Path, work: Callable[[NewFile], Result], *, replace: bool = False, noted_in: Path | None = None
) -> Result:
    """Run `work` with a file in the making and return its answer; what it did not `publish` is removed.

    With `replace` an existing file may go. In the folder `noted_in` a link leads to the file in the making, so
    that the next start finds what a killed process left (`sweep_note`). A function and not a context: Ctrl+C can
    come between entering a context and its block, and just before the first removal, so there is a second one.
    Raises `StorageError` where the target must not or cannot be written.
    """
    new = NewFile(target, replace=replace, noted_in=noted_in)
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

    def __init__(self, target: Path, *, replace: bool, noted_in: Path | None = None) -> None:
        """Take the name to give in the end, whether another file of that name may go, and where to note it."""
        self.target = target
        self._replace = replace
        self._half = target.with_name(f"{_PREFIX}{token_hex(8)}{_SUFFIX}")
        self._before = target.with_name(f"{_PREFIX}{token_hex(8)}{_SUFFIX}")
        self._noted_in = noted_in
        self._owner: Owner | None = None
        self._opened = self._made_target = False

    def open(self) -> None:
        """Create the file beside its target."""
        with told_of_disk(self.target):
            refuse_target(self.target, replace=self._replace)
            if self._noted_in is not None:
                self._owner = Owner(self._noted_in)
            self._opened = True
            self._write_note(self._half)
            self.file = open(self._half, "x+b", opener=_private)  # noqa: SIM115 - `remove` closes it

    def remove(self) -> None:
        """Close the file and remove what has no name yet; safe to call twice."""
        if self._opened:
            with suppress(OSError, AttributeError):
                self.file.close()  # a full disk can refuse the last bytes once more; they are not wanted
            for path in (self._half, self._before):
                _remove(path)
                if self._owner is not None:
                    _remove(self._note(path))
        if self._owner is not None:
            self._owner.close()

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
                self._keep_before()
                self._half.replace(self.target)
            else:
                self._link()
        with suppress(OSError):
            sync_folder(self.target.parent)  # some file systems cannot; the file itself is on the disk

    def take_back(self) -> None:
        """Undo `publish`: the file that was replaced is back, where the file system has hard links.

        What another program has put in its place meanwhile stays. An error of the disk is not told: what made
        this necessary is.
        """
        with suppress(OSError):
            if self._is_anothers():
                return
            if self._made_target:
                self.target.unlink()
            elif self._before.exists():
                self._before.replace(self.target)

    def _is_anothers(self) -> bool:
        """Return whether the name that was to be given belongs to a file that is not the one made here."""
        try:
            found = self.target.lstat()
        except FileNotFoundError:
            return False
        return not os.path.samestat(found, os.fstat(self.file.fileno()))

    def _keep_before(self) -> None:
        """Give the file that is to be replaced a second name, under which it can come back."""
        self._made_target = not self.target.exists()
        if not self._made_target:
            self._write_note(self._before)
            try:
                os.link(self.target, self._before, follow_symlinks=False)
            except OSError as error:
                if error.errno not in _NO_LINKS:
                    raise

    def _write_note(self, path: Path) -> None:
        """Note a file that has to go again, before it is there."""
        if self._noted_in is not None:
            os.symlink(path.absolute(), self._note(path))
            sync_folder(self._noted_in)

    def _note(self, path: Path) -> Path:
        assert self._noted_in is not None
        assert self._owner is not None
        return self._noted_in / f"{self._owner.name}-{path.name}"

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


def sweep_note(note: Path) -> None:
    """Remove the file in the making that a note of a dead process leads to, and the note."""
    half = Path(os.readlink(note))
    if half.name.startswith(_PREFIX) and half.name.endswith(_SUFFIX):
        _remove(half)
    _remove(note)


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
