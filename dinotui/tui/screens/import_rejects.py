"""Saving the rejected records as a CSV file that imports again once it is fixed."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from dinotui.domain.errors import DinoError
from dinotui.engine.importing.fixing import save_rejects as write_rejects
from dinotui.locale import N_, _, ngettext
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
    start = wizard.paths[0] if wizard.paths else Path.cwd() / "import.csv"
    field = Field("path", N_("File"), str(free_name(start)), takes_paths=True)

    def check(values: Mapping[str, str]) -> dict[str, str]:
        path = _path(values)
        if not path.name or path.is_dir():
            return {"path": _("Name a file.")}
        if not path.parent.is_dir():
            return {"path": _("There is no folder {folder}.").format(folder=path.parent)}
        if os.path.lexists(path):
            return {
                "path": _("This file exists already. Choose another name, so that nothing in it is lost.")
            }
        return {}

    def chosen(values: Mapping[str, str] | None) -> None:
        if values is None:
            return
        target = _path(values)

        def saved(count: int) -> None:
            text = ngettext("{count} record saved as {path}.", "{count} records saved as {path}.", count)
            wizard.dino.say(text.format(count=count, path=target), "good")

        try:
            write(target, saved)
        except DinoError as error:
            wizard.dino.say(str(error), "error")

    wizard.dino.push_screen(AskScreen(lambda: _(_TITLE), lambda: _(_TEXT), [field], check), chosen)


def free_name(source: Path) -> Path:
    """Return a name beside `source` that is not taken: ``trips.rejects.csv``, ``trips.rejects-2.csv`` …"""
    stem = source.name.partition(".")[0] or "import"
    candidate = source.with_name(f"{stem}.rejects.csv")
    number = 2
    while os.path.lexists(candidate):
        candidate = source.with_name(f"{stem}.rejects-{number}.csv")
        number += 1
    return candidate


def _path(values: Mapping[str, str]) -> Path:
    return Path(os.path.expanduser(values["path"].strip()))
