"""Small questions in a screen of their own: one of a list, or a few fields to fill in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult

from dinotui.locale import N_, _
from dinotui.tui.cells import Cell
from dinotui.tui.commands import Command
from dinotui.tui.messages import FilterChanged
from dinotui.tui.plan_rows import paragraph
from dinotui.tui.screens.base import DinoScreen
from dinotui.tui.screens.import_step import Page
from dinotui.tui.widgets.columns import Column
from dinotui.tui.widgets.form import Field, Form
from dinotui.tui.widgets.line import Piece
from dinotui.tui.widgets.paged_list import PagedList
from dinotui.tui.widgets.row_source import ListSource, Row

_COLUMNS = (Column("", 20, 1), Column("", 20, 2, priority=1))


class ChoiceScreen(DinoScreen):
    """Dismisses with the key of the chosen row, with None when the user goes back."""

    ACTIONS: ClassVar[tuple[Command, ...]] = (
        Command(
            "choice.take", ("enter",), N_("take it"), N_("Take the choice under the cursor"), N_("Choices")
        ),
    )

    def __init__(
        self,
        title: Callable[[], str],
        text: Callable[[], str],
        choices: Callable[[], Sequence[tuple[str, str, str]]],
        now: str = "",
        below: Callable[[str], Sequence[str]] | None = None,
    ) -> None:
        """Ask `text`; `choices` returns value, label and what is said beside it, in the language of now or raw.

        `below` returns what there is to say about the choice under the cursor, a line each, raw.
        """
        super().__init__()
        self._title, self._text = title, text
        self._choices = choices
        self._now = now
        self._below = below

    def title_text(self) -> str:
        """Return its crumb."""
        return self._title()

    def body(self) -> ComposeResult:
        """Yield the question and the list."""
        yield Page(lambda width: [[], *paragraph(self._text(), width, 8, "strong"), []])
        choices = PagedList(_COLUMNS, titles=False, empty=N_("No choice holds this text."), id="choices")
        yield choices
        if self._below is not None:
            choices.styles.height = len(self._choices())  # what is said of one stands right under them
            yield Page(self._said_below, id="choice-below")

    def _said_below(self, width: int) -> Sequence[Sequence[Piece]]:
        row = self.query_one(PagedList).current
        said = self._below(str(row.key)) if row is not None and self._below is not None else ()
        return [[], *(line for text in said for line in paragraph(text, width, 3, "dim"))]

    def on_paged_list_moved(self) -> None:
        """Show what there is to say about the choice under the cursor."""
        for page in self.query("#choice-below").results(Page):
            page.redraw()

    def ready(self) -> None:
        """Show the choices, the cursor on the present one."""
        self._show("")
        values = [value for value, _label, _beside in self._choices()]
        shown = self.query_one(PagedList)
        shown.focus()
        if self._now in values:
            self.call_after_refresh(shown.move_to, values.index(self._now))

    def _show(self, text: str, *, keep: bool = False) -> None:
        words = text.casefold().split()
        rows = [
            Row(value, (Cell(label, "strong" if value == self._now else ""), Cell(beside, "dim")))
            for value, label, beside in self._choices()
            if all(word in f"{label} {beside}".casefold() for word in words)
        ]
        shown = self.query_one(PagedList)
        shown.set_source(ListSource(rows), keep=keep)

    def relabel(self) -> None:
        """Show the choices in the language of now."""
        self._show(self.filter_text, keep=True)
        super().relabel()

    def on_filter_changed(self, event: FilterChanged) -> None:
        """Show the choices that hold the filter's words."""
        event.stop()
        self._show(event.text)

    def action_take(self) -> None:
        """Take the choice under the cursor."""
        row = self.query_one(PagedList).current
        if row is not None:
            self.dismiss(row.key)


class AskScreen(DinoScreen):
    """A form; dismisses with its values once `check` finds no fault, with None when the user goes back.

    `check` gets the values and returns a fault (translated) by field name.
    """

    ACTIONS: ClassVar[tuple[Command, ...]] = (
        Command("ask.accept", ("enter",), N_("accept"), N_("Take what is filled in"), N_("Forms")),
    )

    def __init__(
        self,
        title: Callable[[], str],
        text: Callable[[], str],
        fields: Sequence[Field],
        check: Callable[[Mapping[str, str]], Mapping[str, str]] = lambda _values: {},
        below: Callable[[Mapping[str, str], int], Sequence[Sequence[Piece]]] = lambda _values, _width: [],
    ) -> None:
        """Ask for `fields` under `text`; `below` draws what is said under them, from their values."""
        super().__init__()
        self._title, self._text = title, text
        self._fields = fields
        self._check = check
        self._below = below

    def title_text(self) -> str:
        """Return its crumb."""
        return self._title()

    @property
    def filters(self) -> bool:
        """A form has nothing to filter."""
        return False

    @property
    def form(self) -> Form:
        """The form."""
        return self.query_one(Form)

    def body(self) -> ComposeResult:
        """Yield text, form, and what is said under it."""
        yield Page(lambda width: [[], *paragraph(self._text(), width, 5)])
        yield Form(self._fields, id="ask")
        yield Page(lambda width: self._below(self.form.values, width), id="ask-below")

    def ready(self) -> None:
        """Begin in the first field."""
        self.form.focus_field(self._fields[0].name)

    def on_form_changed(self, event: Form.Changed) -> None:
        """Say what is known of the new values."""
        event.stop()
        self.query_one("#ask-below", Page).redraw()

    def on_form_accepted(self, event: Form.Accepted) -> None:
        """Accept on Enter in a field."""
        event.stop()
        self.action_accept()

    def relabel(self) -> None:
        """Say everything in the language of now, the faults too."""
        super().relabel()
        if self.form.faulty:
            self.form.say_faults(self._check(self.form.values))

    def action_accept(self) -> None:
        """Dismiss with the values, or show what is wrong with them."""
        faults = self._check(self.form.values)
        if faults:
            self.form.show_faults(faults)
            self.say(_("See the marked fields."), "warn")
        else:
            self.dismiss(self.form.values)
