"""Export: the settings, beside them what they would write, and the writing of it (SPEC.md 3).

Nothing is written before `w` or Enter on the target or the last line; the engine verifies the file before
it gets its name. The sample is the true output, cleaned as everything that comes from data.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.css.query import NoMatches
from textual.timer import Timer

from dinotui.domain.configuration import ExportConfiguration
from dinotui.domain.errors import DinoError
from dinotui.domain.result import ExportResult
from dinotui.engine.exporting import Preview, default_name, export_to_file, other_categories, preview
from dinotui.engine.progress import Report
from dinotui.locale import N_, _
from dinotui.storage.store import Store
from dinotui.tui.background import Background
from dinotui.tui.commands import Command
from dinotui.tui.export_rows import SampleState, contents_text, sample_lines
from dinotui.tui.export_settings import FIELDS, configuration_of, target_fault, target_of, values_of
from dinotui.tui.screens.stored import DataScreen, start_store_job
from dinotui.tui.widgets.confirm import Question
from dinotui.tui.widgets.export_form import EXPORT, ExportForm, Sample, WriteLine
from dinotui.tui.widgets.folder import size_text
from dinotui.tui.widgets.form import Form
from dinotui.tui.widgets.line import Piece
from dinotui.tui.widgets.text_field import TextField

_PAUSE: Final = 0.15
"""Seconds without a change before the sample is read."""

_SAMPLE_LINES: Final = 60
_WIDE: Final = 110
_FORM_WIDTH: Final = 52
_SAMPLE_ROWS: Final = 6
"""How many lines the sample has at least where it stands under the form."""


class ExportScreen(DataScreen):
    """Settings, a live sample of the real output, checks, and the writing of the file."""

    memory = "export"
    ACTIONS: ClassVar[tuple[Command, ...]] = (
        Command(
            "export.write",
            ("w",),
            N_("write"),
            N_("Write the file; Enter on the last line does the same"),
            EXPORT,
            enabled=lambda screen: screen.idle or _("a file is being written"),
        ),
        Command(
            "export.profiles",
            ("5", "s"),
            N_("saved"),
            N_("Settings saved under names: use, save, delete"),
            EXPORT,
        ),
    )

    def __init__(self) -> None:
        super().__init__()
        self._begun = default_name(ExportConfiguration())
        self._automatic = str(Path.cwd() / self._begun)
        self._configuration: ExportConfiguration | None = None
        self._faults: dict[str, str] = {}
        self._preview: Preview | None = None
        self._failure = ""
        self._result: ExportResult | None = None
        self._reading = Background()
        self._timer: Timer | None = None
        self._writing = False

    @property
    def form(self) -> ExportForm:
        """The settings."""
        return self.query_one(ExportForm)

    @property
    def idle(self) -> bool:
        """Whether no file is being written."""
        return not self._writing

    @property
    def filters(self) -> bool:
        """A form has nothing to filter."""
        return False

    def title_text(self) -> str:
        """Return its crumb."""
        return _(EXPORT)

    def right_text(self) -> str:
        """Return how many records the file would hold."""
        found = self._preview
        return contents_text(found.records, found.others) if found else ""

    def copy_text(self) -> str:
        """Return the path of the file that was written, else of the one to write."""
        return self._result.path if self._result else str(target_of(self.form.values))

    def body(self) -> ComposeResult:
        """Yield settings and sample."""
        yield ExportForm(FIELDS, id="export")
        yield Sample(self._lines)

    def on_resize(self) -> None:
        """Put the sample beside the settings where there is room, else under them."""
        wide = self.size.width >= _WIDE
        self.set_class(wide, "-wide")
        try:
            form, room = self.form, self.query_one("#body").size.height
        except NoMatches:
            return
        form.styles.width = _FORM_WIDTH if wide else "100%"
        form.styles.height = "1fr" if wide else max(3, min(form.rows, room - _SAMPLE_ROWS))

    # keeping what was set

    def save_state(self) -> dict[str, Any]:
        """Keep the settings; a name that nobody typed is made anew on return."""
        values = self.form.values
        if values["path"] == self._automatic:
            values["path"] = ""
        return {"values": values}

    def restore_state(self, state: Mapping[str, Any]) -> None:
        """Bring the settings back."""
        self.form.set_values(state["values"])

    def ready(self) -> None:
        """Begin in the first field with the sample under way."""
        self._settings_changed()
        self.form.focus_field("format")
        self.call_after_refresh(self.on_resize)

    def data_changed(self) -> None:
        """Read the sample anew: somebody changed the data."""
        self._read_soon()

    def relabel(self) -> None:
        """Say everything in the language of now, the faults and notes too."""
        super().relabel()
        self._settings_changed()

    def on_unmount(self) -> None:
        """End what is being read."""
        self._reading.stop()

    # what it would write

    def on_form_changed(self, event: Form.Changed) -> None:
        """Follow a setting: name, faults and sample."""
        event.stop()
        if event.name == "path":
            if event.value != self._automatic:
                self._result = None
            self._show_faults()
        else:
            self._result = None
            self._settings_changed()

    def _settings_changed(self) -> None:
        self._configuration, self._faults = configuration_of(self.form.values)
        self.form.show_level(shown=self.form.values["packing"] != "none")
        self.on_resize()
        if self._configuration is not None:
            self._follow_name(self._configuration)
        self._show_faults()
        self._read_soon()

    def _follow_name(self, configuration: ExportConfiguration) -> None:
        """Let the name follow the format until the user writes one."""
        shown = self.form.values["path"]
        follows = shown in ("", self._automatic)
        self._automatic = str(Path.cwd() / default_name(configuration))
        if follows and shown != self._automatic:
            self.form.set_values({"path": self._automatic})
            self.call_after_refresh(self._show_name)

    def _show_name(self) -> None:
        """Bring the end of the path in sight: the name says more than the folder."""
        control = self.form.control("path")
        assert isinstance(control, TextField)
        control.cursor_position = 0
        control.cursor_position = len(control.value)

    def _show_faults(self) -> None:
        self.form.mark(self._faults)
        self.query_one(Sample).refresh()
        self.refresh_commands()

    def _read_soon(self) -> None:
        self._reading.stop()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(_PAUSE, self._read)

    def _read(self) -> None:
        configuration = self._configuration
        if configuration is None:
            self._got(None)
            return

        def read(store: Store, publish: Callable[[Any], None], cancelled: Callable[[], bool]) -> None:
            publish(preview(configuration, store, _SAMPLE_LINES, cancelled=cancelled))

        self._reading.start(self.store, read, self._got, self._no_sample)

    def _got(self, found: Preview | None) -> None:
        self._preview, self._failure = found, ""
        self.query_one(Sample).refresh()
        self.refresh_commands()

    def _no_sample(self, error: DinoError) -> None:
        self._got(None)
        self._failure = error.message
        self.query_one(Sample).refresh()

    def _lines(self, width: int) -> list[list[Piece]]:
        """Return what the sample shows."""
        values = self.form.values
        state = SampleState(
            found=self._preview,
            reading=self._configuration is not None and not self._failure,
            faults=[text for text in (self._failure, *self._faults.values(), target_fault(values)) if text],
            exists=os.path.lexists(target_of(values)),
            written=self._result.path if self._result else "",
            hidden=self.form.max_scroll_y > self.form.scroll_y,
        )
        return sample_lines(state, width, self.query_one(Sample).size.height)

    # writing

    @on(WriteLine.Chosen)
    def _chosen(self, event: WriteLine.Chosen) -> None:
        event.stop()
        self.action_write()

    def on_form_accepted(self, event: Form.Accepted) -> None:
        """Write on Enter in the last field; in another one Enter goes on to the next."""
        event.stop()
        if self.form.control("path").has_focus:
            self.action_write()
        else:
            self.form.action_down()

    def action_profiles(self) -> None:
        """Open the settings that are saved under names; those that are chosen there are taken over."""
        from dinotui.tui.screens.profiles import ProfilesScreen

        def chosen(configuration: ExportConfiguration | None) -> None:
            if configuration is not None:
                self.form.set_values(values_of(configuration))
                self._settings_changed()

        self.dino.push_screen(ProfilesScreen(self._configuration), chosen)

    def action_write(self) -> None:
        """Check and write; an existing file is replaced only after a yes."""
        if self._writing:
            return
        values = self.form.values
        self._configuration, self._faults = configuration_of(values)
        fault = target_fault(values)
        faults = {**self._faults, "path": fault} if fault else self._faults
        if faults or self._configuration is None:
            self.form.show_faults(faults)
            self.say(_("Not written yet: see the marked fields."), "warn")
        elif os.path.lexists(target_of(values)):
            self._ask(self._configuration, target_of(values))
        else:
            self._write(self._configuration, target_of(values), force=False)

    def _ask(self, configuration: ExportConfiguration, target: Path) -> None:
        def answered(yes: bool) -> None:
            if yes:
                self._write(configuration, target, force=True)

        text = _("{path} exists. Replacing it cannot be undone.").format(path=target)
        self.ask(Question(text, _("replace it"), _("keep it"), answered))

    def _write(self, configuration: ExportConfiguration, target: Path, *, force: bool) -> None:
        def work(store: Store, report: Report, cancelled: Callable[[], bool]) -> ExportResult:
            return export_to_file(
                configuration, target, store, force=force, report=report, cancelled=cancelled
            )

        def refused(error: DinoError) -> None:
            self._writing = False
            self.refresh_commands()
            if error.code == "file-exists" and self.is_current:  # somebody took the name meanwhile
                self._ask(configuration, target)
            else:
                self.dino.say(str(error), "warn" if error.code == "cancelled" else "error")

        self._writing, self._result = True, None
        start_store_job(
            self, _("Exporting"), work, lambda result: self._written(result, configuration), refused
        )
        self.refresh_commands()

    def _written(self, result: ExportResult, configuration: ExportConfiguration) -> None:
        self._writing, self._result = False, result
        self.query_one(Sample).refresh()
        if self.is_current and not self.asking:
            self.form.write_line.focus()  # no text field: y copies the path
        text = _("{path}: {records}, {size}, verified.").format(
            path=result.path,
            records=contents_text(result.records, other_categories(configuration)),
            size=size_text(result.bytes),
        )
        self.dino.say(text, "good")
        self.refresh_commands()
