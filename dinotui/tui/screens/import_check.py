"""Step 3 of an import: the plan, record by record, before anything is written."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Sequence
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.containers import Container
from textual.css.query import NoMatches

from dinotui.domain.errors import DinoError
from dinotui.engine.importing import preview
from dinotui.engine.importing.preview import PreviewFilter, PreviewRow
from dinotui.locale import N_, _, ngettext
from dinotui.storage.staging import Staging
from dinotui.tui.commands import Command, State
from dinotui.tui.import_session import Picture
from dinotui.tui.plan_rows import (
    ACTIONS,
    dates_text,
    detail_lines,
    facts_line,
    files_lines,
    paragraph,
    plan_columns,
    policy_text,
    view_pieces,
)
from dinotui.tui.plan_source import SMALL, FoundRecords, all_records, search
from dinotui.tui.preset_rows import preset_text
from dinotui.tui.screens.import_step import Page, Step
from dinotui.tui.widgets.line import Piece
from dinotui.tui.widgets.paged_list import PagedList

_CHECK: Final = N_("Check")
_WIDE: Final = 124
"""Cells from which the record stands beside the list instead of under it."""


def _on_record(step: CheckStep) -> State:
    if step.session.busy:
        return _("the import is being worked on")
    return True if step.current is not None else _("there is no record here")


def _has_countries(step: CheckStep) -> State:
    picture = step.picture
    return True if picture and picture.countries else _("every country is known")


def _has_rejects(step: CheckStep) -> State:
    picture = step.picture
    return True if picture and picture.counts.reject else _("no record is rejected")


def _can_leave_out(step: CheckStep) -> State:
    state = _on_record(step)
    if state is not True:
        return state
    row = step.current
    assert row is not None
    if row.action == "create" or row.decision == "skip":
        return True
    return _("only a record that would be created can be left out")


def _row_width(picture: Picture, view: Staging) -> int:
    """Return the cells that the longest name of a row takes: the last row of a table has the highest line."""
    last, longest = 0, 0
    for number, table in enumerate(picture.tables, start=1):
        last += table.records
        if table.records:
            line = len(str(view.source_row(last).line))
            longest = max(longest, line + (len(f"{number}:") if len(picture.tables) > 1 else 0))
    return longest


def _conflicts(row: PreviewRow) -> bool:
    """Tell whether there is something to decide about a record, rather than to fix."""
    return row.action != "reject" and (row.trip is not None or row.twin is not None)


def _can_swap(step: CheckStep) -> State:
    state = _on_record(step)
    if state is not True:
        return state
    row, picture = step.current, step.picture
    assert row is not None
    assert picture is not None
    codes = {said["code"] for said in row.said}
    if "exit-before-entry" in codes or (picture.settings.swap_dates and "dates-swapped" in codes):
        return True
    return _("entry and exit of the record stand the right way round")


class CheckStep(Step):
    """The views of the plan, its records, and everything about the record under the cursor."""

    ACTIONS: ClassVar[tuple[Command, ...]] = (
        Command(
            "check.open",
            ("enter",),
            N_("look at it"),
            N_("Fix the record, or decide about it"),
            _CHECK,
            enabled=_on_record,
        ),
        Command("check.previous-view", ("left",), N_("view"), N_("The view before"), _CHECK, footer=False),
        Command(
            "check.next-view",
            ("right",),
            N_("view"),
            N_("Show all, or only what is created, updated, asked ..."),
            _CHECK,
        ),
        Command(
            "check.bad",
            ("b", "!"),
            N_("bad rows"),
            N_("Show only records with an error or a warning, or all again"),
            _CHECK,
        ),
        Command(
            "check.fix", ("4", "f"), N_("fix"), N_("Correct the record in place"), _CHECK, enabled=_on_record
        ),
        Command(
            "check.leave-out",
            ("0",),
            N_("leave out"),
            N_("Leave the record out, or take it in again"),
            _CHECK,
            enabled=_can_leave_out,
            footer=False,
        ),
        Command(
            "check.swap",
            ("=", "w"),
            N_("swap dates"),
            N_("Swap entry and exit of all records where they stand the wrong way round, or take that back"),
            _CHECK,
            enabled=_can_swap,
        ),
        Command(
            "check.countries",
            ("c", "'"),
            N_("countries"),
            N_("Say which countries the unknown names are"),
            _CHECK,
            enabled=_has_countries,
        ),
        Command(
            "check.rejects",
            ("s", "\\"),
            N_("save rejects"),
            N_("Save the rejected records as a CSV file"),
            _CHECK,
            enabled=_has_rejects,
        ),
    )

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.view_action = ""
        self.bad = False
        self.text = ""
        self._searching: threading.Event | None = None
        self._shown: Picture | None = None

    def compose(self) -> ComposeResult:
        """Lay out counts and views, the records, and the one under the cursor."""
        yield Page(self._facts, id="plan-facts")
        with Container(id="plan-body"):
            yield PagedList(plan_columns(), empty=N_("No record is like this."), id="plan")
            yield Page(self._detail, id="plan-detail")

    @property
    def records(self) -> PagedList:
        """The list."""
        return self.query_one("#plan", PagedList)

    @property
    def current(self) -> PreviewRow | None:
        """The record under the cursor."""
        try:
            row = self.records.current
        except NoMatches:
            return None
        view = self.session.look()
        if row is None or view is None or not isinstance(row.key, int):
            return None
        try:
            return preview.record(view, row.key)
        except DinoError:
            return None

    def on_resize(self) -> None:
        """Put the record beside the list where there is room."""
        self.set_class(self.size.width >= _WIDE, "-wide")
        self._redraw()

    def enter(self) -> None:
        """Take the keys."""
        self.records.focus()

    def show(self) -> None:
        """Show the plan of now."""
        if self.picture is not None and self.session.staging is not None and self.display:
            if self.picture is not self._shown:
                self._shown = self.picture
                self._open(keep=True)
            self._redraw()

    def _redraw(self) -> None:
        self.query_one("#plan-facts", Page).redraw()
        self.query_one("#plan-detail", Page).redraw()

    # which records

    @property
    def chosen(self) -> PreviewFilter:
        """What is shown."""
        return PreviewFilter(action=self.view_action, bad=self.bad, text=self.text)

    def _open(self, *, keep: bool = False) -> None:
        """Show the chosen records; a search of many runs beside the screen."""
        picture, view = self.picture, self.session.look()
        if self._searching is not None:
            self._searching.set()
            self._searching = None
        if picture is None or view is None:
            return
        several = len(picture.tables) > 1
        try:
            self.records.columns = plan_columns(_row_width(picture, view))
            if self.chosen == PreviewFilter():
                self.records.set_source(all_records(view, picture.records, several=several), keep=keep)
            elif picture.records <= SMALL:
                found = FoundRecords(view, search(view, self.chosen), several=several)
                self.records.set_source(found, keep=keep)
            else:
                self._search_beside(view, keep)
        except DinoError as error:
            self.wizard.dino.say(str(error), "error")

    def _search_beside(self, view: Staging, keep: bool) -> None:
        stop = self._searching = threading.Event()
        chosen, path, app = self.chosen, view.path, self.wizard.dino
        several = self.picture is not None and len(self.picture.tables) > 1

        def found(numbers: array[int]) -> None:
            if not stop.is_set() and self.is_attached:
                self._searching = None
                self.records.set_source(FoundRecords(view, numbers, several=several), keep=keep)
                self._redraw()

        def failed(error: DinoError) -> None:
            if not stop.is_set():
                app.say(str(error), "error")

        def run() -> None:
            try:
                own = Staging(path, hold=False)
                try:
                    numbers = search(own, chosen, stop.is_set)
                finally:
                    own.close()
            except DinoError as error:
                app.call_later(failed, error)
            else:
                app.call_later(found, numbers)

        threading.Thread(target=run, name="plan-search", daemon=True).start()

    def filtered(self, text: str) -> None:
        """Show only records that hold the words."""
        self.text = text
        self._open()
        self._redraw()

    def show_view(self, action: str, *, bad: bool = False) -> None:
        """Show the records of one action."""
        self.view_action, self.bad = action, bad
        self._open()
        self._redraw()

    # drawing

    def _facts(self, width: int) -> Sequence[Sequence[Piece]]:
        picture = self.picture
        if picture is None:
            return []
        lines: list[list[Piece]] = []
        counts = picture.counts
        said = facts_line(counts)
        preset = preset_text([table.bound for table in picture.tables])
        policy = " | ".join(filter(None, (preset, policy_text(picture.configuration))))
        lines += paragraph(policy, width, 1, "dim")
        lines += files_lines(picture.tables, width)
        before_dates = len(lines)
        if said:
            lines.append([(" ", ""), *said])
        if counts.remove:
            text = ngettext(
                "{count:,} of your trips goes, because the file does not hold it.",
                "{count:,} of your trips go, because the file does not hold them.",
                counts.remove,
            )
            lines += paragraph(text.format(count=counts.remove), width, 1, "bad", "!")
        if picture.open_countries:
            text = ngettext(
                "{count} country name has no code yet (c).",
                "{count} country names have no code yet (c).",
                len(picture.open_countries),
            )
            lines += paragraph(text.format(count=len(picture.open_countries)), width, 1, "warn", "?")
        lines.append(view_pieces(self.view_action, self.bad, counts, width))
        lines[before_dates:before_dates] = self._dates(picture, width, len(lines))
        return lines

    def _dates(self, picture: Picture, width: int, others: int) -> list[list[Piece]]:
        """Return how the dates are read, on lines that the records leave free, and on two where there is room."""
        evidence, high = dates_text(picture.tables), self.app.size.height
        if not evidence or high < 22:
            return []
        free = self.size.height - others - self._detail_height - 1 - picture.records
        text = _("Dates: {evidence}").format(evidence=evidence)
        return paragraph(text, width, max(free, 1 if high < 24 else 2), "dim")

    @property
    def _detail_height(self) -> int:
        """How many lines the record takes under the list; none where it stands beside it."""
        high = self.app.size.height
        if self.has_class("-wide") or high < 18:
            return 0
        return 4 if high < 22 else 5 if high < 30 else 8

    def _detail(self, width: int) -> Sequence[Sequence[Piece]]:
        wide = self.has_class("-wide")
        height = self.records.size.height if wide else self._detail_height
        row, view = self.current, self.session.look()
        lines: list[list[Piece]] = []
        if row is not None and view is not None and height:
            try:
                where, cells = preview.cells_of(view, row.record)
            except DinoError as error:
                lines = paragraph(str(error), width, 2, "bad")
            else:
                rest = _("4 shows the rest") if _conflicts(row) else _("Enter shows the rest")
                lines = detail_lines(row, cells, where, width, height - (0 if wide else 1), rest)
        if not wide and height:
            from dinotui.tui.glyphs import glyphs

            lines = [[(glyphs().rule * width, "rule")], *lines]
        return [*lines, *([[]] * (height - len(lines)))]

    def on_paged_list_moved(self) -> None:
        """Show the record under the cursor."""
        self.query_one("#plan-detail", Page).redraw()
        self.wizard.refresh_commands()

    # commands

    def action_previous_view(self) -> None:
        """Show the view before."""
        self._turn(-1)

    def action_next_view(self) -> None:
        """Show the view after."""
        self._turn(1)

    def _turn(self, by: int) -> None:
        picture = self.picture
        if picture is None:
            return
        there = [
            action
            for action in ACTIONS
            if not action or action == self.view_action or getattr(picture.counts, action)
        ]
        self.show_view(there[(there.index(self.view_action) + by) % len(there)])

    def action_bad(self) -> None:
        """Show only bad rows, or all again."""
        self.show_view("", bad=not self.bad)

    def action_open(self) -> None:
        """Decide about a conflict, fix anything else."""
        row = self.current
        if row is None:
            return
        if _conflicts(row):
            self.wizard.review(row.record)
        else:
            self.action_fix()

    def action_fix(self) -> None:
        """Correct the record."""
        from dinotui.tui.screens.import_fix import FixScreen

        row = self.current
        if row is not None:
            self.wizard.dino.push_screen(FixScreen(self.wizard, row.record))

    def action_swap(self) -> None:
        """Swap entry and exit wherever they stand the wrong way round, or take that back."""
        picture = self.picture
        if picture is None:
            return
        swapping, before = not picture.settings.swap_dates, picture.counts.corrected
        settings = picture.settings.model_copy(update={"swap_dates": swapping})

        def told(now: Picture) -> None:
            count = abs(now.counts.corrected - before)
            text = (
                ngettext(
                    "Entry and exit of {count:,} record are swapped. = takes it back.",
                    "Entry and exit of {count:,} records are swapped. = takes it back.",
                    count,
                )
                if swapping
                else ngettext(
                    "Entry and exit of {count:,} record are as in the file again.",
                    "Entry and exit of {count:,} records are as in the file again.",
                    count,
                )
            )
            self.wizard.dino.say(text.format(count=count), "good" if swapping else "info")

        self.wizard.change("understand", settings, done=told)

    def action_leave_out(self) -> None:
        """Leave a new record out, or take it in again."""
        row = self.current
        if row is None:
            return
        record, out = row.record, row.decision != "skip"
        self.wizard.work(
            _("Planning"),
            lambda store, *_given: self.session.leave_out(record, store, out=out),
            lambda _picture: None,
        )

    def action_countries(self) -> None:
        """Ask about the unknown country names."""
        self.wizard.action_countries()

    def action_rejects(self) -> None:
        """Save the rejected records."""
        from dinotui.tui.screens.import_rejects import save_rejects

        save_rejects(self.wizard)
