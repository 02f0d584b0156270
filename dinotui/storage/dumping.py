"""A user's data as SQL text that plain ``sqlite3`` loads into a complete database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import apsw

from dinotui.storage.database import APPLICATION_ID, Database

# The tables of a user's own data, parents first; the log and the tokens stay in the database.
_OWNED: Final = {
    "user": "number",
    "trip": "user",
    "preference": "user",
    "notification": "user",
    "preset": "user",
    "rule": "user",
    "export_profile": "user",
}


def dump_statements(database: Database, user: int) -> Iterator[str]:
    """Yield the statements that rebuild the schema and the rows of `user`, one a line group."""
    yield "PRAGMA foreign_keys = OFF;\nBEGIN;\n"
    yield f"PRAGMA application_id = {APPLICATION_ID};\n"
    yield f"PRAGMA user_version = {database.value('PRAGMA user_version')};\n"
    schema = database.rows(
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
        " ORDER BY type = 'view', type = 'index', rowid"
    )
    yield from (f"{sql};\n" for (sql,) in schema)
    for table, owner in _OWNED.items():
        columns = [row[1] for row in database.rows(f"PRAGMA table_info({table})")]
        names = ", ".join(columns)
        for row in database.stream(f"SELECT {names} FROM {table} WHERE {owner} = ?", (user,)):
            values = ", ".join(apsw.format_sql_value(value) for value in row)
            yield f"INSERT INTO {table} ({names}) VALUES ({values});\n"
    yield "COMMIT;\n"
