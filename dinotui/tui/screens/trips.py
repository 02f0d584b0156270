"""The list of trips: search, order, marks; add, edit, delete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from textual.app import ComposeResult

from dinotui.domain.errors import DinoError
from dinotui.domain.trip import Trip
from dinotui.engine.trips import delete_trips
from dinotui.locale import N_, _, ngettext
from dinotui.storage.store import Store
from dinotui.storage.trips import highest_number, rows_by_number
from dinotui.tui import doors
from dinotui.tui.background import Background
from dinotui.tui.commands import Command, State
from dinotui.tui.doors import open_duplicates
from dinotui.tui.messages import FilterChanged
from dinotui.tui.rows import TripKey, trip_columns
from dinotui.tui.screens.stored import DataScreen, start_store_job
from dinotui.tui.sources import Found, FoundTrips, TripSource, search_trips
from dinotui.tui.view import view_of
from dinotui.tui.widgets.columns import Column
from dinotui.tui.widgets.paged_list import PagedList, Place
from dinotui.tui.widgets.trip_detail import TripDetail

_TRIPS: Final = N_("Trips")
_NO_TRIP: Final = N_("No trip yet: + adds one. Esc, then 2 imports them from a file.")
_NONE_FOUND: Final = N_("No trip holds this text. Esc shows all.")


def _has_row(screen: TripsScreen) -> State:
    return True if screen.trips.current is not None else _("there is no trip here")


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
        Command(
            "trips.history",
            ("4", "h"),
            N_("history"),
            N_("Every operation that touched this trip"),
            _TRIPS,
            footer=False,
            enabled=_has_row,
        ),
        Command("trips.order", ("1", "o"), N_("order"), N_("Newest or oldest entry first"), _TRIPS),
        Command(
            "trips.duplicates", ("2", "d"), N_("duplicates"), N_("Find trips that repeat another one"), _TRIPS
        ),
        Command(
            "trips.unmark",
            ("0",),
            N_("no marks"),
            N_("Take all marks off"),
            _TRIPS,
            enabled=lambda screen: True if screen.trips.marked else _("no trip is marked"),
        ),
    )

    def __init__(self, number: int | None = None) -> None:
        """Open with the cursor on the trip with this number, by default where it was left."""
        super().__init__()
        self._first_number = number
        self.oldest_first = False
        self._search = Background()
        self._searching = False

    @property
    def trips(self) -> PagedList:
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
        yield PagedList(self._columns(), markable=True, empty=_NO_TRIP, id="trips")
        yield TripDetail(self._current_row, lambda: view_of(self.store))

    def _columns(self) -> tuple[Column, ...]:
        return trip_columns(view_of(self.store), highest_number(self.store))

    def _current_row(self) -> dict[str, Any] | None:
        key = self.current_key
        return rows_by_number(self.store, [key.number]).get(key.number) if key else None

    @property
    def current_key(self) -> TripKey | None:
        """The key of the trip under the cursor."""
        row = self.trips.current
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
        if self._first_number is not None:
            self.call_after_refresh(self.show_trip, self._first_number)
        self.trips.focus()

    # which rows

    def _show_all(self, near: TripKey | None = None, above: int = 0) -> None:
        """Show all trips, with the cursor on the trip `near`, `above` rows under the first visible one."""
        source = TripSource(self.store, view_of(self.store), oldest_first=self.oldest_first)
        try:
            index = source.rank(near) if near else None
        except DinoError as error:
            self.say(str(error), "error")
            index = None
        self._set_source(source, index, above)

    def _set_source(self, source: TripSource | FoundTrips, index: int | None, above: int) -> None:
        """Show the rows of `source` with the cursor on row `index`; None leaves it to the list."""
        self.trips.set_source(source)
        if index is not None:
            self.trips.restore(Place(index, max(0, index - above), None))

    def on_filter_changed(self, event: FilterChanged) -> None:
        """Show what holds the filter's words."""
        event.stop()
        self._open()

    def _open(self, near: TripKey | None = None, above: int = 0) -> None:
        """Show the rows of now: all, or what the filter finds, which is searched for beside the screen."""
        text = self.filter_text.strip()
        self._search.stop()
        self._searching = bool(text)
        self.trips.empty = _NONE_FOUND if text else _NO_TRIP
        if not text:
            self._show_all(near, above)
            return
        first = True

        def found(answer: Found) -> None:
            nonlocal first
            self._searching = not answer.complete
            source = FoundTrips(self.store, view_of(self.store), answer.numbers)
            if first:
                self._set_source(source, source.rank(near) if near else None, above)
            else:
                self.trips.set_source(source, keep=True)
            first = False
            self.refresh_commands()

        self._search.start(
            self.store, search_trips(text, oldest_first=self.oldest_first), found, self._search_failed
        )

    def _search_failed(self, error: DinoError) -> None:
        self._searching = False
        self.say(str(error), "error")

    def data_changed(self) -> None:
        """Show the trips as they are now; the cursor stays on its trip, the marks on those still there."""
        self.trips.columns = self._columns()
        key, above = self.current_key, self.trips.cursor - self.trips.top
        self._drop_lost_marks()
        if key is not None:
            row = rows_by_number(self.store, [key.number]).get(key.number)
            key = TripKey(row["entry_day"], row["number"], row["id"]) if row else key
        self._open(key, above)

    def _drop_lost_marks(self) -> None:
        marked = [key for key in self.trips.marked if isinstance(key, TripKey)]
        rows = rows_by_number(self.store, [key.number for key in marked])
        kept = {TripKey(row["entry_day"], row["number"], row["id"]): None for row in rows.values()}
        lost = [key for key in marked if key not in kept]
        if lost:
            self.trips.marked = {key: None for key in marked if key in kept}

    def show_trip(self, number: int) -> None:
        """Put the cursor on the trip with this number; where the filter hides it, show all."""
        row = rows_by_number(self.store, [number]).get(number)
        if row is not None:
            self._open(TripKey(row["entry_day"], row["number"], row["id"]), self.trips.page // 2)

    def on_unmount(self) -> None:
        """End a search that is still under way."""
        self._search.stop()

    def relabel(self) -> None:
        """Show the rows' own words in the language of now."""
        self.trips.reload()
        super().relabel()

    # commands

    def action_open(self) -> None:
        """Open the trip under the cursor for editing."""
        key = self.current_key
        row = self._current_row()
        if key is not None and row is None:
            self.say(_("Trip #{number} was deleted meanwhile.").format(number=key.number), "warn")
            self.data_changed()
        elif row is not None:
            self._edit(row)

    def action_add(self) -> None:
        """Open an empty form."""
        self._edit(None)

    def _edit(self, row: dict[str, Any] | None) -> None:
        from dinotui.tui.screens.trip_form import Saved, TripFormScreen

        def closed(saved: Saved | None) -> None:
            if saved is not None:
                self.look()
                self.show_trip(saved.number)
                self.say(saved.sentence, saved.level)

        self.dino.push_screen(TripFormScreen(row), closed)

    def action_history(self) -> None:
        """Open the history of the trip under the cursor."""
        if self.current_key is not None:
            doors.open_history(self, self.current_key.number)

    def action_order(self) -> None:
        """Turn the order round; the cursor stays on its trip."""
        self.oldest_first = not self.oldest_first
        self._open(self.current_key, self.trips.cursor - self.trips.top)
        self.say(_("Oldest entry first.") if self.oldest_first else _("Newest entry first."))

    def action_duplicates(self) -> None:
        """Look for trips that repeat another one."""
        open_duplicates(self)

    def action_unmark(self) -> None:
        """Take all marks off."""
        self.trips.clear_marks()

    def action_delete(self) -> None:
        """Delete the marked trips, or the one under the cursor."""
        keys = [key for key in self.trips.marked if isinstance(key, TripKey)]
        chosen = keys or ([self.current_key] if self.current_key else [])
        ids = [key.id for key in chosen]

        def work(store: Store, _report: object, _cancelled: object) -> list[Trip]:
            return delete_trips(store, ids)

        start_store_job(self, _("Deleting"), work, self._deleted)

    def _deleted(self, trips: Sequence[Trip]) -> None:
        self.trips.clear_marks()
        self.look()
        if len(trips) == 1:
            said = _("Deleted #{number} {country} {entry}. u undoes.").format(
                number=trips[0].number, country=trips[0].country, entry=trips[0].entry_date
            )
        else:
            said = ngettext(
                "Deleted {count} trip. u undoes.", "Deleted {count} trips. u undoes.", len(trips)
            ).format(count=len(trips))
        self.dino.say(said, "good")
