"""The server's wish to stop, as work and requests see it."""

from __future__ import annotations

import time
from typing import Final

GRACE_SECONDS: Final = 3.0
"""How long work in hand may go on before it is undone."""


class Stopping:
    """Whether the server was asked to stop, and since when; set by a signal, read by every thread."""

    def __init__(self) -> None:
        self._since: float | None = None

    def ask(self) -> None:
        """Ask to stop; asked again, work in hand is undone at once."""
        self._since = time.monotonic() if self._since is None else -GRACE_SECONDS

    @property
    def asked(self) -> bool:
        """Whether the server is stopping."""
        return self._since is not None

    def overdue(self) -> bool:
        """Return whether work should end now: the engine's `cancelled`."""
        since = self._since
        return since is not None and time.monotonic() - since >= GRACE_SECONDS
