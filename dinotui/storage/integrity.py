"""What the database says about itself: structure, references, changesets; and putting single rows right."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import apsw

from dinotui.storage.changelog import Counts, Recorder, recount
from dinotui.storage.store import Store
from dinotui.storage.tables import TripRow

_COLUMNS: Final = tuple(TripRow._meta.fields)  # noqa: SLF001 - Peewee's documented name for its metadata
_INDEX_ONLY: Final = ("missing from index", "wrong # of entries in index", "non-unique entry in index")
_OF_ROWS: Final = "CHECK constraint failed"  # told of the row itself
_MOST_LINES: Final = 50


class Structure(NamedTuple):
    """What SQLite's own check says: damage of indexes, which can be built anew, and other damage."""

    indexes: list[str]
    other: list[str]


def structure(store: Store) -> Structure:
    """Return what is wrong with the file itself, in SQLite's words."""
    lines = [str(row[0]) for row in store.database.rows(f"PRAGMA integrity_check({_MOST_LINES})")]
    wrong = [line for line in lines if line != "ok" and not line.startswith(_OF_ROWS)]
    indexes = [line for line in wrong if any(part in line for part in _INDEX_ONLY)]
    return Structure(indexes, [line for line in wrong if line not in indexes])


def rebuild_indexes(store: Store) -> None:
    """Build all indexes anew from the rows."""
    store.database.execute("REINDEX")


def broken_references(store: Store) -> list[tuple[str, str, int]]:
    """Return (table, referred table, rows) of rows that point at nothing."""
    found: dict[tuple[str, str], int] = {}
    for table, _row, parent, _key in store.database.rows("PRAGMA foreign_key_check"):
        found[table, parent] = found.get((table, parent), 0) + 1
    return [(table, parent, count) for (table, parent), count in found.items()]


def trips_by_entry(store: Store) -> Iterator[dict[str, Any]]:
    """Yield the user's stored trips, oldest entry first, whatever is in their columns."""
    sql = f"SELECT {', '.join(_COLUMNS)} FROM trip WHERE user = ? ORDER BY entry_day, number"
    for row in store.database.stream(sql, (store.user,)):
        yield dict(zip(_COLUMNS, row, strict=True))


def set_columns(recorder: Recorder, number: int, values: Mapping[str, Any]) -> None:
    """Change columns of a trip inside a part of `recorder`'s operation."""
    sets = ", ".join(f"{name} = :{name}" for name in values)
    recorder.store.database.execute(
        f"UPDATE trip SET {sets}, changed_by = :operation WHERE number = :number",
        {**values, "operation": recorder.number, "number": number},
    )


def lost_messages(store: Store) -> list[tuple[str, str, str]]:
    """Return (id, title, trip id) of messages about a trip that is not there."""
    return store.database.rows(
        "SELECT n.id, n.title, n.trip_id FROM notification n WHERE n.user = ? AND n.trip_id IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM trip t WHERE t.user = n.user AND t.id = n.trip_id) ORDER BY n.number",
        (store.user,),
    )


def unlink_message(recorder: Recorder, id_: str) -> None:
    """Let a message be about no trip, inside a part of `recorder`'s operation."""
    recorder.store.database.execute(
        "UPDATE notification SET trip_id = NULL, changed_by = ? WHERE user = ? AND id = ?",
        (recorder.number, recorder.store.user, id_),
    )


def raw_preferences(store: Store) -> list[tuple[str, str]]:
    """Return the stored settings as they are stored."""
    return store.database.rows("SELECT key, value FROM preference WHERE user = ? ORDER BY key", (store.user,))


def unreadable_changes(store: Store, look: Callable[[int, int], None]) -> list[str]:
    """Return the ids of the user's operations whose recorded changes cannot be read; `look` gets how far it is."""
    database = store.database
    parts = database.rows(
        "SELECT c.operation, c.part, o.id, c.inserted, c.updated, c.deleted FROM operation_change c JOIN operation o"
        " ON o.number = c.operation WHERE o.user = ? ORDER BY c.operation, c.part",
        (store.user,),
    )
    wrong: dict[str, None] = {}
    for place, (operation, part, id_, *rows) in enumerate(parts):
        look(place, len(parts))
        stored = database.value(
            "SELECT changeset FROM operation_change WHERE operation = ? AND part = ?", (operation, part)
        )
        try:
            whole = recount(stored, Counts(*rows)) == Counts(*rows)
        except (zlib.error, apsw.Error, TypeError, ValueError):
            whole = False
        if not whole:
            wrong[id_] = None
    return list(wrong)


def private_places(store: Store) -> list[Path]:
    """Return the files and folders of the data that nobody else should read."""
    beside = [store.path.with_name(store.path.name + suffix) for suffix in ("", "-wal", "-shm")]
    inside = [store.folder, *store.folder.rglob("*")] if store.folder.is_dir() else []
    return [path for path in (*beside, *inside) if path.exists() and not path.is_symlink()]
