"""The filter of a screen: opened with ``/``, in sight for as long as it holds something."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input

from dinotui.locale import _
from dinotui.tui.messages import FilterChanged
from dinotui.tui.widgets.label import Label
from dinotui.tui.widgets.text_field import TextField

_PAUSE = 0.15
"""Seconds without a key before the filter is applied."""


class FilterLine(Horizontal):
    """Posts `FilterChanged` shortly after the text has changed."""

    class Kept(Message):
        """Enter was pressed: the filter stays, the keys go back."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self._timer: Timer | None = None
        self._quiet = False
        self.display = False

    def compose(self) -> ComposeResult:
        """Lay out the sign, the field and the hint."""
        yield Label(lambda: " / ", "key")
        yield TextField(id="filter-text")
        yield Label(lambda: _("Enter keep   Esc clear") + " ", "dim", id="filter-hint")

    @property
    def field(self) -> TextField:
        """The text field."""
        return self.query_one(TextField)

    @property
    def editing(self) -> bool:
        """Whether the keys go into it."""
        return self.field.has_focus

    def open(self) -> None:
        """Show it and take the keys."""
        self.display = True
        self.field.focus()
        self.field.cursor_position = len(self.field.value)

    def set_text(self, text: str) -> None:
        """Hold `text` at once, without a pause, and show or hide accordingly."""
        if text != self.field.value:
            self._quiet = True  # the field tells later that it changed; this is not news then
            self.field.value = text
        self.display = bool(text) or self.editing
        self._apply()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self._quiet:
            self._quiet = False
            return
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(_PAUSE, self._apply)

    def _apply(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if self.field.value != self.text:
            self.text = self.field.value
            self.post_message(FilterChanged(self.text))

    @on(Input.Submitted)
    def _kept(self, event: Input.Submitted) -> None:
        event.stop()
        self._apply()
        self.display = bool(self.text)
        self.post_message(self.Kept())
