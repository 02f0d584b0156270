"""A text in full under a list, in a fixed number of lines."""

from __future__ import annotations

from collections.abc import Callable

from dinotui.tui.cells import clean, wrap
from dinotui.tui.glyphs import glyphs
from dinotui.tui.widgets.line import Piece, RowDetail


class DetailText(RowDetail):
    """A rule and what `text` returns, cleaned, in up to three lines."""

    def __init__(self, text: Callable[[], str]) -> None:
        super().__init__()
        self._text = text

    def lines(self, width: int) -> list[list[Piece]]:
        """Return the rule and three lines."""
        text = self._text()
        shown = wrap(clean(text), width - 6, 3) if text else []
        rule: list[Piece] = [(glyphs().rule * width, "rule")]
        return [rule, *([("   " + line, "")] for line in shown), *([[]] * (3 - len(shown)))]
