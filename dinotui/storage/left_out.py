"""What an import left out, kept with its operation: every record that it skipped or rejected, and why.

It is read from the staging file inside the apply, packed by SQLite, a part of some thousand records at a time. Reasons
are kept as codes, so that they are told in the reader's language; what was wrong with a record is kept as it was told.
It is a part of the log: a dump leaves it out and a copy of the database holds it, and no restore touches it.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from dinotui.domain.errors import Cancelled
from dinotui.storage.changelog import Recorder
from dinotui.storage.database import Database

PART_RECORDS: Final = 5_000

_CHOSEN: Final = """
INSERT INTO temp.left_out (record, rejected)
SELECT record, 1 FROM stage.record WHERE problems IS NOT NULL AND NOT valid
UNION ALL
SELECT p.record, 0 FROM stage.planned p WHERE p.action = 'skip' AND p.record IN
  (SELECT record FROM stage.plan WHERE action = 'skip' UNION ALL SELECT record FROM stage.decision)
ORDER BY 1
"""
_PACKED: Final = """
SELECT count(*), coalesce(sum(l.rejected), 0), json_group_array(json_array(s.line, s.source_table, l.rejected,
  coalesce(p.reason, ''), p.trip, w.line, wt.name, json(r.problems), CASE WHEN l.rejected THEN json(s.cells) END)
  ORDER BY l.place)
FROM temp.left_out l JOIN stage.source_row s ON s.record = l.record LEFT JOIN stage.plan p ON p.record = l.record
  LEFT JOIN stage.record r ON l.rejected AND r.record = l.record
  LEFT JOIN stage.source_row w ON w.record = p.twin LEFT JOIN stage.source_table wt ON wt.number = w.source_table
WHERE l.place BETWEEN ? AND ?
"""


class LeftOut(NamedTuple):
    """A record that was left out: where it stands, and the columns that say why.

    `trip`, or `twin_line` and `twin_table`, is what it repeats; `problems` and `cells` are those of a rejected one.
    """

    line: int
    table: str
    rejected: bool
    reason: str
    trip: int | None
    twin_line: int | None
    twin_table: str | None
    problems: list[dict[str, Any]]
    columns: list[str]
    cells: list[Any]


def keep(recorder: Recorder, cancelled: Callable[[], bool] = lambda: False) -> None:
    """Keep what the `attached` staging file leaves out with `recorder`'s operation; raises `Cancelled`."""
    database = recorder.store.database
    database.execute(
        "CREATE TEMP TABLE left_out (place INTEGER PRIMARY KEY, record INTEGER NOT NULL, rejected INTEGER NOT NULL)"
    )
    try:
        total = database.execute(_CHOSEN)
        tables = {
            number: [name, json.loads(columns)]
            for number, name, columns in database.rows("SELECT number, name, columns FROM stage.source_table")
        }
        for part, low in enumerate(range(1, total + 1, PART_RECORDS)):
            if cancelled():
                raise Cancelled
            count, rejected, records = database.rows(_PACKED, (low, low + PART_RECORDS - 1))[0]
            text = f'{{"tables": {json.dumps(tables)}, "records": {records}}}'
            database.execute(
                "INSERT INTO main.left_out (operation, part, skipped, rejected, records) VALUES (?, ?, ?, ?, ?)",
                (recorder.number, part, count - rejected, rejected, zlib.compress(text.encode(), 1)),
            )
    finally:
        database.execute("DROP TABLE temp.left_out")


def count(database: Database, operation: int) -> int:
    """Return how many records an operation left out."""
    sql = "SELECT coalesce(sum(skipped + rejected), 0) FROM left_out WHERE operation = ?"
    return int(database.value(sql, (operation,)))


def page(database: Database, operation: int, offset: int, limit: int) -> list[LeftOut]:
    """Return a page of the records that an operation left out, in the order of its files.

    Only the parts that the page touches are unpacked.
    """
    found: list[LeftOut] = []
    for part, size in _parts(database, operation):
        if offset >= size:
            offset -= size
            continue
        if len(found) == limit:
            break
        records = list(_unpacked(database, operation, part))
        found += records[offset : offset + limit - len(found)]
        offset = 0
    return found


def stream(database: Database, operation: int) -> Iterator[LeftOut]:
    """Yield every record that an operation left out, each part unpacked once."""
    for part, _size in _parts(database, operation):
        yield from _unpacked(database, operation, part)


def _parts(database: Database, operation: int) -> list[tuple[int, int]]:
    rows = database.rows(
        "SELECT part, skipped + rejected FROM left_out WHERE operation = ? ORDER BY part", (operation,)
    )
    return [(part, size) for part, size in rows]


def _unpacked(database: Database, operation: int, part: int) -> Iterator[LeftOut]:
    stored = database.value(
        "SELECT records FROM left_out WHERE operation = ? AND part = ?", (operation, part)
    )
    packed = json.loads(zlib.decompress(stored))
    for line, number, rejected, reason, trip, twin_line, twin_table, problems, cells in packed["records"]:
        name, columns = packed["tables"][str(number)]
        yield LeftOut(
            line,
            name,
            bool(rejected),
            reason,
            trip,
            twin_line,
            twin_table,
            problems or [],
            columns,
            cells or [],
        )
