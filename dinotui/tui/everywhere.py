"""The commands that work on every screen (TERMINAL, "Key map"), and what the app asks of its owner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dinotui.locale import N_, _
from dinotui.tui.commands import Command, State

if TYPE_CHECKING:
    from dinotui.tui.app import DinoApp
    from dinotui.tui.screens.base import DinoScreen


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the app asks of whoever knows the engine; every one may be left out.

    `undo` and `redo` act on the last operation, `can_undo` and `can_redo` say True or why not; `drop` begins
    an import; `at_risk` names work that leaving would lose (None: nothing); `clean_up` runs once when the
    app has left, also by signal, perhaps from another thread; `language_changed` keeps the choice.
    """

    undo: Callable[[DinoScreen], None] | None = None
    redo: Callable[[DinoScreen], None] | None = None
    can_undo: Callable[[], State] | None = None
    can_redo: Callable[[], State] | None = None
    drop: Callable[[DinoScreen, tuple[Path, ...]], None] | None = None
    at_risk: Callable[[], str | None] | None = None
    clean_up: Callable[[], None] | None = None
    language_changed: Callable[[str], None] | None = None


def _can_go_back(app: DinoApp) -> State:
    return _("this is the first screen") if app.at_home else True


def _can_go_home(app: DinoApp) -> State:
    if app.at_home:
        return _("this is the first screen")
    busy = any(app.jobs.of(each) for each in app.screen_stack[1:])
    return _("something is still under way here") if busy else True


def _can_undo(app: DinoApp) -> State:
    if app.hooks.undo is None:
        return _("there is nothing to undo")
    return app.hooks.can_undo() if app.hooks.can_undo else True


def _can_redo(app: DinoApp) -> State:
    if app.hooks.redo is None:
        return _("there is nothing to redo")
    return app.hooks.can_redo() if app.hooks.can_redo else True


def _can_copy(app: DinoApp) -> State:
    screen = app.front
    return True if screen and screen.copy_text() else _("there is nothing to copy here")


def _can_filter(app: DinoApp) -> State:
    screen = app.front
    return True if screen and screen.filters else _("there is no list to filter here")


COMMANDS: Final = (
    Command("app.back", ("escape",), N_("back"), N_("Go back one step; never quits"), enabled=_can_go_back),
    Command(
        "app.home", (), N_("home"), N_("Go back to the first screen"), footer=False, enabled=_can_go_home
    ),
    Command("app.filter", ("/",), N_("filter"), N_("Show only rows that hold a text"), enabled=_can_filter),
    Command(
        "app.undo",
        ("u",),
        N_("undo"),
        N_("Undo the last operation, after saying what"),
        enabled=_can_undo,
        looks=True,
    ),  # it asks first, and a question stands alone
    Command(
        "app.redo",
        ("r",),
        N_("redo"),
        N_("Redo what was undone last, after saying what"),
        enabled=_can_redo,
        footer=False,
        looks=True,
    ),
    Command(
        "app.copy",
        ("y",),
        N_("copy"),
        N_("Send the row to the terminal's clipboard"),
        enabled=_can_copy,
        footer=False,
    ),
    Command(
        "app.next-pane",
        ("tab",),
        N_("next pane"),
        N_("To the next pane or field"),
        footer=False,
        palette=False,
        looks=True,
    ),
    Command(
        "app.previous-pane",
        ("shift+tab",),
        N_("previous pane"),
        N_("To the pane or field before"),
        footer=False,
        palette=False,
        looks=True,
    ),
    Command(
        "app.palette",
        (":", "ctrl+p"),
        N_("palette"),
        N_("Find any command by its name"),
        palette=False,
        looks=True,
    ),
    Command("app.language", ("f2",), "한/EN", N_("Switch between English and Korean"), footer=False),
    Command(
        "app.repaint",
        ("ctrl+l",),
        N_("repaint"),
        N_("Draw the screen again, when something else has written on it"),
        footer=False,
        looks=True,
    ),
    Command("app.quit", ("q",), N_("quit"), N_("Go back; on the first screen quit"), footer=False),
    Command(
        "app.stop",
        ("ctrl+c",),
        N_("stop"),
        N_("Stop the running job, else ask whether to quit"),
        footer=False,
        priority=True,
    ),
    Command(
        "app.ask-quit",
        ("ctrl+q",),
        N_("quit"),
        N_("Ask whether to quit"),
        footer=False,
        priority=True,
        palette=False,
    ),
    Command(
        "app.help",
        ("?", "f1"),
        N_("help"),
        N_("All keys of this screen"),
        footer=False,
        palette=False,
        looks=True,
    ),
)
