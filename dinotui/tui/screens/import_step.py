"""What the steps of the import wizard share: their place in the frame, their keys, and pages of text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, cast

from textual.containers import Vertical

from dinotui.tui.commands import Commanded
from dinotui.tui.import_session import ImportSession, Picture
from dinotui.tui.widgets.line import Lines, Piece

if TYPE_CHECKING:
    from dinotui.tui.screens.importing import ImportWizard


class Step(Vertical, Commanded):
    """One step of the wizard: widgets and keys of its own inside the wizard's frame."""

    can_focus = False

    def on_mount(self) -> None:
        """Take the user's keys."""
        self.bind_actions(self.wizard.dino.key_map)

    @property
    def wizard(self) -> ImportWizard:
        """The wizard around the step."""
        return cast("ImportWizard", self.screen)

    @property
    def session(self) -> ImportSession:
        """The import under way."""
        return self.wizard.session

    @property
    def picture(self) -> Picture | None:
        """What is known about the import."""
        return self.session.picture

    def show(self) -> None:
        """Show the session as it is now."""

    def enter(self) -> None:
        """Take the keys: the step is in front."""

    def filtered(self, text: str) -> None:
        """Show only what holds `text`."""


class Page(Lines):
    """Lines drawn from a function of the width; `taking` the keys, it can stand where a list would."""

    def __init__(
        self,
        draw: Callable[[int], Sequence[Sequence[Piece]]],
        *,
        taking: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(id=id)
        self.can_focus = taking
        self._draw = draw

    def lines(self, width: int) -> Sequence[Sequence[Piece]]:
        """Return what the function draws."""
        return self._draw(width)
