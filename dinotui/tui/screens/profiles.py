"""Export settings saved under names: to be used, saved, deleted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar, Final

from textual.app import ComposeResult

from dinotui.domain.configuration import ExportConfiguration
from dinotui.domain.errors import DinoError
from dinotui.engine.profiles import (
    LONGEST_NAME,
    Profile,
    delete_profile,
    described,
    list_profiles,
    save_profile,
)
from dinotui.locale import N_, _
from dinotui.storage.store import Store
from dinotui.tui.cells import Cell
from dinotui.tui.commands import Command, State
from dinotui.tui.messages import FilterChanged
from dinotui.tui.screens.import_choice import AskScreen
from dinotui.tui.screens.stored import DataScreen, start_store_job
from dinotui.tui.widgets.columns import Column
from dinotui.tui.widgets.detail_text import DetailText
from dinotui.tui.widgets.form import Field
from dinotui.tui.widgets.paged_list import PagedList
from dinotui.tui.widgets.row_source import ListSource, Row

_PROFILES: Final = N_("Saved settings")
_COLUMNS: Final = (Column(N_("Name"), 16, 1), Column(N_("Settings"), 24, 3))


def _has_row(screen: ProfilesScreen) -> State:
    return True if screen.current is not None else _("no settings are saved yet")


def _can_save(screen: ProfilesScreen) -> State:
    return True if screen.now is not None else _("the settings make no sense yet")


class ProfilesScreen(DataScreen):
    """The saved settings; dismisses with the chosen ones, with None when the user goes back."""

    ACTIONS: ClassVar[tuple[Command, ...]] = (
        Command(
            "profiles.use",
            ("enter",),
            N_("use"),
            N_("Export with these settings"),
            _PROFILES,
            enabled=_has_row,
        ),
        Command(
            "profiles.save",
            ("+", "s"),
            N_("save"),
            N_("Save the settings of the export screen under a name"),
            _PROFILES,
            enabled=_can_save,
        ),
        Command(
            "profiles.delete",
            ("delete", "d"),
            N_("delete"),
            N_("Forget these settings; u brings them back"),
            _PROFILES,
            enabled=_has_row,
        ),
    )

    def __init__(self, now: ExportConfiguration | None) -> None:
        """Offer `now`, what the export screen is set to, for saving; None where that makes no sense."""
        super().__init__()
        self.now = now
        self.saved: list[Profile] = []

    @property
    def rows(self) -> PagedList:
        """The list."""
        return self.query_one("#profiles", PagedList)

    @property
    def current(self) -> Profile | None:
        """The settings under the cursor."""
        row = self.rows.current
        return next((each for each in self.saved if row is not None and each.name == row.key), None)

    def title_text(self) -> str:
        """Return its crumb."""
        return _(_PROFILES)

    def body(self) -> ComposeResult:
        """Yield the list and the settings under the cursor in full."""
        yield PagedList(_COLUMNS, empty=N_("No settings are saved. + saves those of now."), id="profiles")
        yield DetailText(lambda: described(self.current.configuration) if self.current else "")

    def ready(self) -> None:
        """Show what is saved."""
        self.data_changed()
        self.rows.focus()

    def data_changed(self) -> None:
        """Read anew."""
        try:
            self.saved = list_profiles(self.store)
        except DinoError as error:
            self.say(str(error), "error")
        self._show()

    def _show(self) -> None:
        words = self.filter_text.casefold().split()
        rows = [
            Row(each.name, (each.name, Cell(described(each.configuration), "dim")))
            for each in self.saved
            if all(word in f"{each.name} {described(each.configuration)}".casefold() for word in words)
        ]
        self.rows.set_source(ListSource(rows), keep=True)

    def on_filter_changed(self, event: FilterChanged) -> None:
        """Show what holds the filter's words."""
        event.stop()
        self._show()

    # commands

    def action_use(self) -> None:
        """Take the settings under the cursor to the export screen."""
        if self.current is not None:
            self.dismiss(self.current.configuration)

    def action_save(self) -> None:
        """Ask for a name and save."""
        now = self.now
        if now is None:
            return

        def check(values: Mapping[str, str]) -> dict[str, str]:
            return {} if values["name"].strip() else {"name": _("Give the settings a name, such as yearly.")}

        def chosen(values: Mapping[str, str] | None) -> None:
            if values is not None:
                name = values["name"]
                self._change(lambda store: save_profile(store, name, now), _("Saved as {name}."))

        field = Field("name", N_("Name"), max_length=LONGEST_NAME)

        def text() -> str:
            return _("Save: {settings}. A name that there is already gets these settings.").format(
                settings=described(now)
            )

        self.dino.push_screen(AskScreen(lambda: _("Save settings"), text, [field], check), chosen)

    def action_delete(self) -> None:
        """Forget the settings under the cursor."""
        if self.current is not None:
            name = self.current.name
            self._change(lambda store: delete_profile(store, name), _("Deleted {name}. u brings it back."))

    def _change(self, work: Callable[[Store], Profile], said: str) -> None:
        def done(changed: Profile) -> None:
            self.look()
            self.say(said.format(name=changed.name), "good")

        start_store_job(self, _("Storing"), lambda store, _report, _cancelled: work(store), done)
