"""What an export would write, before it is written: its first lines, its size, what the settings mean."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Final

from dinotui.domain.configuration import ExportConfiguration
from dinotui.engine.collecting import Collected, collect
from dinotui.engine.export_verifying import without_rows, write_document
from dinotui.engine.progress import Stop, never, stop_if
from dinotui.formats.writing import Document, Layout, layout_of, sheet_lines, writer_for
from dinotui.locale import _
from dinotui.storage.export_rows import snapshot
from dinotui.storage.store import Store

_SAMPLE: Final = 300  # records from which the size of an export is estimated


@dataclass(frozen=True, slots=True)
class Preview:
    """The first lines of what an export would write, how many records and about how many bytes it holds.

    `text` is the file's own, not made safe for a terminal; its first record begins on line `first_record`. `notes`
    says in sentences what the settings mean: what privacy leaves out, what is packed. `others` are the chosen
    categories that are no records.
    """

    text: str
    records: int
    estimated_bytes: int
    notes: list[str]
    first_record: int = 0
    others: tuple[str, ...] = ()


def preview(
    configuration: ExportConfiguration,
    store: Store,
    lines: int = 30,
    *,
    bom: bool = True,
    cancelled: Stop = never,
) -> Preview:
    """Return the first lines of the real output.

    Raises `UsageError` for a choice that makes no sense, `Cancelled` when it is to stop.
    """
    layout = layout_of(configuration)
    with store.scratch_folder() as folder, snapshot(store.database):
        limit = max(_SAMPLE, lines)
        collected = collect(
            configuration, store, folder, bom=bom, key=_preview_key(), limit=limit, cancelled=cancelled
        )
        document = collected.document
        size, frame = _size(document, layout, cancelled), _size(without_rows(document), layout, cancelled)
        stop_if(cancelled)
        shown = list(_first_lines(document, layout, lines))
    sampled = sum(min(count, limit) for count in collected.counts.values())
    rest = collected.records - sampled
    return Preview(
        "\n".join(shown),
        collected.records,
        size + (round((size - frame) / sampled * rest) if sampled else 0),
        notes(configuration, collected),
        _first_record(shown) if layout.format == "json" else 0,
        other_categories(configuration),
    )


def other_categories(configuration: ExportConfiguration) -> tuple[str, ...]:
    """Return the chosen categories that are no records: they are there once."""
    return tuple(name for name in configuration.categories.chosen() if name in ("preferences", "analytics"))


def _first_record(lines: Sequence[str]) -> int:
    """Return on which line of a JSON document its first record begins, 0 where none is among these lines."""
    begins = ('"trips": [', '"notifications": [')
    found = (number for number, line in enumerate(lines[:-1], 1) if line.strip() in begins)
    return next(found, 0)


def notes(configuration: ExportConfiguration, collected: Collected | None = None) -> list[str]:
    """Return in sentences what the chosen settings mean beyond their names."""
    layout = layout_of(configuration)
    found = []
    if configuration.format == "csv" and len(layout.entries) > 1:
        found.append(_("CSV holds one category a file: all of them go into one zip."))
    elif layout.container == "gzip":
        found.append(_("The file is packed with gzip."))
    elif layout.container == "zip":
        found.append(_("The file is packed into a zip."))
    if configuration.date_range is not None and configuration.categories.analytics:
        found.append(_("The statistics count only the trips in the range of dates."))
    return found + (collected.mask.notes() if collected is not None else [])


@cache
def _preview_key() -> bytes:
    """Return one secret for all previews of a process, so that they do not flicker."""
    return os.urandom(32)


def _size(document: Document, layout: Layout, cancelled: Stop) -> int:
    sink = io.BytesIO()
    write_document(document, layout, sink, lambda _count: stop_if(cancelled))
    return len(sink.getvalue())


def _first_lines(document: Document, layout: Layout, lines: int) -> Iterator[str]:
    """Yield the beginning of each entry; a workbook is shown as rows, for its bytes are none."""
    if layout.format == "xlsx":
        share = max(3, lines // len(document.categories))
        for category in document.categories:
            yield from islice(sheet_lines(document, category), share)
        return
    share = max(3, lines // len(layout.entries))
    for entry in layout.entries:
        sink = io.BytesIO()
        writer_for(layout.format).write(document.only(entry.categories), sink, lambda _count: None)
        if len(layout.entries) > 1:
            yield f"[{entry.name}]"
        text = sink.getvalue().decode("utf-8-sig").replace("\r\n", "\n")
        yield from text.removesuffix("\n").split("\n", share)[:share]
