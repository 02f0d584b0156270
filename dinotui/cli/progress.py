"""Where long work is, on one line of the terminal that is cleared when the work ends."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Final

from dinotui.cli.output import Output
from dinotui.locale import _

if TYPE_CHECKING:
    from dinotui.engine.progress import Progress

_EVERY: Final = 0.1  # seconds between two looks of the line
_WAIT: Final = 0.5  # seconds that work may take without saying anything


class ProgressLine:
    """A `Report` that shows itself on standard error, where that is a terminal that can."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._wanted = output.messages_to_terminal and os.environ.get("TERM", "") not in ("", "dumb")
        self._next = time.monotonic() + _WAIT
        self._shown = False

    def __call__(self, progress: Progress) -> None:
        """Show where the work is, a few times a second."""
        now = time.monotonic()
        if self._wanted and now >= self._next:
            self._next = now + _EVERY
            self._shown = True
            self._output.over(_line(progress))

    def clear(self) -> None:
        """Leave an empty line behind."""
        if self._shown:
            self._shown = False
            self._output.over("")


def _line(progress: Progress) -> str:
    phase = _(progress.phase)
    if not progress.done:
        return _("{phase}…").format(phase=phase)
    if progress.total is None:
        return _("{phase}… {done:,} records").format(phase=phase, done=progress.done)
    return _("{phase}… {done:,} of {total:,} records").format(
        phase=phase, done=progress.done, total=progress.total
    )
