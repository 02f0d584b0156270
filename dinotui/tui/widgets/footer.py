"""The last lines of every screen: the keys that are valid now, whole labels only, help always last."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dinotui.tui.cells import clean, width_of
from dinotui.tui.widgets.line import Lines, Piece

Label = tuple[str, str]
"""A key as people write it, and what it does."""

_GAP = 3


def footer_lines(
    labels: Sequence[Label], help_label: Label, width: int, most: int = 2, kept: Sequence[Label] = ()
) -> list[list[Label]]:
    """Return the labels on at most `most` lines of `width` cells; what does not fit is left out whole.

    `help_label` is always the last one: it lists the rest. Those `kept` come before it and stay as long as they take
    no more than half a line with it.
    """
    ends = [*kept, help_label]
    if sum(map(_size, ends)) + _GAP * len(kept) > (width - 2) // 2:
        labels, ends = [*labels, *kept], [help_label]
    end = sum(map(_size, ends)) + _GAP * (len(ends) - 1)
    lines: list[list[Label]] = [[]]
    room = [width - 2] * most
    room[most - 1] -= end + _GAP
    used = 0
    for label in labels:
        size = _size(label) + (_GAP if lines[-1] else 0)
        if used + size > room[len(lines) - 1]:
            if len(lines) == most:
                continue
            lines.append([])
            used, size = 0, _size(label)
            if size > room[len(lines) - 1]:
                continue
        lines[-1].append(label)
        used += size
    if used + end + _GAP > width - 2 and len(lines) < most:
        lines.append([])
    lines[-1] += ends
    return lines


def _size(label: Label) -> int:
    return width_of(label[0]) + 1 + width_of(label[1])


class Footer(Lines):
    """Shows the labels that `labels` returns, then those to keep, help last."""

    def __init__(self, labels: Callable[[], tuple[Sequence[Label], Sequence[Label], Label]]) -> None:
        super().__init__()
        self._labels = labels
        self._shown: object = None

    def lines(self, width: int) -> list[list[Piece]]:
        """Return one or two lines of keys."""
        labels, kept, help_label = self._labels()
        most = 2 if self.app.size.height >= 20 else 1
        placed = footer_lines(_clean(labels), _clean([help_label])[0], width, most, _clean(kept))
        return [_line(line) for line in placed]

    def look_again(self) -> None:
        """Draw again if other keys are valid now."""
        now = self._labels()
        if now != self._shown:
            self._shown = now
            self.redraw()


def _clean(labels: Sequence[Label]) -> list[Label]:
    return [(clean(key), clean(text)) for key, text in labels]


def _line(labels: Sequence[Label]) -> list[Piece]:
    pieces: list[Piece] = [(" ", "")]
    for number, (key, text) in enumerate(labels):
        if number:
            pieces.append((" " * _GAP, ""))
        pieces += [(key, "key"), (" " + text, "")]
    return pieces
