"""Preferences and notifications of an incoming file; what a notification points at still is what it meant."""

from __future__ import annotations

import json
from typing import Any

from dinotui.domain.ids import new_id
from dinotui.storage.applying import renamed_ids
from dinotui.storage.changelog import Recorder
from dinotui.storage.database import utc_now
from dinotui.storage.staging import Staging


def import_other_categories(recorder: Recorder, staging: Staging, *, replace: bool) -> None:
    """Merge the file's preferences (by key) and notifications (by id) inside an import's operation.

    With `replace` what the file's categories hold replaces what the user has in them.
    """
    renamed = renamed_ids(recorder.store.database)
    for other in staging.meta("others", []):
        with recorder.part():
            if other["preferences"] is not None:
                _preferences(recorder, other["preferences"], replace=replace)
            if other["notifications"] is not None:
                _notifications(recorder, other["notifications"], renamed, replace=replace)


def _preferences(recorder: Recorder, preferences: dict[str, Any], *, replace: bool) -> None:
    database, user = recorder.store.database, recorder.store.user
    if replace:
        database.execute("DELETE FROM preference WHERE user = ?", (user,))
    for key, value in preferences.items():
        if value is not None:
            database.execute(
                "INSERT INTO preference VALUES (:user, :key, :value, :by) ON CONFLICT (user, key) DO UPDATE"
                " SET value = excluded.value, changed_by = excluded.changed_by WHERE value <> excluded.value",
                {"user": user, "key": key, "value": json.dumps(value, ensure_ascii=False), "by": recorder.number},
            )


def _notifications(
    recorder: Recorder, notifications: list[dict[str, Any]], renamed: dict[str, str], *, replace: bool
) -> None:
    database, user = recorder.store.database, recorder.store.user
    if replace:
        database.execute("DELETE FROM notification WHERE user = ?", (user,))
    for entry in notifications:
        trip = entry.get("tripId")
        database.execute(
            "INSERT INTO notification (user, id, kind, title, message, created_at, read_at, trip_id, subject,"
            " changed_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (
                user,
                str(entry.get("id") or new_id()),
                str(entry.get("kind") or entry.get("type") or "info"),
                str(entry.get("title") or ""),
                str(entry.get("message") or ""),
                str(entry.get("created") or entry.get("createdAt") or utc_now()),
                entry.get("read") if isinstance(entry.get("read"), str) else entry.get("readAt"),
                None if trip is None else renamed.get(str(trip), str(trip)),
                entry.get("subject"),
                recorder.number,
            ),
        )
