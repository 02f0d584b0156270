"""How an import is read and planned: every change takes effect at once, and the counts follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual.app import ComposeResult
from textual.timer import Timer

from dinotui.domain.configuration import ImportConfiguration, LevelActions
from dinotui.domain.errors import DinoError
from dinotui.domain.settings import ALL_TABLES, ImportSettings
from dinotui.locale import N_, _
from dinotui.tui.commands import Command
from dinotui.tui.import_session import Depth, Picture
from dinotui.tui.map_rows import delimiter_label, reading_text
from dinotui.tui.plan_rows import dates_lines, facts_line, on_screen, paragraph, view_pieces
from dinotui.tui.screens.base import DinoScreen
from dinotui.tui.screens.import_step import Page
from dinotui.tui.widgets.form import YES_NO, Field, Form
from dinotui.tui.widgets.line import Piece

if TYPE_CHECKING:
    from dinotui.tui.screens.importing import ImportWizard

_OPTIONS: Final = N_("Options")
_PAUSE: Final = 0.35
_AUTO: Final = ""
_ENCODINGS: Final = (
    "utf-8",
    "utf-16",
    "cp949",
    "cp1252",
    "cp1250",
    "cp1251",
    "cp932",
    "gb18030",
    "mac_roman",
    "iso8859_1",
)
_DELIMITERS: Final = ((",", N_("comma")), (";", N_("semicolon")), ("\t", N_("tab")), ("|", N_("pipe")))
_HEADER_ROWS: Final = 12
_FRAME: Final = 10
"""Lines of the screen that hold neither an option nor what is said of the file: frame, padding, counts."""


class OptionsScreen(DinoScreen):
    """A form whose changes take effect at once: `reading` for how the file is read, else for the plan."""

    ACTIONS: ClassVar[tuple[Command, ...]] = (
        Command(
            "options.done", ("enter", "o"), N_("done"), N_("Back to the import; the options hold"), _OPTIONS
        ),
    )

    def __init__(self, wizard: ImportWizard, *, reading: bool) -> None:
        super().__init__()
        self.wizard = wizard
        self.reading = reading
        self._timer: Timer | None = None
        self._tables: list[str] = []

    @property
    def picture(self) -> Picture:
        """What is known about the import."""
        assert self.wizard.picture is not None
        return self.wizard.picture

    def title_text(self) -> str:
        """Return its crumb."""
        return _("How the file is read") if self.reading else _("What is planned")

    @property
    def filters(self) -> bool:
        """A form has nothing to filter."""
        return False

    @property
    def form(self) -> Form:
        """The form."""
        return self.query_one(Form)

    def body(self) -> ComposeResult:
        """Yield the form and what the plan is with it."""
        fields = reading_fields(self.picture) if self.reading else plan_fields(self.picture)
        yield Form(fields, id="options")
        yield Page(self._below, id="options-below")

    def ready(self) -> None:
        """Begin in the first field."""
        below = self.query_one("#options-below", Page)
        for name in ("scroll_y", "virtual_size"):
            self.watch(self.form, name, below.redraw, init=False)
        self.form.focus_field(next(iter(self.form.values)))

    def relabel(self) -> None:
        """Say everything in the language of now, what was detected too."""
        if self.reading:
            for field in reading_fields(self.picture):
                self.form.set_choices(field.name, field.choices)
        super().relabel()

    def _below(self, width: int) -> Sequence[Sequence[Piece]]:
        picture = self.picture
        lines: list[list[Piece]] = [[(f" {self.form.below_text}", "key")]]
        if self.reading:
            for table in picture.tables[:2]:
                lines += paragraph(reading_text(table), width, 1, "dim")
            used = len(lines) + len(self.form.values) + _FRAME
            lines += dates_lines(picture.tables, width, self.app.size.height - used)
        lines.append([(" ", ""), *facts_line(picture.counts)])
        lines.append(view_pieces("", False, picture.counts, width))
        return lines

    def on_form_changed(self, event: Form.Changed) -> None:
        """Let the plan follow when no further key comes."""
        event.stop()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(_PAUSE, self._follow)

    def on_form_accepted(self, event: Form.Accepted) -> None:
        """Go back on Enter."""
        event.stop()
        self.action_done()

    def action_done(self) -> None:
        """Take what is chosen and go back."""
        self.leave()

    def leave(self) -> None:
        """Take what is chosen and go back."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
            self._follow()
        super().leave()

    def _follow(self) -> None:
        self._timer = None
        if self.wizard.session.busy:
            self._timer = self.set_timer(_PAUSE, self._follow)
            return
        values, picture = self.form.values, self.picture
        depth: Depth
        if self.reading:
            settings = settings_from(values, picture.settings)
            if settings == picture.settings:
                return
            date_only = (
                settings.model_copy(update={"date_order": picture.settings.date_order}) == picture.settings
            )
            depth = "understand" if date_only else "read"
            self.wizard.change(depth, settings, done=self._planned, failed=self._refused)
        else:
            configuration = configuration_from(values, picture.configuration)
            if configuration == picture.configuration:
                return
            depth = "understand" if configuration.validation != picture.configuration.validation else "plan"
            self.wizard.change(depth, None, configuration, done=self._planned, failed=self._refused)

    def _planned(self, _picture: Picture) -> None:
        if self.is_attached:
            self.query_one("#options-below", Page).redraw()
            self.say("")

    def _refused(self, error: DinoError) -> None:
        """Say why, and show the options that hold."""
        self.dino.say(on_screen(str(error)), "warn" if error.code == "cancelled" else "error")
        if self.is_attached:
            fields = reading_fields(self.picture) if self.reading else plan_fields(self.picture)
            self.form.set_values({field.name: field.value for field in fields})


def reading_fields(picture: Picture) -> list[Field]:
    """Return the options of reading, as they are."""
    settings, first = picture.settings, picture.tables[0] if picture.tables else None
    detection: Mapping[str, Any] = first.detection if first else {}
    text = detection.get("encoding") is not None
    fields = [
        Field(
            "date_order",
            N_("Date order"),
            settings.date_order or _AUTO,
            choices=(
                (_AUTO, N_("as the columns prove")),
                ("dmy", N_("day, month, year")),
                ("mdy", N_("month, day, year")),
                ("ymd", N_("year, month, day")),
            ),
        )
    ]
    if text:
        seen = dict.fromkeys([*detection.get("alternatives", ()), *_ENCODINGS])
        if settings.encoding:
            seen[settings.encoding] = None
        names = tuple((name, name) for name in seen)
        fields.append(
            Field(
                "encoding",
                N_("Encoding"),
                settings.encoding or _AUTO,
                choices=((_AUTO, detected(detection.get("encoding"))), *names),
            )
        )
    if detection.get("format") == "csv":
        fields.append(
            Field(
                "delimiter",
                N_("Delimiter"),
                settings.delimiter or _AUTO,
                choices=((_AUTO, detected(delimiter_label(detection.get("delimiter") or ""))), *_DELIMITERS),
            )
        )
    if detection.get("format") in ("csv", "xlsx"):
        found_row = str(detection.get("header_row") or _("none"))
        rows = tuple((str(row), str(row)) for row in range(1, _HEADER_ROWS + 1))
        value = _AUTO if settings.header_row is None else str(settings.header_row)
        fields.append(
            Field(
                "header_row",
                N_("Header row"),
                value,
                choices=((_AUTO, detected(found_row)), ("0", N_("there is none")), *rows),
            )
        )
    if len(picture.table_names) > 1:
        names = tuple((name, name) for name in picture.table_names)
        fields.append(
            Field(
                "table",
                N_("Table"),
                settings.table or _AUTO,
                choices=(
                    (_AUTO, N_("those that look like stays")),
                    (ALL_TABLES, N_("all of them")),
                    *names,
                ),
            )
        )
    return fields


def detected(found: str | None) -> str:
    """Return the label of a setting that is left to the program, with what it found."""
    return _("detected: {found}").format(found=found) if found else _("detected")


def settings_from(values: Mapping[str, str], before: ImportSettings) -> ImportSettings:
    """Return the settings that the options ask for."""
    changes: dict[str, Any] = {name: value or None for name, value in values.items() if name != "header_row"}
    if "header_row" in values:
        changes["header_row"] = int(values["header_row"]) if values["header_row"] else None
    return before.model_copy(update=changes)


def plan_fields(picture: Picture) -> list[Field]:
    """Return the options of the plan, as they are."""
    configuration = picture.configuration
    handling, validation = configuration.duplicate_handling, configuration.validation
    return [
        Field(
            "strategy",
            N_("Trips you have"),
            configuration.strategy,
            choices=(
                ("merge", N_("stay; new ones are added")),
                ("skipExisting", N_("stay; repeats are skipped")),
                ("replace", N_("go; the file replaces them")),
            ),
        ),
        Field(
            "resolution",
            N_("Repeats"),
            handling.resolution,
            choices=(
                ("prompt", N_("ask about each")),
                ("skip", N_("skip")),
                ("update", N_("update the trip you have")),
                ("keepBoth", N_("keep both")),
            ),
        ),
        Field(
            "detection",
            N_("Look for repeats"),
            handling.detection,
            choices=(
                ("strict", N_("strictly: the same stay")),
                ("fuzzy", N_("also near ones")),
                ("smart", N_("with all evidence")),
                ("off", N_("not at all")),
            ),
        ),
        Field(
            "threshold",
            N_("Near means"),
            str(handling.points),
            choices=tuple((str(points), f"{points}%") for points in _POINTS),
        ),
        *(
            Field(
                level,
                label,
                getattr(handling.actions, level),
                choices=(
                    ("skip", N_("suggest what you have")),
                    ("update", N_("suggest the incoming")),
                    ("prompt", N_("suggest nothing")),
                ),
            )
            for level, label in _LEVELS
        ),
        Field(
            "partial",
            N_("Dates without a day"),
            validation.partial_dates,
            choices=(
                ("reject", N_("are rejected")),
                ("first", N_("are the first day")),
                ("last", N_("are the last day")),
            ),
        ),
        Field("skipInvalid", N_("Leave rejects out"), _yes(validation.skip_invalid), choices=YES_NO),
        Field("strict", N_("Strict"), _yes(validation.strict), choices=YES_NO),
        Field("backup", N_("Backup first"), _yes(configuration.backup.create_backup), choices=YES_NO),
        Field(
            "format",
            N_("Backup as"),
            configuration.backup.backup_format,
            choices=(("sqlite", N_("SQLite copy")), ("sql", N_("SQL text")), ("json", "JSON")),
        ),
    ]


_LEVELS: Final = (
    ("high", N_("When 90% sure")),
    ("medium", N_("When 70% sure")),
    ("low", N_("When less sure")),
)
_POINTS: Final = (60, 65, 70, 75, 80, 85, 90, 95, 100)


def configuration_from(values: Mapping[str, str], before: ImportConfiguration) -> ImportConfiguration:
    """Return the configuration that the options ask for."""
    handling = before.duplicate_handling.model_copy(
        update={
            "resolution": values["resolution"],
            "detection": values["detection"],
            "threshold": int(values["threshold"]) / 100,
            "actions": LevelActions.model_validate({level: values[level] for level, _label in _LEVELS}),
        }
    )
    validation = before.validation.model_copy(
        update={
            "partial_dates": values["partial"],
            "skip_invalid": values["skipInvalid"] == "yes",
            "strict": values["strict"] == "yes",
        }
    )
    backup = before.backup.model_copy(
        update={"create_backup": values["backup"] == "yes", "backup_format": values["format"]}
    )
    return before.model_copy(
        update={
            "strategy": values["strategy"],
            "duplicate_handling": handling,
            "validation": validation,
            "backup": backup,
        }
    )


def _yes(value: bool) -> str:
    return "yes" if value else "no"
