"""The import wizard: file, map, check, review, done. Nothing is written before the last step says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult

from dinotui.domain.configuration import ImportConfiguration, by_hand
from dinotui.domain.errors import DinoError, NeedsAnswer
from dinotui.domain.presets import REMEMBERED
from dinotui.domain.settings import ImportSettings
from dinotui.engine.progress import Report, Stop
from dinotui.locale import N_, _
from dinotui.storage import oplog
from dinotui.storage.store import Store
from dinotui.tui.commands import Command
from dinotui.tui.import_session import (
    STEPS,
    Depth,
    ImportSession,
    Picture,
    StepName,
    planned_anew_text,
    step_of,
)
from dinotui.tui.messages import FilterChanged, PathsDropped
from dinotui.tui.plan_rows import on_screen, step_bar
from dinotui.tui.recent import recent_files, remember_files
from dinotui.tui.screens.import_asking import ask_countries, ask_discard, choose_preset, choose_table
from dinotui.tui.screens.import_check import CheckStep
from dinotui.tui.screens.import_commands import COMMANDS
from dinotui.tui.screens.import_done import DoneStep
from dinotui.tui.screens.import_file import FileStep
from dinotui.tui.screens.import_map import MapStep
from dinotui.tui.screens.import_step import Step
from dinotui.tui.screens.session_screen import SessionScreen
from dinotui.tui.widgets.paged_list import PagedList


class ImportWizard(SessionScreen):
    """Imports `paths`, or asks for files where there are none. Leaving keeps the import staged."""

    ACTIONS: ClassVar[tuple[Command, ...]] = COMMANDS

    def __init__(
        self,
        paths: Sequence[Path] = (),
        *,
        session: ImportSession | None = None,
        import_id: str = "",
        step: StepName = "check",
    ) -> None:
        """Take files to read, a session under way, or the id of an import that waits."""
        super().__init__()
        self.paths = tuple(paths)
        self.session = session or ImportSession()
        self.step: StepName = "file"
        self.refusal = ""
        """Why the files could not be read, to be shown on the first step."""
        self._import_id = import_id
        self._begin_at = step
        self._asked_countries = False

    @classmethod
    def resume(cls, import_id: str) -> ImportWizard:
        """Return the wizard over an import that waits, at the step where it was left."""
        return cls(import_id=import_id)

    # the frame

    def title_text(self) -> str:
        """Return its crumb: the import and what it is of."""
        return f"{_('Import')} > {self.source}" if self.source else _("Import")

    def right_text(self) -> str:
        """Return the steps."""
        return step_bar(STEPS.index(self.step), self.app.size.width)

    def body(self) -> ComposeResult:
        """Yield the steps; one is shown at a time."""
        yield FileStep(id="step-file")
        yield MapStep(id="step-map")
        yield CheckStep(id="step-check")
        yield DoneStep(id="step-done")

    def step_widget(self, name: StepName) -> Step:
        """Return the widget of a step."""
        return self.query_one(f"#step-{name}", Step)

    @property
    def filters(self) -> bool:
        """The plan can be filtered."""
        return self.step == "check"

    def copy_text(self) -> str:
        """Copy the row of the list in front."""
        return super().copy_text() if self.step in ("map", "check") else ""

    def ready(self) -> None:
        """Begin where the import stands."""
        self._place("file")
        if self._import_id:
            self._reopen()
        elif self.session.picture is not None:
            self.go(self._begin_at)
            self.tell_planned_anew()
        elif self.paths:
            self.read(self.paths)
        else:
            self.call_after_refresh(self.choose_files)

    def _place(self, step: StepName) -> None:
        self.step = step
        for name in STEPS:
            if name != "review":
                self.step_widget(name).display = name == step
        self.step_widget(step).show()
        self.step_widget(step).enter()
        self.refresh_commands()

    def go(self, step: StepName) -> None:
        """Show a step and remember that the import stands there."""
        if step != "check" and self.filter_text:
            super().go_back()
        self._place(step)
        staging = self.session.staging
        if staging is not None and not self.session.busy and step in ("map", "check"):
            staging.set_meta(step=step)

    def session_changed(self) -> None:
        """Show the session as it is now."""
        self.step_widget(self.step).show()
        self.refresh_commands()

    # work

    def change(
        self,
        depth: Depth,
        settings: ImportSettings | None = None,
        configuration: ImportConfiguration | None = None,
        done: Callable[[Picture], None] = lambda _picture: None,
        failed: Callable[[DinoError], None] | None = None,
    ) -> bool:
        """Take other settings; the plan follows."""
        picture = self.picture
        if picture is None:
            return False
        wanted = settings or picture.settings, configuration or picture.configuration

        def do(store: Store, report: Report, cancelled: Stop) -> Picture:
            return self.session.change(depth, *wanted, store, report, cancelled)

        return self.work(_("Planning"), do, done, failed)

    def _reopen(self) -> None:
        def do(store: Store, report: Report, cancelled: Stop) -> Picture:
            return self.session.reopen(self._import_id, store, report, cancelled)

        def opened(picture: Picture) -> None:
            self.paths = picture.files
            step = step_of(self.session.held)
            self.go("map" if step == "map" else "check")
            if step == "review" and picture.review.conflicts:
                self.review()
            self.tell_planned_anew()

        self.work(_("Opening the import"), do, opened, self.refused)

    # files

    def choose_files(self) -> None:
        """Open the file picker."""
        from dinotui.tui.screens.file_picker import FilePicker

        def chosen(paths: Sequence[Path] | None) -> None:
            if paths:
                self.read(tuple(paths))
            elif self.picture is None and not self.paths:
                self.leave()

        start = self.paths[0].parent if self.paths else None
        self.dino.push_screen(FilePicker(recent_files(self.store), start, N_("Choose files")), chosen)

    def on_paths_dropped(self, event: PathsDropped) -> None:
        """Read files dropped while there is no import under way here; otherwise they begin one of their own."""
        if self.picture is None and not self.session.busy and not self.asking:
            event.stop()
            self.read(event.paths)

    def read(
        self, paths: Sequence[Path], settings: ImportSettings | None = None, tables: Sequence[str] = ()
    ) -> None:
        """Read `paths` into a staged import of their own; `tables` are those that could be chosen from."""
        if self.session.busy:
            self.dino.say(_("The import is still being worked on."), "warn")
            return
        self._let_go()
        self.paths = tuple(paths)
        self.refusal = ""
        wanted = settings or ImportSettings(preset=REMEMBERED)

        def do(store: Store, report: Report, cancelled: Stop) -> Picture:
            return self.session.begin(paths, wanted, by_hand(), store, report, cancelled, tables)

        def refused(error: DinoError) -> None:
            if isinstance(error, NeedsAnswer) and error.code == "choose-table":
                choose_table(self, wanted)
            else:
                self.refused(error)

        self.work(_("Reading"), do, self._read, refused)
        self._place("file")

    def _let_go(self) -> None:
        """Part with the import so far: one that nobody decided anything about is not worth keeping."""
        picture = self.picture
        if (
            picture is not None
            and self.session.result is None
            and not (picture.review.decided or picture.review.later)
        ):
            self.session.discard()
        self.session.close()
        self.session = ImportSession()
        self._asked_countries = False

    def _read(self, picture: Picture) -> None:
        remember_files(self.store, self.paths)
        unsure = picture.questions or any(
            table.mapping.doubtful() or any(match.contested for match in table.mapping.columns)
            for table in picture.tables
        )
        self.go("map" if unsure else "check")
        self.say("")
        if not unsure:
            self.ask_countries()

    def refused(self, error: DinoError) -> None:
        """Say on the first step why nothing was read."""
        self.refusal = str(error)
        if error.code == "cancelled":
            self.refusal = _("Stopped. Nothing was read.")
        self.go("file")
        self.dino.say(self.refusal, "warn" if error.code == "cancelled" else "error")

    # going on and back

    def action_next(self) -> None:
        """Go on to the next step, unless something has to be answered first."""
        picture = self.picture
        if picture is None:
            return
        if self.step == "file":
            self.go("map")
        elif self.step == "map":
            step = self.step_widget("map")
            if not (isinstance(step, MapStep) and step.flush(self.action_next)):
                self._leave_map(picture)
        elif self.step == "check":
            if picture.review.undecided:
                self.review()
            else:
                self.go("done")

    def _leave_map(self, picture: Picture) -> None:
        if picture.questions:
            self.step_widget("map").enter()
            self.say(
                _("Answer first: {question}").format(question=on_screen(picture.questions[0].text)), "warn"
            )
            return
        self.go("check")
        self.ask_countries()

    def ask_countries(self) -> None:
        """Ask about country names without a code, once an import by itself."""
        if self.picture and self.picture.open_countries and not self._asked_countries:
            self.action_countries()

    def action_countries(self) -> None:
        """Ask which countries the names without a code mean."""
        if self.picture is not None:
            self._asked_countries = True
            ask_countries(self, self.picture)

    def review(self, record: int | None = None, *, take_back: bool = False) -> None:
        """Open the review, at `record` where one is given, or taking the newest decision back."""
        from dinotui.tui.screens.review import ReviewScreen

        def closed(go_on: bool | None) -> None:
            self.work(
                _("Counting"), lambda *_given: self.session.take_picture(), counted if go_on else _ignore
            )

        def counted(picture: Picture) -> None:
            if picture.review.undecided == 0:
                self.go("done")

        self.session.held.set_meta(step="review")
        self.dino.push_screen(
            ReviewScreen(self.session.import_id, session=self.session, record=record, take_back=take_back),
            closed,
        )

    def review_rest(self) -> None:
        """After writing: decide about the conflicts that were set aside."""
        session, self.session = self.session, ImportSession()
        import_id = session.import_id
        session.close()
        if import_id:
            self.dino.switch_screen(ImportWizard.resume(import_id))

    @property
    def source(self) -> str:
        """The names of the files."""
        return self.picture.source if self.picture else ", ".join(path.name for path in self.paths)

    def action_previous(self) -> None:
        """Go back one step."""
        before: dict[StepName, StepName] = {"done": "check", "check": "map"}
        if self.step in before:
            self.go(before[self.step])
        else:
            self.choose_files()

    def go_back(self) -> bool:
        """Go back one layer: the filter, a running job, the step before."""
        if super().go_back():
            return True
        if self.session.result is None and self.step in ("done", "check"):
            self.action_previous()
            return True
        return False

    def leave(self) -> None:
        """Leave; the import stays staged and can be resumed."""
        picture = self.picture
        stays = picture is not None and self.session.staging is not None and self.session.result is None
        source = picture.source if picture else ""
        self.session.close()
        super().leave()
        if stays:
            text = _("The import of {source} waits: nothing is lost, Home offers to go on.")
            self.dino.call_later(self.dino.say, text.format(source=source))

    def on_unmount(self) -> None:
        """Let go of the import however the screen ends."""
        self.session.close()

    def action_options(self) -> None:
        """Open the options of the step."""
        from dinotui.tui.screens.import_options import OptionsScreen

        self.dino.push_screen(OptionsScreen(self, reading=self.step == "map"))

    def action_presets(self) -> None:
        """Choose a preset for this file, or save one."""
        choose_preset(self)

    def action_discard(self) -> None:
        """Ask whether to throw the import away."""
        ask_discard(self)

    # changes from elsewhere

    def data_changed(self) -> None:
        """Plan again when the user's trips changed meanwhile."""
        session = self.session
        if session.result is not None:
            self.session_changed()  # the import may have been undone
        if session.busy or session.picture is None or session.staging is None or session.result is not None:
            return
        if session.staging.meta("revision") == oplog.revision(self.store):
            return

        def told(picture: Picture) -> None:
            self.dino.say(planned_anew_text(picture), "warn")

        self.work(_("Planning"), session.plan_again, told)

    def on_filter_changed(self, event: FilterChanged) -> None:
        """Show only what holds the filter's words."""
        event.stop()
        self.step_widget(self.step).filtered(event.text)

    def relabel(self) -> None:
        """Show everything in the language of now."""
        self.session_changed()
        for rows in self.query(PagedList):
            rows.reload()
        super().relabel()


def _ignore(_picture: object) -> None:
    """Do nothing more: the step shows it already."""
