"""Notifications as an import writes them, and what they point at once incoming trips have found their place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from dinotui.storage.changelog import Recorder
from dinotui.storage.store import Store

_SAME: Final = (
    "kind = :kind AND title = :title AND message = :message AND created_at = :created_at"
    " AND read_at IS :read_at AND trip_id IS :trip_id AND subject IS :subject"
)

_RENAMED: Final = """
INSERT OR IGNORE INTO temp.renamed (old, new)
SELECT r.id, t.id FROM stage.record r JOIN stage.planned p ON p.record = r.record
LEFT JOIN temp.created c ON c.record = coalesce(p.twin, r.record)
JOIN main.trip t ON t.number = coalesce(p.trip, c.trip)
WHERE r.id IN (SELECT trip_id FROM main.notification WHERE user = :user AND trip_id IS NOT NULL)
  AND r.id <> t.id AND p.action IN ('create', 'update', 'skip') ORDER BY r.record
"""

_POINT: Final = """
UPDATE OR IGNORE notification SET trip_id = n.new, subject = replace(subject, n.old, n.new), changed_by = :by
FROM temp.renamed n WHERE user = :user AND trip_id = n.old
  AND (changed_by = :by OR NOT EXISTS (SELECT 1 FROM trip t WHERE t.user = :user AND t.id = n.old))
"""

_REPEATS: Final = """
DELETE FROM notification WHERE user = :user AND changed_by = :by AND trip_id IN (SELECT old FROM temp.renamed)
"""


def new_notifications(store: Store, rows: Iterable[Mapping[str, Any]]) -> int:
    """Return how many of the notifications have an id that the user has none of yet."""
    known = {
        id_ for (id_,) in store.database.rows("SELECT id FROM notification WHERE user = ?", (store.user,))
    }
    return len({row["id"] for row in rows} - known)


def put_notifications(recorder: Recorder, rows: Iterable[Mapping[str, Any]], *, replace: bool) -> int:
    """Add notifications whose id and subject are new, and return how many.

    One that is there already stays as it is, but is read once it was read in the file. With `replace` those
    that are not given go, and those that are given become what they are in the file. A row has id, kind,
    title, message, created_at, read_at, trip_id and subject.
    """
    database, user = recorder.store.database, recorder.store.user
    given = list(rows)
    if replace:
        keep = {row["id"] for row in given}
        for (id_,) in database.rows("SELECT id FROM notification WHERE user = ?", (user,)):
            if id_ not in keep:
                database.execute("DELETE FROM notification WHERE user = ? AND id = ?", (user, id_))
    added = 0
    for row in given:
        bound = {**row, "user": user, "by": recorder.number}
        added += database.execute(
            "INSERT INTO notification (user, id, kind, title, message, created_at, read_at, trip_id, subject,"
            " changed_by) VALUES (:user, :id, :kind, :title, :message, :created_at, :read_at, :trip_id, :subject,"
            " :by) ON CONFLICT DO NOTHING",
            bound,
        )
        if replace:
            database.execute(
                "UPDATE OR IGNORE notification SET kind = :kind, title = :title, message = :message,"
                " created_at = :created_at, read_at = :read_at, trip_id = :trip_id, subject = :subject,"
                f" changed_by = :by WHERE user = :user AND id = :id AND NOT ({_SAME})",
                bound,
            )
        elif row["read_at"] is not None:
            database.execute(
                "UPDATE notification SET read_at = :read_at, changed_by = :by"
                " WHERE user = :user AND id = :id AND read_at IS NULL",
                {name: bound[name] for name in ("user", "id", "read_at", "by")},
            )
    return added


def follow_trips(recorder: Recorder) -> None:
    """Let notifications that point at an incoming id point at the trip that the record turned out to be.

    To be called after `apply_plan`, while the staging file is attached. Those that came with this import
    always follow; earlier ones where no trip has the id any more (a record that was set aside before). One
    that says again what was told about the trip goes.
    """
    database, bound = recorder.store.database, {"user": recorder.store.user, "by": recorder.number}
    database.execute("CREATE TEMP TABLE renamed (old TEXT PRIMARY KEY, new TEXT NOT NULL) WITHOUT ROWID")
    try:
        database.execute(_RENAMED, {"user": recorder.store.user})
        database.execute(_POINT, bound)
        database.execute(_REPEATS, bound)
    finally:
        database.execute("DROP TABLE temp.renamed")
