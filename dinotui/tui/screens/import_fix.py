"""Correcting one record of an import in place: its faults at their fields, its original cells under them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual.app import ComposeResult
from textual.css.query import NoMatches

from dinotui.domain.dates import iso_day
from dinotui.domain.errors import DinoError
from dinotui.engine.importing import preview
from dinotui.engine.importing.preview import PreviewRow
from dinotui.engine.progress import Report, Stop
from dinotui.locale import N_, _
from dinotui.storage.store import Store
from dinotui.tui.commands import Command, State
from dinotui.tui.completion import country_meant
from dinotui.tui.import_session import Picture
from dinotui.tui.plan_rows import detail_lines, paragraph
from dinotui.tui.screens.base import DinoScreen
from dinotui.tui.widgets.form import Field, Form
from dinotui.tui.widgets.line import Piece
from dinotui.tui.widgets.scrolled_text import ScrolledText

if TYPE_CHECKING:
    from dinotui.tui.screens.importing import ImportWizard

_FIX: Final = N_("Fix")
_FIELDS: Final = (
    Field("country", N_("Country")),
    Field("entryDate", N_("Entry date"), hint=N_("YYYY-MM-DD")),
    Field("exitDate", N_("Exit date"), hint=N_("YYYY-MM-DD, empty while still there")),
    Field("visaType", N_("Visa type"), hint=N_("tourist, business, ...")),
    Field("maxDays", N_("Max days"), hint=N_("empty for no limit")),
    Field("passportCountry", N_("Passport")),
    Field("notes", N_("Notes")),
)


def _has_more(screen: FixScreen) -> State:
    return True if screen.below.hidden else _("all of it is in sight")


def _can_swap(screen: FixScreen) -> State:
    return True if screen.turned_round else _("the exit is not before the entry")


class FixScreen(DinoScreen):
    """A form over one record of the plan. Saving plans again and shows what is still wrong, if anything."""

    ACTIONS: ClassVar[tuple[Command, ...]] = (
        Command(
            "fix.save", ("enter",), N_("save"), N_("Take the corrected values; the file is not touched"), _FIX
        ),
        Command(
            "fix.swap",
            ("f6", "ctrl+t"),
            N_("swap the dates"),
            N_("Put an entry and an exit that stand the wrong way round in each other's place"),
            _FIX,
            enabled=_can_swap,
        ),
        Command(
            "fix.rest",
            ("pagedown",),
            N_("the rest"),
            N_("Show more of the record as the file has it"),
            _FIX,
            enabled=_has_more,
            priority=True,
        ),
        Command(
            "fix.rest-back",
            ("pageup",),
            N_("back"),
            N_("Show what stands before it"),
            _FIX,
            enabled=_has_more,
            footer=False,
            priority=True,
        ),
    )

    def __init__(self, wizard: ImportWizard, record: int) -> None:
        super().__init__()
        self.wizard = wizard
        self.record = record
        self.row, self.where, self.cells = self._load()
        self._begun = texts_of(self.row) if self.row else {}

    def _load(self) -> tuple[PreviewRow | None, str, dict[str, Any]]:
        view = self.wizard.session.look()
        if view is None:
            return None, "", {}
        row = preview.record(view, self.record)
        return (row, *preview.cells_of(view, self.record)) if row else (None, "", {})

    def title_text(self) -> str:
        """Return its crumb."""
        return _("Row {line}").format(line=self.row.line if self.row else self.record)

    @property
    def filters(self) -> bool:
        """A form has nothing to filter."""
        return False

    @property
    def form(self) -> Form:
        """The form."""
        return self.query_one(Form)

    def body(self) -> ComposeResult:
        """Yield the form and the record as the file has it."""
        fields = [Field(f.name, f.label, self._begun.get(f.name, ""), f.hint) for f in _FIELDS]
        yield Form(fields, id="fix")
        yield ScrolledText(self._below, lambda: self.form.below_text, id="fix-below")

    @property
    def below(self) -> ScrolledText:
        """The record as the file has it."""
        return self.query_one("#fix-below", ScrolledText)

    @property
    def turned_round(self) -> bool:
        """Whether the form holds an exit before its entry."""
        try:
            values = self.form.values
        except NoMatches:
            return False
        entry, leaving = iso_day(values["entryDate"].strip()), iso_day(values["exitDate"].strip())
        return entry is not None and leaving is not None and leaving < entry

    def ready(self) -> None:
        """Show what is wrong."""
        for name in ("scroll_y", "virtual_size"):
            self.watch(self.form, name, self.below.refresh_rule, init=False)
        self.form.focus_field("country")
        self._show_faults()

    def relabel(self) -> None:
        """Say everything in the language of now, what is wrong with the record too."""
        self.row, self.where, self.cells = self._load()
        self.form.say_faults(faults_of(self.row) if self.row else {})
        self.below.redraw()
        super().relabel()

    def _show_faults(self) -> bool:
        faults = faults_of(self.row) if self.row else {}
        self.form.show_faults(faults)
        self.below.redraw()
        return bool(faults)

    def _below(self, width: int) -> Sequence[Sequence[Piece]]:
        if self.row is None:
            return paragraph(_("The record is gone."), width, 1, "bad")
        faults = faults_of(self.row).values()  # these stand at their fields
        said = tuple(one for one in self.row.said if str(one["message"]) not in faults)
        lines = detail_lines(replace(self.row, said=said), self.cells, self.where, width, 0)
        meant = country_meant(self.form.values["country"]) if self.form.is_mounted else ""
        return [*(paragraph(f"= {meant}", width, 1, "dim") if meant else []), *lines]

    def on_resize(self) -> None:
        """Offer the rest where there is one now."""
        self.call_after_refresh(self.refresh_commands)

    def on_form_changed(self, event: Form.Changed) -> None:
        """Say which country is meant."""
        event.stop()
        self.below.redraw()
        self.refresh_commands()

    def on_form_accepted(self, event: Form.Accepted) -> None:
        """Save on Enter in a field."""
        event.stop()
        self.action_save()

    def action_swap(self) -> None:
        """Fill in the entry as the exit, and the exit as the entry."""
        values = self.form.values
        self.form.set_values({"entryDate": values["exitDate"], "exitDate": values["entryDate"]})
        for name in ("entryDate", "exitDate"):
            self.form.show_fault(name, "")
        self.say(_("Entry and exit are swapped. Enter saves."))

    def action_rest(self) -> None:
        """Show more of the record."""
        self.below.turn(1)

    def action_rest_back(self) -> None:
        """Show what stands before it."""
        self.below.turn(-1)

    def action_save(self) -> None:
        """Take the changed values and plan again."""
        changed = {name: value for name, value in self.form.values.items() if value != self._begun.get(name)}
        if not changed:
            self.say(_("Nothing was changed. Esc goes back."))
            return

        def do(store: Store, _report: Report, _cancelled: Stop) -> Picture:
            return self.wizard.session.fix(self.record, changed, store)

        self.wizard.work(_("Planning"), do, self._fixed, self._refused)

    def _refused(self, error: DinoError) -> None:
        self.dino.say(str(error), "error")

    def _fixed(self, _picture: Picture) -> None:
        if not self.is_current:
            return
        self.row, self.where, self.cells = self._load()
        if self.row is not None:
            self._begun = self.form.values
        if self._show_faults():
            self.say(_("Saved, but it is still rejected: see the marked fields."), "warn")
            return
        said = _("Row {line} is fixed: {action}.").format(
            line=self.row.line if self.row else self.record, action=_action_word(self.row)
        )
        self.dismiss(None)
        self.dino.call_later(self.dino.say, said, "good")


def _action_word(row: PreviewRow | None) -> str:
    words = {
        "create": _("it will be created"),
        "update": _("it will update a trip"),
        "skip": _("it repeats a trip and is skipped"),
        "ask": _("it may repeat a trip and asks"),
    }
    return words.get(row.action if row else "", "")


def texts_of(row: PreviewRow) -> dict[str, str]:
    """Return a record as the texts a person edits; what could not be read stands as the file has it."""
    unread = {said["field"]: said["value"] for said in row.said if said["severity"] == "error"}
    max_days = unread.get("maxDays") if row.max_days is None else row.max_days
    return {
        "country": row.country,
        "entryDate": row.entry,
        "exitDate": row.exit,
        "visaType": row.visa_type,
        "maxDays": "" if max_days is None else str(max_days),
        "passportCountry": row.passport_country,
        "notes": row.notes,
    }


def faults_of(row: PreviewRow) -> dict[str, str]:
    """Return what rejects a record by the field where it can be fixed."""
    faults: dict[str, str] = {}
    known = {field.name for field in _FIELDS}
    for said in row.said:
        if said["severity"] == "error":
            faults.setdefault(said["field"] if said["field"] in known else "country", str(said["message"]))
    return faults
