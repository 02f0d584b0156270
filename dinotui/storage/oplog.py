"""The operation log: entries by keyset, newest first, and the marks of undo and redo."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from dinotui.storage.changelog import Recorder
from dinotui.storage.store import Store
from dinotui.storage.tables import Operation

UNDOABLE: Final = ("import", "edit", "add", "delete", "merge", "restore", "fix")
_UNCHANGING: Final = ("export", "backup")
_CHANGED: Final = "EXISTS (SELECT 1 FROM operation_change c WHERE c.operation = o.number)"
_PARTLY: Final = (
    "coalesce(json_extract(b.details, '$.kept'), 0) + coalesce(json_extract(b.details, '$.gone'), 0) > 0"
)
_SELECT: Final = (
    "SELECT o.number, o.id, o.kind, o.state, o.timestamp, o.source, o.summary, o.backup_id, u.id, b.id, b.number,"
    f" o.state = 'undone' AND {_PARTLY}, o.details FROM operation o LEFT JOIN operation u ON u.number = o.undoes"
    " LEFT JOIN operation b ON b.number = o.undone_by WHERE o.user = :user"
)


class LogEntry(NamedTuple):
    """One entry: `undoes` and `undone_by` are operation ids, `details` the decoded JSON.

    `partly` says that it is undone, but for rows that were left alone.
    """

    number: int
    id: str
    kind: str
    state: str
    timestamp: str
    source: str
    summary: str
    backup_id: str | None
    undoes: str | None
    undone_by: str | None
    undone_by_number: int | None
    partly: bool
    details: dict[str, Any]


def entries(
    store: Store,
    *,
    before: int | None = None,
    after: int | None = None,
    limit: int = 100,
    text: str = "",
    kind: str = "",
    since: str = "",
    until: str = "",
) -> list[LogEntry]:
    """Return a page, newest first: older than number `before`, or the nearest newer than `after`.

    With `after` 0 it is the oldest page. `text` keeps entries that hold every word of it; `since` and `until`
    are instants (ISO 8601, UTC), the last one outside.
    """
    condition, values = _filter(text, kind, since, until)
    if before is not None:
        condition += " AND o.number < :before"
        values["before"] = before
    if after is not None:
        condition += " AND o.number > :after"
        values["after"] = after
    order = "DESC" if after is None else "ASC"
    rows = store.database.rows(
        f"{_SELECT}{condition} ORDER BY o.number {order} LIMIT :limit",
        {**values, "user": store.user, "limit": limit},
    )
    found = [_entry(row) for row in rows]
    return found if after is None else found[::-1]


def count_entries(store: Store, *, text: str = "", kind: str = "") -> int:
    """Return how many entries the filter keeps."""
    condition, values = _filter(text, kind)
    sql = f"SELECT count(*) FROM operation o WHERE o.user = :user{condition}"
    return int(store.database.value(sql, {**values, "user": store.user}))


def _filter(text: str, kind: str, since: str = "", until: str = "") -> tuple[str, dict[str, Any]]:
    conditions = {"kind": "o.kind = :kind", "since": "o.timestamp >= :since", "until": "o.timestamp < :until"}
    values: dict[str, Any] = {
        name: value for name, value in (("kind", kind), ("since", since), ("until", until)) if value
    }
    condition = "".join(f" AND {conditions[name]}" for name in values)
    for number, word in enumerate(text.split()):
        searched = "o.kind || ' ' || o.source || ' ' || o.summary || ' ' || o.timestamp || ' ' || o.id"
        condition += f" AND instr(lower({searched}), lower(:word{number}))"
        values[f"word{number}"] = word
    return condition, values


def find_entries(store: Store, key: str) -> list[LogEntry]:
    """Return the entry with this id, else up to two whose ids begin so."""
    rows = store.database.rows(
        f"{_SELECT} AND substr(o.id, 1, length(:key)) = :key ORDER BY o.id <> :key, o.number DESC LIMIT 2",
        {"user": store.user, "key": key},
    )
    found = [_entry(row) for row in rows]
    return found[:1] if found and found[0].id == key else found


def newest(store: Store, kind: str, before: LogEntry | None = None) -> LogEntry | None:
    """Return the operation that a plain ``undo`` or ``redo`` would look at first, or after `before`.

    To undo it is the newest that is done, or undone but for rows that were left alone; one that changed nothing
    (the second import of a file) is passed over. To redo it is the one that was undone last.
    """
    kinds = ", ".join(f"'{name}'" for name in UNDOABLE)
    if kind == "undo":
        last = before.number if before else None
        condition = (
            f" AND (o.state = 'done' OR o.state = 'undone' AND {_PARTLY}) AND {_CHANGED}"
            " AND (o.number < :last OR :last IS NULL) ORDER BY o.number DESC"
        )
    else:
        last = before.undone_by_number if before else None
        condition = (
            " AND o.state = 'undone' AND (o.undone_by < :last OR :last IS NULL) ORDER BY o.undone_by DESC"
        )
    rows = store.database.rows(
        f"{_SELECT} AND o.kind IN ({kinds}){condition} LIMIT 1", {"user": store.user, "last": last}
    )
    return _entry(rows[0]) if rows else None


def of_trip(store: Store, trip: int) -> list[LogEntry]:
    """Return the operations one of whose parts spans the trip's number, newest first."""
    rows = store.database.rows(
        f"{_SELECT} AND o.number IN (SELECT operation FROM operation_change"
        " WHERE :trip BETWEEN lowest_trip AND highest_trip) ORDER BY o.number DESC",
        {"user": store.user, "trip": trip},
    )
    return [_entry(row) for row in rows]


def by_number(store: Store, number: int | None) -> LogEntry | None:
    """Return the entry with this number."""
    rows = store.database.rows(f"{_SELECT} AND o.number = :number", {"user": store.user, "number": number})
    return _entry(rows[0]) if rows else None


def exists(store: Store, operation_id: str) -> bool:
    """Return whether an operation with this id was ever made, by any user."""
    return bool(store.database.value("SELECT EXISTS (SELECT 1 FROM operation WHERE id = ?)", (operation_id,)))


def first_import_of(store: Store, sha256: str) -> tuple[str, str] | None:
    """Return (id, timestamp) of the first import of the same bytes that is still in effect."""
    rows = store.database.rows(
        "SELECT o.id, o.timestamp FROM operation o WHERE o.user = ? AND o.sha256 = ? AND o.kind = 'import'"
        f" AND o.state = 'done' AND {_CHANGED} ORDER BY o.number LIMIT 1",
        (store.user, sha256),
    )
    return (rows[0][0], rows[0][1]) if rows else None


def revision(store: Store, *, before: int | None = None) -> int:
    """Return the number of the newest operation that changed the user's data, older than `before`."""
    kinds = ", ".join(f"'{name}'" for name in _UNCHANGING)
    sql = (
        f"SELECT coalesce(max(number), 0) FROM operation WHERE user = :user AND kind NOT IN ({kinds})"
        " AND (number < :before OR :before IS NULL)"
    )
    return int(store.database.value(sql, {"user": store.user, "before": before}))


def count_changed_rows(store: Store, number: int) -> int:
    """Return how many rows an operation changed."""
    sql = "SELECT coalesce(sum(inserted + updated + deleted), 0) FROM operation_change WHERE operation = ?"
    return int(store.database.value(sql, (number,)))


def mark(store: Store, recorder: Recorder, target: LogEntry, kind: str) -> None:
    """Enter that `recorder`'s operation undid or redid `target`, and with it what had done the opposite."""
    opposite, state, undone_by = (
        ("redo", "undone", recorder.number) if kind == "undo" else ("undo", "done", None)
    )
    store.database.execute(
        "UPDATE operation AS o SET state = 'undone', undone_by = ?"
        f" WHERE o.undoes = ? AND o.kind = ? AND o.state = 'done' AND {_CHANGED}",
        (recorder.number, target.number, opposite),
    )
    store.database.run(
        Operation.update(state=state, undone_by=undone_by).where(Operation.number == target.number)
    )


def public_id(store: Store, table: str, number: int) -> str | None:
    """Return the id that people and files know a row of `table` by, None where the row is gone."""
    if table not in ("trip", "notification"):
        return None
    found = store.database.value(f"SELECT id FROM {table} WHERE number = ?", (number,))
    return None if found is None else str(found)


def _entry(row: Sequence[Any]) -> LogEntry:
    *columns, partly, details = row
    return LogEntry._make([*columns, bool(partly), json.loads(details)])
