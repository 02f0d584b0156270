"""The first step of an import: the files' rows stream into a staging file, cells as they are."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import msgspec

from dinotui.domain.configuration import ImportConfiguration
from dinotui.domain.errors import FormatError, NeedsAnswer
from dinotui.domain.ids import new_id
from dinotui.domain.settings import ALL_TABLES, ImportSettings
from dinotui.domain.visible import visible
from dinotui.engine import presets
from dinotui.engine.progress import Progress, Report, Stop, never, quietly, stop_if
from dinotui.engine.rules import with_own_rules
from dinotui.formats.base import ReadOptions, Source, Table
from dinotui.formats.mapping import suggest
from dinotui.formats.registry import open_source
from dinotui.locale import _, ngettext
from dinotui.storage.database import utc_now
from dinotui.storage.staging import SourceTable, Staging
from dinotui.storage.store import Store

BATCH = 2_000
SAMPLE = 200
_PIECE = 1 << 20


class SourceFile(NamedTuple):
    """A file to import: where it lies and the name the user knows it by."""

    path: Path
    name: str


def stage_files(
    files: Sequence[SourceFile],
    settings: ImportSettings,
    configuration: ImportConfiguration,
    store: Store,
    *,
    folder: Path | None = None,
    import_id: str | None = None,
    report: Report = quietly,
    cancelled: Stop = never,
) -> Staging:
    """Read `files` into a new staged import and return it; a failed or stopped one leaves nothing.

    `folder` is where the staging file is made, by default beside the database, `import_id` what it is known by,
    by default a new id. Raises `FormatError`, `NeedsAnswer` when a table has to be chosen, `UsageError` for a
    preset that is not there, and `Cancelled`.
    """
    staging = Staging.create(folder or store.staging, import_id or new_id())
    try:
        settings = presets.resolved(store, settings)
        staging.set_meta(
            state="reading",
            user=store.user_name,
            staged=utc_now(),
            files=[{"name": file.name, "path": str(file.path)} for file in files],
        )
        save_choices(staging, settings, with_own_rules(staging, store, configuration))
        read_into(staging, files, settings, store, report=report, cancelled=cancelled)
        save_choices(staging, presets.bind(staging, store, settings))
    except BaseException:
        staging.discard()
        raise
    return staging


def save_choices(
    staging: Staging, settings: ImportSettings | None = None, configuration: ImportConfiguration | None = None
) -> None:
    """Store the import's settings or configuration, so that a resumed import goes on with the same."""
    values: dict[str, Any] = {}
    if settings is not None:
        values["settings"] = settings.model_dump(mode="json", by_alias=True)
    if configuration is not None:
        values["configuration"] = configuration.model_dump(mode="json", by_alias=True)
    staging.set_meta(**values)


def settings_of(staging: Staging) -> ImportSettings:
    """Return the settings that a staged import was made with."""
    return ImportSettings.model_validate(staging.meta("settings", {}))


def configuration_of(staging: Staging) -> ImportConfiguration:
    """Return the configuration that a staged import was made with."""
    return ImportConfiguration.model_validate(staging.meta("configuration", {}))


def read_into(
    staging: Staging,
    files: Sequence[SourceFile],
    settings: ImportSettings,
    store: Store,
    *,
    report: Report = quietly,
    cancelled: Stop = never,
) -> None:
    """Read (again) all rows of `files` into `staging`, in one transaction of the staging file."""
    with store.scratch_folder() as scratch, ExitStack() as stack, staging.database.write():
        staging.clear_source()
        reader = _Reader(staging, report, cancelled)
        others: list[dict[str, Any]] = []
        for file in files:
            options = ReadOptions(
                encoding=settings.encoding,
                delimiter=settings.delimiter,
                quote=settings.quote,
                table=None if settings.table == ALL_TABLES else settings.table,
                header_row=settings.header_row,
            )
            source = stack.enter_context(
                closing(open_source(file.path, options, scratch=scratch, name=file.name))
            )
            chosen = choose_tables(source, settings)
            for found in chosen:
                reader.read(found, file.name, len(source.tables) > 1)
            others.append(_others(source, chosen))
        staging.take_up()
        report(Progress("Reading", reader.record, reader.record))
    staging.advance("read", sha256=digest(files, cancelled), others=others, records=reader.record)


def refuse_no_records(staging: Staging) -> None:
    """Raise `FormatError` where every table has a header and nothing below, and nothing else came with it.

    An export of somebody without trips comes in again all the same (SPEC.md 3, round trip law).
    """
    beside = any(
        other[category] is not None
        for other in staging.meta("others", [])
        for category in ("preferences", "notifications")
    )
    tables = staging.tables()
    if staging.meta("records") != 0 or beside or not tables or any(map(_may_be_empty, tables)):
        return
    names = [visible(file["name"]) for file in staging.meta("files", [])]
    message = ngettext(
        "The file has a header and no records below it, so there is nothing to import.",
        "The files have a header and no records below it, so there is nothing to import.",
        len(names),
    )
    raise FormatError("no-records", message, ", ".join(names[:3]))


def _may_be_empty(table: SourceTable) -> bool:
    """Tell whether a table without records says that there are none: a list in JSON, or an export of ours."""
    return is_list(table) or table.settings["detection"]["form"] == "dino"


def is_list(table: SourceTable) -> bool:
    """Tell whether a table is a list in JSON, which may be empty on purpose; a table of a sheet is not."""
    return str(table.settings["detection"]["format"]) == "json"


def choose_tables(source: Source, settings: ImportSettings) -> list[Table]:
    """Return the tables to import: the named ones, else those that look like stays.

    Raises `NeedsAnswer` when several different ones do, and `FormatError` when there is nothing to import.
    """
    whole = all(
        table.detection.format == "csv" for table in source.tables
    )  # a text file has no sheets to choose
    wanted = settings.table is not None and settings.table != ALL_TABLES and not whole
    if settings.table == ALL_TABLES or (len(source.tables) <= 1 and not wanted):
        return list(source.tables)
    names = [table.name for table in source.tables]
    if settings.table is not None:
        named = [table for table in source.tables if table.name.casefold() == settings.table.casefold()]
        if not named:
            raise FormatError(
                "no-such-table",
                _("There is no sheet or entry {name}. There are: {names}.").format(
                    name=visible(settings.table), names=", ".join(visible(name) for name in names)
                ),
                visible(source.name),
            )
        return named
    likely = [table for table in source.tables if _looks_like_stays(table)]
    if len(likely) == 1:
        return likely
    if likely and len({tuple(table.columns) for table in likely}) == 1:
        return likely
    raise NeedsAnswer(
        "choose-table",
        _(
            "The file holds several tables: {names}. Choose one with --sheet NAME, or all with --sheet '*'."
        ).format(names=", ".join(visible(name) for name in names)),
        "--sheet",
        visible(source.name),
    )


def _looks_like_stays(table: Table) -> bool:
    mapping = suggest(table.columns, [], form=table.detection.form)
    return mapping.column_of("entryDate") is not None


def _others(source: Source, chosen: list[Table]) -> dict[str, Any]:
    found = source.other_categories()
    return {
        "metadata": dict(found.metadata),
        "preferences": None if found.preferences is None else dict(found.preferences),
        "notifications": found.notifications,
        "analytics": found.analytics is not None,
        "leftOut": [table.name for table in source.tables if table not in chosen],
    }


class _Reader:
    """Numbers the records of all tables of an import and writes them in batches."""

    def __init__(self, staging: Staging, report: Report, cancelled: Stop) -> None:
        self.record = 0
        self._tables = 0
        self._staging = staging
        self._report = report
        self._cancelled = cancelled

    def read(self, table: Table, file: str, several: bool) -> None:
        self._tables += 1
        sample: list[list[Any]] = []
        first = self.record + 1
        batch: list[tuple[int, int, int, str | None, str]] = []
        for row in self._numbered(table):
            batch.append(row)
            if len(sample) < SAMPLE:
                sample.append(msgspec.json.decode(row[4]))
            if len(batch) >= BATCH:
                self._write(batch)
        self._write(batch)
        name = f"{file} › {table.name}" if several else file
        settings = {
            "records": (first, self.record),
            "detection": _plain(table.detection),
            "mapping": suggest(table.columns, sample, form=table.detection.form).model_dump(
                mode="json", by_alias=True
            ),
        }
        self._staging.set_table(SourceTable(self._tables, name, list(table.columns), settings))

    def _numbered(self, table: Table) -> Iterator[tuple[int, int, int, str | None, str]]:
        encode = msgspec.json.Encoder().encode
        number = self._tables
        for row in table.rows():
            self.record += 1
            yield self.record, number, row.line, row.problem, encode(row.cells).decode()

    def _write(self, batch: list[tuple[int, int, int, str | None, str]]) -> None:
        stop_if(self._cancelled)
        self._staging.add_rows(batch)
        batch.clear()
        self._report(Progress("Reading", self.record))


def _plain(detection: Any) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(detection)
    return plain


def digest(files: Sequence[SourceFile], cancelled: Stop = never) -> str:
    """Return the SHA-256 of the files' bytes, which tells that the same import was made before."""
    total = hashlib.sha256()
    for file in files:
        one = hashlib.sha256()
        with file.path.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                stop_if(cancelled)
                one.update(chunk)
        total.update(one.digest())
    return total.hexdigest()


def spool_standard_input(scratch: Path, limit: int = ReadOptions().limits.file_bytes) -> SourceFile:
    """Write standard input to a private file in `scratch`, so that it can be read like any other.

    Raises `FormatError` where there is none.
    """
    if sys.stdin is None:
        text = _("Standard input is closed, so there is nothing to read. Name a file, or pipe one in.")
        raise FormatError("no-input", text, "-")
    return spool(sys.stdin.buffer, scratch / "standard-input", _("standard input"), limit)


def spool(
    stream: BinaryIO, path: Path, name: str, limit: int = ReadOptions().limits.file_bytes
) -> SourceFile:
    """Write what can be read only once (a pipe) to the new file `path`; `name` is what the user calls it.

    `stream` is a buffered one, which gives less than it was asked for at the end only. It is not asked again
    then: at a terminal the end would have to be typed twice.
    """
    written = 0
    with path.open("xb") as target:
        more = True
        while more:
            chunk = stream.read(_PIECE)
            more = len(chunk) == _PIECE
            written += len(chunk)
            if written > limit:
                raise FormatError("too-large", _("What comes through the pipe is too large."), visible(name))
            target.write(chunk)
    return SourceFile(path, name)
