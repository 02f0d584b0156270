"""The commands of a screen as rows, for help and palette."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dinotui.locale import _
from dinotui.tui.cells import Cell
from dinotui.tui.commands import Command, Commanded, State
from dinotui.tui.screens.base import DinoScreen
from dinotui.tui.widgets.row_source import Row


@dataclass(frozen=True, slots=True)
class Offer:
    """A command, whose it is, whether it could run when help or palette was opened, and whether keys reach it."""

    owner: Commanded
    command: Command
    state: State
    keyed: bool = True


def offers_of(screen: DinoScreen, *, palette_only: bool) -> list[Offer]:
    """Return the commands that keys reach on `screen`, in the footer's order; for the palette, then the places."""
    found = [
        Offer(owner, command, command.state(owner))
        for owner, command in screen.commands()
        if command.palette or not palette_only
    ]
    return [*found, *_places(screen)] if palette_only else found


def _places(screen: DinoScreen) -> list[Offer]:
    """Return the commands of the screens under `screen` that go to places."""
    return [
        Offer(below, command, _there(screen, below, command), keyed=False)
        for below in screen.dino.screen_stack
        if isinstance(below, DinoScreen) and below is not screen
        for command in below.ACTIONS
        if command.anywhere
    ]


def _there(screen: DinoScreen, owner: DinoScreen, command: Command) -> State:
    here = bool(screen.memory) and command.id.rpartition(".")[2] == screen.memory
    return _("you are here") if here else command.state(owner)


def rows_of(offers: Sequence[Offer], text: str, key_map: Mapping[str, str]) -> list[Row]:
    """Return a row (keys, what it does, where) for each offer that holds every word of `text`."""
    words = text.casefold().split()
    return [
        _row(offer, key_map)
        for offer in offers
        if all(word in _searched(offer.command, key_map) for word in words)
    ]


def _searched(command: Command, key_map: Mapping[str, str]) -> str:
    """Return everything a command can be found by, in both languages: its message ids are English."""
    texts = [command.label, command.description, command.group]
    return " ".join([*texts, *map(_, texts), *command.shown_keys(key_map), command.id]).casefold()


def described(offer: Offer) -> str:
    """Return what a command does, and why it does not just now."""
    what = _(offer.command.description)
    if offer.state is True:
        return what
    return _("(off) {what}: {reason}").format(what=what, reason=offer.state)


def _row(offer: Offer, key_map: Mapping[str, str]) -> Row:
    keys = " ".join(offer.command.shown_keys(key_map)) if offer.keyed else ""
    style = "" if offer.state is True else "dim"
    cells = (
        Cell(keys, style or "accent"),
        Cell(described(offer), style),
        Cell(_(offer.command.group), "dim"),
    )
    return Row(offer.command.id, cells)
