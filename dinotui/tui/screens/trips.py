"""The list of trips: search, order, marks; add, edit, delete."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from textual import on
from textual.app import ComposeResult

from dinotui.domain.dates import today
from dinotui.domain.errors import DinoError
from dinotui.domain.trip import Trip
from dinotui.engine.trips import delete_trips
from dinotui.locale import N_, _, ngettext
from dinotui.storage.trips import rows_by_number
from dinotui.tui.background import Background
from dinotui.tui.commands import Command, State
from dinotui.tui.messages import FilterChanged
from dinotui.tui.rows import TRIP_COLUMNS, TripKey, trip_name
from dinotui.tui.screens.stored import DataScreen, start_store_job
from dinotui.tui.sources import FoundTrips, TripSource, search_trips
from dinotui.tui.widgets.paged_list import PagedList, Place
from dinotui.tui.widgets.trip_detail import TripDetail

_TRIPS: Final = N_("Trips")


def _has_row(screen: TripsScreen) -> State:
    return True if screen.list.current is not None else _("there is no trip here")


class TripsScreen(DataScreen):
    """Trips by entry date. Deleting asks nothing: it can be undone, and says so."""

    memory = "trips"
    ACTIONS: ClassVar[tuple[Command, ...]] = (
        Command("trips.open", ("enter",), N_("edit"), N_("Show and edit the trip"), _TRIPS, enabled=_has_row),
        Command("trips.add", ("+", "a"), N_("add"), N_("Add a trip"), _TRIPS),
        Command(
            "trips.delete",
            ("delete", "x"),
            N_("delete"),
            N_("Delete the marked trips, or the one under the cursor; can be undone"),
            _TRIPS,
            enabled=_has_row,
        ),
        Command("trips.order", ("1", "o"), N_("order"), N_("Newest or oldest entry first"), _TRIPS),
        Command(
            "trips.unmark",
            ("0",),
            N_("no marks"),
            N_("Take all marks off"),
            _TRIPS,
            enabled=lambda screen: True if screen.list.marked else _("no trip is marked"),
        ),
    )

    def __init__(self) -> None:
        super().__init__()
        self.oldest_first = False
        self._search = Background()
        self._searching = False

    @property
    def list(self) -> PagedList:
        """The list."""
        return self.query_one("#trips", PagedList)

    def title_text(self) -> str:
        """Return its crumb."""
        return _("Trips")

    def right_text(self) -> str:
        """Return how many there are, and in which order."""
        parts = [_("searching")] if self._searching else []
        if self.oldest_first:
            parts.append(_("oldest first"))
        return "   ".join([*parts, super().right_text()]).strip()

    def body(self) -> ComposeResult:
        """Yield the list and, under it, the trip under the cursor in full."""
        yield PagedList(TRIP_COLUMNS, markable=True, empty=N_("No trip yet: + adds one."), id="trips")
        yield TripDetail(self._current_row)

    def _current_row(self) -> dict[str, Any] | None:
        key = self.current_key
        return rows_by_number(self.store, [key.number]).get(key.number) if key else None

    @property
    def current_key(self) -> TripKey | None:
        """The key of the trip under the cursor."""
        row = self.list.current
        return row.key if row is not None and isinstance(row.key, TripKey) else None

    def save_state(self) -> dict[str, Any]:
        """Keep the order beside filter, place and marks."""
        return {**super().save_state(), "oldest_first": self.oldest_first}

    def restore_state(self, state: Mapping[str, Any]) -> None:
        """Bring the order back before the rest."""
        self.oldest_first = bool(state.get("oldest_first"))
        super().restore_state(state)

    def ready(self) -> None:
        """Show the trips."""
        if not self.filter_text:
            self._show_all()
        self.list.focus()

    # which rows

    def _show_all(self, near: TripKey | None = None, above: int = 0) -> None:
        """Show all trips, with the cursor on the trip `near`, `above` rows under the first visible one."""
        source = TripSource(self.store, today(None), oldest_first=self.oldest_first)
        try:
            index = source.rank(near) if near else 0
        except DinoError as error:
            self.say(str(error), "error")
            index = 0
        self._set_source(source, index, above)

    def _set_source(self, source: TripSource | FoundTrips, index: int, above: int) -> None:
        self.list.set_source(source)
        self.list.restore(Place(index, max(0, index - above), None))
        self._follow()

    def on_filter_changed(self, event: FilterChanged) -> None:
        """Show what holds the filter's words."""
        event.stop()
        self._open()

    def _open(self, near: TripKey | None = None, above: int = 0) -> None:
        """Show the rows of now: all, or what the filter finds, which is searched for beside the screen."""
        text = self.filter_text.strip()
        self._search.stop()
        self._searching = bool(text)
        self.list.empty = N_("No trip holds this text. Esc shows all.") if text else N_("No trip yet: + adds one.")
        if not text:
            self._show_all(near, above)
            return
        first = True

        def found(numbers: array[int]) -> None:
            nonlocal first
            source = FoundTrips(self.store, today(None), numbers)
            if first:
                self._set_source(source, source.rank(near) if near else 0, above)
            else:
                self.list.set_source(source, keep=True)
            first = False

        def finished() -> None:
            self._searching = False
            self.refresh_commands()

        self._search.start(
            self.store,
            search_trips(text, finished=finished, oldest_first=self.oldest_first),
            found,
            self._search_failed,
        )
        self.refresh_commands()
