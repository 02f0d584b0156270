"""Records of one file that are the same stay many times over: they are compared through the first of them.

All pairs of such a crowd would be its size squared. So beyond `MOST` each one is compared with the first, and with
what the first may repeat; nothing else could be found out about it but which of its equals is most like it in its
notes. Fewer than that are compared with each other one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dinotui.storage.database import Database

MOST: Final = 8  # records that are the same stay and are still compared one by one
NEAREST: Final = 30  # trips that the first of a crowd may repeat, with which each of the others is compared

_STAY: Final = (
    "country_code",
    "country_fold",
    "entry_day",
    "exit_day",
    "visa_fold",
    "passport_fold",
    "max_days",
)
_BUSY: Final = """
CREATE TEMP TABLE busy AS
SELECT country_code, NULL AS country_fold, entry_day, exit_day, visa_fold
FROM record INDEXED BY record_match WHERE valid AND country_code IS NOT NULL
GROUP BY country_code, entry_day, exit_day, visa_fold HAVING count(*) > :most
UNION ALL
SELECT NULL, country_fold, entry_day, exit_day, visa_fold FROM record WHERE valid AND country_code IS NULL
GROUP BY country_fold, entry_day, exit_day, visa_fold HAVING count(*) > :most
"""
_SAME_STAY: Final = (
    "r.valid AND r.entry_day = b.entry_day AND r.exit_day IS b.exit_day AND r.visa_fold = b.visa_fold"
)


def find_crowds(database: Database, criteria: Sequence[str]) -> None:
    """Make `temp.crowd` and `temp.crowd_of_id`: (record, first) of each record that is compared through another.

    `criteria` are the fields that must agree before two records are compared.
    """
    for table in ("crowd", "crowd_of_id"):
        database.execute(f"CREATE TEMP TABLE {table} (record INTEGER PRIMARY KEY, first INTEGER NOT NULL)")
    most = {"most": MOST}
    database.execute(_BUSY, most)
    stay = ", ".join(f"r.{name}" for name in (*_STAY, *(["notes"] if "notes" in criteria else ())))
    for reach in (
        "r.country_code = b.country_code",
        "r.country_code IS NULL AND r.country_fold = b.country_fold",
    ):
        database.execute(
            "INSERT INTO temp.crowd SELECT record, first FROM ("
            "  SELECT r.record, min(r.record) OVER same AS first, count(*) OVER same AS size"
            f"  FROM temp.busy b CROSS JOIN record r ON {reach} AND {_SAME_STAY}"
            f"  WINDOW same AS (PARTITION BY {stay})) WHERE size > :most AND record <> first",
            most,
        )
    database.execute(
        "INSERT INTO temp.crowd_of_id SELECT r.record, i.first FROM ("
        "  SELECT id, min(record) AS first FROM record WHERE valid AND id IS NOT NULL"
        "  GROUP BY id HAVING count(*) > :most) i"
        " CROSS JOIN record r ON r.id = i.id AND r.valid AND r.record <> i.first",
        most,
    )


def clear(database: Database) -> None:
    """Drop what `find_crowds` made."""
    for table in ("busy", "crowd", "crowd_of_id"):
        database.execute(f"DROP TABLE IF EXISTS temp.{table}")


def any_crowd(database: Database) -> bool:
    """Return whether there is a crowd of records that are the same stay."""
    return bool(database.value("SELECT EXISTS (SELECT 1 FROM temp.crowd)"))


def not_crowded(*records: str) -> str:
    """Return the end of a pair's condition that leaves to the first of a crowd what its others need not ask."""
    return "".join(f" AND {record}.record NOT IN (SELECT record FROM temp.crowd)" for record in records)


# Where records r of a crowd and records t meet: the first itself, the earlier ones that the first may repeat, and
# those that may repeat the first and come before the record.
WITH_FIRST: Final = (
    "temp.crowd c CROSS JOIN record r ON r.record = c.record CROSS JOIN record t ON t.record = c.first"
)
WITH_TWINS: Final = (
    "temp.crowd c CROSS JOIN record r ON r.record = c.record"
    " CROSS JOIN (SELECT record, twin FROM match WHERE twin IS NOT NULL AND record IN (SELECT first FROM temp.crowd)) m"
    " ON m.record = c.first CROSS JOIN record t ON t.record = m.twin"
)
WITH_LATER: Final = (
    "temp.crowd c CROSS JOIN record r ON r.record = c.record"
    " CROSS JOIN (SELECT record, twin FROM match WHERE twin IN (SELECT first FROM temp.crowd)"
    " AND record NOT IN (SELECT record FROM temp.crowd)) m"
    " ON m.twin = c.first AND m.record < c.record CROSS JOIN record t ON t.record = m.record"
)
# Where they meet trips t: those that the first repeats most, and the one that says the same in the rest too.
WITH_TRIPS: Final = f"""(
  SELECT c.record, m.trip FROM temp.crowd c JOIN (
    SELECT record, trip, row_number() OVER (
      PARTITION BY record ORDER BY same_id DESC, differs = 0 DESC, points DESC, confidence DESC, trip) AS place
    FROM match WHERE trip IS NOT NULL AND record IN (SELECT first FROM temp.crowd)) m
    ON m.record = c.first AND m.place <= {NEAREST}
  UNION
  SELECT c.record, min(m.trip) FROM temp.crowd c JOIN record s ON s.record = c.record JOIN (
    SELECT x.record, x.trip, y.notes, y.max_days FROM match x JOIN live.trip y ON y.number = x.trip
    WHERE x.trip IS NOT NULL AND x.record IN (SELECT first FROM temp.crowd)) m
    ON m.record = c.first AND m.notes = s.notes AND m.max_days IS s.max_days GROUP BY c.record
) p CROSS JOIN record r ON r.record = p.record CROSS JOIN live.trip t ON t.number = p.trip"""
