"""ZIP and gzip around anything importable: every file in it becomes tables named by their entry.

Entries are unpacked into private temporary files. Their names are shown and never used as paths.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Protocol

from dinotui.domain.errors import DinoError, FormatError, UnsupportedFormat
from dinotui.domain.visible import visible
from dinotui.formats import refusals
from dinotui.formats.base import Limits, OtherCategories, ReadOptions, Source, Table
from dinotui.formats.csv import CsvTable
from dinotui.formats.inflating import Budget, inflate_entry, inflate_gzip
from dinotui.formats.sniffing import Look
from dinotui.formats.zip_listing import Entry, list_zip
from dinotui.locale import _

_LEFT_OUT: Final = frozenset({"empty-file", "only-zeros"})  # of an entry, where others can be imported


class Opener(Protocol):
    """What opens an unpacked file; it refuses an archive in the archive."""

    def __call__(self, path: Path, options: ReadOptions, *, scratch: Path, name: str) -> Source:
        """Open `path`, which the user knows as `name`."""
        ...


@dataclass(slots=True)
class ArchiveSource:
    """The tables of all importable files in an archive."""

    name: str
    tables: list[Table] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)

    def other_categories(self) -> OtherCategories:
        """Return what the files hold beside trips, each category from the first file that has it."""
        parts = [source.other_categories() for source in self.sources]
        metadata: Mapping[str, Any] = next((part.metadata for part in parts if part.metadata), {})
        return OtherCategories(
            metadata=metadata,
            preferences=next((part.preferences for part in parts if part.preferences is not None), None),
            notifications=next(
                (part.notifications for part in parts if part.notifications is not None), None
            ),
            analytics=next((part.analytics for part in parts if part.analytics is not None), None),
        )

    def close(self) -> None:
        """Close the files and remove what was unpacked."""
        for source in self.sources:
            source.close()
        for path in self.files:
            path.unlink(missing_ok=True)


def zip_names(look: Look, limits: Limits) -> frozenset[str]:
    """Return the names in a ZIP file, checked as those of a document (see `list_zip` for errors)."""
    entries = list_zip(look.path, limits=limits, where=look.where, document=True)
    return frozenset(entry.name for entry in entries)


def refuse_documents(look: Look, limits: Limits) -> None:
    """Refuse a ZIP file that is a document of another program. Raises `UnsupportedFormat`."""
    entries = list_zip(look.path, limits=limits, where=look.where, document=True)
    kind = ""
    if entries and entries[0].name == "mimetype" and entries[0].packed < 200:
        start = entries[0].start
        kind = look.head[start : start + entries[0].packed].decode("ascii", "replace")
    refusals.refuse_zip({entry.name for entry in entries}, kind, where=look.where)


def open_zip(look: Look, options: ReadOptions, *, scratch: Path, opener: Opener) -> Source:
    """Open every importable file in a ZIP file, or the one that `options.table` names.

    Raises `FormatError` (damaged-archive, unsafe-archive, empty-archive, no-such-table, no-room),
    `UnsupportedFormat`, `LimitError`, and what the files in it raise.
    """
    refuse_documents(look, options.limits)
    entries = [e for e in list_zip(look.path, limits=options.limits, where=look.where) if e.is_data]
    if not entries:
        raise FormatError("empty-archive", _("The archive holds no files."), look.where)
    wanted = [e for e in entries if options.table in {e.name, visible(e.name)}]
    opening = _Opening(look, replace(options, table=None), scratch, opener, ArchiveSource(look.name))
    try:
        for entry in wanted or entries:
            opening.add(entry)
        opening.finish(None if wanted else options.table)
    except BaseException:
        opening.source.close()
        raise
    return opening.source


def open_gzip(look: Look, options: ReadOptions, *, scratch: Path, opener: Opener) -> Source:
    """Open the file in a gzip file; errors as `open_zip`."""
    inner = _gzip_name(look)
    source = ArchiveSource(look.name)
    try:
        budget = Budget(options.limits, look.where)
        path = inflate_gzip(
            look.path, scratch, budget, lambda head: refusals.refuse_bytes(head, where=look.where)
        )
        source.files.append(path)
        source.sources.append(opener(path, options, scratch=scratch, name=inner))
        source.tables = source.sources[0].tables
    except BaseException:
        source.close()
        raise
    return source


@dataclass(slots=True)
class _Opening:
    """The opening of one ZIP file, entry by entry."""

    look: Look
    options: ReadOptions
    scratch: Path
    opener: Opener
    source: ArchiveSource
    _budget: Budget = field(init=False)
    _refused: list[tuple[Entry, DinoError]] = field(default_factory=list)
    _prose: list[tuple[Entry, Table]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._budget = Budget(self.options.limits, self.look.where)

    def add(self, entry: Entry) -> None:
        """Unpack and open one entry; what cannot be imported at all is remembered for `finish`."""
        where = _("{file}, entry {entry}").format(file=self.look.where, entry=visible(entry.name))
        try:
            path = inflate_entry(
                self.look.path,
                entry,
                self.scratch,
                self._budget,
                lambda head: refusals.refuse_bytes(head, where=where),
            )
            self.source.files.append(path)
            source = self.opener(path, self.options, scratch=self.scratch, name=where)
        except UnsupportedFormat as error:
            self._refused.append((entry, error))
            return
        except FormatError as error:
            if error.code not in _LEFT_OUT:
                raise
            self._refused.append((entry, error))
            return
        self.source.sources.append(source)
        self._take(entry, source.tables)

    def finish(self, table: str | None) -> None:
        """Settle which tables there are: those of `table`, or all with a note on what was left out."""
        tables = self.source.tables
        if not tables:
            tables.extend(prose for _entry, prose in self._prose)
            self._prose.clear()
        if table is not None:
            tables[:] = self._named(table)
        if not tables and not self.source.sources:
            raise self._reason()
        left_out = [entry.name for entry, _error in self._refused] + [
            entry.name for entry, _table in self._prose
        ]
        if left_out:
            names = ", ".join(visible(name) for name in left_out[:5]) + (", …" if len(left_out) > 5 else "")
            note = _("Left out, because it cannot be imported: {names}.").format(names=names)
            for each in tables:
                each.detection = replace(
                    each.detection,
                    notes=(*each.detection.notes, note),
                    cautions=(*each.detection.cautions, note),
                )

    def _take(self, entry: Entry, tables: list[Table]) -> None:
        for table in tables:
            name = visible(entry.name)
            table.name = name if len(tables) == 1 else f"{name}/{table.name}"
            if isinstance(table, CsvTable) and table.is_prose:
                self._prose.append((entry, table))  # a letter beside the tables, unless it is all there is
            else:
                self.source.tables.append(table)

    def _named(self, name: str) -> list[Table]:
        tables = self.source.tables
        found = [table for table in tables if table.name == name or table.name.endswith(f"/{name}")]
        if not found:
            message = _("The archive holds no table “{name}”. It holds: {names}.")
            names = ", ".join(table.name for table in tables[:20])
            message = message.format(name=visible(name), names=names)
            raise FormatError("no-such-table", message, self.look.where)
        return found

    def _reason(self) -> DinoError:
        """Return the most telling refusal: a program's name, then any travel data, then a picture beside it."""
        for codes in (refusals.PROGRAM_CODES, refusals.TRAVEL_CODES):
            for _entry, error in self._refused:
                if error.code in codes:
                    return error
        return self._refused[0][1]


def _gzip_name(look: Look) -> str:
    """Return the name of the packed file: the one in the header, or that of the gzip file without its end."""
    head, start = look.head.ljust(12, b"\0"), 10  # a file that ends in its header is told when it is unpacked
    if head[3] & 0x04:
        start += 2 + int.from_bytes(head[10:12], "little")
    if head[3] & 0x08:
        raw = head[start : head.find(b"\0", start)]
        if name := raw.decode("utf-8", "replace").replace("\\", "/").rsplit("/", 1)[-1]:
            return name
    return look.name[:-3] if look.name.lower().endswith(".gz") else look.name
