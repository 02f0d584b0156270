"""A user's validation rules as rows: one a rule, as JSON, in an order."""

from __future__ import annotations

from dinotui.storage.changelog import Recorder
from dinotui.storage.store import Store


def stored_rules(store: Store) -> list[tuple[str, str]]:
    """Return id and JSON of each rule, in their order."""
    rows = store.database.rows(
        "SELECT id, rule FROM rule WHERE user = ? ORDER BY position, id", (store.user,)
    )
    return [(row[0], row[1]) for row in rows]


def write_rule(recorder: Recorder, id: str, rule: str) -> None:  # noqa: A002 - the column's name
    """Store a rule inside a part of `recorder`'s operation; a new one comes last."""
    database, user = recorder.store.database, recorder.store.user
    database.execute(
        "INSERT INTO rule (user, id, position, rule, changed_by) VALUES (:user, :id,"
        " (SELECT coalesce(max(position), 0) + 1 FROM rule WHERE user = :user), :rule, :by)"
        " ON CONFLICT (user, id) DO UPDATE SET rule = excluded.rule, changed_by = excluded.changed_by"
        " WHERE rule <> excluded.rule",
        {"user": user, "id": id, "rule": rule, "by": recorder.number},
    )


def remove_rule(recorder: Recorder, id: str) -> None:  # noqa: A002 - the column's name
    """Delete a rule inside a part of `recorder`'s operation."""
    recorder.store.database.execute("DELETE FROM rule WHERE user = ? AND id = ?", (recorder.store.user, id))
