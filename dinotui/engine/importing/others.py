"""Preferences and notifications of an incoming file; what a notification points at still is what it meant."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from dinotui.domain.ids import new_id
from dinotui.engine.preferences import absorb
from dinotui.locale import ngettext
from dinotui.storage.changelog import Recorder
from dinotui.storage.database import utc_now
from dinotui.storage.others import follow_trips, put_notifications
from dinotui.storage.staging import Staging


class Others(NamedTuple):
    """How many preferences an import changed and how many messages it added."""

    preferences: int = 0
    notifications: int = 0

    def texts(self) -> list[str]:
        """Return both in a few words, where there are some."""
        found = []
        if self.preferences:
            text = ngettext("{count} preference changed", "{count} preferences changed", self.preferences)
            found.append(text.format(count=self.preferences))
        if self.notifications:
            text = ngettext("{count} message added", "{count} messages added", self.notifications)
            found.append(text.format(count=self.notifications))
        return found


def import_other_categories(recorder: Recorder, staging: Staging, *, replace: bool) -> Others:
    """Merge the file's preferences (by key) and notifications (by id, and by what they tell).

    Inside an import's operation, after its trips. With `replace` what the file's categories hold replaces
    what the user has in them.
    """
    found = staging.meta("others", [])
    values = [other["preferences"] for other in found if other["preferences"] is not None]
    told = [other["notifications"] for other in found if other["notifications"] is not None]
    preferences = notifications = 0
    with recorder.part():
        if values:
            preferences = absorb(
                recorder, {k: v for each in values for k, v in each.items()}, replace=replace
            )
        if told:
            rows = [_notification(entry) for each in told for entry in each]
            notifications = put_notifications(recorder, rows, replace=replace)
        follow_trips(recorder)
    return Others(preferences, notifications)


def _notification(entry: Mapping[str, Any]) -> dict[str, Any]:
    trip, subject = entry.get("tripId"), entry.get("subject")
    created = _instant(entry.get("created") or entry.get("createdAt")) or utc_now()
    read = entry.get("readAt") or entry.get("read")
    return {
        "id": str(entry.get("id") or new_id()),
        "kind": str(entry.get("kind") or entry.get("type") or "info"),
        "title": str(entry.get("title") or ""),
        "message": str(entry.get("message") or ""),
        "created_at": created,
        "read_at": (_instant(read) or created) if read else None,
        "trip_id": None if trip is None else str(trip),
        "subject": None if subject is None else str(subject),
    }


def _instant(value: Any) -> str | None:
    """Return an instant as it stands in the file, None where it is none."""
    try:
        datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return str(value)
