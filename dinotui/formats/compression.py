"""Packing an export: as it is, gzip, or zip, at five levels (CompressionService)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import IO, TYPE_CHECKING, BinaryIO, Final, TypeAlias, cast

from dinotui.domain.errors import FormatError
from dinotui.formats.writing import Layout
from dinotui.locale import _

if TYPE_CHECKING:
    from gzip import GzipFile
    from zipfile import ZipFile

LEVELS: Final = {1: 1, 2: 3, 3: 6, 4: 8, 5: 9}
"""Deflate's level for each of ours: 1 is fast, 5 is small."""

Opener: TypeAlias = Callable[[str], AbstractContextManager[BinaryIO]]

_OLDEST: Final = (1980, 1, 1, 0, 0, 0)  # a zip's earliest date: the same data gives the same bytes
_PRIVATE: Final = 0o600 << 16


class OneWay:
    """A stream that only takes bytes: a workbook inside a package must not try to go back in it."""

    def __init__(self, inner: IO[bytes] | GzipFile) -> None:
        self.write = inner.write
        self.flush = inner.flush

    def writelines(self, pieces: Iterable[bytes]) -> None:
        """Write one piece after the other."""
        for piece in pieces:
            self.write(piece)


@contextmanager
def packing(sink: BinaryIO, layout: Layout, *, large: bool = False) -> Iterator[Opener]:
    """Yield what opens each entry for writing; the package is complete when the block ends.

    `large` says that an entry may pass 2 GB.
    """
    if layout.container == "zip":
        with zip_writing(sink, LEVELS[layout.level]) as archive:
            yield lambda name: _zip_entry(archive, name, LEVELS[layout.level], large=large)
    elif layout.container == "gzip":
        yield lambda _name: _gzip_entry(sink, LEVELS[layout.level])
    else:
        yield lambda _name: _as_it_is(sink)


@contextmanager
def zip_writing(sink: BinaryIO, level: int = 6) -> Iterator[ZipFile]:
    """Yield a new archive; after an error it is given up, for a torn one cannot be completed."""
    from zipfile import ZIP_DEFLATED, ZipFile

    archive = ZipFile(sink, "w", ZIP_DEFLATED, compresslevel=level)
    try:
        yield archive
    except BaseException:
        archive.fp = None  # what is closed so does not write any more
        raise
    archive.close()


@contextmanager
def _as_it_is(sink: BinaryIO) -> Iterator[BinaryIO]:
    yield sink


@contextmanager
def _gzip_entry(sink: BinaryIO, level: int) -> Iterator[BinaryIO]:
    from gzip import GzipFile

    with GzipFile(filename="", mode="wb", compresslevel=level, fileobj=sink, mtime=0) as packed:
        yield cast("BinaryIO", OneWay(packed))


@contextmanager
def _zip_entry(archive: ZipFile, name: str, level: int, *, large: bool) -> Iterator[BinaryIO]:
    from zipfile import ZIP_DEFLATED, ZipInfo

    info = ZipInfo(name, _OLDEST)
    info.compress_type = ZIP_DEFLATED
    info.external_attr = _PRIVATE
    info._compresslevel = level  # type: ignore[attr-defined] # noqa: SLF001 - the only way for one entry in 3.11
    with archive.open(info, "w", force_zip64=large) as entry:
        yield cast("BinaryIO", OneWay(entry))


def unpacked(file: BinaryIO, layout: Layout) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield each entry's name and content, read from a written package.

    Raises `FormatError` when the package does not hold exactly the entries of `layout`.
    """
    if layout.container == "gzip":
        from gzip import GzipFile

        with GzipFile(fileobj=file, mode="rb") as packed:
            yield layout.entries[0].name, cast("IO[bytes]", packed)
    elif layout.container == "zip":
        from zipfile import ZipFile

        with ZipFile(file) as archive:
            if archive.namelist() != [entry.name for entry in layout.entries]:
                raise FormatError("package-entries", _("The archive does not hold the files it should."))
            for name in archive.namelist():
                with archive.open(name) as entry:
                    yield name, entry
    else:
        yield layout.entries[0].name, file
