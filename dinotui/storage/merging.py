"""Two stored trips become one: the kept one takes its values, the other goes, and what pointed at it follows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dinotui.storage.changelog import Recorder
from dinotui.storage.database import utc_now
from dinotui.storage.tables import TripRow


def merge_rows(
    recorder: Recorder, kept: Mapping[str, Any], gone: Mapping[str, Any], changes: Mapping[str, Any]
) -> None:
    """Merge one stored trip into another (inside a part of `recorder`'s operation).

    Notifications about the trip that goes are about the kept one; so is what was decided against it, as long as
    the import stands for which it was decided.
    """
    store = recorder.store
    if changes:
        row = {**changes, "updated_at": utc_now(), "changed_by": recorder.number}
        store.database.run(TripRow.update(**row).where(TripRow.number == kept["number"]))
    store.database.execute(
        "UPDATE notification SET trip_id = ?, changed_by = ? WHERE user = ? AND trip_id = ?",
        (kept["id"], recorder.number, store.user, gone["id"]),
    )
    store.database.execute(
        "INSERT INTO settled SELECT user, fingerprint, :kept, operation FROM settled"
        " WHERE user = :user AND trip_id = :gone"
        " ON CONFLICT (user, fingerprint, trip_id) DO UPDATE SET operation = excluded.operation"
        " WHERE (SELECT state FROM operation WHERE number = settled.operation) <> 'done'",
        {"kept": kept["id"], "user": store.user, "gone": gone["id"]},
    )
    store.database.run(TripRow.delete().where(TripRow.number == gone["number"]))
