"""The presets: choose one for an import, save it under a name, rename, delete, carry them as files."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar, Final

from textual.app import ComposeResult

from dinotui.domain.errors import DinoError
from dinotui.domain.presets import LONGEST_NAME, MAX_TEXT, NO_PRESET, Preset, checked_name
from dinotui.domain.settings import ImportSettings
from dinotui.engine import presets
from dinotui.engine.presets import NamedPreset
from dinotui.engine.progress import Report, Stop
from dinotui.locale import N_, _
from dinotui.storage.filesystem import told_plainly
from dinotui.storage.new_file import NewFile, with_new_file
from dinotui.storage.store import Store
from dinotui.tui.commands import Command, State
from dinotui.tui.import_session import Picture
from dinotui.tui.messages import FilterChanged
from dinotui.tui.preset_rows import AS_LAST_TIME, PRESET_COLUMNS, fits_some, preset_rows
from dinotui.tui.screens.import_choice import AskScreen
from dinotui.tui.screens.stored import DataScreen, start_store_job
from dinotui.tui.widgets.confirm import Question
from dinotui.tui.widgets.detail_text import DetailText
from dinotui.tui.widgets.form import Field
from dinotui.tui.widgets.paged_list import PagedList
from dinotui.tui.widgets.row_source import ListSource

_PRESETS: Final = N_("Presets")


def _can_take(screen: PresetsScreen) -> State:
    if screen.picture is None:
        return _("presets are chosen in the import wizard")
    return True if screen.presets_list.current is not None else _("there is no preset yet")


def _on_named(screen: PresetsScreen) -> State:
    return True if screen.current is not None else _("the row is no preset with a name")


def _can_save(screen: PresetsScreen) -> State:
    return True if screen.picture is not None else _("there is no import to save")


def _has_some(screen: PresetsScreen) -> State:
    return True if screen.known else _("there is no preset yet")


class PresetsScreen(DataScreen):
    """Lists the presets. Over an import it dismisses with the settings to read it with, None for no change."""

    ACTIONS: ClassVar[tuple[Command, ...]] = (
        Command(
            "presets.take",
            ("enter",),
            N_("take it"),
            N_("Map and read the file as the preset says"),
            _PRESETS,
            enabled=_can_take,
        ),
        Command(
            "presets.save",
            ("+", "s"),
            N_("save"),
            N_("Save how this file is mapped and read under a name"),
            _PRESETS,
            enabled=_can_save,
        ),
        Command(
            "presets.rename",
            ("=", "e"),
            N_("rename"),
            N_("Give the preset another name"),
            _PRESETS,
            enabled=_on_named,
        ),
        Command(
            "presets.delete",
            ("delete", "x"),
            N_("delete"),
            N_("Delete the preset"),
            _PRESETS,
            enabled=_on_named,
        ),
        Command(
            "presets.export",
            ("3", "w"),
            N_("to a file"),
            N_("Write the presets into a file"),
            _PRESETS,
            enabled=_has_some,
        ),
        Command("presets.import", ("2", "i"), N_("from a file"), N_("Take presets from a file"), _PRESETS),
    )

    def __init__(self, picture: Picture | None = None, made: Preset | None = None) -> None:
        """Show the presets; over an import, `made` is the preset that it would make now."""
        super().__init__()
        self.picture = picture
        self.known: list[NamedPreset] = []
        self._made = made
        self._last: NamedPreset | None = None

    @property
    def presets_list(self) -> PagedList:
        """The list."""
        return self.query_one("#presets", PagedList)

    @property
    def current(self) -> Preset | None:
        """The named preset under the cursor."""
        row = self.presets_list.current
        return next(
            (each.preset for each in self.known if row is not None and each.preset.name == row.key), None
        )

    def title_text(self) -> str:
        """Return its crumb."""
        return _("Presets")

    def body(self) -> ComposeResult:
        """Yield the list and the preset under the cursor in full."""
        empty = N_("There are no presets yet. The Map step of an import saves one.")
        yield PagedList(PRESET_COLUMNS, empty=empty, id="presets")
        yield DetailText(self._told)

    def _told(self) -> str:
        row = self.presets_list.current
        if row is None:
            return ""
        name, _used, told = (cell if isinstance(cell, str) else cell[0] for cell in row.cells)
        return f"{name}: {told}"

    def ready(self) -> None:
        """Show the presets."""
        self.data_changed()
        self.presets_list.focus()

    def data_changed(self) -> None:
        """Read the presets anew."""
        try:
            self.known = presets.list_presets(self.store)
            tables = self.picture.tables if self.picture else ()
            found = (presets.remembered(self.store, table.columns) for table in tables)
            self._last = next((each for each in found if each is not None), None)
        except DinoError as error:
            self.say(str(error), "error")
        self._show()

    def _show(self) -> None:
        words = self.filter_text.casefold().split()
        rows = [
            row
            for row in preset_rows(self.known, self._last, self.picture)
            if all(word in str(row.key).casefold() for word in words)
        ]
        self.presets_list.set_source(ListSource(rows), keep=True)
        self.refresh_commands()

    def on_filter_changed(self, event: FilterChanged) -> None:
        """Show what holds the filter's words."""
        event.stop()
        self._show()

    def relabel(self) -> None:
        """Show the rows' own words in the language of now."""
        self._show()
        super().relabel()

    # using

    def action_take(self) -> None:
        """Read the file as the preset says."""
        row, picture = self.presets_list.current, self.picture
        if row is None or picture is None:
            return
        if row.key == NO_PRESET:
            self.dismiss(ImportSettings(preset=NO_PRESET))
            return
        preset = self._last.preset if row.key == AS_LAST_TIME and self._last else self.current
        if preset is None:
            return
        if not fits_some(preset, picture) and not (preset.header_row is not None or preset.table):
            self.say(_("This preset does not fit the file: columns that it needs are not there."), "warn")
            return
        self.dismiss(presets.chosen(preset, picture.settings))

    # keeping

    def action_save(self) -> None:
        """Ask for a name and save the mapping of now."""
        if self._made is None:
            return
        made = self._made
        bound = next((t.bound.name for t in self.picture.tables if t.bound), "") if self.picture else ""

        def named(name: str) -> None:
            replace = name in {each.preset.name for each in self.known}
            if replace:
                self._ask_replace(name, made)
            else:
                self._do(lambda store: presets.save_preset(store, made, name), _("Saved as “{name}”."), name)

        self._ask_name(lambda: _("How this file is mapped and read, under which name?"), bound, named)

    def _ask_replace(self, name: str, made: Preset) -> None:
        def answered(yes: bool) -> None:
            if yes:
                self._do(
                    lambda store: presets.save_preset(store, made, name, replace=True),
                    _("Saved as “{name}”."),
                    name,
                )

        text = _("There is a preset “{name}” already. Replace it?").format(name=name)
        self.ask(Question(text, _("replace it"), _("keep it"), answered))

    def action_rename(self) -> None:
        """Ask for another name."""
        preset = self.current
        if preset is None:
            return

        def named(name: str) -> None:
            self._do(
                lambda store: presets.rename_preset(store, preset.name, name),
                _("The preset is now called “{name}”."),
                name,
            )

        self._ask_name(
            lambda: _("Which name does “{name}” get?").format(name=preset.name), preset.name, named
        )

    def _ask_name(self, text: Callable[[], str], before: str, named: Callable[[str], None]) -> None:
        field = Field("name", N_("Name"), before, max_length=LONGEST_NAME)

        def check(values: Mapping[str, str]) -> dict[str, str]:
            try:
                checked_name(values["name"])
            except DinoError as error:
                return {"name": error.message}
            return {}

        def given(values: Mapping[str, str] | None) -> None:
            if values is not None:
                self.call_after_refresh(named, checked_name(values["name"]))

        self.dino.push_screen(AskScreen(lambda: _("Preset"), text, [field], check), given)

    def action_delete(self) -> None:
        """Ask whether to delete the preset."""
        preset = self.current
        if preset is None:
            return

        def answered(yes: bool) -> None:
            if yes:
                self._do(
                    lambda store: presets.delete_preset(store, preset.name),
                    _("The preset “{name}” is deleted."),
                    preset.name,
                )

        text = _("Delete the preset “{name}”? Trips that it helped to import stay.").format(name=preset.name)
        self.ask(Question(text, _("delete it"), _("keep it"), answered))

    def _do(self, work: Callable[[Store], object], told: str, name: str = "") -> None:
        """Write beside the screen, which never waits for a lock."""

        def run(store: Store, _report: Report, _cancelled: Stop) -> object:
            return work(store)

        def done(_answer: object) -> None:
            self.data_changed()
            self.dino.say(told.format(name=name), "good")

        start_store_job(self, _("Saving"), run, done)

    # files

    def action_export(self) -> None:
        """Ask for a name and write all presets there."""

        def write(path: Path) -> None:
            text = presets.export_presets(self.store).encode("utf-8")

            def work(new: NewFile) -> None:
                new.file.write(text)
                new.sync()
                new.publish()

            with_new_file(path, work)
            self.say(_("Written: {path}").format(path=path), "good")

        start = Path.cwd() / "dinotui-presets.json"
        self._ask_path(lambda: _("All presets are written into this new file."), str(start), write)

    def action_import(self) -> None:
        """Ask for a file and store its presets."""

        def read(path: Path) -> None:
            with told_plainly(path), path.open("rb") as stream:
                text = stream.read(4 * MAX_TEXT + 1).decode("utf-8-sig", "replace")
            self._do(
                lambda store: presets.import_presets(store, text), _("The presets of the file are stored.")
            )

        self._ask_path(lambda: _("A file that dinotui wrote presets into."), "", read)

    def _ask_path(self, text: Callable[[], str], start: str, use: Callable[[Path], None]) -> None:
        field = Field("path", N_("File"), start, takes_paths=True)

        def given(values: Mapping[str, str] | None) -> None:
            if values is None or not values["path"].strip():
                return
            try:
                use(Path(os.path.expanduser(values["path"].strip())))
            except DinoError as error:
                self.say(str(error), "error")

        def answered(values: Mapping[str, str] | None) -> None:
            self.call_after_refresh(given, values)  # this screen has to be in front again to say something

        self.dino.push_screen(AskScreen(lambda: _("Presets"), text, [field]), answered)
