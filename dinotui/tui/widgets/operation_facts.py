"""The head of an operation: what, when, from where, how many rows, and what undoing it would do."""

from __future__ import annotations

from collections.abc import Callable

from dinotui.engine.history import FoundOperation
from dinotui.locale import _, ngettext
from dinotui.tui.cells import clean, cut, width_of, wrap
from dinotui.tui.rows import kind_text, local_time
from dinotui.tui.undoing import Kind, Outlook, effect_text
from dinotui.tui.widgets.line import Lines, Piece

_LOW = 22
"""Lines of the terminal under which only the most needed is said."""


class OperationFacts(Lines):
    """Three lines and what undo would do in up to two more."""

    def __init__(
        self,
        operation: Callable[[], FoundOperation | None],
        outlook: Callable[[], Outlook | None],
        kind: Callable[[], Kind | None],
    ) -> None:
        """Show what `operation` returns; `outlook` is None until it is known, `kind` when nothing can be done."""
        super().__init__()
        self._operation, self._outlook, self._kind = operation, outlook, kind

    def lines(self, width: int) -> list[list[Piece]]:
        """Return the lines for `width` cells."""
        operation = self._operation()
        if operation is None:
            return []
        lines = [_when_line(operation, width), *_what_lines(operation, width)]
        if self.app.size.height >= _LOW:
            lines += _left_lines(operation, width)
        kind = self._kind()
        if kind is not None:
            lines += _would_lines(kind, self._outlook(), width)
        return [*lines, []]


def _when_line(operation: FoundOperation, width: int) -> list[Piece]:
    entry = operation.entry
    pieces: list[Piece] = [
        (" " + clean(kind_text(entry.kind)), "accent"),
        ("   " + local_time(entry.timestamp), ""),
    ]
    if entry.state == "undone":
        pieces.append(("   ! " + _("undone"), "warn"))
    left = width - 1 - sum(width_of(text) for text, _style in pieces)
    facts = [
        (_("from"), "" if entry.source == "manual" else entry.source),
        (_("backup"), entry.backup_id or ""),
    ]
    for label, value in facts:
        if value and left > 12:
            text = cut(clean(value), left - width_of(label) - 4)
            pieces += [(f"   {label} ", "dim"), (text, "")]
            left -= width_of(label) + width_of(text) + 4
    return pieces


def _what_lines(operation: FoundOperation, width: int) -> list[list[Piece]]:
    summary = operation.entry.summary
    return [[(" " + part, "strong")] for part in wrap(clean(summary), width - 2, 2)] if summary else []


def _left_lines(operation: FoundOperation, width: int) -> list[list[Piece]]:
    """Return how many records of an import are not in the list of changes, and why."""
    counts = operation.details.get("counts", {}) if operation.entry.kind == "import" else {}
    skipped, rejected = int(counts.get("skip", 0)), int(counts.get("reject", 0))
    parts = [
        (skipped, ngettext("{count:,} skipped record", "{count:,} skipped records", skipped)),
        (rejected, ngettext("{count:,} rejected record", "{count:,} rejected records", rejected)),
    ]
    names = ", ".join(text.format(count=count) for count, text in parts if count)
    if not names:
        return []
    text = _("Not listed, for they changed nothing: {names}.").format(names=names)
    return [[(" " + part, "dim")] for part in wrap(text, width - 2, 1)]


def _would_lines(kind: Kind, outlook: Outlook | None, width: int) -> list[list[Piece]]:
    if outlook is None:
        text = _("u says what undoing it would do, before it does it.")
        if kind == "redo":
            text = _("r says what redoing it would do, before it does it.")
        return [[(" " + part, "dim")] for part in wrap(text, width - 2, 2)]
    label = _("Undoing it:") if kind == "undo" else _("Redoing it:")
    text = effect_text(outlook)
    style = "warn" if outlook.kept else ""
    room = width - width_of(label) - 3
    lines = wrap(clean(text), room, 2)
    return [
        [(f" {label} " if number == 0 else " " * (width_of(label) + 2), "dim"), (part, style)]
        for number, part in enumerate(lines)
    ]
