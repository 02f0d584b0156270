"""Preferences and notifications of an incoming file; what a notification points at still is what it meant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dinotui.domain.ids import new_id
from dinotui.engine.preferences import absorb
from dinotui.storage.applying import renamed_ids
from dinotui.storage.changelog import Recorder
from dinotui.storage.database import utc_now
from dinotui.storage.others import put_notifications
from dinotui.storage.staging import Staging


def import_other_categories(recorder: Recorder, staging: Staging, *, replace: bool) -> None:
    """Merge the file's preferences (by key) and notifications (by id) inside an import's operation.

    With `replace` what the file's categories hold replaces what the user has in them.
    """
    renamed = renamed_ids(recorder.store.database)
    for other in staging.meta("others", []):
        with recorder.part():
            if other["preferences"] is not None:
                absorb(recorder, other["preferences"], replace=replace)
            if other["notifications"] is not None:
                rows = [_notification(entry, renamed) for entry in other["notifications"]]
                put_notifications(recorder, rows, replace=replace)


def _notification(entry: Mapping[str, Any], renamed: Mapping[str, str]) -> dict[str, Any]:
    trip = entry.get("tripId")
    created = str(entry.get("created") or entry.get("createdAt") or utc_now())
    read = entry.get("readAt") or entry.get("read")
    return {
        "id": str(entry.get("id") or new_id()),
        "kind": str(entry.get("kind") or entry.get("type") or "info"),
        "title": str(entry.get("title") or ""),
        "message": str(entry.get("message") or ""),
        "created_at": created,
        "read_at": read if isinstance(read, str) else created if read else None,
        "trip_id": None if trip is None else renamed.get(str(trip), str(trip)),
        "subject": entry.get("subject"),
    }
