"""The changed row under the cursor, field by field: before and after side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from dinotui.engine.history import Change
from dinotui.locale import _
from dinotui.tui.cells import clean, fit, width_of
from dinotui.tui.glyphs import glyphs
from dinotui.tui.rows import field_label, value_text
from dinotui.tui.widgets.line import Piece, RowDetail

_LABEL: Final = 14
_MARGIN: Final = 3


class ChangeDetail(RowDetail):
    """As many lines as the screen has room for, always the same number, whatever the row."""

    def __init__(self, change: Callable[[], Change | None]) -> None:
        """Show what `change` returns."""
        super().__init__()
        self._change = change

    def lines(self, width: int) -> list[list[Piece]]:
        """Return rule, title and a line a field; fields that have no room are counted."""
        room = most_lines(self.app.size.height)
        if not room:
            return []
        change = self._change()
        shown = [] if change is None else change_lines(change, width, room - 1)
        rule: list[Piece] = [(glyphs().rule * width, "rule")]
        return [rule, *shown, *([[]] * (room - 1 - len(shown)))]


def most_lines(height: int) -> int:
    """Return how many lines of a terminal of `height` the detail takes."""
    return 0 if height < 16 else 5 if height < 24 else 9


def change_lines(change: Change, width: int, most: int) -> list[list[Piece]]:
    """Return the changed fields, before and after in two columns where both are there."""
    fields = [
        (name, values)
        for name, values in change.fields.items()
        if change.what == "changed" or any(value not in (None, "") for value in values)
    ]
    shown = fields if len(fields) <= most else fields[: most - 1]
    lines = [_line(change.what, name, values, width) for name, values in shown]
    if len(shown) < len(fields):
        hidden = len(fields) - len(shown)
        names = ", ".join(field_label(name) for name, _values in fields[-hidden:])
        lines.append([(" " * _MARGIN + fit(_("and {names}").format(names=names), width - 4), "dim")])
    return lines


def _line(what: str, name: str, values: tuple[object, object], width: int) -> list[Piece]:
    label = fit(clean(field_label(name)), _LABEL)
    before, after = (clean(value_text(value)) for value in values)
    head: list[Piece] = [(" " * _MARGIN, ""), (label + " ", "dim")]
    room = width - _MARGIN - _LABEL - 2
    if what in ("added", "skipped", "rejected"):
        return [*head, (fit(after, room), "")]
    if what == "removed":
        return [*head, (fit(before, room), "")]
    arrow = f" {glyphs().to} "
    half = (room - width_of(arrow)) // 2
    left = min(half, max(width_of(before), 10))
    return [
        *head,
        (fit(before, left), "bad"),
        (arrow, "dim"),
        (fit(after, room - left - width_of(arrow)), "good"),
    ]
