"""Step 5 of an import: the last look, the writing, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar, Final

from textual.app import ComposeResult

from dinotui.domain.errors import DinoError
from dinotui.domain.result import ImportResult
from dinotui.engine import history
from dinotui.engine.importing.applying import PlanChanged
from dinotui.engine.progress import Report, Stop
from dinotui.locale import N_, _, ngettext
from dinotui.storage.store import Store
from dinotui.tui import doors, undoing
from dinotui.tui.commands import Command, State
from dinotui.tui.done_rows import Lines, fitted, ready_lines, result_lines
from dinotui.tui.import_session import Picture
from dinotui.tui.screens.import_step import Page, Step
from dinotui.tui.widgets.confirm import Question
from dinotui.tui.widgets.line import Piece

_DONE: Final = N_("Done")


def _can_write(step: DoneStep) -> State:
    if step.session.busy:
        return _("the import is being worked on")
    return _("the import is written") if step.session.result is not None else True


def _can_undo(step: DoneStep) -> State:
    if step.session.busy:
        return _("the import is being worked on")
    picture = step.picture
    if step.session.result is not None or (picture and (picture.review.decided or picture.review.later)):
        return True
    return _("nothing is written or decided yet")


def _is_written(step: DoneStep) -> State:
    return True if step.session.result is not None else _("nothing is written yet")


def _waits(step: DoneStep) -> State:
    result = step.session.result
    if result is None or step.session.busy:
        return _("nothing is written yet")
    return True if result.summary.pending else _("no conflict is set aside")


def _has_rejects(step: DoneStep) -> State:
    if step.session.busy:
        return _("the import is being worked on")
    if step.session.result is None:
        waiting = step.picture is not None and step.picture.counts.reject
        return True if waiting else _("no record is rejected")
    return True if step.session.rejects is not None else _("no record was rejected")


class DoneStep(Step):
    """First what would happen, then what happened."""

    ACTIONS: ClassVar[tuple[Command, ...]] = (
        Command(
            "done.write",
            ("enter",),
            N_("import now"),
            N_("Carry the plan out; can be undone"),
            _DONE,
            enabled=_can_write,
        ),
        Command(
            "done.undo",
            ("u", "-"),
            N_("undo"),
            N_(
                "Undo this import, after saying what that does; before it is written, take the last decision back"
            ),
            _DONE,
            enabled=_can_undo,
        ),
        Command("done.trips", ("1", "t"), N_("trips"), N_("Go to the trips"), _DONE, enabled=_is_written),
        Command(
            "done.details",
            ("2", "h"),
            N_("what changed"),
            N_("Every row of the import, before and after"),
            _DONE,
            enabled=_is_written,
        ),
        Command(
            "done.rejects",
            ("s", "\\"),
            N_("save rejects"),
            N_("Save the rejected records as a CSV file"),
            _DONE,
            enabled=_has_rejects,
        ),
        Command(
            "done.review",
            ("v", "5"),
            N_("decide the rest"),
            N_("Decide about the conflicts that were set aside"),
            _DONE,
            enabled=_waits,
        ),
        Command(
            "done.another",
            ("+", "i"),
            N_("another file"),
            N_("Import another file"),
            _DONE,
            enabled=_is_written,
            footer=False,
        ),
    )

    def compose(self) -> ComposeResult:
        """Lay out the page."""
        yield Page(self._lines, taking=True, id="done-page")

    def enter(self) -> None:
        """Take the keys."""
        self.query_one(Page).focus()

    def show(self) -> None:
        """Show how it stands."""
        self.query_one(Page).redraw()

    def on_resize(self) -> None:
        """Say as much as there is room for."""
        self.show()

    def _lines(self, width: int) -> Sequence[Sequence[Piece]]:
        return fitted(self._all_lines(width), width, self.size.height)

    def _all_lines(self, width: int) -> Lines:
        result, picture = self.session.result, self.picture
        if result is not None:
            undone = self._undone()
            backup = self.session.backup
            return result_lines(
                result, self.wizard.source, backup, width, self.app.size.height, undone=undone
            )
        return ready_lines(picture, width) if picture is not None else []

    def _undone(self) -> bool:
        """Tell whether the import was undone meanwhile, here or elsewhere."""
        result = self.session.result
        if result is None or result.metadata.operation_id is None:
            return False
        try:
            found = history.find_operation(self.wizard.store, result.metadata.operation_id)
        except DinoError:
            return False
        return found.entry.state == "undone"

    # writing

    def action_write(self) -> None:
        """Carry the plan out; replacing trips is asked about first."""
        picture = self.picture
        if picture is None:
            return
        removed = picture.counts.remove
        if picture.configuration.strategy != "replace" or not removed:
            self._write()
            return
        text = (
            ngettext(
                "{count:,} of your trips goes: the file replaces what you have. A backup is made first.",
                "{count:,} of your trips go: the file replaces what you have. A backup is made first.",
                removed,
            )
            if picture.configuration.backup.create_backup
            else ngettext(
                "{count:,} of your trips goes: the file replaces what you have. No backup is made.",
                "{count:,} of your trips go: the file replaces what you have. No backup is made.",
                removed,
            )
        )
        yes = ngettext("replace {count:,} trip", "replace {count:,} trips", removed).format(count=removed)
        self.wizard.ask(
            Question(
                text.format(count=removed), yes, _("go back"), lambda said: self._write() if said else None
            )
        )

    def _write(self) -> None:
        def do(store: Store, report: Report, cancelled: Stop) -> ImportResult:
            return self.session.apply(store, report, cancelled)

        self.wizard.say("")
        self.wizard.work(_("Writing"), do, self._written, self._refused)

    def _written(self, result: ImportResult) -> None:
        self.wizard.look()
        self.enter()
        summary = result.summary
        if summary.imported or summary.updated or summary.removed:
            self.wizard.dino.say(_("Imported. u undoes all of it, now or later."), "good")
        else:
            self.wizard.dino.say(_("Imported: there was nothing to change."), "good")

    def _refused(self, error: DinoError) -> None:
        """Say why; a plan that has changed is shown again."""
        self.wizard.dino.say(str(error), "warn" if error.code == "cancelled" else "error")
        if isinstance(error, PlanChanged):
            self.wizard.work(_("Counting"), lambda *_given: self.session.take_picture(), self._changed)
        elif error.code == "invalid-records":
            self.wizard.go("check")

    def _changed(self, picture: Picture) -> None:
        """Show the plan of now, and which rows are new in it."""
        self.wizard.go("check")
        rows = ", ".join(str(number) for number in picture.affected[:8])
        more = _(" and more") if len(picture.affected) > 8 else ""
        self.wizard.dino.say(
            ngettext(
                "Your trips changed meanwhile; record {rows} is planned anew. Look again, then n.",
                "Your trips changed meanwhile; records {rows} are planned anew. Look again, then n.",
                len(picture.affected),
            ).format(rows=rows + more),
            "warn",
        )

    # afterwards

    def action_undo(self) -> None:
        """Undo this import; before it is written, take the last decision back."""
        result = self.session.result
        if result is None:
            self.wizard.review(take_back=True)
        elif result.metadata.operation_id is not None:
            try:
                operation = history.find_operation(self.wizard.store, result.metadata.operation_id)
            except DinoError as error:
                self.wizard.dino.say(str(error), "error")
            else:
                undoing.ask(self.wizard, "undo", operation)

    def action_trips(self) -> None:
        """Go to the trips."""
        doors.open_trips(self.wizard)

    def action_details(self) -> None:
        """Show what the import changed."""
        result = self.session.result
        if result is not None and result.metadata.operation_id is not None:
            doors.open_operation(self.wizard, result.metadata.operation_id)

    def action_rejects(self) -> None:
        """Save the rejected records: those of the plan, or those that were kept aside when it was written."""
        from dinotui.tui.screens.import_rejects import ask_and_save, save_rejects

        if self.session.result is None:
            save_rejects(self.wizard)
            return

        def write(target: Path, saved: Callable[[int], None]) -> None:
            saved(self.session.copy_rejects(target))

        ask_and_save(self.wizard, write)

    def action_review(self) -> None:
        """Decide about what was set aside."""
        self.wizard.review_rest()

    def action_another(self) -> None:
        """Import another file."""
        self.wizard.choose_files()
