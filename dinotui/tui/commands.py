"""One object per action: it gives the binding, the footer's label, the palette's entry and the help row.

So that what the help says and what the keys do cannot drift apart (DESIGN, "A screen").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal

from textual._callback import invoke
from textual.actions import SkipAction
from textual.binding import Binding, BindingsMap
from textual.message_pump import MessagePump

from dinotui.locale import N_, _
from dinotui.tui.keys import keys_of, show_key
from dinotui.tui.messages import Say

State = Literal[True] | str
"""True when a command can run now, else the translated reason why it cannot."""

GENERAL: Final = N_("Everywhere")


@dataclass(frozen=True, slots=True)
class Command:
    """An action of a screen, a widget or the app.

    `keys` hold the primary key (never a letter) first and its letter alias after it; `label` and
    `description` are message ids, translated when shown. The owner's method is ``action_`` and the last
    part of `id`. `enabled` gets the owner and says True or why not. One that works `anywhere` goes to a place:
    the palette of every screen that was opened over its own one offers it too. One that only `looks` round leaves
    on the status line what was said there; any other begins something new, so that the old goes.
    """

    id: str
    keys: tuple[str, ...]
    label: str
    description: str
    group: str = GENERAL
    footer: bool = True
    enabled: Callable[[Any], State] | None = None
    priority: bool = False
    palette: bool = True
    anywhere: bool = False
    looks: bool = False

    @property
    def method(self) -> str:
        """The name of the owner's method that does it."""
        return "action_" + self.id.rpartition(".")[2].replace("-", "_")

    def bindings(self, key_map: Mapping[str, str]) -> list[Binding]:
        """Return one Textual binding a key."""
        return [
            Binding(key, f"command('{self.id}')", self.label, show=False, priority=self.priority)
            for key in keys_of(self.id, self.keys, key_map)
        ]

    def shown_keys(self, key_map: Mapping[str, str]) -> list[str]:
        """Return its keys as people write them, the primary one first."""
        return [show_key(key) for key in keys_of(self.id, self.keys, key_map)]

    def footer_label(self, key_map: Mapping[str, str]) -> str:
        """Return the primary key and the label, as the footer shows them."""
        keys = self.shown_keys(key_map)
        return f"{keys[0]} {_(self.label)}" if keys else _(self.label)

    def state(self, owner: object) -> State:
        """Return True, or the reason why it cannot run now."""
        return True if self.enabled is None else self.enabled(owner)


class Commanded:
    """Something that owns commands: a screen, a widget, the app (mixed into a Textual node, after it).

    `ACTIONS` lists them; `bind_actions` makes them keys once the user's key map is known.
    """

    ACTIONS: ClassVar[tuple[Command, ...]] = ()
    _bindings: BindingsMap

    def bind_actions(self, key_map: Mapping[str, str]) -> None:
        """Bind the keys of `ACTIONS`, before what the class binds itself."""
        own = self.__dict__.setdefault("_bindings_of_class", self._bindings)
        bound = BindingsMap([binding for command in self.ACTIONS for binding in command.bindings(key_map)])
        for key, bindings in own.key_to_bindings.items():
            bound.key_to_bindings.setdefault(key, []).extend(bindings)
        self._bindings = bound

    def command_named(self, command_id: str) -> Command | None:
        """Return the command of `ACTIONS` with this id."""
        return next((command for command in self.ACTIONS if command.id == command_id), None)

    async def action_command(self, command_id: str) -> None:
        """Run a command of `ACTIONS`; a disabled one says why instead."""
        command = self.command_named(command_id)
        if command is None:
            raise SkipAction
        state = command.state(self)
        if not command.looks:
            forget_said(self)
        if state is True:
            await invoke(getattr(self, command.method))
        elif isinstance(self, MessagePump):
            self.post_message(Say(state, "warn"))


def forget_said(node: object) -> None:
    """Take away what the status line in front says: the user of `node` has gone on."""
    forget = getattr(getattr(node, "app", None), "forget_said", None)
    if forget is not None:
        forget()
