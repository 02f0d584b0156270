"""The palette: any command of the screen by a few letters of its name."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input

from dinotui.locale import N_, _
from dinotui.tui.commands import Command
from dinotui.tui.screens.base import DinoScreen
from dinotui.tui.screens.choices import Offer, offers_of, rows_of
from dinotui.tui.widgets.columns import Column
from dinotui.tui.widgets.label import Label
from dinotui.tui.widgets.paged_list import PagedList
from dinotui.tui.widgets.row_source import ListSource
from dinotui.tui.widgets.text_field import TextField

_COLUMNS = (Column(N_("Keys"), 8), Column(N_("Command"), 30, 3), Column(N_("Where"), 12, 1, priority=1))
_PALETTE = N_("Palette")


class PaletteScreen(DinoScreen):
    """A text field over the list of commands of `about`."""

    ACTIONS: ClassVar[tuple[Command, ...]] = (
        Command("palette.run", ("enter",), N_("do it"), N_("Run the command"), _PALETTE),
        Command("palette.up", ("up",), N_("up"), N_("One command up"), _PALETTE, palette=False),
        Command("palette.down", ("down",), N_("down"), N_("One command down"), _PALETTE, palette=False),
    )

    def __init__(self, about: DinoScreen) -> None:
        super().__init__()
        self.about = about
        self.offers: list[Offer] = offers_of(about, palette_only=True)

    def title_text(self) -> str:
        """Return its crumb."""
        return _("Palette")

    def body(self) -> ComposeResult:
        """Yield field and list."""
        with Horizontal(id="palette-line"):
            yield Label(lambda: " : ", "key")
            yield TextField(id="palette-text")
        yield PagedList(_COLUMNS, empty=N_("No command holds this text."), titles=False, id="palette")

    @property
    def filters(self) -> bool:
        """The palette is a filter itself."""
        return False

    def ready(self) -> None:
        """Show all commands and take the keys."""
        self._show("")
        self.query_one("#palette-text", TextField).focus()

    @on(Input.Changed, "#palette-text")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._show(event.value)

    @on(Input.Submitted, "#palette-text")
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_run()

    def _show(self, text: str) -> None:
        self.query_one(PagedList).set_source(ListSource(rows_of(self.offers, text, self.dino.key_map)))

    def relabel(self) -> None:
        """Show the commands in the language of now."""
        self.offers = offers_of(self.about, palette_only=True)
        self._show(self.query_one("#palette-text", TextField).value)
        super().relabel()

    def action_up(self) -> None:
        """One command up."""
        self.query_one(PagedList).action_up()

    def action_down(self) -> None:
        """One command down."""
        self.query_one(PagedList).action_down()

    def action_run(self) -> None:
        """Go back to the screen and run the command there."""
        row = self.query_one(PagedList).current
        if row is not None:
            offer = next(offer for offer in self.offers if offer.command.id == row.key)
            self.dismiss(None)
            if offer.keyed or offer.state is True:
                self.app.call_next(offer.owner.action_command, offer.command.id)
            else:  # its owner is not in front, so that it could not be heard there
                self.app.call_next(self.dino.say, offer.state, "warn")
