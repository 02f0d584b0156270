"""Bringing rows of a backup back, set by set, inside one recorded operation (SPEC.md 5).

The backup is attached as ``restored``. Replace makes the user's rows exactly those of the backup; merge adds
what is missing and leaves everything there as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from dinotui.domain.backup import RestoreStrategy
from dinotui.domain.errors import Cancelled, StorageError
from dinotui.storage.changelog import PART_ROWS, Recorder
from dinotui.storage.database import Database
from dinotui.storage.loading import RESTORED, Owner

_NAMED: Final = 5  # removed trips that are told by name
_SAME_STAY: Final = (
    "country_fold",
    "country_code",
    "entry_day",
    "exit_day",
    "visa_fold",
    "max_days",
    "passport_fold",
    "notes",
)


@contextmanager
def attached_backup(database: Database, path: Path) -> Iterator[None]:
    """Attach a loaded backup as ``restored``."""
    database.execute("ATTACH ? AS restored", (str(path),))
    try:
        yield
    finally:
        with suppress(StorageError):  # what is done is stored by now: tidying up must not say otherwise
            for table in ("going", "coming", "twin"):
                database.execute(f"DROP TABLE IF EXISTS temp.{table}")
            database.execute("DETACH restored")


class Restoring:
    """One restore inside `recorder`'s operation: `owner` is whose rows of the backup are meant."""

    def __init__(
        self, recorder: Recorder, owner: Owner, strategy: RestoreStrategy, cancelled: Callable[[], bool]
    ) -> None:
        self._recorder = recorder
        self._database = recorder.store.database
        self._strategy = strategy
        self._cancelled = cancelled
        self._values = {"user": recorder.store.user, "other": owner.number, "operation": recorder.number}
        self._same_file = self._is_same_user(owner)
        self.removed_trips: list[tuple[Any, ...]] = []
        self.removed_trip_count = 0

    def _is_same_user(self, owner: Owner) -> bool:
        """Return whether numbers of the backup mean the same trips here: it is a backup of this very user."""
        created = self._database.value(
            "SELECT created_at FROM user WHERE number = ?", (self._values["user"],)
        )
        return bool(owner.created_at) and owner.number == self._values["user"] and owner.created_at == created

    def run(self, tables: Sequence[str], step: Callable[[int], None]) -> None:
        """Restore `tables`; `step` is called with the rows done so far and may raise to stop."""
        done = 0
        for table in tables:
            columns = RESTORED[table]
            if self._strategy == "replace":
                done = self._in_parts(self._going(table, columns[0]), self._delete(table), done, step)
                done = self._in_parts(
                    self._differing(table, columns), self._update(table, columns), done, step
                )
            coming = self._coming(table, columns)
            for with_number in self._numberings(table):
                done = self._in_parts(coming, self._insert(table, columns, with_number), done, step)
        if "notification" in tables:
            self._point_right()

    def missing_trips(self) -> int:
        """Return how many trips of the backup are not here (a row that broke the schema is not put in)."""
        twins = " AND r.rowid NOT IN (SELECT row FROM temp.twin)" if self._strategy == "merge" else ""
        return int(
            self._database.value(
                "SELECT count(*) FROM restored.trip r WHERE r.user = :other AND NOT EXISTS"
                f" (SELECT 1 FROM main.trip t WHERE t.user = :user AND t.id = r.id){twins}",
                {key: self._values[key] for key in ("user", "other")},
            )
        )

    def _numberings(self, table: str) -> tuple[bool, ...]:
        """Return how rows are put in: first those that get their old number back, then the others."""
        return (True, False) if table == "trip" and self._same_file else (False,)

    # which rows

    def _fill(self, name: str, select: str) -> int:
        """Collect row numbers in a temporary table and return how many there are."""
        self._database.execute(f"DROP TABLE IF EXISTS temp.{name}")
        self._database.execute(f"CREATE TEMP TABLE {name} (place INTEGER PRIMARY KEY, row INTEGER NOT NULL)")
        bound = {key: value for key, value in self._values.items() if f":{key}" in select}
        return self._database.execute(f"INSERT INTO temp.{name} (row) {select}", bound)

    def _going(self, table: str, key: str) -> int:
        found = self._fill(
            "going",
            f"SELECT t.rowid FROM main.{table} t WHERE t.user = :user AND NOT EXISTS (SELECT 1 FROM"
            f" restored.{table} r WHERE r.user = :other AND r.{key} = t.{key})",
        )
        if table == "trip":
            self.removed_trip_count = found
            self.removed_trips = self._database.rows(
                "SELECT number, country, entry_day, exit_day FROM main.trip WHERE number IN"
                " (SELECT row FROM temp.going) ORDER BY entry_day DESC, number DESC LIMIT ?",
                (_NAMED,),
            )
        return found

    def _differing(self, table: str, columns: Sequence[str]) -> int:
        key = columns[0]
        differs = " OR ".join(f"t.{name} IS NOT r.{name}" for name in columns[1:])
        return self._fill(
            "going",
            f"SELECT t.rowid FROM main.{table} t JOIN restored.{table} r ON r.user = :other AND r.{key} = t.{key}"
            f" WHERE t.user = :user AND ({differs})",
        )

    def _coming(self, table: str, columns: Sequence[str]) -> int:
        key = columns[0]
        missing = (
            f"SELECT r.rowid FROM restored.{table} r WHERE r.user = :other AND NOT EXISTS"
            f" (SELECT 1 FROM main.{table} t WHERE t.user = :user AND t.{key} = r.{key})"
        )
        if table == "trip" and self._strategy == "merge":
            self._find_twins()
            missing += " AND r.rowid NOT IN (SELECT row FROM temp.twin)"
        return self._fill("coming", f"{missing} ORDER BY r.rowid")

    def _find_twins(self) -> None:
        """Find trips of the backup that are here to the letter under another id: they are not doubled."""
        same = " AND ".join(f"t.{name} IS r.{name}" for name in _SAME_STAY)
        self._database.execute("DROP TABLE IF EXISTS temp.twin")
        self._database.execute("CREATE TEMP TABLE twin (row INTEGER PRIMARY KEY, old TEXT, new TEXT)")
        self._database.execute(
            "INSERT INTO temp.twin SELECT r.rowid, r.id, min(t.id) FROM restored.trip r JOIN main.trip t"
            f" ON t.user = :user AND t.entry_day = r.entry_day AND {same}"
            " WHERE r.user = :other AND NOT EXISTS (SELECT 1 FROM main.trip o WHERE o.user = :user AND o.id = r.id)"
            " AND NOT EXISTS (SELECT 1 FROM restored.trip o WHERE o.user = :other AND o.id = t.id)"
            " GROUP BY r.rowid",
            {key: self._values[key] for key in ("user", "other")},
        )

    # what is done with them

    def _in_parts(self, count: int, sql: str, done: int, step: Callable[[int], None]) -> int:
        for low in range(1, count + 1, PART_ROWS):
            if self._cancelled():
                raise Cancelled
            step(done)
            with self._recorder.part():
                places = {**self._values, "low": low, "high": low + PART_ROWS - 1}
                bound = {key: value for key, value in places.items() if f":{key}" in sql}
                done += self._database.execute(sql, bound)
        return done

    @staticmethod
    def _delete(table: str) -> str:
        return (
            f"DELETE FROM main.{table} WHERE rowid IN"
            " (SELECT row FROM temp.going WHERE place BETWEEN :low AND :high)"
        )

    @staticmethod
    def _update(table: str, columns: Sequence[str]) -> str:
        key = columns[0]
        sets = ", ".join(f"{name} = r.{name}" for name in columns[1:])
        return (
            f"UPDATE OR IGNORE {table} SET {sets}, changed_by = :operation FROM restored.{table} r"
            f" WHERE r.user = :other AND r.{key} = {table}.{key} AND {table}.rowid IN"
            " (SELECT row FROM temp.going WHERE place BETWEEN :low AND :high)"
        )

    @staticmethod
    def _insert(table: str, columns: Sequence[str], with_number: bool) -> str:
        names = ", ".join(columns)
        values = ", ".join(f"r.{name}" for name in columns)
        number, which = ("number, ", "r.number, ") if with_number else ("", "")
        key = columns[0]
        free = (
            " AND NOT EXISTS (SELECT 1 FROM main.trip t WHERE t.number = r.number)"
            " AND r.number <= (SELECT seq FROM main.sqlite_sequence WHERE name = 'trip')"
            if with_number
            else ""
        )
        return (
            f"INSERT OR IGNORE INTO main.{table} ({number}{names}, user, changed_by)"
            f" SELECT {which}{values}, :user, :operation FROM temp.coming c JOIN restored.{table} r"
            f" ON r.rowid = c.row WHERE c.place BETWEEN :low AND :high AND NOT EXISTS"
            f" (SELECT 1 FROM main.{table} t WHERE t.user = :user AND t.{key} = r.{key}){free} ORDER BY c.place"
        )

    def _point_right(self) -> None:
        """Let messages that came point at the trip that was here already under another id."""
        if self._strategy == "replace":
            return
        with self._recorder.part():
            self._database.execute(
                "UPDATE notification SET trip_id = w.new FROM temp.twin w WHERE w.old = notification.trip_id"
                " AND notification.user = :user AND notification.changed_by = :operation",
                {key: self._values[key] for key in ("user", "operation")},
            )
