"""All imports that wait, the newest first: go on with one, or discard it."""

from __future__ import annotations

from typing import ClassVar, Final

from textual.app import ComposeResult

from dinotui.domain.errors import DinoError
from dinotui.engine.importing.waiting import StagedImport, waiting_imports
from dinotui.locale import N_, _, ngettext
from dinotui.storage.staging import Staging
from dinotui.tui import doors
from dinotui.tui.cells import Cell
from dinotui.tui.commands import Command, State
from dinotui.tui.home_rows import waiting_cell
from dinotui.tui.messages import FilterChanged
from dinotui.tui.rows import local_time
from dinotui.tui.screens.stored import DataScreen
from dinotui.tui.widgets.columns import Column
from dinotui.tui.widgets.confirm import Question
from dinotui.tui.widgets.paged_list import PagedList
from dinotui.tui.widgets.row_source import ListSource, Row

_WAITING: Final = N_("Waiting")
_COLUMNS: Final = (
    Column(N_("Staged"), 16, date=True),
    Column(N_("Source"), 16, 1),
    Column(N_("Waits for"), 24, 1),
)


def _has_row(screen: WaitingScreen) -> State:
    return True if screen.current is not None else _("no import waits")


class WaitingScreen(DataScreen):
    """The imports that wait. What is discarded is gone for good, so that is asked."""

    memory = "waiting"
    ACTIONS: ClassVar[tuple[Command, ...]] = (
        Command("waiting.open", ("enter",), N_("go on"), N_("Go on with it"), _WAITING, enabled=_has_row),
        Command(
            "waiting.discard",
            ("delete", "x"),
            N_("discard"),
            N_("Throw the import away, with its decisions; your trips stay"),
            _WAITING,
            enabled=_has_row,
        ),
    )

    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[StagedImport] = []

    @property
    def listed(self) -> PagedList:
        """The list."""
        return self.query_one("#waiting", PagedList)

    @property
    def current(self) -> StagedImport | None:
        """The import under the cursor."""
        row = self.listed.current
        return next((one for one in self.waiting if row is not None and one.import_id == row.key), None)

    def title_text(self) -> str:
        """Return its crumb."""
        return _(_WAITING)

    def body(self) -> ComposeResult:
        """Yield the list."""
        yield PagedList(_COLUMNS, empty=N_("No import waits."), id="waiting")

    def ready(self) -> None:
        """Show what waits."""
        self.data_changed()
        self.listed.focus()

    def data_changed(self) -> None:
        """Look again at what waits."""
        try:
            self.waiting = waiting_imports(self.store)
        except DinoError as error:
            self.say(str(error), "error")
        self._show()

    def _show(self) -> None:
        words = self.filter_text.casefold().split()
        rows = [
            Row(one.import_id, (Cell(local_time(one.staged), "dim"), one.source, waiting_cell(one)))
            for one in self.waiting
            if all(word in one.source.casefold() for word in words)
        ]
        self.listed.set_source(ListSource(rows), keep=True)

    def on_filter_changed(self, event: FilterChanged) -> None:
        """Show what holds the filter's words."""
        event.stop()
        self._show()

    def on_screen_resume(self) -> None:
        """Imports come and go without the data changing."""
        if self.is_mounted:
            self.data_changed()

    def relabel(self) -> None:
        """Show the rows' own words in the language of now."""
        self._show()
        super().relabel()

    # commands

    def action_open(self) -> None:
        """Go on with the import under the cursor."""
        if self.current is not None:
            doors.open_review(self, self.current.import_id)

    def action_discard(self) -> None:
        """Ask whether to throw the import under the cursor away."""
        one = self.current
        if one is None:
            return
        text = _("Discard the import of “{source}”?").format(source=one.source)
        if decided := one.decided + one.later:
            text += " " + ngettext(
                "{count} decision goes with it.", "{count} decisions go with it.", decided
            ).format(count=decided)

        def answered(yes: bool) -> None:
            if yes:
                self._discard(one)

        self.ask(
            Question(f"{text} {_('Your trips stay as they are.')}", _("discard it"), _("keep it"), answered)
        )

    def _discard(self, one: StagedImport) -> None:
        try:
            Staging.find(self.store.staging, one.import_id).discard()
        except DinoError as error:
            self.say(str(error), "error")
        else:
            self.say(_("Discarded. Your trips are as they were."), "good")
        self.data_changed()
