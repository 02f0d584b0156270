"""How long work tells where it is and asks whether to stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from dinotui.domain.errors import Cancelled
from dinotui.locale import N_


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a piece of work is: `phase` (one of `PHASES`, to be translated), `done` of `total` records."""

    phase: str
    done: int
    total: int | None = None


Report: TypeAlias = Callable[[Progress], None]
Stop: TypeAlias = Callable[[], bool]

PHASES = (
    N_("Reading"),
    N_("Understanding"),
    N_("Looking for repeats"),
    N_("Planning"),
    N_("Deciding"),
    N_("Backing up"),
    N_("Writing"),
    N_("Verifying"),
    N_("Checking"),
    N_("Undoing"),
)


def quietly(_progress: Progress) -> None:
    """Report to nobody."""


def never() -> bool:
    """Never stop."""
    return False


def stop_if(cancelled: Stop) -> None:
    """Raise `Cancelled` when the user asked to stop."""
    if cancelled():
        raise Cancelled
