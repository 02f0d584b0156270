"""Exporting: write, read back, compare, and only then name the file (SPEC.md 3).

A failed or stopped export leaves nothing behind. Every export is an entry of the operation log.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

from dinotui.domain.configuration import ExportConfiguration
from dinotui.domain.errors import StorageError
from dinotui.domain.result import ExportResult
from dinotui.domain.visible import visible
from dinotui.engine.collecting import collect
from dinotui.engine.export_preview import Preview, notes, other_categories, preview
from dinotui.engine.export_verifying import Written, write_verified
from dinotui.engine.progress import Report, Stop, never, quietly, stop_if
from dinotui.formats.writing import layout_of
from dinotui.locale import _, ngettext
from dinotui.storage.changelog import operation
from dinotui.storage.database import waiting_ends_with
from dinotui.storage.export_rows import is_logged, snapshot
from dinotui.storage.new_file import NewFile, with_new_file
from dinotui.storage.store import Store

__all__ = [
    "Preview",
    "collect_json",
    "default_name",
    "export_to_file",
    "export_to_stream",
    "is_text",
    "media_type",
    "notes",
    "other_categories",
    "preview",
]

_COPY: Final = 1 << 20


def export_to_file(
    configuration: ExportConfiguration,
    target: Path,
    store: Store,
    *,
    force: bool = False,
    bom: bool = True,
    export_id: str | None = None,
    source: str | None = None,
    report: Report = quietly,
    cancelled: Stop = never,
) -> ExportResult:
    """Export to `target`, mode 0600, verified before it gets its name.

    An existing file goes only with `force`; a link is never followed. `source` is what the log calls the place
    where that is a temporary one, `export_id` an id for the export and its log entry. Raises `UsageError` for a
    choice that makes no sense, `StorageError`, `FormatError` and `Cancelled`; then nothing is left behind.
    """
    layout = layout_of(configuration)
    refuse_own_database(target, store)

    def work(new: NewFile) -> ExportResult:
        written = write_verified(
            configuration,
            layout,
            new.file,
            target,
            store,
            bom=bom,
            export_id=export_id,
            report=report,
            cancelled=cancelled,
        )
        new.sync()
        stop_if(cancelled)
        result = _result(written, configuration, source or str(target))
        with waiting_ends_with(cancelled):
            _publish(new, store, result, _entry(result, configuration, target.name))
        return result

    return with_new_file(target, work, replace=force, noted_in=store.scratch)


def export_to_stream(
    configuration: ExportConfiguration,
    stream: BinaryIO,
    store: Store,
    *,
    bom: bool = False,
    report: Report = quietly,
    cancelled: Stop = never,
) -> ExportResult:
    """Export into a pipe. It is written and verified in a scratch file first: no byte comes before.

    Raises as `export_to_file`; a reader that goes away raises `BrokenPipeError`, and nothing is logged.
    """
    layout = layout_of(configuration)

    def work(new: NewFile) -> Written:
        written = write_verified(
            configuration, layout, new.file, new.target, store, bom=bom, report=report, cancelled=cancelled
        )
        new.file.seek(0)
        while chunk := new.file.read(_COPY):
            stop_if(cancelled)
            stream.write(chunk)
        stream.flush()
        return written

    with store.scratch_folder() as folder:
        written = with_new_file(folder / "export", work)
    result = _result(written, configuration, "-")
    with operation(store, "export", id=result.operation_id, source="-") as recorder:
        recorder.describe(**_entry(result, configuration, _("standard output")))
    return result


def collect_json(
    store: Store, configuration: ExportConfiguration, cancelled: Stop = never
) -> Iterator[bytes]:
    """Yield the JSON form piece by piece, also inside an open transaction; the caller writes and verifies."""
    from dinotui.formats.json_writer import json_pieces

    with snapshot(store.database):
        collected = collect(configuration, store, store.folder, cancelled=cancelled)
        yield from json_pieces(collected.document, {}, lambda _count: stop_if(cancelled))


def default_name(configuration: ExportConfiguration, today: dt.date | None = None) -> str:
    """Return ``dinocal-<format>-<YYYY-MM-DD>.<ext>``, with what compression adds to the ending."""
    day = today or dt.datetime.now().astimezone().date()
    return f"dinocal-{configuration.format}-{day.isoformat()}.{layout_of(configuration).suffix}"


def is_text(configuration: ExportConfiguration) -> bool:
    """Return whether what an export writes is plain text, which a terminal can show."""
    return configuration.format != "xlsx" and layout_of(configuration).container == "plain"


def media_type(configuration: ExportConfiguration) -> str:
    """Return the media type of what an export writes."""
    return layout_of(configuration).media_type


def _publish(new: NewFile, store: Store, result: ExportResult, entry: dict[str, Any]) -> None:
    """Log the export and give the file its name: both happen, or neither."""
    try:
        with operation(store, "export", id=result.operation_id, source=result.path) as recorder:
            recorder.describe(**entry)
            new.publish()
    except BaseException:
        if not is_logged(store, result.operation_id):  # it may have been stopped just after
            new.take_back()
        raise


def _result(written: Written, configuration: ExportConfiguration, path: str) -> ExportResult:
    return ExportResult(
        path=path,
        format=configuration.format,
        records=written.collected.records,
        bytes=written.bytes,
        sha256=written.sha256,
        operation_id=written.collected.export_id,
    )


def _entry(result: ExportResult, configuration: ExportConfiguration, name: str) -> dict[str, Any]:
    """Return what the log says of an export."""
    summary = ngettext(
        "Exported {count} record to {name}", "Exported {count} records to {name}", result.records
    )
    return {
        "summary": summary.format(count=result.records, name=visible(name)),
        "details": {
            **result.model_dump(mode="json", by_alias=True, exclude={"operation_id"}),
            "configuration": configuration.model_dump(mode="json", by_alias=True),
        },
    }


def refuse_own_database(target: Path, store: Store) -> None:
    """Raise `StorageError` where the export would replace the database that it reads."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        own = store.path.with_name(store.path.name + suffix)
        try:
            same = own.samefile(target)
        except OSError:
            continue
        if same:
            message = _("That is the database itself. Name another file.")
            raise StorageError("target-is-database", message, visible(str(target)))
