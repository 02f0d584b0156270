"""Reading beside the screen: what may take longer than a key press, without a progress line."""

from __future__ import annotations

import asyncio
import threading
from asyncio import AbstractEventLoop
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from dinotui.domain.errors import Cancelled, DinoError
from dinotui.engine.failures import record_failure
from dinotui.storage.store import Store

Reading = Callable[[Store, Callable[[Any], None], Callable[[], bool]], None]
"""Gets a store of its own, `publish` for answers (any number of them), and `cancelled`."""


class Background:
    """One reading at a time: a newer one ends the older, whose late answers are dropped."""

    def __init__(self) -> None:
        self._cancel = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def busy(self) -> bool:
        """Whether a reading is under way."""
        return self._thread is not None and self._thread.is_alive()

    def stop(self) -> None:
        """Drop what is under way."""
        self._cancel.set()

    def start(
        self,
        store: Store,
        reading: Reading,
        answered: Callable[[Any], None],
        failed: Callable[[DinoError], None],
    ) -> None:
        """Run `reading` in a thread; its answers reach `answered` on the app's loop, in order."""
        self.stop()
        cancel = self._cancel = threading.Event()
        loop = asyncio.get_running_loop()

        def deliver(receive: Callable[[Any], None], answer: Any) -> None:
            if not cancel.is_set():
                receive(answer)

        def publish(answer: Any) -> None:
            _on_loop(loop, deliver, answered, answer)

        def run() -> None:
            try:
                with store.sibling() as own:
                    reading(own, publish, cancel.is_set)
            except Cancelled:
                return
            except DinoError as error:
                _on_loop(loop, deliver, failed, error)
            except Exception as error:  # noqa: BLE001 - a thread has nobody to raise to
                record_failure(error)

        self._thread = threading.Thread(target=run, name="background-reading", daemon=True)
        self._thread.start()


def _on_loop(loop: AbstractEventLoop, callback: Callable[..., None], *arguments: Any) -> None:
    with suppress(RuntimeError):  # the loop has closed: the app has left
        loop.call_soon_threadsafe(callback, *arguments)
