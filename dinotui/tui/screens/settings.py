"""Settings: the preferences, each taking effect as it is chosen and stored as an operation (SPEC.md 2).

A choice takes effect with every key, but it is one change: it is stored, as a text is, with Enter or when its field
is left. What makes no sense is said at the field and not stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, ClassVar, Final

from textual.app import ComposeResult

from dinotui.domain.errors import DinoError
from dinotui.domain.preference_texts import setting_of
from dinotui.domain.preferences import Preferences
from dinotui.engine.preferences import get_preferences, set_preferences
from dinotui.locale import N_, _
from dinotui.storage.store import Store
from dinotui.tui import undoing
from dinotui.tui.commands import Command, State
from dinotui.tui.live_settings import apply_settings
from dinotui.tui.screens.help import HelpScreen
from dinotui.tui.screens.palette import PaletteScreen
from dinotui.tui.screens.stored import DataScreen, start_store_job
from dinotui.tui.settings_fields import FIELDS, HELP, fault_of, now_text, values_of
from dinotui.tui.widgets.detail_text import DetailText
from dinotui.tui.widgets.form import Choice, Form

_SETTINGS: Final = N_("Settings")


def _can_take_back(screen: SettingsScreen) -> State:
    return True if screen.choosing else undoing.can_act(screen.store, "undo")


class SettingsScreen(DataScreen):
    """A form of all preferences."""

    memory = "settings"
    ACTIONS: ClassVar[tuple[Command, ...]] = (
        Command(
            "settings.store",
            ("enter",),
            N_("store"),
            N_("Store the field; leaving it does the same"),
            _SETTINGS,
        ),
        Command(
            "settings.undo",
            ("u",),
            N_("undo"),
            N_("Take a choice back that is not stored yet; else undo the last operation, after saying what"),
            _SETTINGS,
            enabled=_can_take_back,
        ),
    )

    def __init__(self) -> None:
        super().__init__()
        self._stored = Preferences()
        self._pending: dict[str, str] = {}
        self._filling = False

    @property
    def form(self) -> Form:
        """The fields."""
        return self.query_one(Form)

    @property
    def filters(self) -> bool:
        """A form has nothing to filter."""
        return False

    def title_text(self) -> str:
        """Return its crumb."""
        return _(_SETTINGS)

    def right_text(self) -> str:
        """Say whose settings they are."""
        return self.store.user_name

    def copy_text(self) -> str:
        """Return the field that has the keys."""
        name = self._here()
        return f"{name}={self.form.values[name]}" if name else ""

    def body(self) -> ComposeResult:
        """Yield the form and what the field under the cursor means."""
        yield Form(FIELDS, id="settings")
        yield DetailText(self._explained)

    def _explained(self) -> str:
        name = self._here()
        return f"{_(HELP[name])} {now_text(self._stored)}" if name else now_text(self._stored)

    def _here(self) -> str:
        return next((field.name for field in FIELDS if self.form.control(field.name).has_focus), "")

    # keeping what was typed

    def save_state(self) -> dict[str, Any]:
        """Keep texts that could not be stored."""
        return {"pending": dict(self._pending)}

    def restore_state(self, state: Mapping[str, Any]) -> None:
        """Bring them back."""
        self._pending = dict(state["pending"])

    def ready(self) -> None:
        """Show the preferences as they are."""
        self._read()
        for name, text in self._pending.items():
            self._check(name, text)
        self.form.focus_field(next(iter(self._pending), FIELDS[0].name))

    def data_changed(self) -> None:
        """Show what was changed elsewhere, or taken back."""
        self._read()

    def _read(self) -> None:
        try:
            self._stored = get_preferences(self.store)
        except DinoError as error:
            self.say(str(error), "error")
            return
        self._filling = True
        self.form.set_values({**values_of(self._stored), **self._pending})
        self.call_after_refresh(self._filled)
        apply_settings(self.dino, self._stored)
        self.query_one(DetailText).redraw()

    def _filled(self) -> None:
        self._filling = False

    # changing

    def on_form_changed(self, event: Form.Changed) -> None:
        """Let a choice take effect at once; say what is wrong with a text."""
        event.stop()
        if self._filling or event.value == {**values_of(self._stored), **self._pending}.get(event.name):
            return
        self._pending[event.name] = event.value
        changed = self._check(event.name, event.value)
        if changed is not None and isinstance(self.form.control(event.name), Choice):
            apply_settings(self.dino, changed)
        self.query_one(DetailText).redraw()

    def _check(self, name: str, text: str) -> Preferences | None:
        """Show what is wrong with a text, and return the preferences with it where nothing is."""
        fault, changed = fault_of(self._stored, name, text, self.dino.known_commands())
        self.form.show_fault(name, fault)
        return None if fault else changed

    def on_form_accepted(self, event: Form.Accepted) -> None:
        """Store on Enter."""
        event.stop()
        self.action_store()

    def on_descendant_focus(self) -> None:
        """Store the field that was left, and explain the one that was entered."""
        super().on_descendant_focus()
        self._store_left()
        self.query_one(DetailText).redraw()

    def _store_left(self) -> None:
        """Store the fields that have been left."""
        here = self._here()
        self._store({name: text for name, text in self._pending.items() if name != here})

    def on_screen_suspend(self) -> None:
        """Store the field that is left for another screen, unless that one only helps here."""
        if not isinstance(self.dino.screen, HelpScreen | PaletteScreen):
            self.action_store()

    def action_store(self) -> None:
        """Store everything that makes sense."""
        self._store(dict(self._pending))

    @property
    def choosing(self) -> bool:
        """Whether the field under the cursor is a choice that is not stored yet."""
        here = self._here()
        return here in self._pending and isinstance(self.form.control(here), Choice)

    def action_undo(self) -> None:
        """Take back the choice that is not stored yet, else ask whether to undo the last operation."""
        if not self.choosing:
            undoing.ask(self, "undo")
            return
        del self._pending[self._here()]
        self._read()

    def remember(self) -> None:
        """Keep what makes no sense yet; what does is stored, should the program end here."""
        values = self._good(dict(self._pending))
        if values:
            with suppress(DinoError):
                set_preferences(self.store, values)
                self._pending = {name: text for name, text in self._pending.items() if name not in values}
        super().remember()

    def _good(self, texts: Mapping[str, str]) -> dict[str, Any]:
        """Return the values of the texts that make sense; those that change nothing are no longer pending."""
        found: dict[str, Any] = {}
        for name, text in texts.items():
            changed = self._check(name, text)
            if changed == self._stored:
                self._pending.pop(name, None)
            elif changed is not None:
                found[name] = setting_of(name, text)
        return found

    def _store(self, texts: Mapping[str, str]) -> None:
        values = self._good(texts)
        if not values or self.dino.jobs.of(self) is not None:
            return

        def work(store: Store, _report: object, _cancelled: object) -> Preferences:
            return set_preferences(store, values)

        def stored(_now: Preferences) -> None:
            for name in values:
                if self._pending.get(name) == texts[name]:
                    del self._pending[name]
            self.look()
            names = ", ".join(_(field.label) for field in FIELDS if field.name in values)
            # in a text field the u is a letter
            text = _("Stored: {names}.") if self._typing else _("Stored: {names}. u takes it back.")
            self.say(text.format(names=names), "good")
            self._store_left()  # what was changed while this was stored

        start_store_job(self, _("Storing"), work, stored)

    def leave(self) -> None:
        """Go back; what is typed and makes sense is stored, the rest is kept for the next time."""
        values = self._good(dict(self._pending))
        for name in values:
            self._pending.pop(name, None)
        left = bool(self._pending)
        front = self.dino.screen_stack[-2]
        super().leave()
        if isinstance(front, DataScreen):
            if values:

                def work(store: Store, _report: object, _cancelled: object) -> Preferences:
                    return set_preferences(store, values)

                start_store_job(front, _("Storing"), work, lambda _now: front.look())
            if left:
                front.say(
                    _("A setting was not stored: what was typed makes no sense. Settings shows it."), "warn"
                )
