"""What the workers of the HTTP API share: requests counted, work in hand, answers kept for retries.

It is a SQLite file of its own beside the database. So counting a request never waits for an import that is
being written, nothing of it is in the user's backups, and no open app redraws because somebody asked.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

from dinotui.storage.database import Database, utc_now
from dinotui.storage.filesystem import private_folder
from dinotui.storage.owners import is_alive

SERVER_ID: Final = 0x44494E41  # "DINA"
KEPT_SECONDS: Final = 24 * 3600
"""How long work and answers are remembered."""

_VERSION: Final = 1
_SCHEMA: Final = """
CREATE TABLE request_count (key TEXT NOT NULL, at REAL NOT NULL);
CREATE INDEX request_count_window ON request_count (key, at);
CREATE TABLE job (
  id TEXT PRIMARY KEY, user TEXT NOT NULL, kind TEXT NOT NULL, phase TEXT NOT NULL, processed INTEGER NOT NULL,
  total INTEGER, state TEXT NOT NULL, answer TEXT, owner TEXT NOT NULL, created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL, at REAL NOT NULL
);
CREATE INDEX job_user ON job (user, at);
CREATE TABLE idempotency (
  user TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, job TEXT NOT NULL, status INTEGER,
  answer TEXT, at REAL NOT NULL, PRIMARY KEY (user, key)
)
"""
_COLUMNS: Final = "id, user, kind, phase, processed, total, state, answer, owner, created_at, updated_at"


class JobRow(NamedTuple):
    """One piece of work; `answer` is decoded JSON, `state` one of queued, running, done, failed."""

    id: str
    user: str
    kind: str
    phase: str
    processed: int
    total: int | None
    state: str
    answer: dict[str, Any] | None
    owner: str
    created_at: str
    updated_at: str


class KeyRow(NamedTuple):
    """What is known of an idempotency key: the request it stood on, the work, and the answer if there is one."""

    fingerprint: str
    job: str
    status: int | None
    answer: dict[str, Any] | None


class ServerState:
    """The open file. Like a store it belongs to one thread."""

    def __init__(self, folder: Path) -> None:
        """Open (or make) the file in the private `folder` beside the database."""
        self.owners = folder / "owners"
        self.database = Database(private_folder(folder) / "server.db", application_id=SERVER_ID)
        try:
            self.database.execute("PRAGMA synchronous = NORMAL")
            self._prepare()
        except BaseException:
            self.database.close()
            raise

    def _prepare(self) -> None:
        if self.database.value("PRAGMA user_version") == _VERSION:
            return
        with self.database.write():
            if self.database.value("PRAGMA user_version") == _VERSION:
                return  # another worker was quicker
            for statement in _SCHEMA.split(";\n"):
                self.database.execute(statement)
            self.database.execute(f"PRAGMA user_version = {_VERSION}")

    def close(self) -> None:
        """Close the file; safe to call twice."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    # requests -----------------------------------------------------------------------------------------

    def count_request(self, key: str, limit: int, seconds: int) -> bool:
        """Count a request unless `limit` of them came within the last `seconds`; return whether it was counted."""
        now = time.time()
        with self.database.write():
            self.database.execute(
                "DELETE FROM request_count WHERE key = ? AND (at <= ? OR at > ?)", (key, now - seconds, now)
            )
            found = self.database.value("SELECT count(*) FROM request_count WHERE key = ?", (key,))
            if found >= limit:
                return False
            self.database.execute("INSERT INTO request_count VALUES (?, ?)", (key, now))
        return True

    def requests(self, key: str, seconds: int) -> list[float]:
        """Return when the counted requests of the last `seconds` came, the oldest first."""
        rows = self.database.rows(
            "SELECT at FROM request_count WHERE key = ? AND at > ? ORDER BY at", (key, time.time() - seconds)
        )
        return [row[0] for row in rows]

    def forget_requests(self, key: str | None = None) -> None:
        """Forget the counted requests of `key`, or of all."""
        self.database.execute("DELETE FROM request_count WHERE key = :key OR :key IS NULL", {"key": key})

    # work ---------------------------------------------------------------------------------------------

    def add_job(self, job_id: str, user: str, kind: str, owner: str) -> None:
        """Enter work that waits for its turn, and forget what is older than a day."""
        now, stamp = time.time(), utc_now()
        with self.database.write():
            self.database.execute("DELETE FROM job WHERE at < ?", (now - KEPT_SECONDS,))
            self.database.execute("DELETE FROM idempotency WHERE at < ?", (now - KEPT_SECONDS,))
            self.database.execute(
                "INSERT INTO job VALUES (?, ?, ?, 'Waiting', 0, NULL, 'queued', NULL, ?, ?, ?, ?)",
                (job_id, user, kind, owner, stamp, stamp, now),
            )

    def report(self, job_id: str, phase: str, processed: int, total: int | None) -> None:
        """Enter where the work is."""
        self.database.execute(
            "UPDATE job SET state = 'running', phase = ?, processed = ?, total = ?, updated_at = ? WHERE id = ?",
            (phase, processed, total, utc_now(), job_id),
        )

    def end_job(
        self,
        job_id: str,
        state: str,
        answer: dict[str, Any],
        *,
        kept: tuple[int, dict[str, Any]] | None = None,
    ) -> None:
        """Enter how the work ended. A retry gets the answer `kept`; without one its key is forgotten."""
        with self.database.write():
            self.database.execute(
                "UPDATE job SET state = :state, answer = :answer, updated_at = :now, processed ="
                " CASE :state WHEN 'done' THEN coalesce(total, processed) ELSE processed END WHERE id = :id",
                {"state": state, "answer": _encoded(answer), "now": utc_now(), "id": job_id},
            )
            if kept is None:
                self.database.execute("DELETE FROM idempotency WHERE job = ?", (job_id,))
            else:
                self.database.execute(
                    "UPDATE idempotency SET status = ?, answer = ? WHERE job = ? AND status IS NULL",
                    (kept[0], _encoded(kept[1]), job_id),
                )

    def drop_job(self, job_id: str) -> None:
        """Forget work that is not needed."""
        self.database.execute("DELETE FROM job WHERE id = ?", (job_id,))

    def job(self, user: str, job_id: str) -> JobRow | None:
        """Return the user's work with this id."""
        rows = self.database.rows(f"SELECT {_COLUMNS} FROM job WHERE user = ? AND id = ?", (user, job_id))
        return _job(rows[0]) if rows else None

    def jobs(self, user: str, limit: int = 50) -> list[JobRow]:
        """Return the user's newest work."""
        rows = self.database.rows(
            f"SELECT {_COLUMNS} FROM job WHERE user = ? ORDER BY at DESC, id DESC LIMIT ?", (user, limit)
        )
        return [_job(row) for row in rows]

    def in_hand(self, job: JobRow | None) -> bool:
        """Return whether a living process still works, or will work, on it."""
        return job is not None and job.state in ("queued", "running") and is_alive(self.owners, job.owner)

    # answers kept for retries -------------------------------------------------------------------------

    def take_key(self, user: str, key: str, fingerprint: str, job_id: str) -> tuple[bool, KeyRow | None]:
        """Take an idempotency key for the entered work `job_id`, in one transaction.

        Returns whether it was taken, and what was known of it before. A key that is known is only taken where
        the same request stood on it and its work failed, or nobody has that in hand any more.
        """
        with self.database.write():
            found = self.key(user, key)
            if found is not None and (found.fingerprint != fingerprint or not self._abandoned(user, found)):
                return False, found
            self.database.execute(
                "INSERT OR REPLACE INTO idempotency VALUES (?, ?, ?, ?, NULL, NULL, ?)",
                (user, key, fingerprint, job_id, time.time()),
            )
        return True, found

    def key(self, user: str, key: str) -> KeyRow | None:
        """Return what is known of an idempotency key."""
        rows = self.database.rows(
            "SELECT fingerprint, job, status, answer FROM idempotency WHERE user = ? AND key = ? AND at >= ?",
            (user, key, time.time() - KEPT_SECONDS),
        )
        if not rows:
            return None
        fingerprint, job, status, answer = rows[0]
        return KeyRow(fingerprint, job, status, json.loads(answer) if answer else None)

    def _abandoned(self, user: str, found: KeyRow) -> bool:
        """Tell whether a key has neither a final answer nor anybody who will give one."""
        if found.status is not None and found.status != 202:
            return False
        job = self.job(user, found.job)
        return (job is None or job.state != "done") and not self.in_hand(job)

    def promise(self, job_id: str, status: int, answer: dict[str, Any]) -> None:
        """Keep the answer that a retry gets while the work goes on."""
        self.database.execute(
            "UPDATE idempotency SET status = ?, answer = ? WHERE job = ?", (status, _encoded(answer), job_id)
        )


def _encoded(answer: dict[str, Any]) -> str:
    return json.dumps(answer, ensure_ascii=False)


def _job(row: tuple[Any, ...]) -> JobRow:
    return JobRow._make((*row[:7], json.loads(row[7]) if row[7] else None, *row[8:]))
