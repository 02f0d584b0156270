"""The line where the program answers: a message, with a sign that does not need its colour."""

from __future__ import annotations

from typing import Final

from dinotui.tui.cells import clean, wrap
from dinotui.tui.glyphs import glyphs
from dinotui.tui.messages import Level
from dinotui.tui.widgets.line import Lines, Piece

_STYLES: Final[dict[Level, str]] = {"info": "", "good": "good", "warn": "warn", "error": "bad"}
_MOST_LINES: Final = 3


class StatusLine(Lines):
    """Shows the last message until the next one, up to three lines of it."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.level: Level = "info"

    def say(self, text: str, level: Level = "info") -> None:
        """Show `text`, raw from anywhere."""
        if (text, level) != (self.text, self.level):
            self.text, self.level = text, level
            self.redraw()

    def clear(self) -> None:
        """Show nothing."""
        self.say("")

    def lines(self, width: int) -> list[list[Piece]]:
        """Return the message with its sign, or one empty line."""
        if not self.text:
            return [[]]
        signs = {"info": glyphs().dot, "good": "+", "warn": "!", "error": "!"}
        style = _STYLES[self.level]
        wrapped = wrap(clean(self.text.strip().replace("\n", " ")), width - 4, _MOST_LINES)
        return [
            [(f" {signs[self.level]} " if number == 0 else "   ", style), (line, style)]
            for number, line in enumerate(wrapped)
        ]
