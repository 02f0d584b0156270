"""The commands of the import wizard, and when each of them can run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dinotui.locale import N_, _
from dinotui.tui.commands import Command, State

if TYPE_CHECKING:
    from dinotui.tui.screens.importing import ImportWizard

_IMPORT: Final = N_("Import")


def _can_go_on(wizard: ImportWizard) -> State:
    if wizard.session.busy:
        return _("the import is being worked on")
    if wizard.picture is None:
        return _("no file is read yet")
    return True if wizard.step != "done" else _("this is the last step")


def _can_step_back(wizard: ImportWizard) -> State:
    if wizard.session.busy:
        return _("the import is being worked on")
    if wizard.session.result is not None:
        return _("the import is written; u undoes it")
    return True if wizard.step != "file" else _("this is the first step")


def _can_change(wizard: ImportWizard) -> State:
    if wizard.picture is None or wizard.session.result is not None:
        return _("there is no import under way")
    if wizard.session.busy:
        return _("the import is being worked on")
    return True if wizard.step in ("map", "check") else _("there are no options in this step")


def _can_discard(wizard: ImportWizard) -> State:
    if wizard.session.staging is None:
        return _("there is nothing to discard")
    return _("the import is being worked on") if wizard.session.busy else True


COMMANDS: Final[tuple[Command, ...]] = (
    Command(
        "import.next",
        ("n", "."),
        N_("next step"),
        N_("Go on to the next step"),
        _IMPORT,
        enabled=_can_go_on,
    ),
    Command(
        "import.previous",
        ("p", ","),
        N_("step back"),
        N_("Go back to the step before"),
        _IMPORT,
        enabled=_can_step_back,
    ),
    Command(
        "import.options",
        ("o", ";"),
        N_("options"),
        N_("Change how the file is read, or what is planned"),
        _IMPORT,
        enabled=_can_change,
    ),
    Command(
        "import.presets",
        ("*", "t"),
        N_("presets"),
        N_("Map and read the file as a preset says, or save one"),
        _IMPORT,
        enabled=_can_change,
    ),
    Command(
        "import.discard",
        ("delete", "x"),
        N_("discard"),
        N_("Throw this import away; your trips stay as they are"),
        _IMPORT,
        enabled=_can_discard,
        footer=False,
    ),
)
