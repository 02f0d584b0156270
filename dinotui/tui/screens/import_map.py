"""Step 2 of an import: which column feeds which field, how the dates are read, what the file lacks."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.timer import Timer

from dinotui.domain.mapping import FieldName, field_label
from dinotui.domain.settings import ImportSettings, Question
from dinotui.locale import N_, _, ngettext, retold
from dinotui.tui.commands import Command, State
from dinotui.tui.import_session import Picture
from dinotui.tui.map_rows import (
    IN_NOTES,
    LEFT_OUT,
    MAP_COLUMNS,
    TARGETS,
    ColumnKey,
    GivenKey,
    QuestionKey,
    date_choices,
    date_samples,
    map_rows,
    reading_text,
    target_label,
    target_of,
    with_given,
    with_target,
)
from dinotui.tui.plan_rows import dates_lines, on_screen, paragraph
from dinotui.tui.preset_rows import preset_text
from dinotui.tui.screens.import_choice import AskScreen, ChoiceScreen
from dinotui.tui.screens.import_step import Page, Step
from dinotui.tui.widgets.form import Field
from dinotui.tui.widgets.line import Piece
from dinotui.tui.widgets.paged_list import PagedList
from dinotui.tui.widgets.row_source import ListSource

_MAP: Final = N_("Map")
_PAUSE: Final = 0.35
"""Seconds after the last arrow key before the plan follows."""

_LEAST_BESIDE: Final = 2
"""Lines for the row under the cursor in full."""


def _on_column(step: MapStep) -> State:
    return True if isinstance(step.key, ColumnKey) else _("the row is no column of the file")


class MapStep(Step):
    """A row a column; what the file lacks stands under them, what has to be answered above."""

    ACTIONS: ClassVar[tuple[Command, ...]] = (
        Command("map.change", ("enter",), N_("change"), N_("Choose what the row feeds, or answer it"), _MAP),
        Command(
            "map.left", ("left",), N_("field"), N_("The field before"), _MAP, enabled=_on_column, footer=False
        ),
        Command("map.right", ("right",), N_("field"), N_("The field after"), _MAP, enabled=_on_column),
        Command(
            "map.leave-out",
            ("0",),
            N_("leave out"),
            N_("Do not import the column"),
            _MAP,
            enabled=_on_column,
            footer=False,
        ),
        Command(
            "map.keep",
            ("+",),
            N_("into notes"),
            N_("Keep the column in the notes, as “Header: value”"),
            _MAP,
            enabled=_on_column,
        ),
    )

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._drawn: Picture | None = None
        self._pending: dict[str, str] = {}
        self._keys: dict[str, ColumnKey] = {}
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Lay out what is known of the file, the rows, and the evidence for the one under the cursor."""
        yield Page(self._facts, id="map-facts")
        yield PagedList(MAP_COLUMNS, empty=N_("The file has no columns."), id="columns")
        yield Page(self._beside, id="map-beside")

    @property
    def picture(self) -> Picture | None:
        """What the rows were made of: a job may have put a newer one in its place that they do not fit."""
        return self._drawn

    @property
    def columns(self) -> PagedList:
        """The list."""
        return self.query_one("#columns", PagedList)

    @property
    def key(self) -> Hashable | None:
        """The key of the row under the cursor."""
        row = self.columns.current
        return row.key if row is not None else None

    def enter(self) -> None:
        """Take the keys."""
        self.columns.focus()

    def show(self) -> None:
        """Show the mapping of now."""
        picture = self._drawn = self.session.picture
        rows = map_rows(picture, self._pending) if picture else []
        self.columns.set_source(ListSource(rows), keep=self.columns.count > 0)
        self._redraw()

    def _facts(self, width: int) -> Sequence[Sequence[Piece]]:
        picture = self.picture
        if picture is None:
            return []
        lines: list[list[Piece]] = []
        for table in picture.tables[:2]:
            lines += paragraph(reading_text(table), width, 1, "dim")
        if len(picture.tables) > 2:
            more = ngettext("and {count} more table", "and {count} more tables", len(picture.tables) - 2)
            lines += paragraph(more.format(count=len(picture.tables) - 2), width, 1, "dim")
        preset = preset_text([table.bound for table in picture.tables])
        if preset:
            lines += paragraph(_("{preset} (* changes it)").format(preset=preset), width, 1, "accent")
        lines += dates_lines(picture.tables, width, self._free - len(lines))
        return [*lines, []]

    @property
    def _free(self) -> int:
        """How many lines there are for what is said above the rows, when all of those are in sight."""
        return self.size.height - self.columns.count - _LEAST_BESIDE - 2

    def on_resize(self) -> None:
        """Say as much as there is room for."""
        self._redraw()

    def _redraw(self) -> None:
        self.query_one("#map-facts", Page).redraw()
        self.query_one("#map-beside", Page).redraw()

    def _beside(self, width: int) -> Sequence[Sequence[Piece]]:
        """Return the samples and reason of the row under the cursor in full, always as many lines."""
        height = _LEAST_BESIDE if self.app.size.height >= 20 else 0
        row, picture = self.columns.current, self.picture
        if row is None or picture is None or not height:
            return [[] for _line in range(height)]
        text = ""
        if isinstance(row.key, ColumnKey):
            table = picture.tables[row.key.table]
            match = table.mapping.columns[row.key.column]
            samples = ", ".join(f"“{sample}”" for sample in table.samples[row.key.column]) or _(
                "always empty"
            )
            reading = table.readings.get(match.field or "")
            why = on_screen(" ".join(reading.explanation())) if reading else retold(match.reason)
            text = f"{match.header}: {samples}" + (f" ({why})" if why else "")
        elif isinstance(row.key, QuestionKey):
            text = on_screen(picture.questions[row.key.number].text)
        elif isinstance(row.key, GivenKey):
            text = _("No column feeds the {field}. Enter gives one value for all records.").format(
                field=field_label(row.key.field)
            )
        lines = paragraph(text, width, height, "dim")
        return [*lines, *([[]] * (height - len(lines)))]

    def on_paged_list_moved(self) -> None:
        """Show the row under the cursor in full."""
        self.query_one("#map-beside", Page).redraw()
        self.wizard.refresh_commands()

    # changing

    def action_left(self) -> None:
        """Feed the field before."""
        self._turn(-1)

    def action_right(self) -> None:
        """Feed the field after."""
        self._turn(1)

    def action_leave_out(self) -> None:
        """Leave the column out."""
        self._set(LEFT_OUT)

    def action_keep(self) -> None:
        """Keep the column in the notes."""
        self._set(IN_NOTES)

    def _turn(self, by: int) -> None:
        target = self._target()
        if target is not None:
            place = TARGETS.index(target) if target in TARGETS else 0
            self._set(TARGETS[(place + by) % len(TARGETS)])

    def _target(self) -> str | None:
        key, picture = self.key, self.picture
        if not isinstance(key, ColumnKey) or picture is None:
            return None
        table = picture.tables[key.table]
        return self._pending.get(key.name) or target_of(table.mapping.columns[key.column], table.mapping)

    def _set(self, target: str) -> None:
        """Show the new target at once; the plan follows when no further key comes."""
        key = self.key
        if not isinstance(key, ColumnKey):
            return
        self._pending[key.name] = target
        self._keys[key.name] = key
        self.show()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(_PAUSE, self._follow)

    def _follow(self, then: Callable[[], None] | None = None) -> None:
        """Let the plan follow the changes under way."""
        picture = self.picture
        if picture is None or not self._pending:
            return
        if self.session.busy:
            self._timer = self.set_timer(_PAUSE, lambda: self._follow(then))
            return
        settings = picture.settings
        for name, target in self._pending.items():
            settings = with_target(settings, self._keys[name], target)
        self._pending.clear()
        self._change(settings, then)

    def flush(self, then: Callable[[], None]) -> bool:
        """Take the changes under way now and go on with `then`; False when there are none."""
        if not self._pending:
            return False
        if self._timer is not None:
            self._timer.stop()
        self._follow(then)
        return True

    def _change(self, settings: ImportSettings, then: Callable[[], None] | None = None) -> None:
        self.wizard.change("understand", settings, done=lambda _picture: then() if then else None)

    # answering

    def action_change(self) -> None:
        """Open what the row can be changed with."""
        key, picture = self.key, self.picture
        if picture is None:
            return
        if isinstance(key, ColumnKey):
            self._choose_target(key, picture)
        elif isinstance(key, GivenKey):
            self._give(key.field, picture)
        elif isinstance(key, QuestionKey):
            self.answer(picture.questions[key.number], picture)

    def _choose_target(self, key: ColumnKey, picture: Picture) -> None:
        table = picture.tables[key.table]
        header = table.columns[key.column]
        fed = {match.field: match.header for match in table.mapping.columns if match.field is not None}

        def choices() -> list[tuple[str, str, str]]:
            now = _("now “{header}”")
            return [
                (target, target_label(target), now.format(header=fed[target]) if target in fed else "")
                for target in TARGETS
            ]

        def chosen(target: str | None) -> None:
            if target is not None and target != self._target():
                self._change(with_target(picture.settings, key, target))

        samples = ", ".join(table.samples[key.column])
        reading = table.readings.get(table.mapping.columns[key.column].field or "")

        def text() -> str:
            asked = _("What does the column “{header}” feed? It holds: {samples}").format(
                header=header, samples=samples
            )
            return f"{asked}. {on_screen(' '.join(reading.explanation()))}" if reading else asked

        self.wizard.dino.push_screen(
            ChoiceScreen(lambda: header, text, choices, self._target() or LEFT_OUT), chosen
        )

    def _give(self, field: FieldName, picture: Picture) -> None:
        """Ask for one value for all records."""
        given = picture.settings.constants.get(field)
        last = "" if given is not None else last_time(picture).get(field, "")
        hint = _("as last time; empty for none") if last else _("empty for none")
        asked = Field("value", _("Value"), given or last, hint)

        def check(values: Mapping[str, str]) -> dict[str, str]:
            fault = given_fault(field, values["value"])
            return {"value": fault} if fault else {}

        def answered(values: Mapping[str, str] | None) -> None:
            if values is not None:
                self._change(with_given(picture.settings, field, values["value"]))

        def text() -> str:
            said = _("One {field} for all records of the file; a cell of the file goes before it.")
            return said.format(field=field_label(field))

        self.wizard.dino.push_screen(AskScreen(lambda: field_label(field), text, [asked], check), answered)

    def answer(self, question: Question, picture: Picture) -> None:
        """Ask what only the user can answer."""
        if question.code == "date-order":
            self._ask_date_order(question, picture)
        elif question.code == "column-contested":
            self._ask_which_column(question, picture)
        elif question.field is not None:
            self._give(question.field, picture)  # type: ignore[arg-type]

    def _ask_date_order(self, question: Question, picture: Picture) -> None:
        def chosen(order: str | None) -> None:
            if order is not None:
                self._change(picture.settings.model_copy(update={"date_order": order}))

        self.wizard.dino.push_screen(
            ChoiceScreen(
                lambda: _("Date order"),
                lambda: on_screen(question.text),
                lambda: date_choices(question, picture),
                next((table.bound.preset.date_order or "" for table in picture.tables if table.bound), ""),
                lambda order: date_samples(question, picture, order),
            ),
            chosen,
        )

    def _ask_which_column(self, question: Question, picture: Picture) -> None:
        table = next(table for table in picture.tables if table.name == question.where)
        number = picture.tables.index(table)
        rivals = [match for match in table.mapping.columns if match.contested == question.field]
        choices = [
            (str(match.column), match.header, ", ".join(table.samples[match.column])) for match in rivals
        ]

        def chosen(column: str | None) -> None:
            if column is not None and question.field is not None:
                from dinotui.tui.map_rows import column_name

                key = ColumnKey(number, int(column), column_name(table, int(column)))
                self._change(with_target(picture.settings, key, question.field))

        self.wizard.dino.push_screen(
            ChoiceScreen(
                lambda: field_label(question.field or ""), lambda: on_screen(question.text), lambda: choices
            ),
            chosen,
        )


def last_time(picture: Picture) -> Mapping[FieldName, str]:
    """Return the values for all records that an import of such a file was given last time."""
    return next((table.bound.preset.constants for table in picture.tables if table.bound), {})


def given_fault(field: FieldName, value: str) -> str:
    """Return what is wrong with one value for all records, empty when nothing is."""
    from dinotui.domain.dates import today
    from dinotui.engine.trips import check

    if not value.strip():
        return ""
    others = {"country": "Japan", "entryDate": "2000-01-01", "visaType": "tourist"}
    problems = check({**others, field: value}, today(None)).errors
    return next((problem.message for problem in problems if problem.field == field), "")
