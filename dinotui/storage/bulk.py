"""Indexes step aside while many rows come in: sorting them once is quicker than keeping them in order.

Dropping and building them is a part of the caller's transaction, so a reader never sees a table without them and
a failure leaves them as they were.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from dinotui.storage.database import Database

_MANY: Final = 20_000  # rows from which building an index anew may pay
_SHARE: Final = 3  # it pays where at least one new row comes for so many old ones


@contextmanager
def indexes_aside(
    database: Database, table: str, coming: int, *, keep: tuple[str, ...] = ()
) -> Iterator[None]:
    """Do without the indexes of `table` during the block, where so many rows are `coming` that it pays.

    Unique indexes and those named in `keep` stay.
    """
    aside = _indexes(database, table, keep) if coming >= _MANY else []
    if aside and coming * _SHARE < database.value(f"SELECT count(*) FROM {table}"):
        aside = []
    for name, _sql in aside:
        database.execute(f"DROP INDEX {name}")
    yield
    for _name, sql in aside:
        database.execute(sql)


def _indexes(database: Database, table: str, keep: tuple[str, ...]) -> list[tuple[str, str]]:
    rows = database.rows(
        "SELECT l.name, m.sql FROM pragma_index_list(?) l JOIN sqlite_master m ON m.type = 'index' AND m.name = l.name"
        ' WHERE NOT l."unique" AND m.sql IS NOT NULL ORDER BY l.name',
        (table,),
    )
    return [(name, sql) for name, sql in rows if name not in keep]
