"""One operation: what it was, every row before and after, and what undoing it would do."""

from __future__ import annotations

from typing import ClassVar, Final

from textual.app import ComposeResult

from dinotui.domain.errors import DinoError
from dinotui.engine import history
from dinotui.engine.history import Change, FoundOperation
from dinotui.locale import N_, _
from dinotui.tui import undoing
from dinotui.tui.commands import Command, State
from dinotui.tui.rows import CHANGE_COLUMNS
from dinotui.tui.screens.stored import DataScreen
from dinotui.tui.sources import ChangeSource
from dinotui.tui.undoing import Kind, Outlook
from dinotui.tui.widgets.change_detail import ChangeDetail
from dinotui.tui.widgets.operation_facts import OperationFacts
from dinotui.tui.widgets.paged_list import PagedList

_OPERATION: Final = N_("Operation")
_REHEARSED_ROWS: Final = 5_000
"""Up to so many rows what undo would do is found out unasked."""


def _can_undo(screen: OperationScreen) -> State:
    return undoing.can_reverse(screen.store, screen.operation, "undo")


def _can_redo(screen: OperationScreen) -> State:
    return undoing.can_reverse(screen.store, screen.operation, "redo")


class OperationScreen(DataScreen):
    """The operation with this id; the list holds each row it changed, and each record it left out."""

    ACTIONS: ClassVar[tuple[Command, ...]] = (
        Command(
            "operation.undo",
            ("u",),
            N_("undo"),
            N_("Undo it, after saying what"),
            _OPERATION,
            enabled=_can_undo,
        ),
        Command(
            "operation.redo",
            ("r",),
            N_("redo"),
            N_("Redo it, after saying what"),
            _OPERATION,
            enabled=_can_redo,
        ),
        Command(
            "operation.undo-this",
            ("delete", "-"),
            N_("undo"),
            N_("Undo it, after saying what"),
            _OPERATION,
            footer=False,
            enabled=_can_undo,
            palette=False,
        ),
        Command(
            "operation.redo-this",
            ("+",),
            N_("redo"),
            N_("Redo it, after saying what"),
            _OPERATION,
            footer=False,
            enabled=_can_redo,
            palette=False,
        ),
    )

    def __init__(self, operation_id: str) -> None:
        super().__init__()
        self.operation_id = operation_id
        self.operation: FoundOperation | None = None
        self.outlook: Outlook | None = None
        self._source: ChangeSource | None = None

    @property
    def changes(self) -> PagedList:
        """The list of changed rows."""
        return self.query_one("#changes", PagedList)

    def title_text(self) -> str:
        """Return its crumb."""
        return undoing.heading(self.operation) if self.operation else _("Operation")

    def body(self) -> ComposeResult:
        """Yield the facts, the rows, and the row under the cursor in full."""
        yield OperationFacts(lambda: self.operation, lambda: self.outlook, self._kind)
        yield PagedList(CHANGE_COLUMNS, empty=N_("It changed no row."), id="changes")
        yield ChangeDetail(self._current)

    @property
    def filters(self) -> bool:
        """The rows are those of the change log, in its order: nothing to filter."""
        return False

    def _kind(self) -> Kind | None:
        """Return what could be done with it now: of both, what was not done last."""
        undone = self.operation is not None and self.operation.entry.state == "undone"
        for kind in undoing.KINDS[::-1] if undone else undoing.KINDS:
            if undoing.can_reverse(self.store, self.operation, kind) is True:
                return kind
        return None

    def _current(self) -> Change | None:
        return self._source.change(self.changes.cursor) if self._source else None

    def ready(self) -> None:
        """Show the operation."""
        self._read()
        self.changes.focus()

    def data_changed(self) -> None:
        """Show whether it is undone by now, and find out anew what undoing it would do."""
        self._read()

    def _read(self) -> None:
        try:
            self.operation = history.find_operation(self.store, self.operation_id)
        except DinoError as error:
            self.say(str(error), "error")
            return
        self.outlook = None
        if self._source is None:
            self._source = ChangeSource(self.store, self.operation)
            self.changes.set_source(self._source)
        kind = self._kind()
        if kind is not None and self._source.changed() <= _REHEARSED_ROWS and not self.dino.jobs.of(self):
            undoing.foretell(self, self.operation, kind, self._told)
        self.query_one(OperationFacts).redraw()
        self.query_one(ChangeDetail).redraw()

    def _told(self, outlook: Outlook) -> None:
        self.outlook = outlook
        self.query_one(OperationFacts).redraw()

    def relabel(self) -> None:
        """Show the rows' own words in the language of now."""
        if self._source is not None:
            self._source.forget()
        self.changes.reload()
        super().relabel()

    # commands

    def action_undo(self) -> None:
        """Ask whether to undo it."""
        undoing.ask(self, "undo", self.operation)

    def action_redo(self) -> None:
        """Ask whether to redo it."""
        undoing.ask(self, "redo", self.operation)

    def action_undo_this(self) -> None:
        """Ask whether to undo it."""
        self.action_undo()

    def action_redo_this(self) -> None:
        """Ask whether to redo it."""
        self.action_redo()
