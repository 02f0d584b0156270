"""Stays of an import that share more than a border day with another stay (SPEC.md 4.3), found in one sweep.

Of all stays that begin before a day only the two that end last can matter: one may be the stay itself. So
two a day are read through the index on (user, entry day, exit day), and the cost grows with the records and
with the days of a calendar, not with the trips.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, NamedTuple

from dinotui.domain.errors import Cancelled
from dinotui.storage.database import Database
from dinotui.storage.matching import attach_live
from dinotui.storage.staging import Staging

BATCH: Final = 10_000  # records between two looks at the stop switch


class _Stay(NamedTuple):
    """A stay in whole days; `key` tells two that end up as one trip."""

    entry: int
    leaving: int
    key: int


class _Latest:
    """For every day the two stays, of those that began up to it, that end last."""

    def __init__(self, stays: Iterable[_Stay]) -> None:
        """Take the stays in the order of their entry."""
        self._days: list[int] = []
        self._best: list[tuple[_Stay, _Stay | None]] = []
        best: _Stay | None = None
        second: _Stay | None = None
        for stay in stays:
            if best is None or stay.leaving > best.leaving:
                second = best if best is not None and best.key != stay.key else second
                best = stay
            elif stay.key != best.key and (second is None or stay.leaving > second.leaving):
                second = stay
            if self._days and self._days[-1] == stay.entry:
                self._best[-1] = (best, second)
            else:
                self._days.append(stay.entry)
                self._best.append((best, second))

    def other(self, stay: _Stay) -> _Stay | None:
        """Return a stay of another key that begins before `stay` ends and ends after it begins."""
        at = bisect_left(self._days, stay.leaving) - 1
        if at < 0:
            return None
        found = self._best[at]
        return next((one for one in found if one and one.key != stay.key and one.leaving > stay.entry), None)


# What a record makes of its stay: a decided day, else the incoming one, else (an update) that of the trip. A
# record whose trip a later record of the file changes again is not there in the end.
_EXIT: Final = (
    "CASE WHEN p.action = 'update' AND NOT :full THEN coalesce(r.exit_day, t.exit_day, w.exit_day)"
    " ELSE r.exit_day END"
)
_SUBJECTS: Final = f"""
SELECT r.record, p.action, p.trip,
  CASE WHEN p.action <> 'create' AND p.trip IS NULL THEN p.twin END AS twin,
  CASE WHEN json_type(p.fields, '$.entry_day') IS NULL THEN r.entry_day
    ELSE json_extract(p.fields, '$.entry_day') END AS entry,
  CASE WHEN json_type(p.fields, '$.exit_day') IS NULL THEN {_EXIT}
    ELSE json_extract(p.fields, '$.exit_day') END AS leaving
FROM planned p JOIN record r ON r.record = p.record LEFT JOIN live.trip t ON t.number = p.trip
  LEFT JOIN record w ON w.record = p.twin AND p.trip IS NULL
WHERE p.action IN ('create', 'update', 'ask') AND p.record NOT IN (
  SELECT twin FROM planned WHERE action = 'update' AND trip IS NULL AND twin IS NOT NULL) ORDER BY entry
"""
# Two a day at most: open stays first, then those that end last; never a walk over all the trips of a day.
_EXISTING: Final = """
WITH RECURSIVE day(day) AS (
  SELECT min(entry_day) FROM live.trip WHERE user = :user
  UNION ALL
  SELECT (SELECT min(entry_day) FROM live.trip WHERE user = :user AND entry_day > day) FROM day WHERE day IS NOT NULL)
SELECT t.entry_day, t.exit_day, t.number FROM day CROSS JOIN live.trip t
WHERE t.number IN (
  SELECT number FROM (SELECT number FROM live.trip o WHERE o.user = :user AND o.entry_day = day.day
    AND o.exit_day IS NULL AND o.number NOT IN (SELECT number FROM temp.leaving) LIMIT 2)
  UNION ALL
  SELECT number FROM (SELECT number FROM live.trip c WHERE c.user = :user AND c.entry_day = day.day
    AND c.exit_day IS NOT NULL AND c.number NOT IN (SELECT number FROM temp.leaving)
    ORDER BY c.exit_day DESC LIMIT 2))
ORDER BY t.entry_day
"""
_SAME_DAY: Final = (
    "SELECT number FROM live.trip WHERE user = ? AND entry_day = ? AND exit_day = entry_day AND number <> ?"
    " AND number NOT IN (SELECT number FROM temp.leaving) LIMIT 1"
)


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
        with database.write():
            database.execute("DELETE FROM overlap")
            database.execute(
                "CREATE TEMP TABLE leaving AS SELECT trip AS number FROM removal"
                " UNION SELECT trip FROM planned WHERE action = 'update' AND trip IS NOT NULL"
            )
            database.execute("CREATE UNIQUE INDEX temp.leaving_number ON leaving (number)")
            database.execute(f"CREATE TEMP TABLE subject AS {_SUBJECTS}", {"full": full})
            found = _found(database, user, today, cancelled)
            with database.plainly():
                database.connection.executemany(
                    "INSERT INTO overlap (record, trip, twin) VALUES (?, ?, ?)", found
                )
            for other, source in (("trip", "live.trip o ON o.number"), ("twin", "record o ON o.record")):
                database.execute(
                    "UPDATE overlap SET (country, entry_day, exit_day) = (SELECT o.country, o.entry_day, o.exit_day"
                    f" FROM (SELECT 1) JOIN {source} = overlap.{other}) WHERE {other} IS NOT NULL"
                )
    finally:
        database.execute("DROP TABLE IF EXISTS temp.leaving")
        database.execute("DROP TABLE IF EXISTS temp.subject")
        database.execute("DETACH live")


def _found(
    database: Database, user: int, today: int, cancelled: Callable[[], bool]
) -> Iterator[tuple[int, int | None, int | None]]:
    """Yield each record that runs into another stay, with its trip or record; the rows stay on the disk."""
    existing = _Latest(
        _Stay(entry, _end(entry, leaving, today), number)
        for entry, leaving, number in database.stream(_EXISTING, {"user": user})
    )
    coming = _Latest(_incoming(_subjects(database), today))
    days = _one_day_stays(_subjects(database), today)
    for count, (record, action, trip, twin, entry, day) in enumerate(_subjects(database)):
        if count % BATCH == 0 and cancelled():
            raise Cancelled
        leaving, root = _end(entry, day, today), twin or record
        own = -1 if action == "create" or trip is None else trip
        stored = existing.other(_Stay(entry, leaving, own))
        number = stored.key if stored else None
        if number is None and leaving == entry:
            number = database.value(_SAME_DAY, (user, entry, own))
        if number is not None:
            yield record, number, None
            continue
        other = coming.other(_Stay(entry, leaving, root))
        beside = other.key if other else None
        if beside is None and leaving == entry:
            beside = next((key for key in days.get(entry, ()) if key != root), None)
        if beside is not None:
            yield record, None, beside


def _subjects(database: Database) -> Iterator[tuple[Any, ...]]:
    return database.stream("SELECT * FROM temp.subject ORDER BY rowid")


def _end(entry: int, leaving: int | None, today: int) -> int:
    return max(entry, today) if leaving is None else leaving


def _incoming(rows: Iterable[tuple[Any, ...]], today: int) -> Iterator[_Stay]:
    """Yield the stays that the plan writes; those that still ask are none yet."""
    for record, action, _trip, twin, entry, leaving in rows:
        if action != "ask":
            yield _Stay(entry, _end(entry, leaving, today), twin or record)


def _one_day_stays(rows: Iterable[tuple[Any, ...]], today: int) -> dict[int, tuple[int, ...]]:
    """Return up to two stays of a single day by that day: they share all of it, and begin before nothing."""
    found: dict[int, tuple[int, ...]] = {}
    for stay in _incoming(rows, today):
        known = found.get(stay.entry, ())
        if stay.leaving == stay.entry and len(known) < 2 and stay.key not in known:
            found[stay.entry] = (*known, stay.key)
    return found
