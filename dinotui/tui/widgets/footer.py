"""The last lines of every screen: the keys that are valid now, whole labels only, help always last."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dinotui.tui.cells import clean, width_of
from dinotui.tui.widgets.line import Lines, Piece

Label = tuple[str, str]
"""A key as people write it, and what it does."""

_GAP = 3


def footer_lines(labels: Sequence[Label], help_label: Label, width: int, most: int = 2) -> list[list[Label]]:
    """Return the labels on at most `most` lines of `width` cells; what does not fit is left out whole.

    `help_label` is always the last one: it lists the rest.
    """
    lines: list[list[Label]] = [[]]
    room = [width - 2] * most
    room[most - 1] -= _size(help_label) + _GAP
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
    if used + _size(help_label) + _GAP > width - 2 and len(lines) < most:
        lines.append([])
    lines[-1].append(help_label)
    return lines


def _size(label: Label) -> int:
    return width_of(label[0]) + 1 + width_of(label[1])


class Footer(Lines):
    """Shows the labels that `labels` returns, help last."""

    def __init__(self, labels: Callable[[], tuple[Sequence[Label], Label]]) -> None:
        super().__init__()
        self._labels = labels
        self._shown: object = None

    def lines(self, width: int) -> list[list[Piece]]:
        """Return one or two lines of keys."""
        labels, help_label = self._labels()
        most = 2 if self.app.size.height >= 20 else 1
        clean_labels = [(clean(key), clean(text)) for key, text in labels]
        placed = footer_lines(clean_labels, (clean(help_label[0]), clean(help_label[1])), width, most)
        return [_line(line) for line in placed]

    def look_again(self) -> None:
        """Draw again if other keys are valid now."""
        now = self._labels()
        if now != self._shown:
            self._shown = now
            self.redraw()


def _line(labels: Sequence[Label]) -> list[Piece]:
    pieces: list[Piece] = [(" ", "")]
    for number, (key, text) in enumerate(labels):
        if number:
            pieces.append((" " * _GAP, ""))
        pieces += [(key, "key"), (" " + text, "")]
    return pieces
