"""The log for other programs: which operations are meant, and writing them into a file (SPEC.md 5)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from dinotui.domain.dates import from_day
from dinotui.domain.errors import NotFound, StorageError
from dinotui.domain.visible import visible
from dinotui.domain.wire import Wire
from dinotui.engine.exporting import refuse_own_database
from dinotui.engine.history import (
    FoundOperation,
    all_changes,
    change_form,
    operations,
    operations_of_trip,
)
from dinotui.engine.left_out import all_left_out, left_out_form
from dinotui.engine.progress import Progress, Report, Stop, never, quietly, stop_if
from dinotui.locale import _
from dinotui.storage.new_file import NewFile, with_new_file
from dinotui.storage.store import Store
from dinotui.storage.trips import named_row

_PAGE: Final = 500


class LogFilter(NamedTuple):
    """Which operations: words, a kind, first and last day (since 1970-01-01, this machine's zone), a trip."""

    text: str = ""
    kind: str = ""
    first: int | None = None
    last: int | None = None
    trip: str | None = None


class LogExport(Wire):
    """A written log file."""

    path: str
    operations: int
    bytes: int
    sha256: str


def matching(store: Store, chosen: LogFilter) -> Iterator[FoundOperation]:
    """Yield the operations that the filter keeps, newest first, page by page; raises `NotFound` for no trip."""
    since = "" if chosen.first is None else _instant(chosen.first)
    until = "" if chosen.last is None else _instant(chosen.last + 1)
    if chosen.trip is not None:
        touching = {found.number for found in operations_of_trip(store, trip_number(store, chosen.trip))}
        return (found for found in _pages(store, chosen, since, until) if found.number in touching)
    return _pages(store, chosen, since, until)


def _pages(store: Store, chosen: LogFilter, since: str, until: str) -> Iterator[FoundOperation]:
    before: int | None = None
    while page := operations(
        store, before=before, limit=_PAGE, text=chosen.text, kind=chosen.kind, since=since, until=until
    ):
        yield from page
        before = page[-1].number


def trip_number(store: Store, key: str) -> int:
    """Return the number of a trip by number or id; a number may be that of a trip deleted since."""
    try:
        return int(named_row(store, key)["number"])
    except NotFound:
        digits = key.removeprefix("#")
        if digits.isascii() and digits.isdigit() and len(digits) < 19:
            return int(digits)
        raise


def _instant(day: int) -> str:
    """Return the midnight in this machine's zone that a day begins with, as instants are stored."""
    local = datetime.combine(from_day(day), datetime.min.time()).astimezone()
    return local.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def export_log(
    store: Store,
    target: Path,
    found: Iterable[FoundOperation],
    *,
    rows: bool = False,
    force: bool = False,
    report: Report = quietly,
    cancelled: Stop = never,
) -> LogExport:
    """Write operations as a JSON array into a new file, mode 0600, with `rows` each changed row before and after, and
    each record that an import left out.

    An existing file goes only with `force`. Raises `StorageError` and `Cancelled`; then nothing is left behind.
    """
    refuse_own_database(target, store)

    def work(new: NewFile) -> LogExport:
        made, count = hashlib.sha256(), 0
        for count, piece in _pieces(store, found, rows=rows, cancelled=cancelled):
            report(Progress("Writing", count))
            made.update(piece)
            new.file.write(piece)
        new.sync()
        new.file.seek(0)
        if hashlib.file_digest(new.file, "sha256").digest() != made.digest():
            raise StorageError(
                "export-differs",
                _("The file did not read back as it was written, so it was not kept. Check the disk."),
                visible(str(target)),
            )
        stop_if(cancelled)
        new.publish()
        return LogExport(
            path=str(target), operations=count, bytes=target.stat().st_size, sha256=made.hexdigest()
        )

    return with_new_file(target, work, replace=force, noted_in=store.scratch)


def _pieces(
    store: Store, found: Iterable[FoundOperation], *, rows: bool, cancelled: Stop
) -> Iterator[tuple[int, bytes]]:
    """Yield (operations so far, bytes) of the array, an operation or a changed row a line."""
    count, opening = 0, "[\n"
    for count, operation in enumerate(found, start=1):
        stop_if(cancelled)
        head = json.dumps(operation.entry.model_dump(mode="json", by_alias=True), ensure_ascii=False)
        yield count, (opening + head[: -1 if rows else None]).encode("utf-8", "replace")
        opening = ",\n"
        if rows:
            changes = (change_form(change) for change in all_changes(store, operation))
            for piece in _list("changes", changes, cancelled, b', "changes": []'):
                yield count, piece
            left = (left_out_form(record) for record in all_left_out(store, operation))
            for piece in _list("leftOut", left, cancelled):
                yield count, piece
            yield count, b"}"
    yield count, b"\n]\n" if count else b"[]\n"


def _list(name: str, forms: Iterable[dict[str, Any]], cancelled: Stop, none: bytes = b"") -> Iterator[bytes]:
    """Yield a further member of an object, an item a line; `none` where there is none."""
    between = f', "{name}": [\n  '
    number = -1
    for number, form in enumerate(forms):
        if number % _PAGE == 0:
            stop_if(cancelled)
        line = json.dumps(form, ensure_ascii=False, default=str)
        yield (between + line).encode("utf-8", "replace")
        between = ",\n  "
    yield b"]" if number >= 0 else none
