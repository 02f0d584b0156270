"""The one door to files: what a file is decides which reader opens it (SPEC.md 4.1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from dinotui.domain.errors import FormatError
from dinotui.domain.visible import visible
from dinotui.formats import refusals, sniffing
from dinotui.formats.base import ReadOptions, Source
from dinotui.formats.sniffing import Look
from dinotui.locale import _


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file: what it is called, how it is recognised, what opens it.

    `archive` says that it holds files, which cannot be archives again.
    """

    name: str
    detect: Callable[[Look, ReadOptions], bool]
    open: Callable[[Look, ReadOptions, Path], Source]
    archive: bool = False


def open_source(
    path: Path, options: ReadOptions | None = None, *, scratch: Path, name: str | None = None
) -> Source:
    """Open a file of any importable kind, chosen by its content.

    `scratch` is an existing private folder for unpacked files; `name` is what the user calls the file.
    Raises `FormatError`, `UnsupportedFormat` and `LimitError` with `where` the name, `UsageError` for
    impossible options.
    """
    return _open(path, options or ReadOptions(), scratch, name or path.name, FORMATS)


def _open(path: Path, options: ReadOptions, scratch: Path, name: str, formats: tuple[Format, ...]) -> Source:
    where = visible(name)
    look = sniffing.look(path, name=name, where=where, limits=options.limits, encoding=options.encoding)
    found = next(known for known in FORMATS if known.detect(look, options))
    if found not in formats:
        message = _("There is an archive in the archive. Unpack it and import the files inside.")
        raise FormatError("nested-archive", message, where)
    from dinotui.formats.own_tables import set_apart

    return set_apart(found.open(look, options, scratch))


def _open_packed(path: Path, options: ReadOptions, *, scratch: Path, name: str) -> Source:
    return _open(path, options, scratch, name, tuple(known for known in FORMATS if not known.archive))


def _is_xlsx(look: Look, options: ReadOptions) -> bool:
    from dinotui.formats.archive import zip_names

    return look.is_zip and "xl/workbook.xml" in zip_names(look, options.limits)


def _open_xlsx(look: Look, options: ReadOptions, scratch: Path) -> Source:
    from dinotui.formats.xlsx import open_xlsx

    return open_xlsx(look.path, options, scratch=scratch, name=look.name)


def _open_zip(look: Look, options: ReadOptions, scratch: Path) -> Source:
    from dinotui.formats.archive import open_zip

    return open_zip(look, options, scratch=scratch, opener=_open_packed)


def _open_gzip(look: Look, options: ReadOptions, scratch: Path) -> Source:
    from dinotui.formats.archive import open_gzip

    return open_gzip(look, options, scratch=scratch, opener=_open_packed)


def _is_json(look: Look, options: ReadOptions) -> bool:
    return options.delimiter is None and options.quote is None and look.is_json


def _open_json(look: Look, options: ReadOptions, _scratch: Path) -> Source:
    assert look.text is not None
    refusals.refuse_json_keys(*sniffing.json_keys(look.text), where=look.where)
    from dinotui.formats import encodings
    from dinotui.formats.json import open_json

    if options.encoding is not None or look.encoding is not None:
        return open_json(look.path, options, name=look.name)
    judged = encodings.detect(look.path, where=look.where)
    source = open_json(look.path, replace(options, encoding=judged.codec), name=look.name)
    for table in source.tables:
        table.detection = replace(
            table.detection,
            encoding_sure=judged.sure,
            alternatives=judged.alternatives,
            notes=(*judged.notes, *table.detection.notes),
        )
    return source


def _open_csv(look: Look, options: ReadOptions, _scratch: Path) -> Source:
    from dinotui.formats.csv import open_csv

    return open_csv(look.path, options, name=look.name)


FORMATS: Final = (  # asked in this order; the last one takes every text
    Format("xlsx", _is_xlsx, _open_xlsx),
    Format("zip", lambda look, _options: look.is_zip, _open_zip, archive=True),
    Format("gzip", lambda look, _options: look.is_gzip, _open_gzip, archive=True),
    Format("json", _is_json, _open_json),
    Format("csv", lambda _look, _options: True, _open_csv),
)
