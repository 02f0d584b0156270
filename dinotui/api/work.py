"""Work in hand: done in threads, its progress where every worker can tell it, its answer kept for retries."""

from __future__ import annotations

import shutil
import tempfile
import time
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from dinotui.api.limits import RateLimits
from dinotui.api.refusals import refusal_of
from dinotui.api.settings import Settings
from dinotui.api.stopping import Stopping
from dinotui.domain.ids import new_id
from dinotui.domain.token import ApiToken
from dinotui.engine import tokens
from dinotui.engine.progress import Progress, Report, Stop
from dinotui.engine.recovery import recover
from dinotui.storage.filesystem import private_folder
from dinotui.storage.owners import Owner, living
from dinotui.storage.server_state import KeyRow, ServerState
from dinotui.storage.store import Store

THREADS: Final = 4
"""Pieces of work that one worker does at once; more wait for their turn."""

KEPT_FILE_SECONDS: Final = 3600
"""How long the file of a background export can be fetched."""

KEPT_PREFIX: Final = "kept-"
_REPORT_SECONDS: Final = 0.25

Work = Callable[[Store, Report, Stop], "Answer"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a piece of work answers: a status with JSON, or a file with its headers in place of the JSON."""

    status: int
    body: dict[str, Any]
    file: Path | None = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Ticket:
    """A request's place in the queue: its work's id, its private folder, and whether the work was handed over."""

    id: str
    user: str
    kind: str
    folder: Path
    submitted: bool = False


class Desk:
    """One worker's hands: threads for work, the shared files, and the wish to stop."""

    def __init__(self, settings: Settings, stop: Stopping) -> None:
        """Open the database and the shared file, and clear up what an earlier server left."""
        self.settings = settings
        self.stop = stop
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="work")
        self._store = Store(settings.database)  # held open: others come and go without a checkpoint each time
        self._state = ServerState(settings.folder)
        self._owner = Owner(self._state.owners)
        self.limits = RateLimits(
            settings.folder,
            {"export": settings.exports_per_minute, "import": settings.imports_per_minute},
        )

    def close(self) -> None:
        """Wait for the work in hand, which the wish to stop ends soon, and close everything."""
        self._threads.shutdown(wait=True)
        self._owner.close()
        self._state.close()
        self._store.close()

    def state(self) -> ServerState:
        """Open the shared file for the calling thread."""
        return ServerState(self.settings.folder)

    def recognise(self, text: str) -> ApiToken | None:
        """Return the valid token that `text` is."""
        with Store(self.settings.database) as store:
            return tokens.recognise(store, text)

    def ticket(self, user: str, kind: str, *, kept: bool = False) -> Ticket:
        """Enter new work, with a private folder; the files of `kept` work can be fetched for a while."""
        parent = private_folder(self.settings.folder / "requests")
        if kept:
            _sweep(parent, KEPT_PREFIX, KEPT_FILE_SECONDS)
        # an export's id goes into an anonymous file: it must not tell when it was made
        job_id = str(uuid.uuid4()) if kind == "export" else new_id()
        with self.state() as state:
            state.add_job(job_id, user, kind, self._owner.name)
        prefix = KEPT_PREFIX if kept else f"{self._owner.name}-"
        return Ticket(job_id, user, kind, Path(tempfile.mkdtemp(dir=parent, prefix=prefix)))

    def drop(self, ticket: Ticket) -> None:
        """Forget work that was never handed over, with its files."""
        shutil.rmtree(ticket.folder, ignore_errors=True)
        with self.state() as state:
            state.drop_job(ticket.id)

    def take_key(self, ticket: Ticket, key: str, fingerprint: str) -> tuple[bool, KeyRow | None]:
        """Put an idempotency key on work, as `ServerState.take_key`."""
        with self.state() as state:
            return state.take_key(ticket.user, key, fingerprint, ticket.id)

    def promise(self, ticket: Ticket, status: int, body: dict[str, Any]) -> None:
        """Keep the answer of background work for retries."""
        with self.state() as state:
            state.promise(ticket.id, status, body)

    def submit(self, ticket: Ticket, work: Work) -> Future[Answer]:
        """Do `work` in a thread; the ticket's files go unless the answer is one of them."""
        ticket.submitted = True
        return self._threads.submit(self._perform, ticket, work)

    def _perform(self, ticket: Ticket, work: Work) -> Answer:
        answer = Answer(500, {})
        try:
            with self.state() as state:
                answer = self._attempt(ticket, work, state)
                _end(state, ticket, answer)
        except Exception as error:  # noqa: BLE001 - told to the client as an error of the server
            answer = _failed(error, ticket.kind)
        if answer.file is None:
            shutil.rmtree(ticket.folder, ignore_errors=True)
        return answer

    def _attempt(self, ticket: Ticket, work: Work, state: ServerState) -> Answer:
        try:
            report = _reporting(state, ticket.id)
            report(Progress("Reading" if ticket.kind == "import" else "Writing", 0))
            with Store(self.settings.database, ticket.user) as store:
                return work(store, report, self.stop.overdue)
        except Exception as error:  # noqa: BLE001 - every error becomes an answer
            return _failed(error, ticket.kind)


def _failed(error: Exception, kind: str) -> Answer:
    refusal = refusal_of(error, kind)
    return Answer(refusal.status, refusal.body, headers=refusal.headers)


def _end(state: ServerState, ticket: Ticket, answer: Answer) -> None:
    """Enter how work ended; a retry of what changed nothing tries again."""
    done = answer.status < 400
    told: dict[str, Any] = {"status": answer.status, "body": answer.body, "headers": answer.headers}
    if answer.file is not None:
        told["file"] = f"{ticket.folder.name}/{answer.file.name}"
    kept = (answer.status, answer.body) if done else None
    state.end_job(ticket.id, "done" if done else "failed", told, kept=kept)


def clear_up(settings: Settings) -> list[str]:
    """Clear up what an earlier server left and return, in sentences, what had been interrupted.

    Other servers on the same database may be at work.
    """
    found: list[str] = []
    with Store(settings.database) as first:
        names = first.users()
    for name in names:
        with Store(settings.database, name) as store:
            found += recover(store)
    requests = settings.folder / "requests"
    paths = list(requests.glob("*-*"))
    with ServerState(settings.folder) as state:
        alive = living(state.owners)  # asked last: whoever has begun meanwhile is not on the list
    for path in paths:
        owner = path.name.partition("-")[0] + "-"
        if owner != KEPT_PREFIX and owner[:-1] not in alive:
            shutil.rmtree(path, ignore_errors=True)
    _sweep(requests, KEPT_PREFIX, KEPT_FILE_SECONDS)
    return found


def _sweep(folder: Path, prefix: str, seconds: float) -> None:
    """Remove the folders that begin with `prefix` and are older than `seconds`."""
    for path in folder.glob(f"{prefix}*"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > seconds:
                shutil.rmtree(path, ignore_errors=True)


def _reporting(state: ServerState, job_id: str) -> Report:
    """Return what enters progress, a few times a second and at each new phase."""
    phase, at = "", 0.0

    def report(progress: Progress) -> None:
        nonlocal phase, at
        now = time.monotonic()
        if progress.phase == phase and now - at < _REPORT_SECONDS:
            return
        phase, at = progress.phase, now
        state.report(job_id, progress.phase, progress.done, progress.total)

    return report
