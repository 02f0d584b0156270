"""History: every operation, what it changed row by row, and undoing or redoing any of them (SPEC.md 5).

Which rows an undo or redo takes, and what stays for a later one, is told in `storage.reversing`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from dinotui.domain.dates import day_text
from dinotui.domain.errors import DinoError, NotFound
from dinotui.domain.result import KeptRow, UndoResult
from dinotui.domain.visible import visible
from dinotui.domain.wire import Wire
from dinotui.engine.progress import Progress, Report, Stop, never, quietly, stop_if
from dinotui.locale import N_, _
from dinotui.storage import changelog, oplog, reversing
from dinotui.storage.database import waiting_ends_with
from dinotui.storage.oplog import UNDOABLE, LogEntry
from dinotui.storage.reversing import Kept, Left
from dinotui.storage.store import Store

KIND_LABELS: Final = {
    "import": N_("Import"),
    "export": N_("Export"),
    "edit": N_("Edit"),
    "add": N_("Add"),
    "delete": N_("Delete"),
    "merge": N_("Merge"),
    "restore": N_("Restore"),
    "fix": N_("Fix"),
    "undo": N_("Undo"),
    "redo": N_("Redo"),
}


class OperationEntry(Wire):
    """One entry of the log. `state` is ``done`` or ``undone``; `undoes` and `undone_by` are operation ids."""

    id: str
    kind: str
    state: str
    timestamp: str
    source: str
    summary: str
    backup_id: str | None = None
    undoes: str | None = None
    undone_by: str | None = None


@dataclass(frozen=True, slots=True)
class FoundOperation:
    """An entry with its number, which orders the log, and its stored details."""

    number: int
    entry: OperationEntry
    details: dict[str, Any]
    stored: LogEntry


def _found(stored: LogEntry) -> FoundOperation:
    entry = OperationEntry(
        id=stored.id,
        kind=stored.kind,
        state=stored.state,
        timestamp=stored.timestamp,
        source=stored.source,
        summary=stored.summary,
        backup_id=stored.backup_id,
        undoes=stored.undoes,
        undone_by=stored.undone_by,
    )
    return FoundOperation(stored.number, entry, stored.details, stored)


def operations(
    store: Store,
    *,
    before: int | None = None,
    after: int | None = None,
    limit: int = 100,
    text: str = "",
    kind: str = "",
    since: str = "",
    until: str = "",
) -> list[FoundOperation]:
    """Return a page of the log, newest first, older than number `before` or (the nearest) newer than `after`.

    `text` keeps entries whose kind, source, summary, time or id hold every word of it; `since` and `until`
    are instants (ISO 8601, UTC), the last one outside.
    """
    found = oplog.entries(
        store, before=before, after=after, limit=limit, text=text, kind=kind, since=since, until=until
    )
    return [_found(entry) for entry in found]


def count_operations(store: Store, *, text: str = "", kind: str = "") -> int:
    """Return how many entries the filter keeps."""
    return oplog.count_entries(store, text=text, kind=kind)


def find_operation(store: Store, key: str) -> FoundOperation:
    """Return the operation with this id, or the only one whose id begins so; raises `NotFound`."""
    found = oplog.find_entries(store, key) if key else []
    if len(found) != 1:
        raise NotFound(
            "no-such-operation",
            _("There is no operation {id}, or several begin so. List them with: dinotui history.").format(
                id=visible(key)
            ),
        )
    return _found(found[0])


@dataclass(frozen=True, slots=True)
class Change:
    """One changed row for a reader: what it is, its public name, and each changed field before and after."""

    table: str
    id: str
    title: str
    what: str
    fields: dict[str, tuple[Any, Any]]


def changes(
    store: Store, operation: FoundOperation, *, offset: int = 0, limit: int = 100, trip: int | None = None
) -> list[Change]:
    """Return a page of the rows that an operation changed, with their fields before and after."""
    rows = changelog.changes_of(store.database, operation.number, offset, limit, trip)
    return [_change(store, row) for row in rows]


def all_changes(store: Store, operation: FoundOperation) -> Iterator[Change]:
    """Yield every row that an operation changed; a million of them cost the memory of one part."""
    for row in changelog.stream_changes(store.database, operation.number):
        yield _change(store, row)


def count_changes(store: Store, operation: FoundOperation) -> int:
    """Return how many rows an operation changed."""
    return oplog.count_changed_rows(store, operation.number)


_SHOWN: Final = {
    "country": "country",
    "country_code": "countryCode",
    "entry_day": "entryDate",
    "exit_day": "exitDate",
    "visa_type": "visaType",
    "max_days": "maxDays",
    "passport_country": "passportCountry",
    "notes": "notes",
    "key": "key",
    "value": "value",
    "title": "title",
    "message": "message",
    "trip_id": "tripId",
    "rule": "rule",
    "name": "name",
    "configuration": "configuration",
}


def _change(store: Store, row: changelog.RowChange) -> Change:
    before, after = row.before or {}, row.after or {}
    what = "added" if row.before is None else "removed" if row.after is None else "changed"
    fields = {
        shown: (_readable(column, before.get(column)), _readable(column, after.get(column)))
        for column, shown in _SHOWN.items()
        if before.get(column) != after.get(column)
    }
    known = {**before, **after}
    id_ = (
        known.get("id")
        or known.get("key")
        or oplog.public_id(store, row.table, row.key[0])
        or str(row.key[-1])
    )
    title = f"#{row.key[0]}" if row.table == "trip" else str(id_)
    return Change(row.table, str(id_), title, what, fields)


def _readable(column: str, value: Any) -> Any:
    return day_text(value) if column in ("entry_day", "exit_day") and value is not None else value


def operations_of_trip(store: Store, number: int) -> list[FoundOperation]:
    """Return every operation that touched the trip with this number, newest first."""
    spanning = oplog.of_trip(store, number)
    return [
        _found(entry)
        for entry in spanning
        if changelog.changes_of(store.database, entry.number, 0, 1, number)
    ]


def change_form(change: Change) -> dict[str, Any]:
    """Return a changed row as JSON has it."""
    fields = {name: {"before": before, "after": after} for name, (before, after) in change.fields.items()}
    return {"table": change.table, "id": change.id, "what": change.what, "fields": fields}


def undo(
    store: Store,
    key: str | None = None,
    *,
    source: str = "",
    report: Report = quietly,
    cancelled: Stop = never,
) -> UndoResult:
    """Undo an operation, by default the newest that is not undone; what changed since is kept and named.

    Where all was kept the operation stays as it was. What was kept can be undone again later. Undoing an undo
    redoes what it undid. Raises `NotFound`, `DinoError` when there is nothing to undo, and
    `Cancelled` with nothing changed.
    """
    return _carry_out(store, *_meant(store, key, "undo"), source, _Steps(report, cancelled))


def redo(
    store: Store,
    key: str | None = None,
    *,
    source: str = "",
    report: Report = quietly,
    cancelled: Stop = never,
) -> UndoResult:
    """Redo an undone operation, by default the one undone last; what changed since is kept and named."""
    return _carry_out(store, *_meant(store, key, "redo"), source, _Steps(report, cancelled))


class _Steps:
    """Tells how far an undo or redo is between two parts, and stops it there when it should stop."""

    def __init__(self, report: Report, cancelled: Stop) -> None:
        self._report, self.cancelled = report, cancelled

    def __call__(self, done: int, total: int) -> None:
        stop_if(self.cancelled)
        self._report(Progress("Undoing", done, total))


def _meant(store: Store, key: str | None, kind: str) -> tuple[str | None, str]:
    """Return the operation and the direction that are meant: an undo or redo entry stands for its target."""
    if key is None:
        return None, kind
    entry = find_operation(store, key).entry
    if entry.undoes is None:
        return entry.id, kind
    if kind == "undo":
        return entry.undoes, _reverse_of(store, entry)
    return entry.undoes, "redo"


def _reverse_of(store: Store, entry: OperationEntry) -> str:
    """Return what takes an undo or redo back; raises `DinoError` where no row is left for that."""
    assert entry.undoes is not None
    target = find_operation(store, entry.undoes)
    kind = "redo" if entry.kind == "undo" else "undo"
    if oplog.count_changed_rows(store, target.number):
        is_left = bool(reversing.steps(store.database, target.number, kind))
    else:
        is_left = target.entry.state != _AFTER[kind]
    if not is_left:
        text = (
            _("This undo is taken back already. Undo what it had undone with: dinotui undo {id}.")
            if entry.kind == "undo"
            else _("This redo is taken back already. Do it again with: dinotui redo {id}.")
        )
        raise DinoError("already-undone", text.format(id=target.entry.id))
    return kind


class _Rehearsed(Exception):
    """Carries the result of an undo that is rolled back."""

    def __init__(self, result: UndoResult) -> None:
        self.result = result


def rehearse(
    store: Store, key: str | None, kind: str, *, report: Report = quietly, cancelled: Stop = never
) -> UndoResult:
    """Return what an undo or redo would do, by doing it and rolling it back; raises `Cancelled` too."""
    try:
        _carry_out(store, *_meant(store, key, kind), "", _Steps(report, cancelled), rehearsal=True)
    except _Rehearsed as rehearsed:
        return rehearsed.result
    raise AssertionError("a rehearsal always rolls back")


def next_operation(store: Store, kind: str) -> FoundOperation | None:
    """Return the operation that a plain undo or redo would take, None where there is none.

    One of which no row could be taken now is passed over; where that is so of all, it is the first of them.
    """
    found = first = oplog.newest(store, kind)
    while found is not None:
        rows = oplog.count_changed_rows(store, found.number)
        if not rows or reversing.possible(store.database, found.number, kind):
            return _found(found)
        found = oplog.newest(store, kind, found)
    return _found(first) if first else None


def _carry_out(
    store: Store, key: str | None, kind: str, source: str, steps: _Steps, *, rehearsal: bool = False
) -> UndoResult:
    with (
        waiting_ends_with(steps.cancelled),
        changelog.operation(store, kind, source=source) as recorder,
        store.database.stoppable(steps.cancelled),
    ):
        target = _target(store, key, kind)
        todo = reversing.steps(store.database, target.number, kind)
        left = reversing.reverse(recorder, target.number, todo, steps)
        counts = recorder.counts
        took = counts != changelog.Counts()
        if oplog.count_changed_rows(store, target.number):
            if not took and left == Left([], []):
                _refuse(target, kind)
        elif target.entry.state == _AFTER[kind]:
            _refuse(target, kind)
        else:
            took = True  # an import of which only the decisions are remembered, while it is done
        kept = left.kept if took else left.kept + left.gone
        if took:
            oplog.mark(store, recorder, target.stored, kind)
        result = UndoResult(
            operation_id=recorder.id,
            undoes=target.entry.id if kind == "undo" else None,
            redoes=target.entry.id if kind == "redo" else None,
            removed=counts.deleted,
            restored=counts.inserted,
            reverted=counts.updated,
            kept=tuple(KeptRow(id=row.id, reason=_reason(store, target, row)) for row in kept),
        )
        recorder.describe(
            undoes=target.number,
            summary=_summary(kind, target, result, took=took),
            details={"counts": counts._asdict(), "kept": len(left.kept), "gone": len(left.gone)},
        )
        if rehearsal:
            raise _Rehearsed(result)
    return result


def _target(store: Store, key: str | None, kind: str) -> FoundOperation:
    """Return the operation to undo or redo."""
    found = next_operation(store, kind) if key is None else find_operation(store, key)
    if found is None:
        raise DinoError(
            f"nothing-to-{kind}",
            _("There is nothing to undo.") if kind == "undo" else _("There is nothing to redo."),
        )
    if found.entry.kind not in UNDOABLE:
        raise DinoError("not-undoable", _("An export changed nothing, so there is nothing to undo."))
    return found


_AFTER: Final = {"undo": "undone", "redo": "done"}


def _refuse(target: FoundOperation, kind: str) -> NoReturn:
    """Say that nothing of the operation is left to undo or redo."""
    if kind == "undo":
        raise DinoError(
            "already-undone",
            _("This operation is undone already. Redo it with: dinotui redo {id}.").format(
                id=target.entry.id
            ),
        )
    raise DinoError("not-undone", _("This operation is not undone, so there is nothing to redo."))


def _reason(store: Store, target: FoundOperation, row: Kept) -> str:
    if row.why == "gone":
        return _("It was deleted since.")
    if row.why == "taken":
        return _("Another row has the same id now.")
    by = oplog.by_number(store, row.changed_by)
    if by is None or by.number == target.number:
        return _("It was changed since.")
    return _("It was changed since, by {kind} on {date}: {what} ({id}).").format(
        kind=_(KIND_LABELS.get(by.kind, by.kind)),
        date=by.timestamp[:10],
        what=by.summary or by.source,
        id=by.id,
    )


def named(operation: FoundOperation) -> str:
    """Return an operation in a few words: an import by its file and counts, others by what they did."""
    entry = operation.entry
    if entry.kind == "import" and entry.source and entry.summary:
        return f"{entry.source}: {entry.summary}"
    return entry.summary or entry.source or entry.kind


def _summary(kind: str, target: FoundOperation, result: UndoResult, *, took: bool) -> str:
    what = named(target)
    if took:
        text = _("Undid: {what}") if kind == "undo" else _("Redid: {what}")
    else:
        text = _("Could not undo: {what}") if kind == "undo" else _("Could not redo: {what}")
    kept = _(" (kept {count} changed since)").format(count=len(result.kept)) if result.kept else ""
    return text.format(what=what) + kept
