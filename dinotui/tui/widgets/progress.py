"""One line for long work: phase, done of total, rate, time left, and how to stop it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dinotui.locale import _, ngettext
from dinotui.tui.cells import clean, cut, width_of
from dinotui.tui.glyphs import glyphs
from dinotui.tui.widgets.line import Lines, Piece


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is: `done` of `total` things (None: not known) after `seconds` of this phase."""

    phase: str
    done: int
    total: int | None
    seconds: float
    stopping: bool = False


def time_left(progress: Progress) -> float | None:
    """Return the seconds left in this phase at its rate so far, None while that is a guess."""
    if progress.total is None or progress.done <= 0 or progress.seconds < 0.5:
        return None
    return max(0.0, (progress.total - progress.done) * progress.seconds / progress.done)


def duration_text(seconds: float) -> str:
    """Return a duration in its two largest useful units: ``8 s``, ``3 min 20 s``, ``2 h 5 min``."""
    whole = int(seconds + 0.5)
    if whole < 60:
        return _("{seconds} s").format(seconds=whole)
    if whole < 3600:
        return _("{minutes} min {seconds} s").format(minutes=whole // 60, seconds=whole % 60)
    return _("{hours} h {minutes} min").format(hours=whole // 3600, minutes=whole % 3600 // 60)


def progress_parts(progress: Progress) -> list[str]:
    """Return the facts to show, the most important first, each clean."""
    parts = [clean(progress.phase)]
    if progress.total is not None:
        parts.append(_("{done:,} of {total:,}").format(done=progress.done, total=progress.total))
    elif progress.done:
        parts.append(ngettext("{done:,} done", "{done:,} done", progress.done).format(done=progress.done))
    left = time_left(progress)
    if progress.stopping:
        parts.append(_("stopping"))
    elif left is not None:
        parts.append(_("{time} left").format(time=duration_text(left)))
    if progress.done > 0 and progress.seconds >= 0.5:
        parts.append(_("{rate:,}/s").format(rate=int(progress.done / progress.seconds)))
    return parts


def progress_pieces(progress: Progress, stop: str, width: int) -> list[Piece]:
    """Return the line in `width` cells: facts, a bar where there is room, and `stop` at the right edge."""
    parts = progress_parts(progress)
    room = width - width_of(stop) - 4
    text = parts[0]
    for part in parts[1:]:
        if width_of(text) + 2 + width_of(part) <= room:
            text += "  " + part
    text = cut(text, room)
    spare = room - width_of(text) - 2
    bar = _bar(progress, min(spare, 24)) if spare >= 8 and progress.total else ("", "")
    gap = " " * max(0, room - width_of(text) - (width_of(bar[0] + bar[1]) + 2 if bar[0] + bar[1] else 0))
    pieces: list[Piece] = [(" ", ""), (text, "strong")]
    if bar[0] or bar[1]:
        pieces += [("  ", ""), (bar[0], "bar"), (bar[1], "dim")]
    return [*pieces, (gap + "  ", ""), (stop, "key"), (" ", "")]


def _bar(progress: Progress, width: int) -> tuple[str, str]:
    share = min(1.0, progress.done / progress.total) if progress.total else 0.0
    full = max(int(width * share), 1 if share else 0)
    return glyphs().full * full, glyphs().rest * (width - full)


class ProgressLine(Lines):
    """Shows the running job; nothing and no line when there is none."""

    def __init__(self, current: Callable[[], Progress | None], stop: Callable[[], str]) -> None:
        super().__init__()
        self._stop = stop
        self._current = current

    def lines(self, width: int) -> list[list[Piece]]:
        """Return one line while a job runs."""
        progress = self._current()
        return [] if progress is None else [progress_pieces(progress, self._stop(), width)]
