"""Stays of an import that share more than a border day with another stay (SPEC.md 4.3), found in one sweep.

Of all stays that begin before a day only the two that end last can matter: one may be the stay itself. So
two a day are read through the index on (user, entry day, exit day), and the cost grows with the records and
with the days of a calendar, not with the trips.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Final

from dinotui.storage.database import Database
from dinotui.storage.matching import attach_live
from dinotui.storage.staging import Staging

# What a record makes of its stay: a decided day, else the incoming one, else (an update) that of the trip. A
# record whose trip a later record of the file changes again is not there in the end. `own` is the trip that a
# record ends up in, -1 for none of the existing ones, `root` the record whose trip it ends up in.
_EXIT: Final = (
    "CASE WHEN p.action = 'update' AND NOT :full THEN coalesce(r.exit_day, t.exit_day, w.exit_day)"
    " ELSE r.exit_day END"
)
_SUBJECTS: Final = f"""
INSERT INTO temp.subject
SELECT record, asks, own, root, entry, coalesce(leaving, max(entry, :today)) FROM (
  SELECT r.record, p.action = 'ask' AS asks,
    CASE WHEN p.action = 'create' THEN -1 ELSE coalesce(p.trip, -1) END AS own,
    CASE WHEN p.action <> 'create' AND p.trip IS NULL THEN coalesce(p.twin, r.record) ELSE r.record END AS root,
    CASE WHEN json_type(p.fields, '$.entry_day') IS NULL THEN r.entry_day
      ELSE json_extract(p.fields, '$.entry_day') END AS entry,
    CASE WHEN json_type(p.fields, '$.exit_day') IS NULL THEN {_EXIT}
      ELSE json_extract(p.fields, '$.exit_day') END AS leaving
  FROM planned p JOIN record r ON r.record = p.record LEFT JOIN live.trip t ON t.number = p.trip
    LEFT JOIN record w ON w.record = p.twin AND p.trip IS NULL
  WHERE p.action IN ('create', 'update', 'ask') AND p.record NOT IN (
    SELECT twin FROM planned WHERE action = 'update' AND trip IS NULL AND twin IS NOT NULL))
"""
# Two a day at most: open stays first, then those that end last; never a walk over all the trips of a day.
_EXISTING: Final = """
WITH RECURSIVE day(day) AS (
  SELECT min(entry_day) FROM live.trip WHERE user = :user
  UNION ALL
  SELECT (SELECT min(entry_day) FROM live.trip WHERE user = :user AND entry_day > day) FROM day WHERE day IS NOT NULL)
SELECT t.entry_day, coalesce(t.exit_day, max(t.entry_day, :today)), t.number FROM day CROSS JOIN live.trip t
WHERE t.number IN (
  SELECT number FROM (SELECT number FROM live.trip o WHERE o.user = :user AND o.entry_day = day.day
    AND o.exit_day IS NULL AND o.number NOT IN (SELECT number FROM temp.leaving) LIMIT 2)
  UNION ALL
  SELECT number FROM (SELECT number FROM live.trip c WHERE c.user = :user AND c.entry_day = day.day
    AND c.exit_day IS NOT NULL AND c.number NOT IN (SELECT number FROM temp.leaving)
    ORDER BY c.exit_day DESC LIMIT 2))
ORDER BY t.entry_day
"""
# Records that still ask are no stays yet.
_INCOMING: Final = "SELECT entry, leaving, root FROM temp.subject WHERE NOT asks ORDER BY entry, record"

_TABLES: Final = """
CREATE TEMP TABLE leaving (number INTEGER PRIMARY KEY);
CREATE TEMP TABLE subject (record INTEGER PRIMARY KEY, asks, own, root, entry, leaving);
CREATE TEMP TABLE latest_trip (day INTEGER PRIMARY KEY, key, leaving, second, second_leaving);
CREATE TEMP TABLE latest_record (day INTEGER PRIMARY KEY, key, leaving, second, second_leaving);
CREATE INDEX temp.subject_of_one_day ON subject (entry) WHERE leaving = entry AND NOT asks
"""


def _other(latest: str, own: str) -> str:
    """Return the formula for a stay of another key that begins before `s` ends and ends after it begins."""
    return (
        f"CASE WHEN {latest}.key <> {own} AND {latest}.leaving > s.entry THEN {latest}.key"
        f" WHEN {latest}.second <> {own} AND {latest}.second_leaving > s.entry THEN {latest}.second END"
    )


# Stays of one day share all of it, and begin before nothing.
_FOUND: Final = f"""
WITH trip_of AS MATERIALIZED (
  SELECT s.record, s.root, s.entry, s.leaving, coalesce({_other("l", "s.own")}, CASE WHEN s.leaving = s.entry THEN (
    SELECT o.number FROM live.trip o WHERE o.user = :user AND o.entry_day = s.entry AND o.exit_day = s.entry
      AND o.number <> s.own AND o.number NOT IN (SELECT number FROM temp.leaving) LIMIT 1) END) AS trip
  FROM temp.subject s LEFT JOIN temp.latest_trip l
    ON l.day = (SELECT max(day) FROM temp.latest_trip WHERE day < s.leaving)),
twin_of AS MATERIALIZED (
  SELECT s.record, s.trip, CASE WHEN s.trip IS NULL THEN coalesce(
    {_other("l", "s.root")}, CASE WHEN s.leaving = s.entry THEN (
      SELECT o.root FROM temp.subject o WHERE o.entry = s.entry AND o.leaving = o.entry AND NOT o.asks
        AND o.root <> s.root LIMIT 1) END) END AS twin
  FROM trip_of s LEFT JOIN temp.latest_record l
    ON l.day = (SELECT max(day) FROM temp.latest_record WHERE day < s.leaving))
INSERT INTO overlap
SELECT f.record, t.number, r.record, coalesce(t.country, r.country), coalesce(t.entry_day, r.entry_day),
  CASE WHEN t.number IS NULL THEN r.exit_day ELSE t.exit_day END
FROM twin_of f LEFT JOIN live.trip t ON t.number = f.trip LEFT JOIN record r ON r.record = f.twin
WHERE f.trip IS NOT NULL OR f.twin IS NOT NULL
"""


def find_overlaps(
    staging: Staging,
    live: str,
    user: int,
    today: int,
    *,
    full: bool,
    cancelled: Callable[[], bool] = lambda: False,
) -> None:
    """Fill the `overlap` table: for each planned record one stay that it runs into, as the plan leaves it.

    A stay without an exit goes on up to `today`; trips that the plan removes or changes count as the plan
    has them. `full` says that empty incoming values erase (replace). `live` is only read.
    """
    database = staging.database
    attach_live(database, live)
    try:
        with database.write(), database.stoppable(cancelled):
            _fill(database, user, today, full=full)
    finally:
        for table in ("leaving", "subject", "latest_trip", "latest_record"):
            database.execute(f"DROP TABLE IF EXISTS temp.{table}")
        database.execute("DETACH live")


def _fill(database: Database, user: int, today: int, *, full: bool) -> None:
    database.execute("DELETE FROM overlap")
    for statement in _TABLES.strip().split(";\n"):
        database.execute(statement)
    database.execute(
        "INSERT INTO temp.leaving SELECT trip FROM removal"
        " UNION SELECT trip FROM planned WHERE action = 'update' AND trip IS NOT NULL"
    )
    database.execute(_SUBJECTS, {"full": full, "today": today})
    for table, stays in (
        ("latest_trip", database.stream(_EXISTING, {"user": user, "today": today})),
        ("latest_record", database.stream(_INCOMING)),
    ):
        with database.plainly():
            database.connection.executemany(
                f"INSERT INTO temp.{table} VALUES (?, ?, ?, ?, ?)", _latest(stays)
            )
    database.execute(_FOUND, {"user": user})


def _latest(
    stays: Iterable[tuple[int, int, int]],
) -> Iterator[tuple[int, int | None, int | None, int | None, int | None]]:
    """Yield for every day of entry the two stays, of those that began up to it, that end last.

    Takes (day of entry, last day, key) in the order of entry; yields the day, then key and last day of both.
    """
    best: tuple[int | None, int | None] = (None, None)
    second = best
    for day, begun in groupby(stays, key=itemgetter(0)):
        for _day, leaving, key in begun:
            if best[1] is None or leaving > best[1]:
                if key != best[0]:
                    second = best
                best = (key, leaving)
            elif key != best[0] and (second[1] is None or leaving > second[1]):
                second = (key, leaving)
        yield day, *best, *second
