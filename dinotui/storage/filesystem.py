"""Private folders and files, whatever the umask; and whether a folder lies on a network file system."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from dinotui.domain.errors import StorageError
from dinotui.domain.visible import visible
from dinotui.locale import _

_REMOTE: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "lustre", "glusterfs", "virtiofs", "vboxsf"}
)
_MOUNTS: Final = Path("/proc/self/mountinfo")


def private_folder(folder: Path) -> Path:
    """Make `folder` with mode 0700 (parents that are missing too) and return it."""
    missing = [folder, *folder.parents]
    for part in reversed([p for p in missing if not p.exists()]):
        with suppress(FileExistsError):
            part.mkdir(mode=0o700)
            part.chmod(0o700)
            _keep_entry(part)
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))
    return folder


def private_file(path: Path) -> None:
    """Create `path` empty with mode 0600 unless it is there; give an existing one mode 0600 if it is ours.

    Raises `StorageError` for what is there and no file: a device that is opened or gets another mode is changed.
    """
    new = not path.exists()
    if not new and not path.is_file() and not path.is_dir():
        message = _("That is a device or a pipe and no file. Name a file.")
        raise StorageError("no-file", message, visible(str(path)))
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if new:
            _keep_entry(path)
        if os.fstat(descriptor).st_uid == os.geteuid():
            os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)


def _keep_entry(path: Path) -> None:
    """Let the name of a new file or folder survive a power cut, where the file system can."""
    with suppress(OSError):
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Flush a folder's entries to disk, so that a rename survives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def on_network(folder: Path) -> bool:
    """Return whether `folder` lies on a network or FUSE file system, where WAL does not work."""
    try:
        lines = _MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    target = str(folder.resolve())
    best, kind = "", ""
    for line in lines:
        left, __, right = line.partition(" - ")
        point = left.split(" ")[4].replace("\\040", " ")
        inside = target == point or target.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, right.split(" ")[0]
    return kind in _REMOTE or kind.startswith("fuse")


def identity_of(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from every other one, None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def refuse_moved(path: Path, opened: tuple[int, int] | None) -> None:
    """Raise `StorageError` where the name of a file that was `opened` leads to another one by now, or to none.

    What is written into a file without a name is lost with the last program that has it open.
    """
    found = identity_of(path)
    if found == opened:
        return
    text = (
        _(
            "The database file was deleted or moved while it was open. Nothing was written; put the file back, "
            "or start again."
        )
        if found is None
        else _(
            "The database file was replaced by another one while it was open. Nothing was written; start again "
            "to work with the new one."
        )
    )
    raise StorageError("database-replaced", text, visible(str(path)))


@contextmanager
def told_plainly(path: Path) -> Iterator[None]:
    """Turn the operating system's errors about `path` into a `StorageError` of one or two sentences."""
    try:
        yield
    except OSError as error:
        raise StorageError("file-system", os_sentence(error), visible(str(path))) from error


def os_sentence(error: OSError) -> str:
    """Return what an operating system error means for the user, with what to do."""
    known = {
        errno.ENOSPC: _("The disk is full. Free some space and try again; nothing was changed."),
        errno.EDQUOT: _("Your disk quota is used up. Free some space and try again; nothing was changed."),
        errno.EROFS: _("The file system is read-only. Choose another place."),
        errno.EACCES: _("You have no permission there. Choose another place or change its permissions."),
        errno.EPERM: _("You have no permission there. Choose another place or change its permissions."),
        errno.ENOENT: _("There is no such file or folder. Check the name."),
        errno.ENOTDIR: _("Part of the path is not a folder. Check the name."),
        errno.EISDIR: _("That is a folder. Name a file in it."),
        errno.ELOOP: _("That is a symbolic link, and links are not followed here. Name the file itself."),
        errno.EFBIG: _("The file would be larger than the file system allows. Choose another place."),
        errno.ESTALE: _("The network file system lost the file. Nothing was changed; start again."),
        errno.EIO: _("The disk reported an error while reading or writing. Nothing was changed."),
        errno.ENAMETOOLONG: _("The name is too long. Choose a shorter one."),
    }
    fallback = _("The system answered: {reason}.").format(reason=visible(error.strerror or str(error)))
    return known.get(error.errno or 0, fallback)
