"""Screens with made-up rows, for tests of the frame and for running it in a real terminal."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from dinotui.domain.errors import Cancelled
from dinotui.locale import N_, _
from dinotui.tui.app import DinoApp
from dinotui.tui.cells import Cell
from dinotui.tui.commands import Command
from dinotui.tui.everywhere import Hooks
from dinotui.tui.messages import FilterChanged
from dinotui.tui.screens.base import DinoScreen
from dinotui.tui.widgets.columns import Column
from dinotui.tui.widgets.confirm import Question
from dinotui.tui.widgets.form import YES_NO, Field, Form
from dinotui.tui.widgets.paged_list import PagedList
from dinotui.tui.widgets.row_source import Row

from textual.app import ComposeResult  # isort: skip - after dinotui.tui, which sets Textual's switches

COUNTRIES = ["Japan", "대한민국", "France", "Côte d’Ivoire", "Türkiye", "日本", "Spain", "New Zealand"]
VISAS = ["tourist", "business", "visa free", "working holiday"]
NOTES = ["", "오사카 출장", "family visit, two bags and the long way round by train", "conference", ""]
COLUMNS = (
    Column(N_("Country"), 14, 2),
    Column(N_("Entry"), 10),
    Column(N_("Exit"), 10),
    Column(N_("Days"), 4, align="right"),
    Column(N_("Visa"), 9, 1, priority=1),
    Column(N_("Notes"), 10, 3, priority=2),
)


class Trips:
    """Any number of believable rows, made when asked for; counts what was asked."""

    def __init__(self, count: int, text: str = "") -> None:
        self.number = count
        self.text = text
        self.asked: list[tuple[int, int]] = []

    def count(self) -> int:
        return self.number if not self.text else self.number // 10

    def rows(self, offset: int, limit: int) -> Sequence[Row]:
        self.asked.append((offset, limit))
        return [self.row(index) for index in range(offset, min(offset + limit, self.count()))]

    def row(self, index: int) -> Row:
        day = 1 + index % 27
        stays = index % 9 == 4
        cells = (
            COUNTRIES[index % len(COUNTRIES)],
            f"20{24 - index % 15:02d}-{1 + index % 12:02d}-{day:02d}",
            Cell("still there", "warn")
            if stays
            else f"20{24 - index % 15:02d}-{1 + index % 12:02d}-{day + 1:02d}",
            "" if stays else Cell(str(2 + index % 80), "bad" if index % 80 > 70 else ""),
            Cell(VISAS[index % 4], "dim"),
            Cell(NOTES[index % 5], "dim"),
        )
        return Row(f"trip-{index}", cells)


class TripsScreen(DinoScreen):
    """A list with commands, as the real one will be."""

    memory = "trips"
    ACTIONS = (
        Command("trips.open", ("enter",), N_("open"), N_("Show the trip"), N_("Trips")),
        Command("trips.add", ("+", "a"), N_("add"), N_("Add a trip"), N_("Trips")),
        Command("trips.delete", ("delete", "x"), N_("delete"), N_("Delete the trip"), N_("Trips")),
        Command("trips.work", ("5", "w"), N_("work"), N_("Do something long"), N_("Trips")),
        Command(
            "trips.export",
            ("6", "e"),
            N_("export"),
            N_("Export it"),
            N_("Trips"),
            enabled=lambda _owner: _("no trip is marked"),
        ),
        Command("trips.hang", ("8",), N_("hang"), N_("Block the loop"), N_("Trips"), footer=False),
        Command("trips.crash", ("9",), N_("crash"), N_("Fail"), N_("Trips"), footer=False),
    )

    def __init__(self, count: int = 1204) -> None:
        super().__init__()
        self.number = count
        self.done: list[Any] = []

    def title_text(self) -> str:
        return _("Home")

    def body(self) -> ComposeResult:
        yield PagedList(COLUMNS, Trips(self.number), markable=True, empty=N_("No trip yet."), id="trips")

    @property
    def trips(self) -> PagedList:
        return self.query_one(PagedList)

    def on_filter_changed(self, event: FilterChanged) -> None:
        self.trips.set_source(Trips(self.number, event.text))

    def action_open(self) -> None:
        self.dino.push_screen(EditScreen())

    def action_add(self) -> None:
        self.done.append("add")
        self.say(_("Added."), "good")

    def action_crash(self) -> None:
        raise RuntimeError("secret traceback text")

    def action_hang(self) -> None:
        time.sleep(30)

    def action_delete(self) -> None:
        self.ask(Question("Delete 3 trips? They go for good.", "delete", "keep", self.done.append))

    def action_work(self) -> None:
        seconds = float(os.environ.get("FAKE_SECONDS", "5"))
        work = slow_work(seconds, obeys="FAKE_DEAF" not in os.environ)
        self.start_job(_("Reading"), work, self.done.append)


def slow_work(seconds: float, *, obeys: bool = True) -> Callable[..., str]:
    def work(report: Any, cancelled: Callable[[], bool]) -> str:
        begun = time.monotonic()
        while (spent := time.monotonic() - begun) < seconds:
            report("Reading records", int(100_000 * spent / seconds), 100_000)
            if cancelled() and obeys:
                raise Cancelled
            time.sleep(0.005)
        return "finished"

    return work


class EditScreen(DinoScreen):
    """A form, as the real one will be."""

    memory = "edit"

    def title_text(self) -> str:
        return "trip #412"

    def body(self) -> ComposeResult:
        yield Form(
            [
                Field("country", N_("Country"), "Japan"),
                Field("entry", N_("Entry date"), "2024-03-02", N_("YYYY-MM-DD")),
                Field("exit", N_("Exit date"), "", N_("empty while still there")),
                Field("visa", N_("Visa type"), "tourist", choices=tuple((v, v) for v in VISAS)),
                Field("alert", N_("Warn me"), "yes", choices=YES_NO),
                Field("notes", N_("Notes"), "오사카 출장"),
            ],
            id="trip",
        )

    def on_form_accepted(self, event: Form.Accepted) -> None:
        if not event.form.values["exit"]:
            event.form.show_faults(
                {"exit": _("The exit date is missing; leave the trip open or give a date.")}
            )
            return
        self.leave()


def app(count: int = 1204, **options: Any) -> DinoApp:
    return DinoApp(None, lambda: TripsScreen(count), **options)


if __name__ == "__main__":
    mark = Path(os.environ.get("FAKE_MARK", os.devnull))

    def clean_up() -> None:
        mark.write_text("cleaned")

    def drop(screen: DinoScreen, paths: tuple[Path, ...]) -> None:
        screen.say("DROPPED " + " | ".join(map(str, paths)), "good")

    risk = os.environ.get("FAKE_RISK")
    hooks = Hooks(clean_up=clean_up, drop=drop, at_risk=(lambda: risk) if risk else None)
    sys.exit(app(int(os.environ.get("FAKE_COUNT", "1204")), hooks=hooks, language="en").start())
