"""Writing an export and proving it: the file is read back and compared with what was meant (FormatValidator)."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from dinotui.domain.configuration import ExportConfiguration
from dinotui.domain.errors import FormatError
from dinotui.domain.export import NOTIFICATION_FIELDS
from dinotui.engine.collecting import Collected, collect
from dinotui.engine.progress import Progress, Report, Stop, stop_if
from dinotui.formats.compression import packing
from dinotui.formats.rereading import Traces, all_text, reread
from dinotui.formats.writing import Beat, Document, Layout, Meant, writer_for
from dinotui.locale import _
from dinotui.storage.export_rows import snapshot
from dinotui.storage.new_file import told_of_disk
from dinotui.storage.store import Store

_LARGE: Final = 1_000_000  # records from which an entry of a zip may pass 2 GB


@dataclass(frozen=True, slots=True)
class Written:
    """A written and verified file that has no name yet."""

    collected: Collected
    bytes: int
    sha256: str


def write_verified(
    configuration: ExportConfiguration,
    layout: Layout,
    file: io.BufferedRandom,
    target: Path,
    store: Store,
    *,
    bom: bool,
    export_id: str | None = None,
    report: Report,
    cancelled: Stop,
) -> Written:
    """Write the export to `file` and read it back; `target` is what errors of the disk speak of.

    Raises `FormatError` where the two differ or privacy left a trace, `StorageError`, `Cancelled`.
    """
    with store.scratch_folder() as folder:
        with snapshot(store.database), told_of_disk(target):
            collected = collect(
                configuration, store, folder, bom=bom, export_id=export_id, cancelled=cancelled
            )
            beat = beating("Writing", collected.records, report, cancelled)
            sink = cast("BinaryIO", Sink(file, cancelled))
            meant = write_document(collected.document, layout, sink, beat, large=collected.records >= _LARGE)
            file.flush()
        with told_of_disk(target):
            digest = _verify(collected, layout, file, meant, report, cancelled)
            size = file.seek(0, io.SEEK_END)
    return Written(collected, size, digest)


def write_document(
    document: Document, layout: Layout, sink: BinaryIO, beat: Beat, *, large: bool = False
) -> Meant:
    """Write every entry of a layout and return what was meant."""
    meant: Meant = {}
    writer = writer_for(layout.format)
    with packing(sink, layout, large=large) as opened:
        for entry in layout.entries:
            with opened(entry.name) as part:
                meant |= writer.write(document.only(entry.categories), part, beat)
    return meant


def beating(phase: str, total: int, report: Report, cancelled: Stop) -> Beat:
    """Return what reports progress and looks at the stop switch after each batch of rows."""
    done = 0

    def beat(count: int) -> None:
        nonlocal done
        done += count
        stop_if(cancelled)
        report(Progress(phase, min(done, total), total))

    beat(0)
    return beat


def constant_parts(document: Document) -> Document:
    """Return the document with nothing of the user's: its keys, headers and one row of blanks."""
    trip = (" x ", " x ", " x ", 0, 0, " x ", 1, " x ", " x ", " x ", " x ", " x ")
    return replace(
        document,
        metadata={**document.metadata, "userId": "", "exportId": ""},
        trips=lambda: [[trip]],
        notifications=lambda: [[(" x ",) * len(NOTIFICATION_FIELDS)]],
        analytics=_keys(document.analytics),
    )


def without_rows(document: Document) -> Document:
    """Return the document with its trips and notifications left out."""
    return replace(document, trips=list, notifications=list)


def _keys(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _keys(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_keys(each) for each in value[:1]]
    return "" if isinstance(value, str) else value


def _verify(
    collected: Collected,
    layout: Layout,
    file: io.BufferedRandom,
    meant: Meant,
    report: Report,
    cancelled: Stop,
) -> str:
    """Read the file back, compare, and return its SHA-256."""
    words: list[str] = []
    if collected.mask.on:
        writer, constant = writer_for(layout.format), ""
        for entry in layout.entries:
            plain = io.BytesIO()
            writer.write(
                constant_parts(collected.document).only(entry.categories), plain, lambda _count: None
            )
            constant += all_text(layout.format, plain.getvalue())
        words = collected.mask.traces(constant)
    file.seek(0)
    beat = beating("Verifying", collected.records, report, cancelled)
    found = reread(file, layout, collected.document, Traces(words), beat)
    counts = {name: meant[name].rows for name in collected.counts}
    if found != meant or counts != collected.counts:
        message = _("The written file does not read back as it was meant. Nothing was kept; try again.")
        raise FormatError("export-unverified", message)
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()


class Sink:
    """A file for writers that can be stopped between two writes.

    After the first failure it only pretends to write: a half-made archive that is being closed must not
    raise again.
    """

    def __init__(self, file: io.BufferedRandom, cancelled: Stop) -> None:
        self._file = file
        self._cancelled = cancelled
        self._failed = False
        self._at = 0

    def write(self, data: bytes) -> int:
        """Write `data`; raises `Cancelled` when the user asked to stop."""
        if not self._failed:
            self._failed = True
            stop_if(self._cancelled)
            self._file.write(data)
            self._failed = False
        self._at += len(data)
        return len(data)

    def writelines(self, pieces: Iterable[bytes]) -> None:
        """Write one piece after the other."""
        for piece in pieces:
            self.write(piece)

    def tell(self) -> int:
        """Return the position."""
        return self._at

    def seek(self, offset: int) -> int:
        """Move to a position counted from the beginning."""
        if not self._failed:
            self._file.seek(offset)
        self._at = offset
        return offset

    def seekable(self) -> bool:
        """Return that it can be moved in."""
        return True

    def flush(self) -> None:
        """Hand everything to the system."""
        if not self._failed:
            self._file.flush()
