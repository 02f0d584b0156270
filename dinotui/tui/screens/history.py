"""The log: what was done, newest first; undo or redo any of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from textual.app import ComposeResult

from dinotui.domain.errors import DinoError
from dinotui.engine import history
from dinotui.engine.history import FoundOperation
from dinotui.engine.history_export import LogFilter, matching
from dinotui.locale import N_, _
from dinotui.tui import doors, undoing
from dinotui.tui.commands import Command, State
from dinotui.tui.messages import FilterChanged
from dinotui.tui.rows import OPERATION_COLUMNS, OperationKey, operation_row
from dinotui.tui.screens.stored import DataScreen
from dinotui.tui.sources import operation_source
from dinotui.tui.widgets.paged_list import PagedList
from dinotui.tui.widgets.row_source import ListSource, RowSource

_HISTORY: Final = N_("History")
_NOTHING: Final = N_(
    "Nothing was done yet. What you add, change, import or export is listed here, and can be undone."
)
_NONE_FOUND: Final = N_("No entry holds this text. Esc shows all.")


def _has_row(screen: HistoryScreen) -> State:
    return True if screen.entries.current is not None else _("there is no entry here")


def _can_undo(screen: HistoryScreen) -> State:
    found = screen.current
    return undoing.can_reverse(screen.store, found, "undo")


def _can_redo(screen: HistoryScreen) -> State:
    found = screen.current
    return undoing.can_reverse(screen.store, found, "redo")


class HistoryScreen(DataScreen):
    """The operations of the user. Undo and redo act on the one under the cursor."""

    memory = "history"
    ACTIONS: ClassVar[tuple[Command, ...]] = (
        Command(
            "history.open",
            ("enter",),
            N_("details"),
            N_("What it changed, row by row"),
            _HISTORY,
            enabled=_has_row,
        ),
        Command(
            "history.undo",
            ("u",),
            N_("undo"),
            N_("Undo this one, after saying what"),
            _HISTORY,
            enabled=_can_undo,
        ),
        Command(
            "history.redo",
            ("r",),
            N_("redo"),
            N_("Redo this one, after saying what"),
            _HISTORY,
            enabled=_can_redo,
        ),
        Command(
            "history.undo-here",
            ("delete", "-"),
            N_("undo"),
            N_("Undo this one, after saying what"),
            _HISTORY,
            footer=False,
            enabled=_can_undo,
            palette=False,
        ),
        Command(
            "history.redo-here",
            ("+",),
            N_("redo"),
            N_("Redo this one, after saying what"),
            _HISTORY,
            footer=False,
            enabled=_can_redo,
            palette=False,
        ),
        Command(
            "history.export",
            ("3", "e"),
            N_("export"),
            N_("Write the log into a file"),
            _HISTORY,
        ),
        Command(
            "history.backups",
            ("5", "b"),
            N_("backups"),
            N_("List and restore backups"),
            _HISTORY,
        ),
        Command(
            "history.check",
            ("6", "c"),
            N_("check"),
            N_("Check the data and the backups"),
            _HISTORY,
        ),
    )

    def __init__(self, trip: int | None = None) -> None:
        """Show everything, or what touched the trip with this number."""
        super().__init__()
        self.trip = trip

    @property
    def entries(self) -> PagedList:
        """The list."""
        return self.query_one("#log", PagedList)

    @property
    def current(self) -> FoundOperation | None:
        """The operation under the cursor."""
        row = self.entries.current
        if row is None or not isinstance(row.key, OperationKey):
            return None
        try:
            return history.find_operation(self.store, row.key.id)
        except DinoError:
            return None

    def title_text(self) -> str:
        """Return its crumb."""
        return _("History") if self.trip is None else _("History of #{number}").format(number=self.trip)

    def remember(self) -> None:
        """Keep how the whole log was left; that of one trip begins anew."""
        if self.trip is None:
            super().remember()

    def restore_state(self, state: Mapping[str, Any]) -> None:
        """Come back to the whole log as it was left."""
        if self.trip is None:
            super().restore_state(state)

    def body(self) -> ComposeResult:
        """Yield the list."""
        yield PagedList(OPERATION_COLUMNS, empty=_NOTHING, id="log")

    def ready(self) -> None:
        """Show the log."""
        self._open(keep=False)
        self.entries.focus()

    def on_filter_changed(self, event: FilterChanged) -> None:
        """Show what holds the filter's words."""
        event.stop()
        self._open(keep=False)

    def data_changed(self) -> None:
        """Show new entries; the cursor stays on its own."""
        self._open(keep=True)

    def _open(self, *, keep: bool) -> None:
        text = self.filter_text
        self.entries.empty = _NONE_FOUND if text.strip() else _NOTHING
        self.entries.set_source(self._source(text), keep=keep)

    def _source(self, text: str) -> RowSource:
        if self.trip is None:
            return operation_source(self.store, text)
        try:
            found = matching(self.store, LogFilter(text, trip=f"#{self.trip}"))
            return ListSource([operation_row(operation) for operation in found])
        except DinoError as error:
            self.say(str(error), "error")
            return ListSource(())

    def relabel(self) -> None:
        """Show the rows' own words in the language of now."""
        self._open(keep=True)
        super().relabel()

    # commands

    def action_open(self) -> None:
        """Show what the operation changed."""
        row = self.entries.current
        if row is not None and isinstance(row.key, OperationKey):
            doors.open_operation(self, row.key.id)

    def action_undo(self) -> None:
        """Ask whether to undo the operation under the cursor."""
        if found := self.current:
            undoing.ask(self, "undo", found)

    def action_redo(self) -> None:
        """Ask whether to redo the operation under the cursor."""
        if found := self.current:
            undoing.ask(self, "redo", found)

    def action_undo_here(self) -> None:
        """Ask whether to undo the operation under the cursor."""
        self.action_undo()

    def action_redo_here(self) -> None:
        """Ask whether to redo the operation under the cursor."""
        self.action_redo()

    def action_export(self) -> None:
        """Ask for a file and write the log there, as it is filtered now."""
        from dinotui.tui.screens.log_export import ask_and_export

        trip = None if self.trip is None else f"#{self.trip}"
        ask_and_export(self, LogFilter(self.filter_text, trip=trip))

    def action_backups(self) -> None:
        """Open the list of backups."""
        doors.open_backups(self)

    def action_check(self) -> None:
        """Open the check of the data."""
        doors.open_check(self)
