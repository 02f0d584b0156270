"""Adding or editing one trip: faults at their field, what the program understood beside it, nothing lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Final, NamedTuple

from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.css.query import NoMatches
from textual.timer import Timer

from dinotui.domain.errors import DinoError
from dinotui.domain.problems import Problem
from dinotui.domain.trip import Trip
from dinotui.engine.overlaps import overlapping
from dinotui.engine.progress import Report
from dinotui.engine.schengen import today_of
from dinotui.engine.trips import Checked, add_trip, as_fields, check, edit_trip
from dinotui.locale import N_, _
from dinotui.storage.store import Store
from dinotui.tui.background import Background
from dinotui.tui.commands import Command
from dinotui.tui.completion import Offers, offers_for
from dinotui.tui.messages import Level
from dinotui.tui.screens.stored import DataScreen, start_store_job
from dinotui.tui.view import view_of
from dinotui.tui.widgets.form import Field, FieldRow, Form
from dinotui.tui.widgets.text_field import TextField
from dinotui.tui.widgets.trip_facts import Facts, TripFacts

_FORM: Final = N_("Trip")
DRAFT: Final = "trip-draft-"
"""What the names of remembered half-filled forms begin with."""

_PAUSE: Final = 0.3
"""Seconds without a key before stays that overlap are looked for."""

FIELDS: Final = (
    Field("country", N_("Country")),
    Field("entryDate", N_("Entry date"), hint=N_("YYYY-MM-DD")),
    Field("exitDate", N_("Exit date"), hint=N_("YYYY-MM-DD, empty while still there")),
    Field("visaType", N_("Visa type"), hint=N_("tourist, business, ...")),
    Field("maxDays", N_("Max days"), hint=N_("empty for no limit")),
    Field("passportCountry", N_("Passport")),
    Field("notes", N_("Notes")),
)


class Saved(NamedTuple):
    """What the form left behind: the trip's number, and the sentence to show."""

    number: int
    sentence: str
    level: Level


class TripFormScreen(DataScreen):
    """A form over one trip; `row` is the stored one, None for a new trip. Dismisses with `Saved` or None.

    Leaving with unsaved changes keeps them: the form comes back with them.
    """

    ACTIONS: ClassVar[tuple[Command, ...]] = (
        Command("trip.save", ("enter",), N_("save"), N_("Save the trip"), _FORM),
        Command(
            "trip.take",
            ("right",),
            N_("take suggestion"),
            N_("At the end of the text: take the suggested value, again for the next one"),
            _FORM,
            footer=False,
            priority=True,
            palette=False,
        ),
        Command(
            "trip.reset",
            ("f5", "ctrl+r"),
            N_("start over"),
            N_("Take back everything typed here"),
            _FORM,
            enabled=lambda screen: True if screen.changed else _("nothing was changed"),
        ),
    )

    def __init__(self, row: Mapping[str, Any] | None) -> None:
        super().__init__()
        self.row = row
        self.memory = f"{DRAFT}{row['id'] if row else ''}"  # type: ignore[misc]  # one draft a trip
        self._begun = as_fields(row) if row else {field.name: "" for field in FIELDS}
        self._checked: Checked | None = None
        self._offers: dict[str, Offers] = {}
        self._taken = ("", "")
        self._overlaps: tuple[Mapping[str, Any], ...] = ()
        self._search = Background()
        self._timer: Timer | None = None
        self._tried = False
        self._saving = False
        self._result: Saved | None = None

    @property
    def form(self) -> Form:
        """The form."""
        return self.query_one(Form)

    @property
    def changed(self) -> bool:
        """Whether anything differs from what the form began with."""
        try:
            return self.form.values != self._begun
        except NoMatches:
            return False

    def title_text(self) -> str:
        """Return its crumb."""
        return f"#{self.row['number']} {self.row['country']}" if self.row else _("New trip")

    def right_text(self) -> str:
        """Say when something is not saved yet."""
        return _("not saved") if self.changed else ""

    def body(self) -> ComposeResult:
        """Yield the form and what was understood."""
        fields = [Field(field.name, field.label, self._begun[field.name], field.hint) for field in FIELDS]
        yield Form(fields, id="trip")
        yield TripFacts(self._facts, self._goes_on_below)

    def _goes_on_below(self) -> bool:
        return self.form.max_scroll_y > self.form.scroll_y

    @property
    def filters(self) -> bool:
        """A form has nothing to filter."""
        return False

    def save_state(self) -> dict[str, Any]:
        """Keep what was typed, and the state of the trip that it was typed over."""
        return {"values": self.form.values, "over": self._version}

    @property
    def _version(self) -> str:
        return str(self.row["updated_at"]) if self.row else ""

    def restore_state(self, state: Mapping[str, Any]) -> None:
        """Bring back what was typed, unless the trip has changed since."""
        if state.get("over") == self._version:
            self.form.set_values(state["values"])

    def remember(self) -> None:
        """Keep a half-filled form, and nothing of one that is as it began."""
        if self.changed:
            super().remember()
        else:
            self.dino.memory.pop(self.memory, None)

    def ready(self) -> None:
        """Show what the values mean, and begin in the first field."""
        if self.changed:
            self.say(_("What you had typed here is back. F5 starts over."))
        for name in ("scroll_y", "virtual_size"):
            self.watch(self.form, name, self._show_facts, init=False)
        self._offers["country"] = offers_for("country", self.form.values["country"])
        self._look_at_values()
        self._look_for_overlaps()
        self.form.focus_field("country")

    # what was understood

    def _look_at_values(self) -> None:
        """Find out what the values mean now, and show it."""
        self._checked = check(self.form.values, today_of(self.store), self.row)
        if self._tried:
            self._mark()
        self._show_facts()
        self.refresh_commands()

    def _show_facts(self) -> None:
        self.query_one(TripFacts).redraw()

    def _facts(self) -> Facts | None:
        if self._checked is None:
            return None
        here = self._offers.get(self._field_here())
        other = self._offers.get("country")
        offers = here if here and here.values else other
        return Facts(
            self._checked,
            offers or Offers("", (), ()),
            takes=offers is here,
            shows_faults=not self._tried,
            overlaps=self._overlaps,
            view=view_of(self.store),
        )

    def _field_here(self) -> str:
        """Return the name of the field that has the keys, empty where none has."""
        return next((field.name for field in FIELDS if self.form.control(field.name).has_focus), "")

    def on_descendant_focus(self) -> None:
        """Show what the field that has the keys now may be completed to."""
        if self._checked is not None:
            self._show_facts()

    def on_form_changed(self, event: Form.Changed) -> None:
        """Show what the values mean now, and take back a fault that is put right."""
        event.stop()
        if self._taken != (event.name, event.value):
            self._offers[event.name] = offers_for(event.name, event.value)
        self._look_at_values()
        if event.name in ("entryDate", "exitDate"):
            self._look_for_overlaps()

    def _look_for_overlaps(self) -> None:
        """Look beside the screen, shortly after the last key, for stays that this one runs into."""
        self._overlaps = ()
        self._search.stop()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(_PAUSE, self._search_overlaps)

    def _search_overlaps(self) -> None:
        values = self._checked.values if self._checked else {}
        entry, leaving = values.get("entry_day"), values.get("exit_day")
        if entry is None or (leaving is not None and leaving < entry):
            return
        own = self.row["number"] if self.row else None

        def read(store: Store, publish: Callable[[Any], None], _cancelled: object) -> None:
            publish(overlapping(store, entry, leaving, today_of(store), apart_from=own))

        self._search.start(
            self.store, read, self._found_overlaps, lambda error: self.say(str(error), "error")
        )

    def _found_overlaps(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self._overlaps = tuple(rows)
        self._show_facts()

    def on_unmount(self) -> None:
        """End what is being looked for."""
        self._search.stop()

    def action_take(self) -> None:
        """Take the suggestion where the cursor stands at the end of its field; else let the key pass."""
        name = self._field_here()
        control, offers = self.focused, self._offers.get(name)
        if not isinstance(control, TextField) or not offers or not offers.values:
            raise SkipAction
        if control.cursor_position < len(control.value):
            raise SkipAction
        taken, self._offers[name] = offers.values[0], offers.turned()
        self._taken = (name, taken)
        control.value = taken
        control.cursor_position = len(taken)

    def action_reset(self) -> None:
        """Put back what the form began with."""
        self.form.set_values(self._begun)
        self._tried = False
        self.form.show_faults({})
        self.form.focus_field("country")
        self.dino.memory.pop(self.memory, None)

    def relabel(self) -> None:
        """Say everything in the language of now, what is wrong with the trip too."""
        super().relabel()
        self._look_at_values()

    def leave(self) -> None:
        """Go back, and say that what was typed is kept."""
        kept = self.changed
        super().leave()
        if kept:
            self.dino.call_later(
                self.dino.say, _("Not saved. What you typed is there when you come back."), "warn"
            )

    # saving

    def on_form_accepted(self, event: Form.Accepted) -> None:
        """Save on Enter in a field."""
        event.stop()
        self.action_save()

    def action_save(self) -> None:
        """Check and save; what is wrong is shown at its field."""
        if self._saving:
            return
        self._tried = True
        self._look_at_values()
        assert self._checked is not None
        if self._checked.errors:
            self.form.show_faults(_by_field(self._checked.errors))
            self.say(_("Not saved yet: see the marked fields."), "warn")
            return
        if self.row is not None and not self.changed:
            self.say(_("Nothing was changed. Esc goes back."))
            return
        self._saving = True
        row = self.row
        # Only what was changed here: a field that somebody else changes meanwhile stays as they made it.
        values = {
            name: text for name, text in self.form.values.items() if row is None or text != self._begun[name]
        }

        def work(store: Store, _report: Report, _cancelled: object) -> tuple[Trip, Checked]:
            return edit_trip(store, row["id"], values) if row else add_trip(store, values)

        start_store_job(self, _("Saving"), work, self._saved, self._refused)

    def _mark(self) -> None:
        """Show faults where they are now, without moving the cursor."""
        faults = _by_field(self._checked.errors) if self._checked else {}
        for field_row in self.form.query(FieldRow):
            field_row.show_fault(faults.get(field_row.field.name, ""))

    def _saved(self, answer: tuple[Trip, Checked]) -> None:
        trip, checked = answer
        text = (
            _("Changed #{number} {country}. u undoes.")
            if self.row
            else _("Added #{number} {country}. u undoes.")
        )
        said = text.format(number=trip.number, country=trip.country)
        for problem in checked.problems:
            said += f" {problem.message}"
        self.dino.memory.pop(self.memory, None)
        self._result = Saved(trip.number, said, "warn" if checked.problems else "good")
        self._begun = self.form.values if self.is_mounted else self._begun
        if self.dino.front is self:
            self.dismiss(self._result)
        else:
            self.dino.say(said, self._result.level)

    def on_screen_resume(self) -> None:
        """Close when the trip was saved while another screen was in front."""
        if self._result is not None:
            self.call_next(self._close)

    def _close(self) -> None:
        self.dismiss(self._result)  # not awaited: a screen cannot wait for its own end

    def _refused(self, error: DinoError) -> None:
        self._saving = False
        if error.where in self._begun:
            self.form.show_faults({str(error.where): error.message})
        self.dino.say(error.message, "error")


def _by_field(problems: tuple[Problem, ...]) -> dict[str, str]:
    faults: dict[str, str] = {}
    for problem in problems:
        faults.setdefault(problem.field or "country", problem.message)
    return faults
