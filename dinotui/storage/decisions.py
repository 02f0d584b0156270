"""Conflicts of a staged plan and the decisions about them: where they stand, stored as made, taken back.

Which action a decision comes to is said by the view `planned`, as everything about the plan is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from dinotui.storage.conflict_filter import CONFLICTS, EVERY, ConflictFilter
from dinotui.storage.staging import DUPLICATES, ENDS_FIRST, Staging


def review_counts(staging: Staging, only: ConflictFilter = EVERY) -> tuple[int, int, int]:
    """Return how many conflicts there are, how many are decided, and how many are set aside."""
    condition, values = only.where()
    total, decided, later = staging.database.rows(
        "SELECT count(*), coalesce(sum(p.decision IS NOT NULL AND p.decision <> 'later'), 0),"
        f" coalesce(sum(p.decision = 'later'), 0) {CONFLICTS}{condition}",
        values,
    )[0]
    return total, decided, later


def conflicts(
    staging: Staging,
    *,
    after: int = 0,
    limit: int = 100,
    undecided: bool = False,
    back: bool = False,
    only: ConflictFilter = EVERY,
) -> list[int]:
    """Return records of conflicts behind (or, `back`, in front of) record `after`, nearest first."""
    sign, order = ("<", "DESC") if back else (">", "ASC")
    condition, values = only.where()
    condition += " AND p.decision IS NULL" if undecided else ""
    rows = staging.database.rows(
        f"SELECT p.record {CONFLICTS} AND p.record {sign} :after{condition} ORDER BY p.record {order} LIMIT :limit",
        {**values, "after": after, "limit": limit},
    )
    return [row[0] for row in rows]


def conflicts_between(staging: Staging, after: int, up_to: int, only: ConflictFilter = EVERY) -> int:
    """Return how many conflicts have a record greater than `after` and at most `up_to`."""
    condition, values = only.where()
    sql = f"SELECT count(*) {CONFLICTS} AND p.record > :after AND p.record <= :up_to{condition}"
    return int(staging.database.value(sql, {**values, "after": after, "up_to": up_to}))


def conflict_at(staging: Staging, place: int, only: ConflictFilter = EVERY) -> int | None:
    """Return the record of the conflict at a place counted from 1, None where there is none."""
    condition, values = only.where()
    sql = f"SELECT p.record {CONFLICTS}{condition} ORDER BY p.record LIMIT 1 OFFSET :place"
    found = staging.database.value(sql, {**values, "place": place - 1})
    return None if found is None else int(found)


def undecided_confidences(staging: Staging, only: ConflictFilter = EVERY) -> list[tuple[int, int]]:
    """Return the undecided conflicts with their confidence, in file order."""
    condition, values = only.where()
    rows = staging.database.rows(
        f"SELECT p.record, coalesce(p.confidence, 0) {CONFLICTS}{condition} AND p.decision IS NULL ORDER BY p.record",
        values,
    )
    return [(row[0], row[1]) for row in rows]


_CHANGES: Final = ("incoming", "merge")
"""Decisions that change what a record repeats."""
_CLAIMED: Final = """
SELECT o.record FROM plan p JOIN plan o ON o.trip IS p.trip AND o.twin IS p.twin
LEFT JOIN decision e ON e.record = o.record
WHERE p.record = ? AND o.record <> p.record AND coalesce(e.action IN ('incoming', 'merge'), o.action = 'update')
LIMIT 1
"""


def claimed_by(staging: Staging, number: int) -> int | None:
    """Return another record that changes the same trip (or earlier record) as this one repeats, None for none.

    Several trips of the user's may all be merged into one.
    """
    if staging.meta("state") == DUPLICATES:
        return None
    staging.database.execute("CREATE INDEX IF NOT EXISTS plan_target ON plan (trip, twin)")
    found = staging.database.value(_CLAIMED, (number,))
    return None if found is None else int(found)


def has_followers(staging: Staging, number: int) -> bool:
    """Return whether another record of the file repeats this one."""
    return bool(staging.database.value("SELECT EXISTS (SELECT 1 FROM plan WHERE twin = ?)", (number,)))


def ends_first(staging: Staging, number: int) -> bool:
    """Return whether taking all incoming values would leave a trip that ends before it begins."""
    return bool(
        staging.database.value(f"SELECT differs & {ENDS_FIRST} FROM plan WHERE record = ?", (number,))
    )


def store_decision(
    staging: Staging, number: int, action: str, values: dict[str, Any], choices: Any, made_by: str
) -> None:
    """Store a decision with the columns it settles; it is on disk when this returns."""
    store_decisions(staging, [(number, action, values, choices)], made_by)


def store_decisions(
    staging: Staging, decisions: Iterable[tuple[int, str, dict[str, Any], Any]], made_by: str
) -> list[int]:
    """Store decisions (record, action, columns it settles, choices) as one, to be taken back as one.

    Returns the records that stay as they were, because another one changes the same trip already or the trip
    would end before it begins.
    """
    refused: list[int] = []
    with staging.database.write():
        step = staging.database.value("SELECT coalesce(max(step), 0) + 1 FROM decision")
        first = None
        for number, action, values, choices in decisions:
            taken = action in _CHANGES and claimed_by(staging, number) is not None
            if taken or (action == "incoming" and ends_first(staging, number)):
                refused.append(number)
                continue
            first = first or number
            staging.database.execute(
                "INSERT OR REPLACE INTO decision VALUES (?, ?, ?, ?, ?)",
                (number, action, json.dumps(values, ensure_ascii=False), made_by, step),
            )
            staging.database.execute(
                "INSERT OR REPLACE INTO meta VALUES (?, ?)",
                (f"choices-{number}", json.dumps(choices, ensure_ascii=False)),
            )
        if first is not None:
            staging.database.execute(
                "INSERT OR REPLACE INTO meta VALUES ('position', ?)", (json.dumps(first),)
            )
    return refused


def take_back_newest(staging: Staging) -> list[int]:
    """Take the newest decision back (all that were made as one) and return its records."""
    with staging.database.write():
        rows = staging.database.rows(
            "SELECT record FROM decision WHERE step = (SELECT max(step) FROM decision) ORDER BY record"
        )
        staging.database.execute("DELETE FROM decision WHERE step = (SELECT max(step) FROM decision)")
    return [row[0] for row in rows]


def decided_targets(staging: Staging) -> dict[int, tuple[Any, ...]]:
    """Return what each decided record was decided against: trip, earlier record, trip's last change, difference."""
    rows = staging.database.rows(
        "SELECT record, trip, twin, seen_change, differs FROM decision LEFT JOIN plan USING (record)"
    )
    return {row[0]: row[1:] for row in rows}


def drop_outdated(staging: Staging, before: dict[int, tuple[Any, ...]]) -> None:
    """Take back decisions whose conflict is no longer the one of `before`, inside a transaction."""
    now = decided_targets(staging)
    outdated = [record for record, target in before.items() if now.get(record) != target]
    for number in outdated:
        staging.database.execute("DELETE FROM decision WHERE record = ?", (number,))
    staging.database.execute("INSERT OR REPLACE INTO meta VALUES ('outdated', ?)", (json.dumps(outdated),))


def drop_decisions(staging: Staging, numbers: Sequence[int]) -> None:
    """Take decisions back."""
    with staging.database.write():
        for number in numbers:
            staging.database.execute("DELETE FROM decision WHERE record = ?", (number,))


def keep_only_waiting(staging: Staging) -> None:
    """Forget every record but those that still ask, and their decisions, so that they are asked again."""
    with staging.database.write():
        staging.database.execute(
            "DELETE FROM record WHERE record NOT IN (SELECT record FROM planned WHERE action = 'ask')"
        )
        for table in ("match", "plan", "decision", "overlap"):
            staging.database.execute(f"DELETE FROM {table} WHERE record NOT IN (SELECT record FROM record)")
        staging.database.execute("DELETE FROM removal")
