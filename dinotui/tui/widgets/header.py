"""The first line of every screen: where one is, and how things stand; under it a rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.geometry import Region

from dinotui.tui.cells import clean, cut, width_of
from dinotui.tui.glyphs import glyphs
from dinotui.tui.widgets.line import Lines, Piece


def header_pieces(crumbs: Sequence[str], right: str, width: int) -> list[Piece]:
    """Return the breadcrumb left and `right` at the right edge, in `width` cells.

    The last crumb stays longest: earlier ones give way to a mark first.
    """
    names = [clean(crumb) for crumb in crumbs]
    right = cut(clean(right), max(0, width * 3 // 5))
    room = width - 2 - (width_of(right) + 2 if right else 0)
    first = 0
    while first < len(names) - 1 and width_of(_path(names, first)) > room:
        first += 1
    head = _path(names, first)[: -len(names[-1]) or None] if names[-1] else _path(names, first)
    last = cut(names[-1], max(1, room - width_of(head)))
    gap = " " * max(1, width - 2 - width_of(head) - width_of(last) - width_of(right))
    return [(" " + head, "dim"), (last, "strong"), (gap + right + " ", "dim")]


def _path(names: Sequence[str], first: int) -> str:
    shown = [glyphs().more, *names[first:]] if first else list(names)
    return " > ".join(shown)


class Header(Lines):
    """Breadcrumb, status and rule."""

    def __init__(self, crumbs: Callable[[], Sequence[str]], right: Callable[[], str]) -> None:
        super().__init__()
        self._crumbs = crumbs
        self._right = right

    def lines(self, width: int) -> list[list[Piece]]:
        """Return the breadcrumb line and the rule."""
        return [header_pieces(self._crumbs(), self._right(), width), [(glyphs().rule * width, "rule")]]

    def refresh_right(self) -> None:
        """Draw the first line again and leave the rule alone."""
        self.refresh(Region(0, 0, self.size.width, 1))
