"""One SQLite file through APSW: opening, settings, transactions, and its errors in plain words.

Several processes may work on the file at once: every write runs in an immediate transaction and waits its
turn. WAL is used on local file systems only (HAZARDS.md, Database).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final

import apsw
import peewee
from playhouse.apsw_ext import APSWDatabase

from dinotui.domain.errors import Cancelled, StorageError
from dinotui.domain.visible import visible
from dinotui.locale import _
from dinotui.storage.filesystem import (
    identity_of,
    on_network,
    private_file,
    private_folder,
    refuse_moved,
    told_plainly,
)

APPLICATION_ID: Final = 0x44494E4F  # "DINO", so that a foreign database is never taken for ours
BUSY_SECONDS: Final = 60.0  # how long a writer waits for another one
_STEPS: Final = 100_000  # of SQLite's machine between two looks at the stop switch: some milliseconds
_BUSY_STEP: Final = 0.05  # seconds between two looks at the lock and at the stop switch

_stop: ContextVar[Callable[[], bool] | None] = ContextVar("_stop", default=None)


@contextmanager
def waiting_ends_with(cancelled: Callable[[], bool]) -> Iterator[None]:
    """Have every wait for another writer inside the block (in this thread) ask `cancelled`; true: `Cancelled`.

    Blocks may stand in each other; all are asked.
    """
    outer = _stop.get()
    token = _stop.set(cancelled if outer is None else lambda: cancelled() or outer())
    try:
        yield
    finally:
        _stop.reset(token)


class _Wait:
    """What one connection does while another holds the lock: short sleeps, so that a wish to stop is heard."""

    def __init__(self) -> None:
        self._until = 0.0

    def __call__(self, tries: int) -> bool:
        """Return whether to try again; raises `Cancelled` (SQLite passes it on, with nothing changed)."""
        now = time.monotonic()
        if tries == 0:
            self._until = now + BUSY_SECONDS
        stopped = _stop.get()
        if stopped is not None and stopped():
            raise Cancelled
        if now >= self._until:
            return False
        time.sleep(min(_BUSY_STEP, 0.001 * 2 ** min(tries, 6)))
        return True


class Database:
    """An open SQLite file: `connection` for set-based SQL, `run` for Peewee queries."""

    def __init__(
        self, path: Path, *, application_id: int = APPLICATION_ID, create: bool = True, look: bool = False
    ) -> None:
        """Open `path`, creating it with mode 0600 in a folder of mode 0700 where it is missing.

        With `look` not a byte of the file is changed: not its mode, nor by what SQLite tidies up. Raises
        `StorageError` when it cannot be opened, is no database, or belongs to another program.
        """
        self.path = path
        with told_plainly(path):
            if create and not look:
                private_folder(path.parent)
                private_file(path)
            elif not path.is_file():
                raise FileNotFoundError(2, os.strerror(2), str(path))
        self._peewee = APSWDatabase(str(path), timeout=None, thread_safe=False, autoconnect=False)
        with self.plainly():
            self._peewee.connect()
            self.connection: apsw.Connection = self._peewee.connection()
            self.connection.set_busy_handler(_Wait())
        self.identity = identity_of(path)
        try:
            with self.plainly():
                self._prepare(application_id, look=look)
        except BaseException:
            self.close()
            raise

    def _prepare(self, application_id: int, *, look: bool) -> None:
        if look:
            self._set("query_only", "ON")
            self._leave_log()
        found = self.value("PRAGMA application_id")
        empty = self.value("SELECT count(*) FROM sqlite_master") == 0
        if found != application_id and not (found == 0 and empty):
            raise StorageError(
                "foreign-database",
                _("This is a database of another program. Name another file with --db."),
                visible(str(self.path)),
            )
        if not look:
            remote = on_network(self.path.parent)
            self._set("journal_mode", "TRUNCATE" if remote else "WAL")
            if remote and self.value("PRAGMA journal_mode") == "wal":
                raise StorageError(
                    "network-file-system",
                    _(
                        "The database lies on a network file system, where it cannot be shared in its present "
                        "mode. Close every other dinotui that has it open, and try again."
                    ),
                    visible(str(self.path)),
                )
        self._set("synchronous", "FULL")
        self._set("foreign_keys", "ON")
        self._set("trusted_schema", "OFF")
        self._set("cell_size_check", "ON")
        self._set("cache_size", "-16000")
        if found == 0 and not look:
            self._set("application_id", str(application_id))

    def _leave_log(self) -> None:
        """Keep a write-ahead log that a crash left: closing would write it into the file."""
        log = self.path.with_name(self.path.name + "-wal")
        if log.exists() and log.stat().st_size:
            self.connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)

    def _set(self, pragma: str, value: str) -> None:
        self.connection.execute(f"PRAGMA {pragma} = {value}").fetchall()

    def close(self) -> None:
        """Close the connection; safe to call twice."""
        if not self._peewee.is_closed():
            with suppress(apsw.Error, peewee.PeeweeException):
                self._peewee.close()

    def run(self, query: peewee.Query) -> Any:
        """Execute a Peewee query on this database and return its result."""
        with self.plainly():
            return query.execute(self._peewee)

    def rows(self, sql: str, bindings: Sequence[Any] | dict[str, Any] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a small answer."""
        with self.plainly():
            return self.connection.execute(sql, bindings).fetchall()

    def stream(self, sql: str, bindings: Sequence[Any] | dict[str, Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a large answer one by one."""
        with self.plainly():
            yield from self.connection.execute(sql, bindings)

    def value(self, sql: str, bindings: Sequence[Any] | dict[str, Any] = ()) -> Any:
        """Return the first column of the first row, None where there is no row."""
        with self.plainly():
            return self.connection.execute(sql, bindings).get

    def execute(self, sql: str, bindings: Sequence[Any] | dict[str, Any] = ()) -> int:
        """Execute a statement and return how many rows it changed."""
        with self.plainly():
            self.connection.execute(sql, bindings)
            return self.connection.changes()

    @contextmanager
    def write(self) -> Iterator[None]:
        """Run a block in one immediate transaction: all of it is stored, or nothing.

        Raises `StorageError` where another file, or none, has the name of the one that is open.
        """
        with self.plainly():
            self.connection.execute("BEGIN IMMEDIATE")
        try:
            refuse_moved(self.path, self.identity)
            yield
            with self.plainly():
                self._commit()
        except BaseException:
            if not self.connection.getautocommit():
                with suppress(apsw.Error):
                    self.connection.execute("ROLLBACK")
            raise

    def _commit(self) -> None:
        try:
            self.connection.execute("COMMIT")
        except apsw.IOError as error:  # the log may hold the whole of it although its sync failed
            message = _(
                "The disk reported an error while the change was being stored. Check the disk, then look whether "
                "the change is there before you make it again."
            )
            raise StorageError("disk-error", message, visible(str(self.path))) from error

    @contextmanager
    def stoppable(self, cancelled: Callable[[], bool]) -> Iterator[None]:
        """Have statements inside the block ask `cancelled` several times a second; true: `Cancelled`.

        For work that is rolled back then. Blocks do not stand in each other.
        """

        def ask() -> bool:
            if cancelled():
                raise Cancelled
            return False

        self.connection.set_progress_handler(ask, _STEPS)
        try:
            yield
        finally:
            self.connection.set_progress_handler(None)

    @contextmanager
    def read(self) -> Iterator[None]:
        """Run a block of reads on one unchanging snapshot of the file."""
        with self.plainly():
            self.connection.execute("BEGIN")
        try:
            yield
        finally:
            if not self.connection.getautocommit():
                self.connection.execute("COMMIT")

    @contextmanager
    def plainly(self) -> Iterator[None]:
        """Turn SQLite's errors into a `StorageError` of one or two sentences."""
        try:
            yield
        except (apsw.Error, peewee.PeeweeException) as error:
            damaged = isinstance(_cause(error), apsw.CorruptError)
            raise storage_error(error, self._damaged_file() if damaged else self.path) from error

    def _damaged_file(self) -> Path:
        """Return which of the files that this connection works on is damaged: SQLite does not say."""
        with suppress(apsw.Error):
            attached = [
                (name, file)
                for _number, name, file in self.connection.execute("PRAGMA database_list").fetchall()
                if file and name != "temp"
            ]
            for name, file in attached if len(attached) > 1 else ():
                try:
                    whole = self.connection.execute(f"PRAGMA {name}.quick_check(1)").get == "ok"
                except apsw.CorruptError:
                    whole = False
                if not whole:
                    return Path(str(file))
        return self.path

    def data_version(self) -> int:
        """Return a number that changes when another connection commits to the file."""
        return int(self.value("PRAGMA data_version"))


def storage_error(error: Exception, path: Path) -> StorageError:
    """Return what an error of SQLite means for the user."""
    where = visible(str(path))
    for kind, code, sentence in _sentences():
        if isinstance(_cause(error), kind):
            return StorageError(code, sentence, where)
    reason = visible(str(error))
    return StorageError("database", _("The database refused: {reason}.").format(reason=reason), where)


def _cause(error: Exception) -> BaseException:
    """Return SQLite's own error; Peewee raises its errors while it handles those."""
    behind = error.__cause__ or error.__context__
    return error if isinstance(error, apsw.Error) or behind is None else behind


def _sentences() -> tuple[tuple[type[Exception] | tuple[type[Exception], ...], str, str], ...]:
    return (
        (
            (apsw.BusyError, apsw.LockedError, apsw.ProtocolError),
            "database-busy",
            _("Another program is writing to the database and did not finish in time. Try again later."),
        ),
        (
            apsw.FullError,
            "disk-full",
            _("The disk is full. Free some space and try again; nothing was changed."),
        ),
        (
            apsw.ReadOnlyError,
            "database-read-only",
            _("The database cannot be written. Check the permissions of the file and its folder."),
        ),
        (
            (apsw.NotADBError, apsw.FormatError),
            "not-a-database",
            _("This file is not a dinotui database. Name another file with --db."),
        ),
        (
            apsw.CorruptError,
            "database-damaged",
            _("The database file is damaged. Restore a backup with: dinotui backup restore."),
        ),
        (
            apsw.CantOpenError,
            "cannot-open",
            _("The database cannot be opened. Check that the folder exists and that you may write in it."),
        ),
        (
            apsw.IOError,
            "disk-error",
            _("The disk reported an error. Nothing was changed; check the disk and try again."),
        ),
        (apsw.InterruptError, "interrupted", _("The work was stopped. Nothing was changed.")),
    )


def utc_now() -> str:
    """Return this instant in UTC as ISO 8601 with milliseconds, ``2024-03-05T10:11:12.345Z``."""
    seconds = time.time()
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{whole}.{int(seconds * 1000) % 1000:03d}Z"
