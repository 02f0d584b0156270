"""Long work beside the screen: a thread that reports, can be stopped, and never outlives the app by long.

The threads are daemons of our own, not Textual's workers: those make leaving wait for ever on one that does
not answer. The storage's transactions make a thread that ends in the middle harmless.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, Final, Protocol

from dinotui.domain.errors import DinoError
from dinotui.engine.failures import record_failure
from dinotui.locale import _
from dinotui.tui.widgets.progress import Progress

SHOWN_FROM: Final = 0.25
"""Seconds from which a job gets a progress line: a shorter one would only make the screen jump."""

PUBLISH_EVERY: Final = 0.2
"""Seconds between two publications of progress."""


class Report(Protocol):
    """What a job calls to say how far it is."""

    def __call__(self, phase: str, done: int, total: int | None) -> None:
        """Report `done` of `total` (None: not known) in `phase`."""


Work = Callable[[Report, Callable[[], bool]], Any]
"""The work: gets `report` and `cancelled`, runs in a thread, raises `Cancelled` when it was stopped."""


class Job:
    """One piece of work. `on_done` gets its result, `on_failed` a `DinoError`; both run on the app's loop."""

    def __init__(
        self,
        title: str,
        work: Work,
        on_done: Callable[[Any], None],
        on_failed: Callable[[DinoError], None],
        owner: object = None,
    ) -> None:
        self.title = title
        self.owner = owner
        self.running = True
        self._work = work
        self._on_done = on_done
        self._on_failed = on_failed
        self._cancel = threading.Event()
        self._state: tuple[str, int, int | None] = (title, 0, None)
        self._phase_began = self._began = time.monotonic()
        self._thread: threading.Thread | None = None

    @property
    def age(self) -> float:
        """Seconds since it was begun."""
        return time.monotonic() - self._began

    @property
    def progress(self) -> Progress:
        """How far it is now."""
        phase, done, total = self._state
        seconds = time.monotonic() - self._phase_began
        return Progress(phase, done, total, seconds, stopping=self._cancel.is_set())

    def stop(self) -> None:
        """Ask it to stop."""
        self._cancel.set()

    def wait(self, seconds: float) -> bool:
        """Wait up to `seconds` for its thread to end, and return whether it has."""
        if self._thread is not None:
            self._thread.join(seconds)
        return self._thread is None or not self._thread.is_alive()


class Jobs:
    """The jobs that run now. Starts them, publishes their newest state a few times a second, ends them."""

    def __init__(self, changed: Callable[[], None], post: Callable[[Callable[[], None]], object]) -> None:
        """Call `changed` whenever there is something new to show; `post` runs a callback in the app."""
        self._changed = changed
        self._post = post
        self._running: list[Job] = []

    @property
    def current(self) -> Job | None:
        """The job to show: the one started last."""
        return self._running[-1] if self._running else None

    @property
    def all(self) -> tuple[Job, ...]:
        """All jobs that run."""
        return tuple(self._running)

    def of(self, owner: object) -> Job | None:
        """Return the job that `owner` started and that still runs."""
        return next((job for job in reversed(self._running) if job.owner is owner), None)

    def start(self, job: Job) -> Job:
        """Run `job` in its own thread; its answers arrive in the app."""
        self._running.append(job)
        job._thread = threading.Thread(  # noqa: SLF001 - the two classes are one mechanism
            target=self._run, args=(job,), name=f"job-{job.title}", daemon=True
        )
        job._thread.start()  # noqa: SLF001
        self._changed()
        return job

    def stop_all(self, seconds: float) -> bool:
        """Ask all jobs to stop, wait for at most `seconds` altogether, and return whether all have ended."""
        for job in self._running:
            job.stop()
        end = time.monotonic() + seconds
        return all(job.wait(max(0.0, end - time.monotonic())) for job in self.all)

    def _run(self, job: Job) -> None:
        last = 0.0

        def report(phase: str, done: int, total: int | None) -> None:
            nonlocal last
            now = time.monotonic()
            if phase != job._state[0]:  # noqa: SLF001
                job._phase_began = now  # noqa: SLF001
                last = 0.0
            job._state = (phase, done, total)  # noqa: SLF001
            if now - last >= PUBLISH_EVERY:
                last = now
                self._in_app(self._changed)

        try:
            result = job._work(report, job._cancel.is_set)  # noqa: SLF001
        except BaseException as error:  # noqa: BLE001 - readers can raise what is no Exception (PanicException)
            failure = error if isinstance(error, DinoError) else _unexpected(error)
            self._in_app(partial(self._end, job, partial(job._on_failed, failure)))  # noqa: SLF001
        else:
            self._in_app(partial(self._end, job, partial(job._on_done, result)))  # noqa: SLF001

    def _end(self, job: Job, answer: Callable[[], None]) -> None:
        job.running = False
        if job in self._running:
            self._running.remove(job)
        self._changed()
        answer()

    def _in_app(self, callback: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop has closed: the app has left, nobody waits for the answer
            self._post(callback)


def _unexpected(error: BaseException) -> DinoError:
    """Return what the user reads about a fault of the program itself; the traceback goes to the log."""
    text = _("Something in the program went wrong; nothing was changed. Details are in {log}.")
    return DinoError("unexpected", text.format(log=record_failure(error)))
