"""What was settled about a record once is not asked again, while the import that it was for stands.

That is what a person decided about it, and which trip it became when another record of its file changed that trip
then: imported again, the first of the two would turn the trip back.

A record is known by the fingerprint of its content, so a re-import of the same rows finds it under any file
name; undoing the import forgets the decisions with it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any, Final

from dinotui.storage.changelog import Recorder
from dinotui.storage.database import Database

_CONTENT: Final = (
    "r.country, r.country_code, r.entry_day, r.exit_day, r.visa_type, r.max_days, r.passport_country, r.notes"
)


def fingerprint(content: Sequence[Any]) -> str:
    """Return the fingerprint of a record's content, columns as in `_CONTENT`."""
    return hashlib.sha256(
        json.dumps(list(content), ensure_ascii=False).encode("utf-8", "replace")
    ).hexdigest()


def remember_decisions(recorder: Recorder) -> int:
    """Remember which records are settled although their trips say otherwise (inside an apply).

    Returns how many these were.
    """
    database = recorder.store.database
    rows = database.rows(
        f"SELECT {_CONTENT}, t.id FROM stage.planned p JOIN stage.record r ON r.record = p.record"
        " LEFT JOIN temp.created c ON c.record = p.twin JOIN trip t ON t.number = coalesce(p.trip, c.trip)"
        " WHERE p.decision IN ('existing', 'skip', 'merge') AND p.made_by = 'user'"
        f" UNION ALL SELECT {_CONTENT}, t.id FROM temp.due d JOIN temp.created c ON c.trip = d.trip"
        " JOIN stage.record r ON r.record = c.record JOIN trip t ON t.number = d.trip"
    )
    for row in rows:
        database.execute(
            "INSERT OR REPLACE INTO settled VALUES (?, ?, ?, ?)",
            (recorder.store.user, fingerprint(row[:-1]), row[-1], recorder.number),
        )
    return len(rows)


def skip_settled(database: Database, user: int) -> None:
    """Turn conflicts that were decided before into skips; `live` is attached, the plan is being made."""
    known = {
        (row[0], row[1])
        for row in database.rows(
            "SELECT s.fingerprint, s.trip_id FROM live.settled s JOIN live.operation o ON o.number = s.operation"
            " WHERE s.user = ? AND o.state = 'done'",
            (user,),
        )
    }
    if not known:
        return
    rows = database.rows(
        f"SELECT p.record, t.id, {_CONTENT} FROM plan p JOIN record r ON r.record = p.record"
        " JOIN live.trip t ON t.number = p.trip WHERE p.action IN ('ask', 'update')"
    )
    for record, trip_id, *content in rows:
        if (fingerprint(content), trip_id) in known:
            database.execute(
                "UPDATE plan SET action = 'skip', reason = 'settled' WHERE record = ?", (record,)
            )
