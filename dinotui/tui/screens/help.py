"""Help: every key that is valid on a screen, what it does, and why one does not work just now."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult

from dinotui.locale import N_, _
from dinotui.tui.commands import Command
from dinotui.tui.messages import FilterChanged
from dinotui.tui.screens.base import DinoScreen
from dinotui.tui.screens.choices import Offer, described, offers_of, rows_of
from dinotui.tui.widgets.columns import Column
from dinotui.tui.widgets.paged_list import PagedList
from dinotui.tui.widgets.row_source import ListSource

_COLUMNS = (
    Column(N_("Keys"), 12, 0),
    Column(N_("What it does"), 30, 3),
    Column(N_("Where"), 12, 1, priority=1),
)


class HelpScreen(DinoScreen):
    """The keys of `about`, the screen it was opened over. Enter runs the one under the cursor."""

    ACTIONS: ClassVar[tuple[Command, ...]] = (
        Command("help.run", ("enter",), N_("do it"), N_("Go back and run the command"), N_("Help")),
    )

    def __init__(self, about: DinoScreen) -> None:
        super().__init__()
        self.about = about
        self.offers: list[Offer] = offers_of(about, palette_only=False)

    def title_text(self) -> str:
        """Return its crumb."""
        return _("Help")

    def body(self) -> ComposeResult:
        """Yield the list of keys."""
        yield PagedList(_COLUMNS, empty=N_("No command holds this text."), id="help")

    def ready(self) -> None:
        """Show all keys."""
        self._show("")

    def on_filter_changed(self, event: FilterChanged) -> None:
        """Show the keys whose text holds the filter's words."""
        event.stop()
        self._show(event.text)

    def _show(self, text: str) -> None:
        self.query_one(PagedList).set_source(ListSource(rows_of(self.offers, text, self.dino.key_map)))

    def on_paged_list_moved(self) -> None:
        """Tell the whole text of the row on the status line, where the list has to cut it."""
        row = self.query_one(PagedList).current
        offer = next(
            (offer for offer in self.offers if row is not None and offer.command.id == row.key), None
        )
        self.say(described(offer) if offer else "")

    def relabel(self) -> None:
        """Show the texts in the language of now."""
        self.offers = offers_of(self.about, palette_only=False)
        self._show(self.filter_text)
        super().relabel()

    def action_run(self) -> None:
        """Go back to the screen and run the command there."""
        row = self.query_one(PagedList).current
        if row is not None:
            offer = next(offer for offer in self.offers if offer.command.id == row.key)
            self.dismiss(None)
            self.app.call_next(offer.owner.action_command, offer.command.id)
