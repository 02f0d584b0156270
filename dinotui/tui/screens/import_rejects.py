"""Saving the rejected records as a CSV file that imports again once it is fixed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from dinotui.domain.errors import DinoError
from dinotui.engine.importing.fixing import save_rejects as write_rejects
from dinotui.locale import N_, _, ngettext
from dinotui.tui.new_paths import free_path, new_file_faults, typed_path
from dinotui.tui.screens.import_choice import AskScreen
from dinotui.tui.widgets.form import Field

if TYPE_CHECKING:
    from dinotui.tui.screens.importing import ImportWizard

_TITLE = N_("Save rejects")
_TEXT = N_("The original cells, with row, field and reason; the file imports again once it is fixed.")


def save_rejects(wizard: ImportWizard) -> None:
    """Ask for a name and save the rejects of the plan there."""

    def write(target: Path, saved: Callable[[int], None]) -> None:
        wizard.work(
            _("Saving the rejects"), lambda *_given: write_rejects(wizard.session.held, target), saved
        )

    ask_and_save(wizard, write)


def ask_and_save(wizard: ImportWizard, write: Callable[[Path, Callable[[int], None]], None]) -> None:
    """Ask for a name that is free and have the rejects written there."""
    files = wizard.picture.files if wizard.picture else wizard.paths
    start = files[0] if files else Path.cwd() / "import.csv"
    stem = (start.name.partition(".")[0] or "import") + ".rejects"
    field = Field("path", N_("File"), str(free_path(start.parent, stem, "csv")), takes_paths=True)

    def chosen(values: Mapping[str, str] | None) -> None:
        if values is None:
            return
        target = typed_path(values)

        def saved(count: int) -> None:
            text = ngettext("{count} record saved as {path}.", "{count} records saved as {path}.", count)
            wizard.dino.say(text.format(count=count, path=target), "good")

        try:
            write(target, saved)
        except DinoError as error:
            wizard.dino.say(str(error), "error")

    wizard.dino.push_screen(AskScreen(lambda: _(_TITLE), lambda: _(_TEXT), [field], new_file_faults), chosen)
