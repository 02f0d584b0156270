"""What the tests of the terminal app share: a clean place, and a real terminal to run it in."""

from __future__ import annotations

import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from fcntl import ioctl
from pathlib import Path

import pytest

import dinotui.tui  # noqa: F401 - sets Textual's switches before it is imported
from dinotui.locale import use_language
from dinotui.tui.glyphs import UNICODE, use_glyphs

FAKES = Path(__file__).with_name("tui_fakes.py")


@pytest.fixture(autouse=True)
def _plain_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in ("NO_COLOR", "COLORFGBG", "LC_ALL", "LC_CTYPE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    use_language("en")
    use_glyphs(UNICODE)
    yield
    use_language("en")
    use_glyphs(UNICODE)


_BEGIN = (
    "import fcntl, os, runpy, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "sys.path.insert(0, os.path.dirname(sys.argv[1])); runpy.run_path(sys.argv[1], run_name='__main__')"
)
"""Makes the pseudo-terminal the controlling one, so that hanging up sends SIGHUP, and runs the app."""


class Terminal:
    """A program in a pseudo-terminal: what it writes, and what is typed into it."""

    def __init__(
        self,
        environ: dict[str, str],
        size: tuple[int, int],
        *,
        ignore_hangup: bool = False,
        script: Path = FAKES,
    ) -> None:
        self.master, slave = pty.openpty()
        ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))

        ignore = signal.signal(signal.SIGHUP, signal.SIG_IGN) if ignore_hangup else None
        self.process = subprocess.Popen(
            [sys.executable, "-c", _BEGIN, str(script)],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environ,
            start_new_session=True,
        )
        if ignore_hangup:
            signal.signal(signal.SIGHUP, ignore)  # a child keeps what is ignored, not what is handled
        os.close(slave)
        self.seen = b""

    def read(self, quiet: float = 0.15, most: float = 6.0) -> bytes:
        """Return what comes until nothing has come for `quiet` seconds."""
        found = b""
        end = time.monotonic() + most
        while time.monotonic() < end:
            ready, _, _ = select.select([self.master], [], [], quiet if found else quiet * 4)
            if not ready:
                break
            try:
                data = os.read(self.master, 65536)
            except OSError:
                break
            if not data:
                break
            found += data
        self.seen += found
        return found

    def read_until(self, text: bytes, most: float = 10.0) -> bytes:
        """Return what comes until `text` is among it."""
        found = b""
        end = time.monotonic() + most
        while text not in found:
            left = end - time.monotonic()
            ready, _, _ = select.select([self.master], [], [], max(0.0, left))
            assert ready, f"{text!r} did not come, only {found[-400:]!r}"
            found += os.read(self.master, 65536)
        self.seen += found
        return found

    def type(self, *keys: bytes, pause: float = 0.12) -> None:
        """Type keys one after the other, as a person does."""
        for key in keys:
            os.write(self.master, key)
            time.sleep(pause)

    def ended_within(self, seconds: float) -> int | None:
        """Return the exit code if the program ends within `seconds`, reading what it still writes."""
        end = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < end:
            ready, _, _ = select.select([self.master], [], [], 0.02)
            if ready:
                try:
                    self.seen += os.read(self.master, 65536)
                except OSError:
                    time.sleep(0.02)
        return self.process.poll()

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.master >= 0:
            os.close(self.master)

    def hang_up(self) -> None:
        """Take the terminal away, as a closed window or a lost connection does."""
        os.close(self.master)
        self.master = -1


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    opened: list[Terminal] = []

    def start(
        size: tuple[int, int] = (80, 24),
        *,
        ignore_hangup: bool = False,
        script: Path = FAKES,
        **changes: str | None,
    ) -> Terminal:
        environ = {
            key: value
            for key, value in os.environ.items()
            if key not in ("COLORTERM", "NO_COLOR") and not key.startswith("TEXTUAL_")
        }
        environ |= {
            "TERM": "xterm-256color",
            "LANG": "en_US.UTF-8",
            "XDG_STATE_HOME": str(tmp_path / "state"),
        }
        environ["FAKE_MARK"] = str(tmp_path / "mark")
        environ.pop("LC_ALL", None)
        environ.pop("LC_CTYPE", None)
        for key, value in changes.items():
            if value is None:
                environ.pop(key, None)
            else:
                environ[key] = value
        opened.append(Terminal(environ, size, ignore_hangup=ignore_hangup, script=script))
        return opened[-1]

    yield start
    for each in opened:
        each.close()
