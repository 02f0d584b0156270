"""Stays of an import that share more than a border day with another stay (SPEC.md 4.3), found in one sweep.

Of all stays that begin before a day only the two that end last can matter: one may be the stay itself. So
two a day are read through the index on (user, entry day, exit day), and the cost grows with the records and
with the days of a calendar, not with the trips.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, NamedTuple, TypeAlias

from dinotui.domain.errors import Cancelled
from dinotui.storage.database import Database
from dinotui.storage.matching import attach_live
from dinotui.storage.staging import Staging

BATCH: Final = 10_000  # stays between two looks at the stop switch


# A stay in whole days: entry, exit, and a key that two stays share which end up as one trip.
_Stay: TypeAlias = tuple[int, int, int]


class _Two(NamedTuple):
    """Of all stays that begin before a day the two of different keys that end last; `until` 0 where there is none."""

    key: int = 0
    until: int = 0
    second_key: int = 0
    second_until: int = 0


class _Latest:
    """For every day the two stays, of those that began up to it, that end last."""

    def __init__(self, stays: Iterable[_Stay], cancelled: Callable[[], bool]) -> None:
        """Take the stays in the order of their entry."""
        self._days: list[int] = []
        self._best: list[_Two] = []
        day, key, end, second_key, second_until = None, 0, _NEVER, 0, _NEVER
        for count, (entry, leaving, one) in enumerate(stays):
            if count % BATCH == 0 and cancelled():
                raise Cancelled
            if entry != day:
                self._close(day, _Two(key, end, second_key, second_until))
                day = entry
            if leaving > end:
                if one != key:
                    second_key, second_until = key, end
                key, end = one, leaving
            elif leaving > second_until and one != key:
                second_key, second_until = one, leaving
        self._close(day, _Two(key, end, second_key, second_until))

    def _close(self, day: int | None, best: _Two) -> None:
        if day is not None:
            self._days.append(day)
            self._best.append(best)

    def before(self, leaving: int) -> _Two | None:
        """Return the two that began before the day `leaving`."""
        at = bisect_left(self._days, leaving) - 1
        return self._best[at] if at >= 0 else None


_NEVER: Final = -(1 << 40)
# What a record makes of its stay: a decided day, else the incoming one, else (an update) that of the trip. A
# record whose trip a later record of the file changes again is not there in the end.
_EXIT: Final = (
    "CASE WHEN p.action = 'update' AND NOT :full THEN coalesce(r.exit_day, t.exit_day, w.exit_day)"
    " ELSE r.exit_day END"
)
_SUBJECTS: Final = f"""
CREATE TEMP TABLE subject AS SELECT record, asks, own, root, entry, coalesce(leaving, max(entry, :today)) AS leaving
FROM (SELECT r.record, p.action = 'ask' AS asks,
  CASE WHEN p.action = 'create' THEN -1 ELSE coalesce(p.trip, -1) END AS own,
  CASE WHEN p.action <> 'create' AND p.trip IS NULL THEN coalesce(p.twin, r.record) ELSE r.record END AS root,
  CASE WHEN p.fields IS NULL OR json_type(p.fields, '$.entry_day') IS NULL THEN r.entry_day
    ELSE json_extract(p.fields, '$.entry_day') END AS entry,
  CASE WHEN p.fields IS NULL OR json_type(p.fields, '$.exit_day') IS NULL THEN {_EXIT}
    ELSE json_extract(p.fields, '$.exit_day') END AS leaving
FROM planned p JOIN record r ON r.record = p.record LEFT JOIN live.trip t ON t.number = p.trip
  LEFT JOIN record w ON w.record = p.twin AND p.trip IS NULL
WHERE p.action IN ('create', 'update', 'ask') AND p.record NOT IN (
  SELECT twin FROM planned WHERE action = 'update' AND trip IS NULL AND twin IS NOT NULL))
"""
_OTHERS: Final = {
    name: f"CASE WHEN {name}.until > s.entry AND {name}.key <> s.{own} THEN {name}.key"
    f" WHEN {name}.second_until > s.entry AND {name}.second_key <> s.{own} THEN {name}.second_key END"
    for name, own in (("existing", "own"), ("coming", "root"))
}
_KEPT: Final = """
INSERT INTO overlap (record, trip, twin, country, entry_day, exit_day)
SELECT s.record, s.trip, CASE WHEN s.trip IS NULL THEN s.twin END,
  coalesce(t.country, w.country), coalesce(t.entry_day, w.entry_day),
  CASE WHEN s.trip IS NULL THEN w.exit_day ELSE t.exit_day END
"""
_JOINED: Final = """
LEFT JOIN live.trip t ON t.number = s.trip LEFT JOIN record w ON w.record = s.twin AND s.trip IS NULL
WHERE s.trip IS NOT NULL OR s.twin IS NOT NULL
"""
# A stay of one day shares it with others of that day, which do not begin before it ends: those are told apart.
_LONGER: Final = f"""{_KEPT} FROM (
  SELECT s.record, {_OTHERS["existing"]} AS trip, {_OTHERS["coming"]} AS twin
  FROM temp.subject s LEFT JOIN temp.existing ON existing.leaving = s.leaving
    LEFT JOIN temp.coming ON coming.leaving = s.leaving WHERE s.leaving > s.entry) s {_JOINED}"""
_ONE_DAY: Final = f"{_KEPT} FROM (SELECT ? AS record, ? AS trip, ? AS twin) s {_JOINED}"
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
            database.execute(_SUBJECTS, {"full": full, "today": today})
            existing, coming = _sweep(database, user, today, cancelled)
            database.execute(_LONGER)
            with database.plainly():
                database.connection.executemany(
                    _ONE_DAY, _one_day(database, user, existing, coming, cancelled)
                )
    finally:
        for name in ("leaving", "subject", "existing", "coming"):
            database.execute(f"DROP TABLE IF EXISTS temp.{name}")
        database.execute("DETACH live")


def _sweep(
    database: Database, user: int, today: int, cancelled: Callable[[], bool]
) -> tuple[_Latest, _Latest]:
    """Look at the stays in the order of their entry; keep for every last day of a record what began before it."""
    existing = _Latest(
        (
            (entry, max(entry, today) if leaving is None else leaving, number)
            for entry, leaving, number in database.stream(_EXISTING, {"user": user})
        ),
        cancelled,
    )
    coming = _Latest(_incoming(database), cancelled)
    days = [row[0] for row in database.rows("SELECT DISTINCT leaving FROM temp.subject")]
    for name, latest in (("existing", existing), ("coming", coming)):
        database.execute(
            f"CREATE TEMP TABLE {name} (leaving INTEGER PRIMARY KEY, key INTEGER, until INTEGER, second_key INTEGER,"
            " second_until INTEGER)"
        )
        found = ((day, *two) for day in days if (two := latest.before(day)) is not None)
        with database.plainly():
            database.connection.executemany(f"INSERT INTO temp.{name} VALUES (?, ?, ?, ?, ?)", found)
    return existing, coming


def _incoming(database: Database) -> Iterator[tuple[Any, ...]]:
    """Yield the stays that the plan writes; those that still ask are none yet."""
    return database.stream("SELECT entry, leaving, root FROM temp.subject WHERE NOT asks ORDER BY entry")


def _one_day(
    database: Database, user: int, existing: _Latest, coming: _Latest, cancelled: Callable[[], bool]
) -> Iterator[tuple[int, int | None, int | None]]:
    """Yield (record, trip, earlier or later record) for the records that last one day."""
    days: dict[int, tuple[int, ...]] = {}
    for day, _leaving, root in database.stream(
        "SELECT entry, leaving, root FROM temp.subject WHERE NOT asks AND leaving = entry"
    ):
        known = days.get(day, ())
        if len(known) < 2 and root not in known:
            days[day] = (*known, root)
    rows = database.stream("SELECT record, own, root, entry FROM temp.subject WHERE leaving = entry")
    for count, (record, own, root, day) in enumerate(rows):
        if count % BATCH == 0 and cancelled():
            raise Cancelled
        trip = _other(existing, day, own) or database.value(_SAME_DAY, (user, day, own))
        if trip is not None:
            yield record, trip, None
            continue
        beside = _other(coming, day, root) or next((key for key in days.get(day, ()) if key != root), None)
        if beside is not None:
            yield record, None, beside


def _other(latest: _Latest, day: int, own: int) -> int | None:
    """Return a stay that begins before `day` and ends after it, apart from `own`."""
    two = latest.before(day)
    if two is None:
        return None
    if two.until > day and two.key != own:
        return two.key
    return two.second_key if two.second_until > day and two.second_key != own else None
