"""Parts of the change log that only added trips, or only removed what such a part added: whole rows as JSON.

Nothing has to be watched while the rows come, undo is one DELETE and redo one INSERT a part. What changed since
is known by `changed_by`: every row of such a part was written by one operation.
"""

from __future__ import annotations

import json
from collections.abc import Callable
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

    def bounds(self) -> tuple[int, int, int]:
        """Return the lowest and highest number, and the operation that wrote the trips."""
        number, by = self.columns.index("number"), self.columns.index("changed_by")
        return self.rows[0][number], self.rows[-1][number], self.rows[0][by]


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


def changed(database: Database, lowest: int, highest: int, changed_by: int) -> list[tuple[int, str, int]]:
    """Return (number, id, operation that changed it) of the trips of a part that something else changed since."""
    return [
        (row[0], row[1], row[2])
        for row in database.rows(
            "SELECT number, id, changed_by FROM trip WHERE number BETWEEN ? AND ? AND changed_by <> ?"
            " ORDER BY number",
            (lowest, highest, changed_by),
        )
    ]


def without(packed: bytes, passed: Callable[[int], bool]) -> bytes:
    """Return the part without the trips whose numbers are `passed`, empty where none is left."""
    columns, rows = unpack(packed)
    place = columns.index("number")
    left = [row for row in rows if not passed(row[place])]
    return json.dumps({"columns": columns, "rows": left}).encode() if left else b""


class Taken(NamedTuple):
    """A trip that cannot come back: its number and id, and the id and last operation of what has its number now."""

    number: int
    id: str
    holder: str | None
    changed_by: int | None


_FREE: Final = (
    "NOT EXISTS (SELECT 1 FROM trip t WHERE t.number = json_extract(e.value, :number))"
    " AND NOT EXISTS (SELECT 1 FROM trip t WHERE t.user = json_extract(e.value, :user)"
    " AND t.id = json_extract(e.value, :id))"
)


def put_back(database: Database, packed: bytes) -> tuple[int, list[Taken]]:
    """Insert the trips of a part as they were.

    Returns how many came back, and those whose number or id another trip has now.
    """
    columns = unpack(packed).columns
    places = {name: f"$[{columns.index(name)}]" for name in ("number", "user", "id")}
    rows = {"rows": packed.decode()}
    taken = database.rows(
        "SELECT json_extract(e.value, :number), json_extract(e.value, :id), t.id, t.changed_by"
        " FROM json_each(:rows, '$.rows') e LEFT JOIN trip t ON t.number = json_extract(e.value, :number)"
        f" WHERE NOT ({_FREE})",
        {**rows, **places},
    )
    values = ", ".join(f"json_extract(e.value, '$[{place}]')" for place in range(len(columns)))
    names = ", ".join(f'"{name}"' for name in columns)
    came = database.execute(
        f"INSERT INTO trip ({names}) SELECT {values} FROM json_each(:rows, '$.rows') e"
        + (f" WHERE {_FREE}" if taken else ""),
        {**rows, **places} if taken else rows,
    )
    return came, [Taken._make(row) for row in taken]
