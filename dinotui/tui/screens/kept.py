"""The rows that an undo or redo left alone, when there are too many for a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from textual.app import ComposeResult

from dinotui.locale import N_, _
from dinotui.tui.cells import Cell
from dinotui.tui.messages import FilterChanged
from dinotui.tui.screens.base import DinoScreen
from dinotui.tui.widgets.columns import Column
from dinotui.tui.widgets.paged_list import PagedList
from dinotui.tui.widgets.row_source import ListSource, Row

if TYPE_CHECKING:
    from dinotui.tui.undoing import Kept

_COLUMNS: Final = (Column(N_("Trip"), 8, 1), Column(N_("Why it was kept"), 30, 3))


class KeptScreen(DinoScreen):
    """A list of names and reasons."""

    def __init__(self, kept: Sequence[Kept]) -> None:
        super().__init__()
        self.kept = kept

    def title_text(self) -> str:
        """Return its crumb."""
        return _("Kept")

    def body(self) -> ComposeResult:
        """Yield the list."""
        yield PagedList(_COLUMNS, empty=N_("No row holds this text."), id="kept")

    def ready(self) -> None:
        """Show all of them."""
        self._show("")

    def on_filter_changed(self, event: FilterChanged) -> None:
        """Show those that hold the filter's words."""
        event.stop()
        self._show(event.text)

    def _show(self, text: str) -> None:
        words = text.casefold().split()
        rows = [
            Row(number, (row.name, Cell(row.reason, "dim")))
            for number, row in enumerate(self.kept)
            if all(word in f"{row.name} {row.reason}".casefold() for word in words)
        ]
        self.query_one(PagedList).set_source(ListSource(rows))
