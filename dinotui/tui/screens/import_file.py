"""Step 1 of an import: the files, while they are chosen and read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.app import ComposeResult

from dinotui.locale import N_, _
from dinotui.tui.cells import clean, cut_left
from dinotui.tui.commands import Command
from dinotui.tui.plan_rows import paragraph
from dinotui.tui.screens.import_step import Page, Step
from dinotui.tui.widgets.folder import size_text
from dinotui.tui.widgets.line import Piece

_MOST_NAMED: Final = 12


class FileStep(Step):
    """Says which files are being read, or why they could not be; Enter chooses others."""

    ACTIONS: ClassVar[tuple[Command, ...]] = (
        Command(
            "import.choose", ("enter",), N_("choose files"), N_("Choose the files to import"), N_("Import")
        ),
    )

    def compose(self) -> ComposeResult:
        """Lay out the page."""
        yield Page(self._lines, taking=True, id="file-page")

    def enter(self) -> None:
        """Take the keys."""
        self.query_one(Page).focus()

    def show(self) -> None:
        """Show the files of now."""
        self.query_one(Page).redraw()

    def action_choose(self) -> None:
        """Open the file picker."""
        self.wizard.choose_files()

    def _lines(self, width: int) -> Sequence[Sequence[Piece]]:
        lines: list[list[Piece]] = [[]]
        paths = self.wizard.paths
        if not paths:
            text = _(
                "No file is chosen yet. Enter chooses one, or several at once; a file dropped here is read."
            )
            return [[], *paragraph(text, width, 3)]
        for path in paths[:_MOST_NAMED]:
            try:
                size = size_text(path.stat().st_size)
            except OSError:
                size = ""
            name = cut_left(clean(path), max(8, width - 14))
            lines.append([("   ", ""), (name, "strong"), (f"   {size}", "dim")])
        if len(paths) > _MOST_NAMED:
            lines.append([("   ", ""), (_("and {count} more").format(count=len(paths) - _MOST_NAMED), "dim")])
        lines.append([])
        if self.session.busy:
            lines += paragraph(
                _("The file is read, never changed. Esc stops; nothing is kept then."), width, 2, "dim"
            )
        elif self.wizard.refusal:
            lines += paragraph(self.wizard.refusal, width, 8, "bad", "!")
            lines += [[], *paragraph(_("Enter chooses another file. Nothing was changed."), width, 2, "dim")]
        return lines
