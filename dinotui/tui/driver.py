"""The terminal's two ends: reading keys, pastes and the terminal's end; writing without ever blocking.

Textual's own reader spins at full load when the terminal is gone, and its writer blocks the whole app when
nobody reads; both are replaced here, the rest of its Linux driver stays.
"""

from __future__ import annotations

import os
import select
import sys
import threading
import time
from codecs import getincrementaldecoder
from collections import deque
from collections.abc import Callable
from typing import Any, Final, cast

from textual import events
from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from dinotui.tui.glyphs import glyphs
from dinotui.tui.paste import Burst

_READ_AT_ONCE: Final = 65_536
_POLL: Final = 0.1
_LAST_WORDS: Final = 0.3
"""Seconds for the last bytes (back to the normal screen) to get out."""


class TerminalWriter(threading.Thread):
    """Writes in the background; a terminal that stops reading stops this thread and nothing else."""

    def __init__(self, fileno: int, lost: Callable[[], None]) -> None:
        super().__init__(daemon=True, name="terminal-writer")
        self._fileno = fileno
        self._lost = lost
        self._queue: deque[bytes] = deque()
        self._something = threading.Condition()
        self._stopping = False
        self._deadline = 0.0

    def send(self, text: str) -> None:
        """Queue `text` for writing."""
        data = text.encode("ascii", "replace") if glyphs().ascii_only else text.encode("utf-8", "replace")
        with self._something:
            self._queue.append(data)
            self._something.notify()

    def stop(self) -> None:
        """Write what is queued if the terminal takes it soon, and end."""
        with self._something:
            self._stopping = True
            self._deadline = time.monotonic() + _LAST_WORDS
            self._something.notify()
        self.join(_LAST_WORDS * 2)

    def run(self) -> None:
        """Write until told to stop or the terminal is gone."""
        while True:
            with self._something:
                while not self._queue and not self._stopping:
                    self._something.wait()
                if not self._queue:
                    return
                data = b"".join(self._queue)
                self._queue.clear()
            try:
                if not self._write(data):
                    return
            except OSError:
                self._lost()
                return

    def _write(self, data: bytes) -> bool:
        view = memoryview(data)
        while view:
            _readable, writable, _failed = select.select([], [self._fileno], [], _POLL)
            if writable:
                view = view[os.write(self._fileno, view[:4096]) :]
            elif self._stopping and time.monotonic() > self._deadline:
                return False
        return True


class DinoDriver(LinuxDriver):
    """Textual's Linux driver with our reader and writer."""

    def __init__(
        self, app: Any, *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._writer: TerminalWriter | None = None
        self._repaint = cast("Callable[[], None]", app.repaint)
        # not standard error: that may go into a file (dinotui 2> log) while the app is on the screen
        self._out = sys.__stdout__.fileno() if sys.__stdout__ is not None else 1
        self._lost = cast("Callable[[], None]", app.terminal_lost)

    # writing

    def start_application_mode(self) -> None:
        """Take the terminal."""
        self._writer = TerminalWriter(self._out, self._lost)
        self._writer.start()
        self._repaint()
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def write(self, data: str) -> None:
        """Queue `data`; never waits."""
        if self._writer is not None:
            self._writer.send(data)

    def close(self) -> None:
        """Let the last bytes out, as far as the terminal takes them."""
        super().close()
        if self._writer is not None:
            self._writer.stop()

    # reading

    def run_input_thread(self) -> None:
        """Turn what the terminal sends into events until told to stop or the terminal is gone."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        burst = Burst()
        try:
            while not self.exit_event.is_set():
                timeout = burst.window / 2 if burst.waiting else _POLL
                readable, _writable, _failed = select.select([self.fileno], [], [], timeout)
                if readable:
                    data = self._read()
                    if not data:
                        self._lost()
                        return
                    for event in parser.feed(decode(data)):
                        self._take(event, burst)
                for event in parser.tick():
                    self._take(event, burst)
                if burst.due(time.monotonic()):
                    self._let_go(burst)
        finally:
            try:
                for _event in parser.feed(""):
                    pass
            except (EOFError, ParseError):
                pass

    def _read(self) -> bytes:
        """Return what was typed; nothing when the terminal is gone."""
        try:
            return os.read(self.fileno, _READ_AT_ONCE)
        except OSError:
            return b""

    def _take(self, event: Message, burst: Burst) -> None:
        """Hold back what may be part of an unbracketed paste, pass the rest on in order."""
        now = time.monotonic()
        if burst.due(now):
            self._let_go(burst)
        character = event.character if isinstance(event, events.Key) else None
        part_of_paste = character is not None and (
            character.isprintable() or (burst.waiting and character in "\r\n\t")
        )
        if part_of_paste and character:
            burst.key(event, character, now)
            return
        if burst.waiting:
            self._let_go(burst)
        self.process_message(cast("Any", event))

    def _let_go(self, burst: Burst) -> None:
        held, text = burst.release()
        for event in held:
            self.process_message(cast("Any", event))
        if text:
            self.process_message(cast("Any", events.Paste(text)))
