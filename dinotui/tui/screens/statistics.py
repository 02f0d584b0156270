"""Statistics: the figures about all stays, a page a subject, with small charts (SPEC.md 2, Analytics)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

from textual.app import ComposeResult

from dinotui.domain.dates import from_day, iso_day
from dinotui.domain.errors import DinoError
from dinotui.engine.analytics import analytics
from dinotui.engine.outlook import outlook
from dinotui.locale import N_, _
from dinotui.storage.store import Store
from dinotui.storage.trips import find_row
from dinotui.tui import doors
from dinotui.tui.background import Background
from dinotui.tui.cells import Cell, clean
from dinotui.tui.commands import Command, State
from dinotui.tui.messages import FilterChanged
from dinotui.tui.screens.import_choice import AskScreen
from dinotui.tui.screens.stored import DataScreen
from dinotui.tui.statistics_rows import (
    BAR,
    NARROW_BAR,
    PAGES,
    Figures,
    StatPage,
    Target,
    columns_of,
    overlap_of,
)
from dinotui.tui.view import view_of
from dinotui.tui.widgets.detail_text import DetailText
from dinotui.tui.widgets.form import Field
from dinotui.tui.widgets.line import Lines, Piece
from dinotui.tui.widgets.paged_list import PagedList
from dinotui.tui.widgets.row_source import ListSource, Row

_STATISTICS: Final = N_("Statistics")
_NAMES: Final = tuple(PAGES)
_WIDE: Final = 72
"""Cells of the screen from which bars are long."""


class Tabs(Lines):
    """The names of the pages, each with its key, the one in front marked."""

    def __init__(self, now: Callable[[], str]) -> None:
        super().__init__(id="statistics-tabs")
        self._now = now

    def lines(self, width: int) -> list[list[Piece]]:  # noqa: ARG002 - all names fit the narrowest screen
        """Return the one line."""
        pieces: list[Piece] = [(" ", "")]
        for number, name in enumerate(_NAMES, 1):
            label = clean(_(PAGES[name].label))
            here = name == self._now()
            text = f"[{number} {label}]" if here else f" {number} {label} "
            pieces.append((text, "strong" if here else "dim"))
        return [pieces]


def _has_trip(screen: StatisticsScreen) -> State:
    return True if screen.trip_here() else _("this row is about no single trip")


class StatisticsScreen(DataScreen):
    """Pages of figures; the arrows left and right, or 1 to 5, change the page."""

    memory = "statistics"
    ACTIONS: ClassVar[tuple[Command, ...]] = (
        Command(
            "statistics.open",
            ("enter",),
            N_("trip"),
            N_("Show the trip of the row"),
            _STATISTICS,
            enabled=_has_trip,
        ),
        Command(
            "statistics.previous", ("left",), N_("page"), N_("The page before"), _STATISTICS, footer=False
        ),
        Command("statistics.next", ("right",), N_("page"), N_("The next page"), _STATISTICS),
        *(
            Command(f"statistics.{name}", (str(number),), page.label, page.label, _STATISTICS, footer=False)
            for number, (name, page) in enumerate(PAGES.items(), 1)
        ),
        Command(
            "statistics.ask",
            ("=", "e"),
            N_("enter on"),
            N_("How long may I stay if I enter on a day?"),
            _STATISTICS,
        ),
    )

    def __init__(self) -> None:
        super().__init__()
        self.page = _NAMES[0]
        self.figures: Figures | None = None
        self._asked: int | None = None
        self._reading = Background()

    @property
    def rows(self) -> PagedList:
        """The list."""
        return self.query_one("#statistics", PagedList)

    @property
    def _bar(self) -> int:
        return BAR if self.size.width >= _WIDE else NARROW_BAR

    @property
    def shown(self) -> StatPage:
        """The page in front."""
        return PAGES[self.page]

    def title_text(self) -> str:
        """Return its crumb."""
        return _(_STATISTICS)

    def body(self) -> ComposeResult:
        """Yield the names of the pages, the list, and what is said about the row under the cursor."""
        yield Tabs(lambda: self.page)
        yield PagedList(self.shown.columns, empty=N_("No trip is recorded yet."), id="statistics")
        yield DetailText(self._detail)

    def save_state(self) -> dict[str, Any]:
        """Keep the page and the day that was asked about."""
        return {**super().save_state(), "page": self.page, "asked": self._asked}

    def restore_state(self, state: Mapping[str, Any]) -> None:
        """Bring them back."""
        self.page, self._asked = state["page"], state["asked"]
        super().restore_state(state)

    def ready(self) -> None:
        """Begin to read."""
        self.rows.empty = N_("Reading...")
        self.rows.focus()
        self.data_changed()

    def data_changed(self) -> None:
        """Count anew, beside the screen."""
        asked = self._asked

        def read(store: Store, publish: Callable[[Any], None], cancelled: Callable[[], bool]) -> None:
            found = analytics(store, cancelled=cancelled)
            day = outlook(store, entries=[from_day(asked)]).entries[0] if asked is not None else None
            publish(Figures(found, outlook(store), day))

        self._reading.start(self.store, read, self._got, lambda error: self.say(str(error), "error"))

    def _got(self, figures: Figures) -> None:
        self.figures = figures
        self.rows.empty = N_("No trip is recorded yet.")
        self._show(keep=True)

    def _show(self, *, keep: bool = False) -> None:
        view, words = view_of(self.store), self.filter_text.casefold().split()
        found = (
            [] if self.figures is None else list(self.shown.rows(self.figures._replace(bar=self._bar), view))
        )
        self.rows.columns = columns_of(self.shown, self._bar)
        self.rows.titles = any(column.title for column in self.shown.columns)
        rows = [row for row in found if all(word in _text(row).casefold() for word in words)]
        self.rows.set_source(ListSource(rows), keep=keep)
        self.query_one(Tabs).refresh()

    @property
    def target(self) -> Target | None:
        """What the row under the cursor stands for."""
        row = self.rows.current
        return row.key if row is not None and isinstance(row.key, Target) else None

    def _detail(self) -> str:
        target = self.target
        if self.figures is None or target is None:
            return ""
        said = self.shown.detail(self.figures, view_of(self.store), target)
        row = self.rows.current
        return f"{_text(row)}. {said}" if row is not None and target.number else said

    def on_resize(self) -> None:
        """Draw bars that fit."""
        if self.is_mounted:
            self._show(keep=True)

    def on_filter_changed(self, event: FilterChanged) -> None:
        """Show what holds the filter's words."""
        event.stop()
        self._show()

    def relabel(self) -> None:
        """Say everything in the language of now."""
        self._show(keep=True)
        super().relabel()

    def on_unmount(self) -> None:
        """End what is being read."""
        self._reading.stop()

    # commands

    def trip_here(self) -> str | None:
        """Return what names the trip of the row under the cursor, None where it is about none."""
        target = self.target
        if target is None or self.figures is None:
            return None
        overlap = overlap_of(self.figures, target)
        if overlap is not None and overlap.trip_ids:
            return overlap.trip_ids[0]
        return f"#{target.number}" if target.number else None

    def action_open(self) -> None:
        """Open the list of trips on the row's."""
        key = self.trip_here()
        if key is not None:
            try:
                doors.open_trips(self, find_row(self.store, key)["number"])
            except DinoError as error:
                self.say(error.message, "warn")

    def _turn_to(self, name: str) -> None:
        self.page = name
        self._show()

    def action_previous(self) -> None:
        """Turn to the page before."""
        self._turn_to(_NAMES[(_NAMES.index(self.page) - 1) % len(_NAMES)])

    def action_next(self) -> None:
        """Turn to the next page."""
        self._turn_to(_NAMES[(_NAMES.index(self.page) + 1) % len(_NAMES)])

    def action_now(self) -> None:
        """Turn to how things stand."""
        self._turn_to("now")

    def action_countries(self) -> None:
        """Turn to the countries."""
        self._turn_to("countries")

    def action_years(self) -> None:
        """Turn to the years."""
        self._turn_to("years")

    def action_schengen(self) -> None:
        """Turn to the Schengen days."""
        self._turn_to("schengen")

    def action_gaps(self) -> None:
        """Turn to gaps and overlaps."""
        self._turn_to("gaps")

    def action_ask(self) -> None:
        """Ask for a day to enter on, and show how long one may stay."""

        def check(values: Mapping[str, str]) -> dict[str, str]:
            good = iso_day(values["day"].strip()) is not None
            return {} if good else {"day": _("That is no date. Write it as YYYY-MM-DD.")}

        def chosen(values: Mapping[str, str] | None) -> None:
            if values is not None:
                self._asked = iso_day(values["day"].strip())
                self._turn_to("schengen")
                self.data_changed()

        field = Field("day", N_("Entry date"), hint=N_("YYYY-MM-DD"), max_length=10)
        text = N_("How many days may I stay in the Schengen area if I enter on this day?")
        self.dino.push_screen(AskScreen(lambda: _("Enter on"), lambda: _(text), [field], check), chosen)


def _text(row: Row) -> str:
    """Return what a row says in words: everything but its bar."""
    texts = []
    for cell in row.cells[:-1]:
        pieces = (cell,) if isinstance(cell, str | Cell) else cell
        texts.append("".join(piece if isinstance(piece, str) else piece.text for piece in pieces))
    return " ".join(filter(None, texts))
