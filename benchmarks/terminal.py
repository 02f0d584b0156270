"""A program in a pseudo-terminal: when a text appears on it, and how long a key takes to be answered."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

SIZE: Final = (40, 120)  # lines and columns
_CONTROLS: Final = re.compile(rb"\x1b\[[0-9;?<>=!]*[ -/]*[@-~]|\x1b[()][0-9A-B]|\x1b.|[\x00-\x1f]")


class Terminal:
    """Runs `words` until the block ends; times count from its start."""

    def __init__(self, words: Sequence[str | Path], environment: dict[str, str]) -> None:
        self.began = time.perf_counter()
        self._process, self._master = pty.fork()
        if self._process == 0:
            os.execvpe(str(words[0]), [str(word) for word in words], environment)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
        self.seen = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        os.kill(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)
        os.close(self._master)

    def type(self, keys: bytes) -> None:
        """Send keys."""
        os.write(self._master, keys)

    def wait_for(self, *texts: str, most: float = 600.0) -> float:
        """Return the seconds since now until one of `texts` is written; raises `TimeoutError`."""
        began, found = time.perf_counter(), b""
        wanted = [text.encode() for text in texts]
        while time.perf_counter() - began < most:
            if not self._ready(0.5):
                continue
            found = found[-20_000:] + self._read()
            plain = _CONTROLS.sub(b" ", found)
            if any(text in plain for text in wanted):
                return time.perf_counter() - began
        raise TimeoutError(f"{texts} did not come, but {_CONTROLS.sub(b' ', found)[-500:]!r}")

    def until_quiet(self, quiet: float = 0.3) -> None:
        """Read until nothing has come for `quiet` seconds."""
        while self._ready(quiet):
            self._read()

    def answer(self, key: bytes) -> float:
        """Return the seconds from a key to the last byte of the first burst that answers it."""
        began = time.perf_counter()
        self.type(key)
        if not self._ready(2.0):
            raise TimeoutError(f"no answer to {key!r}")
        self._read()
        took = time.perf_counter() - began
        self.until_quiet(0.05)
        return took

    def megabytes(self) -> float:
        """Return the most memory the program has had."""
        status = Path(f"/proc/{self._process}/status").read_text()
        return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))

    def _ready(self, seconds: float) -> bool:
        return bool(select.select([self._master], [], [], seconds)[0])

    def _read(self) -> bytes:
        try:
            data = os.read(self._master, 1 << 16)
        except OSError as error:
            raise EOFError("the program ended") from error
        self.seen = (self.seen + data)[-50_000:]
        if b"\x1b[6n" in data:
            self.type(b"\x1b[1;1R")
        return data
