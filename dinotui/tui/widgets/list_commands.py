"""The commands of a list, each with its keys."""

from __future__ import annotations

from typing import Final

from dinotui.locale import N_, _
from dinotui.tui.commands import Command

_LIST: Final = N_("Lists")


def _markable(owner: object) -> bool | str:
    return getattr(owner, "markable", False) or _("rows of this list cannot be marked")


LIST_COMMANDS: Final[tuple[Command, ...]] = (
    Command(
        "list.up", ("up", "k"), N_("up"), N_("One row up"), _LIST, footer=False, palette=False, looks=True
    ),
    Command(
        "list.down",
        ("down", "j"),
        N_("down"),
        N_("One row down"),
        _LIST,
        footer=False,
        palette=False,
        looks=True,
    ),
    Command(
        "list.page-up", ("pageup",), N_("page up"), N_("One page up"), _LIST, footer=False, palette=False
    ),
    Command(
        "list.page-down",
        ("pagedown",),
        N_("page down"),
        N_("One page down"),
        _LIST,
        footer=False,
        palette=False,
        looks=True,
    ),
    Command(
        "list.first", ("home",), N_("first"), N_("First row"), _LIST, footer=False, palette=False, looks=True
    ),
    Command(
        "list.last", ("end",), N_("last"), N_("Last row"), _LIST, footer=False, palette=False, looks=True
    ),
    Command(
        "list.mark",
        ("space",),
        N_("mark"),
        N_("Mark the row or take the mark off, and go on"),
        _LIST,
        enabled=lambda owner: True if _markable(owner) is True else str(_markable(owner)),
        palette=False,
    ),
)
