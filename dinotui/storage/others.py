"""Notifications as an import writes them: by id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dinotui.storage.changelog import Recorder


def put_notifications(recorder: Recorder, rows: Iterable[Mapping[str, Any]], *, replace: bool) -> None:
    """Add notifications whose id is new; with `replace` those that are not given go.

    A row has id, kind, title, message, created_at, read_at, trip_id and subject.
    """
    database, user = recorder.store.database, recorder.store.user
    given = list(rows)
    if replace:
        keep = {row["id"] for row in given}
        for (id_,) in database.rows("SELECT id FROM notification WHERE user = ?", (user,)):
            if id_ not in keep:
                database.execute("DELETE FROM notification WHERE user = ? AND id = ?", (user, id_))
    for row in given:
        database.execute(
            "INSERT INTO notification (user, id, kind, title, message, created_at, read_at, trip_id, subject,"
            " changed_by) VALUES (:user, :id, :kind, :title, :message, :created_at, :read_at, :trip_id, :subject,"
            " :by) ON CONFLICT DO NOTHING",
            {**row, "user": user, "by": recorder.number},
        )
