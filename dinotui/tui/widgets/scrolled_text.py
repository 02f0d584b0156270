"""A text in the room that there is for it; a rule above it says what is out of sight, and by which keys it comes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.geometry import Region

from dinotui.locale import ngettext
from dinotui.tui.cells import cut, width_of
from dinotui.tui.glyphs import glyphs
from dinotui.tui.widgets.line import Lines, Piece


class ScrolledText(Lines):
    """Draws what `draw` returns for a width, a page of it at a time. The screen binds the keys."""

    def __init__(
        self,
        draw: Callable[[int], Sequence[Sequence[Piece]]],
        above: Callable[[], str] = str,
        *,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        """Draw what `draw` returns; `above` says on the rule what there is to know about what stands above it."""
        super().__init__(id=id)
        self._draw = draw
        self._above = above
        self._drawn: tuple[int, Sequence[Sequence[Piece]]] = (0, ())
        self._first = 0

    @property
    def hidden(self) -> int:
        """How many lines are out of sight."""
        return max(0, len(self._text(self.size.width)) - self._room)

    @property
    def _room(self) -> int:
        return max(1, self.size.height - 1)

    def turn(self, pages: int) -> None:
        """Go on by some pages, or back by fewer than none."""
        step = max(1, self._room - 1)  # a line that was in sight stays
        self._first = min(max(0, self._first + pages * step), self.hidden)
        self.refresh()

    def redraw(self) -> None:
        """Draw again from what `draw` returns now."""
        self._drawn = (0, ())
        self._first = min(self._first, self.hidden)
        self.refresh()

    def refresh_rule(self) -> None:
        """Draw the rule again: what stands above it has moved."""
        self.refresh(Region(0, 0, self.size.width, 1))

    def on_resize(self) -> None:
        """Keep the end at the end."""
        self.redraw()

    def _text(self, width: int) -> Sequence[Sequence[Piece]]:
        if self._drawn[0] != width:
            self._drawn = (width, self._draw(width))
        return self._drawn[1]

    def lines(self, width: int) -> Sequence[Sequence[Piece]]:
        """Return the rule and the lines in sight."""
        text = self._text(width)
        return [self._rule(width), *text[self._first : self._first + self._room]]

    def _rule(self, width: int) -> list[Piece]:
        drawn, below = glyphs(), self.hidden - self._first
        said = [text for text in (self._above(),) if text]
        if self._first:
            said.append(f"{drawn.up} PgUp")
        if below > 0:
            more = ngettext("{count} more line", "{count} more lines", below).format(count=below)
            said.append(f"{drawn.below} {more}, PgDn")
        text = cut(f" {'   '.join(said)} ", width - 3) if said else ""
        rest = drawn.rule * max(0, width - 3 - width_of(text))
        return [(drawn.rule * 3, "rule"), (text, "key"), (rest, "rule")]
