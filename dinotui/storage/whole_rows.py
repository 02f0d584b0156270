"""Parts of the change log that only added trips, or only removed what such a part added: whole rows as JSON.

Nothing has to be watched while the rows come, undo is one DELETE and redo one INSERT a part. What changed since
is known by `changed_by`: every row of such a part was written by one operation.
"""

from __future__ import annotations

import json
from typing import Any, Final, NamedTuple

from dinotui.storage.database import Database

MARK: Final = b"{"  # a changeset of SQLite begins with another byte
_COLUMNS: Final = "SELECT group_concat('\"' || name || '\"', ', ') FROM pragma_table_info('trip')"


class Rows(NamedTuple):
    """The trips of a part: the names of their columns, and a tuple of values for each."""

    columns: list[str]
    rows: list[list[Any]]

    def named(self) -> list[dict[str, Any]]:
        """Return each trip by column."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def pack(database: Database, lowest: int, highest: int, changed_by: int) -> bytes:
    """Return the trips with numbers from `lowest` to `highest` that operation `changed_by` wrote last."""
    columns = database.value(_COLUMNS)
    names = json.dumps(columns.replace('"', "").split(", "))
    text = database.value(
        f"SELECT json_object('columns', json(?), 'rows', json_group_array(json_array({columns}) ORDER BY number))"
        " FROM trip WHERE number BETWEEN ? AND ? AND changed_by = ?",
        (names, lowest, highest, changed_by),
    )
    return str(text).encode()


def unpack(packed: bytes) -> Rows:
    """Return the trips of a part."""
    return Rows(**json.loads(packed))


def remove(database: Database, lowest: int, highest: int, changed_by: int) -> int:
    """Delete the trips that `pack` returns, and return how many there were."""
    return database.execute(
        "DELETE FROM trip WHERE number BETWEEN ? AND ? AND changed_by = ?", (lowest, highest, changed_by)
    )


def changed(database: Database, lowest: int, highest: int, changed_by: int) -> list[tuple[str, int]]:
    """Return (id, operation that changed it) of the trips of a part that something else changed since."""
    return [
        (row[0], row[1])
        for row in database.rows(
            "SELECT id, changed_by FROM trip WHERE number BETWEEN ? AND ? AND changed_by <> ? ORDER BY number",
            (lowest, highest, changed_by),
        )
    ]


_FREE: Final = (
    "NOT EXISTS (SELECT 1 FROM trip t WHERE t.number = json_extract(e.value, :number))"
    " AND NOT EXISTS (SELECT 1 FROM trip t WHERE t.user = json_extract(e.value, :user)"
    " AND t.id = json_extract(e.value, :id))"
)


def put_back(database: Database, packed: bytes) -> tuple[int, list[tuple[str, int]]]:
    """Insert the trips of a part as they were.

    Returns how many came back, and (id, its last operation) of those whose number or id another trip has now.
    """
    columns = unpack(packed).columns
    places = {name: f"$[{columns.index(name)}]" for name in ("number", "user", "id", "changed_by")}
    rows = {"rows": packed.decode()}
    keys = {name: places[name] for name in ("number", "user", "id")}
    taken = database.rows(
        "SELECT coalesce(t.id, json_extract(e.value, :id)), coalesce(t.changed_by, json_extract(e.value, :changed_by))"
        " FROM json_each(:rows, '$.rows') e LEFT JOIN trip t ON t.number = json_extract(e.value, :number)"
        f" WHERE NOT ({_FREE})",
        {**rows, **places},
    )
    values = ", ".join(f"json_extract(e.value, '$[{place}]')" for place in range(len(columns)))
    names = ", ".join(f'"{name}"' for name in columns)
    came = database.execute(
        f"INSERT INTO trip ({names}) SELECT {values} FROM json_each(:rows, '$.rows') e"
        + (f" WHERE {_FREE}" if taken else ""),
        {**rows, **keys} if taken else rows,
    )
    return came, [(row[0], row[1]) for row in taken]
