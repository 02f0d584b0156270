"""The form of an export with the line under it that writes, and the sample beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from textual.app import ComposeResult
from textual.message import Message
from textual.widget import Widget

from dinotui.locale import N_, _
from dinotui.tui.cells import clean, cut
from dinotui.tui.commands import Command, Commanded
from dinotui.tui.widgets.form import Field, Form
from dinotui.tui.widgets.line import Lines, Piece

EXPORT: Final = N_("Export")


class WriteLine(Lines, Commanded):
    """The last line of the form: Enter on it writes."""

    can_focus = True
    ACTIONS = (
        Command("export.enter", ("enter", "space"), N_("write"), N_("Write the file"), EXPORT, palette=False),
    )

    class Chosen(Message):
        """The file is to be written."""

    def on_mount(self) -> None:
        """Take the user's keys."""
        self.bind_actions(getattr(self.app, "key_map", {}))

    def lines(self, width: int) -> list[list[Piece]]:
        """Return the one line."""
        text = cut(clean(_("Write the file")), width - 6)
        mark = ("> ", "key") if self.has_focus else ("  ", "")
        return [[mark, (f"[ {text} ]", "strong" if self.has_focus else "")]]

    def on_focus(self) -> None:
        """Show the mark."""
        self.refresh()

    def on_blur(self) -> None:
        """Take the mark off."""
        self.refresh()

    def action_enter(self) -> None:
        """Ask the screen to write."""
        self.post_message(self.Chosen())


class ExportForm(Form):
    """The settings, with the line that writes under them: the arrows reach it as they reach a field."""

    def __init__(self, fields: Sequence[Field], *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(fields, id=id)
        self.write_line = WriteLine()

    def compose(self) -> ComposeResult:
        """Lay out the fields and the line that writes."""
        yield from super().compose()
        yield self.write_line

    def _go(self, by: int) -> None:
        controls: list[Widget] = [row.control for row in self._rows.values() if row.display]
        controls.append(self.write_line)
        here = next((index for index, control in enumerate(controls) if control.has_focus), 0)
        controls[(here + by) % len(controls)].focus()

    @property
    def rows(self) -> int:
        """How many lines the form has without faults."""
        return 1 + sum(row.display for row in self._rows.values())

    def show_level(self, *, shown: bool) -> None:
        """Show the level of compression only where it does something."""
        self._rows["level"].display = shown

    def mark(self, faults: Mapping[str, str]) -> None:
        """Show faults where they are, without moving the cursor."""
        for name, row in self._rows.items():
            row.show_fault(faults.get(name, ""))


class Sample(Lines):
    """What would be written: count, size, checks, then the first lines of the true output."""

    def __init__(self, shown: Callable[[int], Sequence[Sequence[Piece]]]) -> None:
        super().__init__(id="export-sample")
        self._shown = shown

    def lines(self, width: int) -> Sequence[Sequence[Piece]]:
        """Return the lines; those under the lower edge are not drawn."""
        return self._shown(width)
