"""The trip under the cursor in full, for what its row has no room for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from dinotui.locale import _
from dinotui.tui.cells import clean, width_of, wrap
from dinotui.tui.glyphs import glyphs
from dinotui.tui.rows import days_text, stay_style
from dinotui.tui.view import View
from dinotui.tui.widgets.line import Piece, RowDetail

_LOW: Final = 16
"""Lines of the terminal under which there is no room for details."""

Fact = tuple[str, str, str]
"""Label, value and style."""


class TripDetail(RowDetail):
    """Always the same number of lines, so that moving the cursor moves nothing else."""

    def __init__(self, current: Callable[[], Mapping[str, Any] | None], view: Callable[[], View]) -> None:
        """Show the stored row that `current` returns."""
        super().__init__()
        self._current = current
        self._view = view

    def lines(self, width: int) -> list[list[Piece]]:
        """Return a line of facts and lines of notes."""
        height = self.app.size.height
        if height < _LOW:
            return []
        note_lines = 1 if height < 30 else 3
        row = self._current()
        shown = [] if row is None else detail_lines(row, self._view().today, width, note_lines)
        rule: list[Piece] = [(glyphs().rule * width, "rule")]
        return [rule, *shown, *([[]] * (1 + note_lines - len(shown)))]


def detail_lines(row: Mapping[str, Any], today_day: int, width: int, note_lines: int) -> list[list[Piece]]:
    """Return the facts of a stored trip in one line, and its notes in up to `note_lines` lines."""
    facts: list[Fact] = [
        ("", days_text(row, today_day), stay_style(row, today_day) or "strong"),
        ("", row["visa_type"], ""),
        (_("passport"), row["passport_country"], ""),
        (_("from"), "" if row["source"] == "manual" else row["source"], "dim"),
    ]
    lines = [fact_line([fact for fact in facts if fact[1]], width)]
    if row["notes"]:
        lines += [[("   " + part, "dim")] for part in wrap(clean(row["notes"]), width - 4, note_lines)]
    return lines


def fact_line(facts: list[Fact], width: int) -> list[Piece]:
    """Return facts beside each other; one that has no room any more is left out whole, the first is cut."""
    pieces: list[Piece] = [("   ", "")]
    left = width - 4
    for number, (label, value, style) in enumerate(facts):
        text = clean(value)
        name = f"{clean(label)} " if label else ""
        gap = "   " if number else ""
        needed = width_of(gap + name + text)
        if needed > left and number:
            continue
        pieces += [(gap + name, "dim"), (wrap(text, left, 1)[0], style)]
        left -= needed
    return pieces
