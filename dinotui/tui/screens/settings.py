"""Settings: the preferences, each taking effect as it is chosen and stored as an operation (SPEC.md 2).

A choice is stored a moment after the last key, a text with Enter or when its field is left. What makes no
sense is said at the field and not stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.timer import Timer

from dinotui.domain.errors import DinoError
from dinotui.domain.preference_texts import setting_of
from dinotui.domain.preferences import Preferences
from dinotui.engine.preferences import get_preferences, set_preferences
from dinotui.locale import N_, _
from dinotui.storage.store import Store
from dinotui.tui.commands import Command
from dinotui.tui.live_settings import apply_settings
from dinotui.tui.screens.stored import DataScreen, start_store_job
from dinotui.tui.settings_fields import FIELDS, HELP, fault_of, now_text, values_of
from dinotui.tui.widgets.detail_text import DetailText
from dinotui.tui.widgets.form import Choice, Form

_SETTINGS: Final = N_("Settings")
_PAUSE: Final = 0.6
"""Seconds after the last change of a choice before it is stored: one operation, not one a key."""


class SettingsScreen(DataScreen):
    """A form of all preferences."""

    memory = "settings"
    ACTIONS: ClassVar[tuple[Command, ...]] = (
        Command(
            "settings.store",
            ("enter",),
            N_("store"),
            N_("Store the field; leaving it does the same. u takes the last change back"),
            _SETTINGS,
        ),
    )

    def __init__(self) -> None:
        super().__init__()
        self._stored = Preferences()
        self._pending: dict[str, str] = {}
        self._timer: Timer | None = None
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
            self._soon()
        self.query_one(DetailText).redraw()

    def _check(self, name: str, text: str) -> Preferences | None:
        """Show what is wrong with a text, and return the preferences with it where nothing is."""
        fault, changed = fault_of(self._stored, name, text, self.dino.known_commands())
        self.form.show_fault(name, fault)
        return None if fault else changed

    def _soon(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(_PAUSE, self.action_store)

    def on_form_accepted(self, event: Form.Accepted) -> None:
        """Store on Enter."""
        event.stop()
        self.action_store()

    def on_descendant_focus(self) -> None:
        """Store the field that was left, and explain the one that was entered."""
        super().on_descendant_focus()
        here = self._here()
        if any(name != here for name in self._pending):
            self._store({name: text for name, text in self._pending.items() if name != here})
        self.query_one(DetailText).redraw()

    def action_store(self) -> None:
        """Store everything that makes sense."""
        self._store(dict(self._pending))

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
            self.say(_("Stored. u takes it back."), "good")
            if self._pending:  # changed while this was stored
                self._soon()

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
