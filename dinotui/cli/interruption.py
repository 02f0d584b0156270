"""Ctrl+C and the other wishes to stop: what they interrupt, and what they only ask to end.

While nothing is being changed a signal stops the program at once. While long work runs that looks at the
stop switch, the first signal turns the switch and a second one stops at once. While something is being
written the switch is all that is turned: the work either ends before it is stored, or it is done and said
to be done. So "Nothing was changed" is always true. Once the program is stopping, further signals change
nothing: what is being cleared away is not interrupted.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final, Literal, Protocol, Self

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_Mode = Literal["at once", "switch first", "switch only"]


class EarlySignals(Protocol):
    """The signals until the command line was loaded: whether one `came`, and whose they were `before`."""

    came: bool
    before: dict[int, Any]


class Interruption:
    """Takes the signals while it is entered; `asked` says whether one came."""

    def __init__(self, *, last: bool = False, early: EarlySignals | None = None) -> None:
        """With `last` the process ends afterwards, and no signal may break in on that."""
        self.asked = False
        self._last = last
        self._early = early
        self._mode: _Mode = "switch only"
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        self.take()
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._last:
            for number in self._before:
                signal.signal(number, signal.SIG_IGN)
        else:
            self.give_back()

    def take(self) -> None:
        """Listen for the signals; one that is ignored (nohup) stays ignored."""
        for number in _SIGNALS:
            before = signal.getsignal(number)
            if before is not signal.SIG_IGN:
                owner = self._early.before.get(number, before) if self._early else before
                self._before[number] = owner
                signal.signal(number, self._came)

    def give_back(self) -> None:
        """Leave the signals to whom they belonged before."""
        for number, before in self._before.items():
            signal.signal(number, before)
        self._before.clear()

    def begin(self) -> None:
        """Let a signal stop the program from now on; raises `KeyboardInterrupt` where one came before."""
        self._mode = "at once"
        if self.asked or (self._early is not None and self._early.came):
            self.asked, self._mode = True, "switch only"
            raise KeyboardInterrupt

    def end(self) -> None:
        """Let no signal break in on the rest, which only leaves."""
        self._mode = "switch only"

    def stopping(self) -> bool:
        """Return whether the work should end; the engine's `cancelled`."""
        return self.asked

    @contextmanager
    def working(self) -> Iterator[None]:
        """Run long work that looks at `stopping` and stores nothing of the user's."""
        with self._in("switch first"):
            yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Run work that stores something: it is never torn, and neither is saying afterwards what was done."""
        with self._in("switch only"):
            yield
        self._mode = "switch only"

    @contextmanager
    def _in(self, mode: _Mode) -> Iterator[None]:
        before, self._mode = self._mode, mode
        try:
            yield
        except BaseException:
            self._mode = "switch only" if self.asked else before
            raise
        self._mode = before

    def _came(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the interpreter's signature
        first, self.asked = not self.asked, True
        if self._mode == "at once" or (self._mode == "switch first" and not first):
            self._mode = "switch only"
            raise KeyboardInterrupt
