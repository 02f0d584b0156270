"""A short text that follows the language: drawn from a function each time."""

from __future__ import annotations

from collections.abc import Callable

from textual.geometry import Size

from dinotui.tui.cells import clean, width_of, wrap
from dinotui.tui.widgets.line import Lines, Piece


class Label(Lines):
    """Shows what `text` returns, cleaned, in style `style`; as wide as its longest line unless styled."""

    def __init__(
        self,
        text: Callable[[], str],
        style: str = "",
        *,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._text = text
        self._style = style

    def lines(self, width: int) -> list[list[Piece]]:
        """Return its lines, wrapped to `width`."""
        found: list[list[Piece]] = []
        for line in self._text().split("\n"):
            if not line.strip() or width_of(clean(line)) <= width:
                found.append([(clean(line), self._style)])
            else:
                found += [[(part, self._style)] for part in wrap(clean(line), width, 20)]
        return found

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002 - Textual's signature
        """Return the width of its longest line."""
        return max(width_of(clean(line)) for line in self._text().split("\n"))
