"""Export: the settings, beside them what they would write, and the writing of it (SPEC.md 3).

Nothing is written before `w` or Enter on the target or the last line; the engine verifies the file before
it gets its name. The sample is the true output, cleaned as everything that comes from data.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.css.query import NoMatches
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget

from dinotui.domain.configuration import CATEGORIES, ExportConfiguration
from dinotui.domain.dates import from_day, iso_day
from dinotui.domain.errors import DinoError
from dinotui.domain.result import ExportResult
from dinotui.engine.exporting import Preview, default_name, export_to_file, notes, preview
from dinotui.engine.progress import Report
from dinotui.locale import N_, _, ngettext
from dinotui.storage.store import Store
from dinotui.tui.background import Background
from dinotui.tui.cells import clean, cut, cut_left, width_of, wrap
from dinotui.tui.commands import Command, Commanded
from dinotui.tui.glyphs import glyphs
from dinotui.tui.screens.stored import DataScreen, start_store_job
from dinotui.tui.widgets.confirm import Question
from dinotui.tui.widgets.folder import size_text
from dinotui.tui.widgets.form import YES_NO, Field, Form
from dinotui.tui.widgets.line import Lines, Piece
from dinotui.tui.widgets.text_field import TextField

_EXPORT: Final = N_("Export")
_PAUSE: Final = 0.15
"""Seconds without a change before the sample is read."""

_SAMPLE_LINES: Final = 60
_WIDE: Final = 110
_FORM_WIDTH: Final = 52
_SAMPLE_ROWS: Final = 6
"""How many lines the sample has at least where it stands under the form."""

_CATEGORY_LABELS: Final = {
    "trips": N_("Trips"),
    "preferences": N_("Preferences"),
    "notifications": N_("Notifications"),
    "analytics": N_("Statistics"),
}
_FORMATS: Final = (("json", N_("JSON, everything")), ("csv", N_("CSV, trips")), ("xlsx", N_("Excel (XLSX)")))
_PACKING: Final = (("none", N_("none")), ("gzip", N_("gzip")), ("zip", N_("zip")))
_LEVELS: Final = (
    ("1", N_("1, fast")),
    ("2", N_("2")),
    ("3", N_("3")),
    ("4", N_("4")),
    ("5", N_("5, small")),
)

FIELDS: Final = (
    Field("format", N_("Format"), choices=_FORMATS),
    *(
        Field(name, _CATEGORY_LABELS[name], "yes" if name == "trips" else "no", choices=YES_NO)
        for name in CATEGORIES
    ),
    Field("start", N_("From"), hint=N_("YYYY-MM-DD, empty for all")),
    Field("end", N_("To"), hint=N_("YYYY-MM-DD, empty for all")),
    Field("packing", N_("Compression"), choices=_PACKING),
    Field("level", N_("Level"), "3", choices=_LEVELS),
    Field("metadata", N_("Metadata"), "yes", choices=YES_NO),
    Field("personal", N_("No personal data"), choices=YES_NO),
    Field("anonymise", N_("Anonymise"), choices=YES_NO),
    Field("path", N_("File"), hint=N_("where to write"), takes_paths=True),
)

_FAULTY_FIELDS: Final = {"no-category": "trips", "csv-trips-only": "format", "date-range-order": "end"}
"""Which field a refusal of the engine concerns, by its code."""


def configuration_of(values: Mapping[str, str]) -> tuple[ExportConfiguration | None, dict[str, str]]:
    """Return what the form's values ask for, or None and the faults by field name."""
    faults: dict[str, str] = {}
    days: dict[str, date | None] = {}
    for name in ("start", "end"):
        text = values[name].strip()
        day = iso_day(text) if text else None
        if text and day is None:
            faults[name] = _("That is no date. Write it as YYYY-MM-DD, or leave it empty.")
        days[name] = None if day is None else from_day(day)
    if faults:
        return None, faults
    try:
        configuration = ExportConfiguration.model_validate(_wire(values, days))
        notes(configuration)  # refuses what makes no sense together
    except DinoError as error:
        return None, {_FAULTY_FIELDS.get(error.code, "format"): error.message}
    return configuration, {}


def _wire(values: Mapping[str, str], days: Mapping[str, date | None]) -> dict[str, Any]:
    packing = values["packing"]
    return {
        "format": values["format"],
        "includeMetadata": values["metadata"] == "yes",
        "dateRange": dict(days) if any(days.values()) else None,
        "categories": {name: values[name] == "yes" for name in CATEGORIES},
        "compression": {
            "enabled": packing != "none",
            "algorithm": "gzip" if packing == "none" else packing,
            "level": int(values["level"]),
        },
        "privacy": {
            "excludePersonalData": values["personal"] == "yes",
            "anonymizeData": values["anonymise"] == "yes",
        },
    }


def target_of(values: Mapping[str, str]) -> Path:
    """Return the path to write, with ``~`` resolved, from the current folder on."""
    return Path.cwd() / os.path.expanduser(values["path"].strip())


def target_fault(values: Mapping[str, str]) -> str:
    """Return why the target cannot be written, empty when it can (an existing file can)."""
    try:
        path = target_of(values)
        if not values["path"].strip() or path.is_dir():
            return _("Name a file.")
        if "\0" in str(path):
            return _("That is no name for a file.")
        if path.is_symlink():
            return _("That is a symbolic link, and links are not followed. Name the file itself.")
        if not path.parent.is_dir():
            return _("There is no folder {folder}.").format(folder=clean(path.parent))
        if not os.access(path.parent, os.W_OK | os.X_OK):
            return _("The folder {folder} does not let you write.").format(folder=clean(path.parent))
    except (OSError, ValueError):  # a name too long, or one that the file system cannot write
        return _("That is no name for a file.")
    return ""


class WriteLine(Lines, Commanded):
    """The last line of the form: Enter on it writes."""

    can_focus = True
    ACTIONS = (
        Command(
            "export.enter", ("enter", "space"), N_("write"), N_("Write the file"), _EXPORT, palette=False
        ),
    )

    class Chosen(Message):
        """The file is to be written."""

    def on_mount(self) -> None:
        """Take the user's keys."""
        self.bind_actions(getattr(self.app, "key_map", {}))

    def lines(self, width: int) -> list[list[Piece]]:
        """Return the one line."""
        text = cut(clean(_("Write the file")), width - 6)
        mark = ("> ", "key") if self.has_focus else ("  ", "")
        return [[mark, (f"[ {text} ]", "strong" if self.has_focus else "")]]

    def on_focus(self) -> None:
        """Show the mark."""
        self.refresh()

    def on_blur(self) -> None:
        """Take the mark off."""
        self.refresh()

    def action_enter(self) -> None:
        """Ask the screen to write."""
        self.post_message(self.Chosen())


class ExportForm(Form):
    """The settings, with the line that writes under them: the arrows reach it as they reach a field."""

    def __init__(self, fields: Sequence[Field], *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(fields, id=id)
        self.write_line = WriteLine()

    def compose(self) -> ComposeResult:
        """Lay out the fields and the line that writes."""
        yield from super().compose()
        yield self.write_line

    def _go(self, by: int) -> None:
        controls: list[Widget] = [row.control for row in self._rows.values() if row.display]
        controls.append(self.write_line)
        here = next((index for index, control in enumerate(controls) if control.has_focus), 0)
        controls[(here + by) % len(controls)].focus()

    @property
    def rows(self) -> int:
        """How many lines the form has without faults."""
        return 1 + sum(row.display for row in self._rows.values())

    def show_level(self, *, shown: bool) -> None:
        """Show the level of compression only where it does something."""
        self._rows["level"].display = shown

    def mark(self, faults: Mapping[str, str]) -> None:
        """Show faults where they are, without moving the cursor."""
        for name, row in self._rows.items():
            row.show_fault(faults.get(name, ""))


class Sample(Lines):
    """What would be written: count, size, checks, then the first lines of the true output."""

    def __init__(self, shown: Callable[[int], Sequence[Sequence[Piece]]]) -> None:
        super().__init__(id="export-sample")
        self._shown = shown

    def lines(self, width: int) -> Sequence[Sequence[Piece]]:
        """Return the lines; those under the lower edge are not drawn."""
        return self._shown(width)


class ExportScreen(DataScreen):
    """Settings, a live sample of the real output, checks, and the writing of the file."""

    memory = "export"
    ACTIONS: ClassVar[tuple[Command, ...]] = (
        Command(
            "export.write",
            ("w",),
            N_("write"),
            N_("Write the file; Enter on the last line does the same"),
            _EXPORT,
            enabled=lambda screen: screen.idle or _("a file is being written"),
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
        return _(_EXPORT)

    def right_text(self) -> str:
        """Return how many records the file would hold."""
        return _records(self._preview.records) if self._preview else ""

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
            control = self.form.control("path")
            assert isinstance(control, TextField)
            control.cursor_position = len(self._automatic)

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

        def read(store: Store, publish: Callable[[Any], None], _cancelled: object) -> None:
            publish(preview(configuration, store, _SAMPLE_LINES))

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
        """Return count and size, the checks, a rule, and the sample, of which some is always in sight."""
        found = self._preview
        head = ""
        if found is not None:
            size = size_text(found.estimated_bytes)
            head = _("{records}, about {size}").format(records=_records(found.records), size=size)
        elif self._configuration is not None and not self._failure:
            head = _("Reading...")
        checks = self._check_lines(width)
        room = max(1, self.query_one(Sample).size.height - 3)
        if len(checks) > room:
            more = _("and more, on a larger screen")
            checks = [*checks[: room - 1], [("   " + cut(clean(more), width - 4), "dim")]]
        lines = [_rule(head, width), *checks, _rule(_("sample"), width)]
        rows = found.text.split("\n") if found is not None else []
        return [*lines, *([(" " + cut(clean(row[: width * 8]), width - 1), "")] for row in rows)]

    def _check_lines(self, width: int) -> list[list[Piece]]:
        result = self._result
        if result is not None:
            sign, style = "=", "good"
            text = _("written: {path}").format(path=result.path)
            return [[(f" {sign} ", style), (cut_left(clean(text), width - 4), style)]]
        lines: list[list[Piece]] = []
        if self._failure:
            lines += _said(self._failure, "bad", width)
        for fault in self._faults.values():
            lines += _said(fault, "bad", width)
        values = self.form.values
        fault = target_fault(values)
        if fault:
            lines += _said(fault, "bad", width)
        elif os.path.lexists(target_of(values)):
            lines += _said(_("The file exists: you are asked before it is replaced."), "warn", width)
        else:
            lines += _said(_("The file is new and its folder can be written."), "good", width)
        for note in self._preview.notes if self._preview is not None else ():
            lines += _said(note, "", width)
        return lines

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
        start_store_job(self, _("Exporting"), work, self._written, refused)
        self.refresh_commands()

    def _written(self, result: ExportResult) -> None:
        self._writing, self._result = False, result
        self.query_one(Sample).refresh()
        if self.is_current and not self.asking:
            self.form.write_line.focus()  # no text field: y copies the path
        text = _("{path}: {records}, {size}, verified.").format(
            path=result.path, records=_records(result.records), size=size_text(result.bytes)
        )
        self.dino.say(text, "good")
        self.refresh_commands()


def _rule(title: str, width: int) -> list[Piece]:
    """Return a line across with a title in it."""
    if not title:
        return [(glyphs().rule * width, "rule")]
    text = cut(clean(title), width - 4)
    rest = glyphs().rule * max(0, width - width_of(text) - 3)
    return [(glyphs().rule + " ", "rule"), (text, "strong"), (" " + rest, "rule")]


def _records(count: int) -> str:
    return ngettext("{count:,} record", "{count:,} records", count).format(count=count)


def _said(text: str, style: str, width: int) -> list[list[Piece]]:
    """Return a sentence with a sign that says without colour how it is meant."""
    sign = {"bad": "!", "warn": "!", "good": "="}.get(style, "-")
    parts = wrap(clean(text), width - 4, 3)
    return [
        [(f" {sign} " if number == 0 else "   ", style), (part, style)] for number, part in enumerate(parts)
    ]
