"""A compact form: one line a field, the fault of a field under it, choices with the arrow keys.

Works from 40 columns on. The form holds no rule: `Form.values` gives the texts, `Form.show_faults` shows
what the engine said about them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from dinotui.locale import N_, _
from dinotui.tui.cells import clean, cut, width_of
from dinotui.tui.commands import Command, Commanded
from dinotui.tui.glyphs import glyphs
from dinotui.tui.widgets.label import Label
from dinotui.tui.widgets.line import Lines, Piece
from dinotui.tui.widgets.text_field import TextField

_FORM: Final = N_("Forms")


@dataclass(frozen=True, slots=True)
class Field:
    """A field: `name` for the program, `label` and `hint` as message ids.

    With `choices` (value and message id each) it takes one of them, without it takes text. A yes-or-no field
    has the choices of `YES_NO`, shown as a box to tick.
    """

    name: str
    label: str
    value: str = ""
    hint: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    takes_paths: bool = False
    max_length: int = 0


YES_NO: Final = (("no", N_("no")), ("yes", N_("yes")))


class Choice(Lines, Commanded):
    """One of a few values; the arrow keys and Space change it."""

    can_focus = True
    ACTIONS = (
        Command(
            "choice.previous",
            ("left",),
            N_("previous"),
            N_("Previous value"),
            _FORM,
            footer=False,
            palette=False,
        ),
        Command(
            "choice.next",
            ("right", "space"),
            N_("next"),
            N_("Next value"),
            _FORM,
            footer=False,
            palette=False,
        ),
    )

    class Changed(Message):
        """Another value was chosen."""

        def __init__(self, choice: Choice) -> None:
            super().__init__()
            self.choice = choice

    def __init__(self, choices: Sequence[tuple[str, str]], value: str) -> None:
        super().__init__()
        self.choices = tuple(choices)
        self.value = value if value in dict(choices) else choices[0][0]

    def on_mount(self) -> None:
        """Take the user's keys."""
        self.bind_actions(getattr(self.app, "key_map", {}))

    def lines(self, width: int) -> list[list[Piece]]:
        """Return the value between arrows, or a tick box."""
        if self.choices == YES_NO:
            return [[("[x]" if self.value == "yes" else "[ ]", "strong")]]
        text = cut(clean(_(dict(self.choices)[self.value])), width - 4)
        return [[("< ", "key"), (text, "strong"), (" >", "key")]]

    def action_previous(self) -> None:
        """Take the value before."""
        self._step(-1)

    def action_next(self) -> None:
        """Take the value after."""
        self._step(1)

    def _step(self, by: int) -> None:
        values = [value for value, _label in self.choices]
        self.set_value(values[(values.index(self.value) + by) % len(values)])

    def set_value(self, value: str) -> None:
        """Take `value`, one of the choices."""
        if value != self.value and value in dict(self.choices):
            self.value = value
            self.refresh()
            self.post_message(self.Changed(self))


class FieldLabel(Lines):
    """The name of a field, marked when the field has the keys and when it has a fault."""

    def __init__(self, row: FieldRow) -> None:
        super().__init__()
        self._row = row

    def lines(self, width: int) -> list[list[Piece]]:
        """Return mark and name."""
        name = cut(clean(_(self._row.field.label)), width - 3)
        if self._row.control.has_focus:
            return [[("> ", "key"), (name, "strong")]]
        return [[("! ", "bad"), (name, "")]] if self._row.fault else [[("  ", ""), (name, "dim")]]


class FieldRow(Vertical):
    """One field with its label, its control and, when it has one, its fault."""

    def __init__(self, field: Field, label_width: int) -> None:
        super().__init__()
        self.field = field
        self.fault = ""
        self._label_width = label_width
        self.control: TextField | Choice = (
            Choice(field.choices, field.value)
            if field.choices
            else TextField(
                field.value,
                placeholder=_(field.hint),
                takes_paths=field.takes_paths,
                max_length=field.max_length,
            )
        )

    def compose(self) -> ComposeResult:
        """Lay out label and control on a line, the fault under it."""
        label = FieldLabel(self)
        label.styles.width = self._label_width
        with Horizontal(classes="field-line"):
            yield label
            yield self.control
        yield Label(lambda: f"! {self.fault}" if self.fault else "", "bad", classes="field-fault")

    def on_mount(self) -> None:
        """Hide the fault's line while there is none."""
        fault = self.query_one(".field-fault")
        fault.display = False
        fault.styles.margin = (0, 0, 0, min(self._label_width, 4))

    def on_descendant_focus(self) -> None:
        """Mark the label of the field that has the keys."""
        self.query_one(FieldLabel).refresh()

    def on_descendant_blur(self) -> None:
        """Take the mark off."""
        self.query_one(FieldLabel).refresh()

    def show_fault(self, fault: str) -> None:
        """Show what is wrong with the value; an empty text takes it away."""
        if fault == self.fault:
            return
        self.fault = fault
        shown = self.query_one(".field-fault")
        shown.display = bool(fault)
        shown.refresh(layout=True)
        self.query_one(FieldLabel).refresh()


class Form(VerticalScroll, Commanded):
    """Fields under each other. Up, Down and Tab move, Enter accepts the whole form."""

    can_focus = False
    ACTIONS: ClassVar[tuple[Command, ...]] = (
        Command(
            "form.up",
            ("up",),
            N_("field up"),
            N_("Previous field"),
            _FORM,
            footer=False,
            palette=False,
            looks=True,
        ),
        Command(
            "form.down",
            ("down",),
            N_("field down"),
            N_("Next field"),
            _FORM,
            footer=False,
            palette=False,
            looks=True,
        ),
    )

    class Changed(Message):
        """The value of the field `name` changed."""

        def __init__(self, form: Form, name: str, value: str) -> None:
            super().__init__()
            self.form, self.name, self.value = form, name, value

    class Accepted(Message):
        """Enter was pressed in a field."""

        def __init__(self, form: Form) -> None:
            super().__init__()
            self.form = form

    def __init__(self, fields: Sequence[Field], *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        width = _label_width(fields)
        self._rows = {field.name: FieldRow(field, width) for field in fields}

    def compose(self) -> ComposeResult:
        """Lay out the fields."""
        yield from self._rows.values()

    def on_mount(self) -> None:
        """Take the user's keys."""
        self.bind_actions(getattr(self.app, "key_map", {}))

    @property
    def values(self) -> dict[str, str]:
        """The texts of all fields by name, as typed."""
        return {name: row.control.value for name, row in self._rows.items()}

    @property
    def changed(self) -> bool:
        """Whether any value differs from what the form began with."""
        return any(
            row.control.value != row.field.value for row in self._rows.values() if not row.field.choices
        ) or any(
            row.control.value != (row.field.value or row.field.choices[0][0])
            for row in self._rows.values()
            if row.field.choices
        )

    def control(self, name: str) -> TextField | Choice:
        """Return the widget that holds the value of a field."""
        return self._rows[name].control

    def set_values(self, values: Mapping[str, str]) -> None:
        """Put values into fields (to come back to a half-filled form)."""
        for name, value in values.items():
            if name not in self._rows:
                continue
            control = self._rows[name].control
            if isinstance(control, Choice):
                control.set_value(value)
            else:
                control.value = value

    def show_faults(self, faults: Mapping[str, str]) -> None:
        """Show a fault at each named field, none at the others, and go to the first faulty field."""
        self.say_faults(faults)
        first = next((row for name, row in self._rows.items() if name in faults), None)
        if first is not None:
            first.control.focus()

    def say_faults(self, faults: Mapping[str, str]) -> None:
        """Show a fault at each named field, none at the others, without moving the cursor."""
        for name, row in self._rows.items():
            row.show_fault(faults.get(name, ""))

    @property
    def faulty(self) -> bool:
        """Whether a fault is shown at any field."""
        return any(row.fault for row in self._rows.values())

    @property
    def below_text(self) -> str:
        """Say that the form goes on below its edge, empty where it does not."""
        return f"{glyphs().below} {_('more fields')}" if self.max_scroll_y > self.scroll_y else ""

    def show_fault(self, name: str, fault: str) -> None:
        """Show what is wrong with one field, or nothing, without moving the cursor."""
        self._rows[name].show_fault(fault)

    def set_choices(self, name: str, choices: tuple[tuple[str, str], ...]) -> None:
        """Give a field other words for the values that it can take."""
        control = self._rows[name].control
        if isinstance(control, Choice):
            control.choices = choices
            control.refresh()

    def focus_field(self, name: str) -> None:
        """Give the keys to a field."""
        self._rows[name].control.focus()

    def action_up(self) -> None:
        """Go to the field before."""
        self._go(-1)

    def action_down(self) -> None:
        """Go to the field after."""
        self._go(1)

    def _go(self, by: int) -> None:
        controls: list[Widget] = [row.control for row in self._rows.values()]
        here = next((index for index, control in enumerate(controls) if control.has_focus), 0)
        controls[(here + by) % len(controls)].focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._tell(event.input)

    @on(Choice.Changed)
    def _chosen(self, event: Choice.Changed) -> None:
        event.stop()
        self._tell(event.choice)

    def _tell(self, control: Widget) -> None:
        for name, row in self._rows.items():
            if row.control is control:
                self.post_message(self.Changed(self, name, row.control.value))

    @on(Input.Submitted)
    def _accepted(self, event: Input.Submitted) -> None:
        event.stop()
        self.accept()

    def accept(self) -> None:
        """Say that the form is filled in."""
        self.post_message(self.Accepted(self))

    def relabel(self) -> None:
        """Show hints in the language of now, and give the labels the room that they take in it."""
        width = _label_width([row.field for row in self._rows.values()])
        for row in self._rows.values():
            row.query_one(FieldLabel).styles.width = width
            if isinstance(row.control, TextField):
                row.control.placeholder = hint_text(row.field.hint)


def _label_width(fields: Sequence[Field]) -> int:
    """Return the cells of the widest label, with its mark."""
    return min(max((width_of(_(field.label)) for field in fields), default=0), 22) + 4


def hint_text(hint: str) -> str:
    """Return a hint in the language of now, cleaned."""
    return clean(_(hint)) if hint else ""
