"""A disk between the program and the real one: it counts, fails, kills, or loses what was not synced.

SQLite goes through an APSW VFS, Python's own files through a `FileIO` that is watched, and names (rename,
link, unlink, sync) through the functions of `os`. Install it in a child process only: there is no way back.
"""

from __future__ import annotations

import builtins
import errno
import io
import os
import random
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import apsw

Kind = Literal["write", "sync", "truncate", "delete", "rename", "link", "folder"]
SECTOR = 512


class Watch(Protocol):
    """What is told of every step before it is taken; it may not come back, or raise `OSError`."""

    def step(self, kind: Kind, path: str, offset: int = 0, data: bytes = b"", other: str = "") -> None:
        """`path` is written (`data` at `offset`), cut to `offset` bytes, synced, deleted, or named `other`."""


@dataclass
class Counting:
    """Counts the steps by kind."""

    seen: int = 0

    def step(self, kind: Kind, path: str, offset: int = 0, data: bytes = b"", other: str = "") -> None:
        self.seen += 1


@dataclass
class Killing(Counting):
    """Kills the process at step `at`; every other time a write is done by half before."""

    at: int = 0

    def step(self, kind: Kind, path: str, offset: int = 0, data: bytes = b"", other: str = "") -> None:
        super().step(kind, path, offset, data, other)
        if self.seen == self.at:
            if kind == "write" and self.at % 2 and len(data) > 1 and path:
                _put(path, offset, data[: len(data) // 2])
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class Failing(Counting):
    """Fails step `at` with `number`; a full disk stays full for writes."""

    at: int = 0
    number: int = errno.EIO

    def step(self, kind: Kind, path: str, offset: int = 0, data: bytes = b"", other: str = "") -> None:
        super().step(kind, path, offset, data, other)
        full = self.number == errno.ENOSPC and self.seen > self.at and kind == "write"
        if self.seen == self.at or full:
            raise OSError(self.number, os.strerror(self.number), path)


@dataclass
class _File:
    """A file with what the disk surely has of it, and what was written since."""

    durable: bytes
    since: list[tuple[int, bytes | None]] = field(default_factory=list)


@dataclass
class Cutting(Counting):
    """Cuts the power at step `at`: what was not synced is kept, lost or torn by sectors, in any order.

    Names that were given or taken since their folder was synced are lost from the last one back, as far as
    chance has it (a journalling file system keeps their order).
    """

    at: int = 0
    seed: int = 0
    files: dict[str, _File] = field(default_factory=dict)
    names: list[tuple[str, str, str, bytes | str | None]] = field(default_factory=list)

    def step(self, kind: Kind, path: str, offset: int = 0, data: bytes = b"", other: str = "") -> None:
        super().step(kind, path, offset, data, other)
        if self.seen == self.at:
            self._cut()
        if not path:
            return  # a temporary file of SQLite's, which no cut outlives
        if kind in ("write", "truncate"):
            if path not in self.files:
                found = _content(path)
                self.files[path] = _File(found if isinstance(found, bytes) else b"")
            self.files[path].since.append((offset, data if kind == "write" else None))
        elif kind == "sync":
            self.files.pop(path, None)
            if path.endswith(("-wal", "-journal")):  # SQLite syncs the folder of these itself
                self._settled(os.path.dirname(path))
        elif kind == "folder":
            self._settled(path)
        elif kind == "delete":
            self.names.append(("delete", path, "", _content(path)))
            self.files.pop(path, None)
        elif kind in ("rename", "link"):
            self.names.append((kind, path, other, _content(other)))
            if kind == "rename" and path in self.files:
                self.files[other] = self.files.pop(path)

    def _settled(self, folder: str) -> None:
        self.names = [each for each in self.names if os.path.dirname(each[2] or each[1]) != folder]

    def _cut(self) -> None:
        chance = random.Random(self.seed)
        for path, file in self.files.items():
            _replace(path, _torn(file, chance))
        for kind, path, other, before in reversed(
            self.names[len(self.names) - chance.randint(0, len(self.names)) :]
        ):
            if kind == "delete" and before is not None:
                _replace(path, before)
            elif kind == "rename":
                os.rename(other, path)
            if kind != "delete":
                if before is not None:
                    _replace(other, before)
                elif kind == "link":
                    os.unlink(other)
        os.kill(os.getpid(), signal.SIGKILL)


def _torn(file: _File, chance: random.Random) -> bytes:
    content = bytearray(file.durable)
    writes = list(file.since)
    if chance.random() < 0.5:
        chance.shuffle(writes)
    whole = chance.random()
    for offset, data in writes:
        if data is None:
            if chance.random() < 0.5:
                del content[offset:]
            continue
        for start in range(0, len(data), SECTOR):
            if chance.random() < whole:
                piece = data[start : start + SECTOR]
                end = offset + start + len(piece)
                if end > len(content):
                    content.extend(bytes(end - len(content)))
                content[offset + start : end] = piece
    return bytes(content)


_real_open = builtins.open
_real = {
    name: getattr(os, name) for name in ("replace", "rename", "unlink", "remove", "link", "fsync", "sendfile")
}


def _content(path: str) -> bytes | str | None:
    """Return what a file holds, where a link leads (text), or None where there is nothing."""
    try:
        if os.path.islink(path):
            return os.readlink(path)
        with io.FileIO(path) as file:
            return file.readall()
    except OSError:
        return None


def _put(path: str, offset: int, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    os.pwrite(descriptor, data, offset)
    os.close(descriptor)


def _replace(path: str, content: bytes | str) -> None:
    if isinstance(content, str):
        os.symlink(content, path)
        return
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.write(descriptor, content)
    os.close(descriptor)


def install(watch: Watch) -> None:
    """Put `watch` between this process and its files."""
    _install_vfs(watch)
    _install_files(watch)
    _install_names(watch)


_CODES = {
    ("write", errno.ENOSPC): apsw.SQLITE_FULL,
    ("write", errno.EIO): apsw.SQLITE_IOERR_WRITE,
    ("sync", errno.EIO): apsw.SQLITE_IOERR_FSYNC,
    ("truncate", errno.EIO): apsw.SQLITE_IOERR_TRUNCATE,
    ("delete", errno.EIO): apsw.SQLITE_IOERR_DELETE,
}


def _install_vfs(watch: Watch) -> None:
    def told(kind: Kind, path: str | None, offset: int = 0, data: bytes = b"") -> None:
        try:
            watch.step(kind, path or "", offset, data)
        except OSError as error:
            wanted = _CODES.get((kind, error.errno or 0), apsw.SQLITE_IOERR)
            raise apsw.exception_for(wanted) from error

    class File(apsw.VFSFile):
        def __init__(self, vfs: str, name: Any, flags: Any) -> None:
            found = name.filename() if isinstance(name, apsw.URIFilename) else name
            self.path = os.path.abspath(found) if found else None
            super().__init__(vfs, name, flags)

        def xWrite(self, data: bytes, offset: int) -> None:
            told("write", self.path, offset, bytes(data))
            super().xWrite(data, offset)

        def xSync(self, flags: int) -> None:
            told("sync", self.path)  # the real disk is never asked to: nothing here outlives the machine

        def xTruncate(self, size: int) -> None:
            told("truncate", self.path, size)
            super().xTruncate(size)

    class Vfs(apsw.VFS):
        def __init__(self) -> None:
            super().__init__("watched", "unix", makedefault=True)

        def xOpen(self, name: Any, flags: Any) -> File:
            return File("unix", name, flags)

        def xDelete(self, name: str, sync: bool) -> None:
            if os.path.exists(name):
                told("delete", os.path.abspath(name))
            super().xDelete(name, False)
            if sync:
                told("folder", os.path.dirname(os.path.abspath(name)))

    globals()["_vfs"] = Vfs()


def _path_of(file: Any) -> str:
    if isinstance(file, int):
        return os.readlink(f"/proc/self/fd/{file}")
    return os.path.abspath(os.fspath(file))


def _install_files(watch: Watch) -> None:
    class Watched(io.FileIO):
        path = ""

        def write(self, data: Any) -> int:
            offset = os.fstat(self.fileno()).st_size if "a" in self.mode else self.tell()
            watch.step("write", self.path, offset, bytes(data))
            return super().write(data)

        def truncate(self, size: int | None = None) -> int:
            watch.step("truncate", self.path, self.tell() if size is None else size)
            return super().truncate(size)

    def opened(
        file: Any,
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        closefd: bool = True,
        opener: Callable[[str, int], int] | None = None,
    ) -> Any:
        if not set(mode) & set("wax+"):
            return _real_open(file, mode, buffering, encoding, errors, newline, closefd, opener)
        raw = Watched(file, mode.replace("b", "").replace("t", ""), closefd, opener)
        raw.path = _path_of(raw.fileno())
        buffered = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
        return buffered if "b" in mode else io.TextIOWrapper(buffered, encoding, errors, newline)  # type: ignore[type-var]

    builtins.open = opened  # type: ignore[assignment]
    io.open = opened  # type: ignore[assignment]


def _install_names(watch: Watch) -> None:
    def renamed(old: Any, new: Any, **named: Any) -> None:
        watch.step("rename", _path_of(old), other=_path_of(new))
        _real["rename"](old, new, **named)

    def linked(old: Any, new: Any, **named: Any) -> None:
        watch.step("link", _path_of(old), other=_path_of(new))
        _real["link"](old, new, **named)

    def unlinked(path: Any, **named: Any) -> None:
        if named.get("dir_fd") is None and os.path.lexists(path):
            watch.step("delete", _path_of(path))
        _real["unlink"](path, **named)

    def synced(descriptor: int) -> None:
        path = _path_of(descriptor)
        watch.step("folder" if os.path.isdir(path) else "sync", path)

    def sent(target: int, source: int, offset: int, count: int, **named: Any) -> int:
        data = os.pread(source, count, offset)
        watch.step("write", _path_of(target), os.lseek(target, 0, os.SEEK_CUR), data)
        return int(_real["sendfile"](target, source, offset, count, **named))

    for name, function in (
        ("replace", renamed),
        ("rename", renamed),
        ("link", linked),
        ("unlink", unlinked),
        ("remove", unlinked),
        ("fsync", synced),
        ("sendfile", sent),
    ):
        setattr(os, name, function)
