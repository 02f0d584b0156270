"""Bars and small charts drawn with characters, whole cells in ASCII."""

from __future__ import annotations

from typing import Final

from dinotui.tui.cells import Cell
from dinotui.tui.glyphs import glyphs

_EIGHTHS: Final = "▏▎▍▌▋▊▉█"


def bar(value: float, most: float, width: int) -> str:
    """Return `value` of `most` as a bar of up to `width` cells; anything above nothing shows a little."""
    if most <= 0 or value <= 0 or width <= 0:
        return ""
    share = min(1.0, value / most) * width
    if glyphs().ascii_only:
        return "#" * max(1, round(share))
    whole, part = divmod(max(1, round(share * 8)), 8)
    return _EIGHTHS[7] * whole + (_EIGHTHS[part - 1] if part else "")


def gauge(value: float, most: float, width: int, style: str = "accent") -> tuple[Cell, ...]:
    """Return a bar on a track of `width` cells, so that what is left shows too."""
    drawn = bar(value, most, width)
    track = ("." if glyphs().ascii_only else "·") * (width - len(drawn))
    return Cell(drawn, style), Cell(track, "dim")


def level(share: float) -> str:
    """Return the style of a share that should stay under 1: good, warn, bad."""
    return "bad" if share > 1 else "warn" if share >= 0.85 else "good"
