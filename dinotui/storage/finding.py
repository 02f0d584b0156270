"""Repeats among the trips themselves: a staging file that holds the trips as its records, to be reviewed alike.

A record has the number of its trip. Each trip that repeats an earlier one asks, against that one; decisions
stay in the file, so that two trips that a person called separate are not asked about again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from dinotui.domain.configuration import DuplicateHandling
from dinotui.domain.ids import new_id
from dinotui.storage import decisions, smart
from dinotui.storage.database import utc_now
from dinotui.storage.matching import find_twins
from dinotui.storage.planning import followers
from dinotui.storage.staging import DUPLICATES, Staging
from dinotui.storage.store import Store

TABLE: Final = " trips "
"""The name of the table that the records are of; no file has a table of this name."""
_TRIPS: Final = (
    "INSERT INTO record SELECT number, id, country, country_code, country_fold, entry_day, exit_day, visa_type,"
    " visa_fold, max_days, passport_country, passport_fold, notes, created_at, updated_at, source, 1, 0, 0, NULL"
    " FROM live.trip WHERE user = ?"
)


def finder_id(user: int) -> str:
    """Return the name of the staging file that holds a user's trips."""
    return f"duplicates-{user}"


def open_finder(store: Store) -> Staging:
    """Open the file of the user's trips, or make it; raises `StorageError` where another dinotui has it."""
    name = finder_id(store.user)
    path = store.staging / f"{name}.db"
    if path.exists():
        return Staging(path)
    staging = Staging.create(store.staging, name)
    staging.set_meta(state=DUPLICATES, user=store.user_name, staged=utc_now(), files=[], finding=new_id())
    return staging


def find_repeats(
    staging: Staging,
    live: str,
    user: int,
    handling: DuplicateHandling,
    repair: smart.Repair,
    cancelled: Callable[[], bool] = lambda: False,
) -> None:
    """Take the trips of now as records, match them with each other, and ask about every repeat."""
    database = staging.database

    before: dict[int, tuple[Any, ...]] = {}

    def fill() -> None:
        before.update(decisions.decided_targets(staging))
        for table in ("record", "source_row", "source_table", "plan", "removal"):
            database.execute(f"DELETE FROM {table}")
        count = database.execute(_TRIPS, (user,))
        settings = json.dumps({"mapping": {}, "detection": {}, "records": [1, count]})
        database.execute("INSERT INTO source_table VALUES (1, ?, '[]', ?)", (TABLE, settings))
        database.execute("INSERT INTO source_row SELECT record, 1, record, NULL, '[]' FROM record")

    def ask() -> None:
        names = ("record", "twin", "same_id", "points", "confidence", "differs")
        rows = [
            dict(zip(names, row, strict=True)) for row in followers(database)
        ]  # read before plan is written
        with database.plainly():
            database.connection.executemany(
                "INSERT INTO plan SELECT :record, 'ask', 'similar', :twin, NULL, :points, :confidence, :differs,"
                " (SELECT max(changed_by) FROM live.trip WHERE number IN (:record, :twin))",
                rows,
            )
        decisions.drop_outdated(staging, before)

    find_twins(staging, live, user, handling, repair, fill, ask, cancelled)


def decided(staging: Staging) -> list[dict[str, Any]]:
    """Return the pairs that were decided to be one trip: numbers of the kept and the other trip, and how.

    `choices` is what was chosen a field, `fields` the columns that this came to when the pair was looked at.
    """
    rows = staging.database.rows(
        "SELECT plan.trip, plan.record, decision.action, decision.fields FROM decision JOIN plan USING (record)"
        " WHERE decision.action IN ('existing', 'incoming', 'merge') ORDER BY plan.record"
    )
    names = ("kept", "gone", "action", "fields", "choices")
    return [
        dict(zip(names, (*row[:3], json.loads(row[3]), staging.meta(f"choices-{row[1]}", {})), strict=True))
        for row in rows
    ]


def repeats(staging: Staging) -> list[tuple[int, int, int, int]]:
    """Return (earlier trip, later trip, points, confidence) of every pair that asks, the surest first."""
    rows = staging.database.rows(
        "SELECT p.trip, p.record, p.points, p.confidence FROM planned p WHERE p.action = 'ask'"
        " ORDER BY p.confidence DESC, p.points DESC, p.record"
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]
