"""Leaving when the terminal or the machine says so: within two seconds, whatever else goes on.

SIGHUP, SIGTERM and a lost terminal (read returns nothing or EIO, also when SIGHUP is ignored) all take the
same way: the app is asked to leave; a thread that was started beforehand ends the process by force when it
has not left in time, after the clean-up. Python handlers are used rather than the event loop's, because
they also run while the loop is busy.
"""

from __future__ import annotations

import os
import signal
import threading
from asyncio import AbstractEventLoop
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any, Final

GRACE: Final = 1.6
"""Seconds the app has for leaving by itself."""

_CLEAN_UP_TIME: Final = 0.2
LOST: Final = int(signal.SIGHUP)
"""The signal number that stands for a terminal that is gone."""

_WATCHED: Final = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)


class LeaveGuard:
    """Listens for the signals to leave while the app runs."""

    def __init__(self, leave: Callable[[int], None], clean_up: Callable[[], None]) -> None:
        """Call `leave(exit code)` on the loop; `clean_up` from a thread, only if that takes too long."""
        self._leave = leave
        self._clean_up = clean_up
        self._loop: AbstractEventLoop | None = None
        self._before: dict[signal.Signals, Any] = {}
        self._read, self._write = os.pipe()
        os.set_blocking(self._write, False)
        self._done = threading.Event()
        self._watchdog = threading.Thread(target=self._watch, name="leave-watchdog", daemon=True)

    def start(self, loop: AbstractEventLoop) -> None:
        """Take the signals, on the main thread. A SIGHUP that was ignored stays ignored (nohup)."""
        self._loop = loop
        self._watchdog.start()
        for number in _WATCHED:
            before = signal.getsignal(number)
            if number is signal.SIGHUP and before is signal.SIG_IGN:
                continue
            self._before[number] = signal.signal(number, self._on_signal)

    def lost(self) -> None:
        """The terminal is gone; may be called from any thread, more than once."""
        self.leave_because(LOST)

    def leave_because(self, number: int) -> None:
        """Start leaving for signal `number`; safe in a signal handler and in any thread."""
        with suppress(OSError):  # full of the same news, or closed because the app has left
            os.write(self._write, bytes([number]))
        if self._loop is not None:
            try:
                self._loop.call_soon_threadsafe(self._leave, 128 + number)
            except RuntimeError:
                return  # the loop has closed already

    def stop(self) -> None:
        """Give the signals back; the app has left."""
        self._done.set()
        for number, before in self._before.items():
            signal.signal(number, before)
        self._before.clear()
        self._loop = None
        if self._watchdog.is_alive():
            os.write(self._write, b"\0")
            self._watchdog.join()
        os.close(self._write)
        os.close(self._read)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the interpreter's signature
        self.leave_because(number)

    def _watch(self) -> None:
        number = os.read(self._read, 1)[0]
        if self._done.wait(GRACE):
            return
        last = threading.Thread(target=self._clean_up, daemon=True)
        last.start()
        last.join(_CLEAN_UP_TIME)
        os._exit(128 + number)
