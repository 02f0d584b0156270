"""Widgets that are a few whole lines of text: header, status, progress, footer, labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from dinotui.tui.cells import strip_of

Piece = tuple[str, str]
"""Clean text and the name of its style (a component class without ``line--``), empty for the line's own."""


class Lines(Widget):
    """Draws what `lines` returns, one strip a line, and is as high as that."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"line--{name}" for name in ("good", "warn", "bad", "dim", "strong", "accent", "key", "rule", "bar")
    }

    def lines(self, width: int) -> Sequence[Sequence[Piece]]:
        """Return the lines for `width` cells, each as pieces of clean text."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Draw again, and lay out again when the number of lines has changed."""
        width = self.size.width
        self.refresh(layout=bool(width) and len(self.lines(width)) != self.size.height)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's signature
        """Return as many rows as there are lines."""
        return len(self.lines(width))

    def render_line(self, y: int) -> Strip:
        """Draw line `y`."""
        width = self.size.width
        lines = self.lines(width)
        base = self.rich_style
        if y >= len(lines):
            return Strip.blank(width, base)
        return strip_of([(text, self._named(name)) for text, name in lines[y]], width, base)

    def _named(self, name: str) -> Style | None:
        return self.get_component_rich_style(f"line--{name}") if name else None


class RowDetail(Lines):
    """Says more about the row under the cursor: the screen draws it anew whenever a list of it moves."""
