"""The wizard's steps one by one: files, mapping, questions, options, the plan, writing, what goes wrong."""

from __future__ import annotations

import dataclasses
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from import_pilot import (
    HOSTILE,
    MESSY,
    app_over,
    assert_harmless,
    have_trips,
    lines_of,
    press,
    settle,
    text_of,
    trip_rows,
    until,
    write,
)
from textual import events
from textual.pilot import Pilot

from dinotui.engine import trips
from dinotui.engine.importing import preview
from dinotui.storage.staging import Staging, staged_files
from dinotui.storage.store import Store
from dinotui.tui.app import DinoApp
from dinotui.tui.import_session import ImportSession
from dinotui.tui.screens.file_picker import FilePicker
from dinotui.tui.screens.import_check import CheckStep
from dinotui.tui.screens.import_choice import AskScreen, ChoiceScreen
from dinotui.tui.screens.import_countries import CountriesScreen
from dinotui.tui.screens.import_fix import FixScreen
from dinotui.tui.screens.import_options import OptionsScreen
from dinotui.tui.screens.importing import ImportWizard
from dinotui.tui.screens.review import ReviewScreen
from tests.conftest import logical_dump

Write = Callable[[str, str], Path]
HEAD = "Country,Entry Date,Exit Date,Visa Type,Max Days,Passport Country,Notes\n"
PLAIN = HEAD + "Japan,2024-03-02,2024-03-10,tourist,90,KR,a\nPeru,2024-05-02,2024-05-09,tourist,,,b\n"
SIZE = (80, 24)


def wizard(pilot: Pilot[Any]) -> ImportWizard:
    screen = pilot.app.screen
    assert isinstance(screen, ImportWizard), screen
    return screen


def said(pilot: Pilot[Any]) -> str:
    """Return the text on the screen without its line breaks."""
    return " ".join(text_of(pilot).split())


def app_screen(app: DinoApp, kind: type) -> Any:
    assert isinstance(app.screen, kind), app.screen
    return app.screen


# files --------------------------------------------------------------------------------------------------


async def test_a_refused_file_is_named_and_the_step_stays(store: Store, write_file: Write) -> None:
    app = app_over(store, [write_file("trips.pdf", "%PDF-1.7 nothing")])
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert wizard(pilot).step == "file"
        assert "This is a PDF document" in lines_of(pilot)[-3]
        assert staged_files(store.staging) == []
        good = write_file("good.csv", PLAIN)
        await press(pilot, "enter")
        app_screen(app, FilePicker).path_field.value = str(good)
        await press(pilot, "slash", "enter")
        assert wizard(pilot).step == "check"
        assert "PDF" not in text_of(pilot)


async def test_going_back_from_the_picker_leaves_the_wizard(store: Store) -> None:
    app = app_over(store)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "2")
        app_screen(app, FilePicker)
        await press(pilot, "escape")
        assert app.at_home


async def test_dropped_files_are_read_together(store: Store, write_file: Write) -> None:
    one = write_file("one.csv", PLAIN)
    two = write_file("two.csv", HEAD + "Spain,2024-07-02,2024-07-10,tourist,,,c\n")
    app = app_over(store)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "2")
        app.screen.post_message(events.Paste(f"'{one}' {two}\n"))
        await settle(pilot)
        assert "one.csv, two.csv" in text_of(pilot)
        assert "3 all" in text_of(pilot)


async def test_one_of_several_tables_is_chosen(store: Store, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("a.csv", PLAIN)
        archive.writestr("b.csv", "Nation,Arrival,Departure,Visa\nSpain,2024-07-02,2024-07-10,tourist\n")
    app = app_over(store, [tmp_path / "two.zip"])
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        screen = app_screen(app, ChoiceScreen)
        assert "several tables" in text_of(pilot)
        assert [choice[0] for choice in screen._choices()] == ["a.csv", "b.csv", "*"]
        await press(pilot, "down", "enter")
        assert "Spain" in text_of(pilot)
        await press(pilot, "p", "o")
        assert app_screen(app, OptionsScreen).form.values["table"] == "b.csv"


async def test_stopping_while_reading_leaves_nothing(
    store: Store, write_file: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = ImportSession.begin

    def slow(self: ImportSession, *given: Any) -> Any:
        cancelled = given[5]
        while not cancelled():
            time.sleep(0.01)
        return begun(self, *given)

    monkeypatch.setattr(ImportSession, "begin", slow)
    app = app_over(store, [write_file("plain.csv", PLAIN)])
    async with app.run_test(size=SIZE) as pilot:
        for _turn in range(1000):
            await pilot.pause(0.01)
            if "Esc stop" in text_of(pilot):
                break
        assert "Esc stop" in text_of(pilot)
        assert wizard(pilot).step == "file"
        await pilot.press("n", "escape")
        await settle(pilot)
        assert "Stopped" in text_of(pilot)
        assert staged_files(store.staging) == []


# map ----------------------------------------------------------------------------------------------------

UNCLEAR = """\
Where;From;To;Type;Remark;City
Japan;02/03/2024;10/03/2024;tourist;hello;Osaka
France;02/05/2024;09/05/2024;;;Paris
"""


async def test_an_open_date_order_is_asked_with_what_each_would_mean(store: Store, write_file: Write) -> None:
    app = app_over(store, [write_file("unclear.csv", UNCLEAR)])
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert wizard(pilot).step == "map"
        await press(pilot, "n")
        assert "Answer first" in text_of(pilot)
        assert "--" not in text_of(pilot), "no words for the command line"
        assert wizard(pilot).step == "map"
        await press(pilot, "home", "enter")
        assert "02/03/2024 → 2024-02-03" in text_of(pilot)
        await press(pilot, "down", "enter")
        assert "You chose month-first" in text_of(pilot)
        await press(pilot, "n")
        assert wizard(pilot).step == "check"
        assert "2024-02-03" in text_of(pilot)


async def test_rows_are_drawn_from_what_they_were_made_of(store: Store, write_file: Write) -> None:
    """A job puts the next picture in place in its thread, a moment before the rows are made anew."""
    app = app_over(store, [write_file("unclear.csv", UNCLEAR)])
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "home")
        session = wizard(pilot).session
        assert session.picture is not None
        session.picture = dataclasses.replace(session.picture, questions=(), tables=())
        wizard(pilot).step_widget("map").refresh(layout=True)
        for part in wizard(pilot).query("Page"):
            part.refresh(layout=True)
        await pilot.pause()
        assert "Which" in text_of(pilot) or "date" in text_of(pilot)
        wizard(pilot).session_changed()
        await pilot.pause()


async def test_fields_change_with_the_arrow_keys_and_the_plan_follows(
    store: Store, write_file: Write
) -> None:
    app = app_over(store, [write_file("plain.csv", PLAIN)])
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "p", "end", "up")
        step = wizard(pilot).step_widget("map")
        await press(pilot, "home", *["down"] * 6)
        assert "notes" in lines_of(pilot)[12] or "notes" in text_of(pilot)
        await press(pilot, "0")
        await until(pilot, lambda: bool(step.picture and step.picture.settings.maps))
        picture = step.picture
        assert picture is not None
        assert picture.settings.maps == ("Notes=-",)
        assert picture.tables[0].mapping.column_of("notes") is None
        await press(pilot, "+")
        await press(pilot, "n")  # goes on only once the plan has followed
        assert wizard(pilot).step == "check"
        assert wizard(pilot).picture.settings.maps == ("Notes=notes+",)  # type: ignore[union-attr]
        await press(pilot, "n", "enter")
        assert [row[-1] for row in trip_rows(store)] == ["Notes: a", "Notes: b"]


async def test_what_the_file_lacks_is_given_once(store: Store, write_file: Write) -> None:
    file = write_file("stays.csv", "Start,End\n25.05.2023,10.08.2023\n15.09.2023,20.09.2023\n")
    app = app_over(store, [file])
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert wizard(pilot).step == "map"
        assert "! missing" in text_of(pilot)
        await press(pilot, "n")
        assert "No column holds the country" in text_of(pilot)
        await press(pilot, "home", "down", "down", "enter")
        app_screen(app, AskScreen)
        await write(pilot, "Spain")
        await press(pilot, "enter")
        await press(pilot, "down", "enter")
        await write(pilot, "tourist")
        await press(pilot, "enter", "n")
        assert wizard(pilot).step == "check"
        assert "2 create" in text_of(pilot)
        await press(pilot, "n", "enter")
        assert [row[1:3] for row in trip_rows(store)] == [("Spain", "ES")] * 2


async def test_reading_options_read_again_and_wrong_ones_change_nothing(
    store: Store, write_file: Write
) -> None:
    app = app_over(store, [write_file("plain.csv", PLAIN)])
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "p", "o")
        screen = app_screen(app, OptionsScreen)
        assert "detected: comma" in text_of(pilot)
        screen.form.set_values({"header_row": "0"})
        await until(pilot, lambda: "no header row" in text_of(pilot) and screen.picture.records == 3)
        assert "no header row" in text_of(pilot)
        assert screen.picture.records == 3
        screen.form.set_values({"header_row": ""})
        await until(pilot, lambda: screen.picture.records == 2)
        assert screen.picture.records == 2
        await press(pilot, "enter")
        assert wizard(pilot).step == "map"


async def test_a_refused_encoding_is_taken_back(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "korean.csv"
    path.write_bytes(MESSY.encode("cp949"))
    app = app_over(store, [path])
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "0", "0", "n", "p", "o")
        screen = app_screen(app, OptionsScreen)
        assert "detected: cp949" in text_of(pilot)
        screen.form.set_values({"encoding": "utf-8"})
        await until(pilot, lambda: screen.form.values["encoding"] == "")
        assert "UTF-8" in lines_of(pilot)[-2] or "UTF-8" in text_of(pilot)
        assert screen.form.values["encoding"] == ""
        assert (screen.picture.records, screen.picture.settings.encoding) == (10, None)
        await press(pilot, "enter", "n", "n")
        assert "3 ask" not in text_of(pilot)


# countries ----------------------------------------------------------------------------------------------


async def test_each_unknown_country_is_asked_once_for_all_records(store: Store, write_file: Write) -> None:
    rows = "".join(f"Korea,2024-0{n}-01,2024-0{n}-05,tourist,,,\n" for n in range(1, 6))
    app = app_over(store, [write_file("k.csv", HEAD + rows + "Wonderland,2023-01-01,,tourist,,,\n")])
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app_screen(app, CountriesScreen)
        await press(pilot, "2")
        assert "North Korea KP" in text_of(pilot)
        await press(pilot, "+")
        await write(pilot, "nowhere at all")
        await press(pilot, "enter")
        assert "no country that is known" in text_of(pilot)
        app_screen(app, AskScreen).form.set_values({"country": "gb"})
        await press(pilot, "enter")
        assert "United Kingdom GB" in text_of(pilot)
        await press(pilot, "n")
        picture = wizard(pilot).picture
        assert picture is not None
        assert picture.settings.countries == {"korea": "KP", "wonderland": "GB"}
        assert picture.countries == ()
        await press(pilot, "n", "enter")
        assert [row[2] for row in trip_rows(store)] == ["KP"] * 5 + ["GB"]


# check --------------------------------------------------------------------------------------------------


async def test_views_filter_and_bad_rows(store: Store, write_file: Write) -> None:
    have_trips(store)
    app = app_over(store, [write_file("messy.csv", MESSY)])
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "0", "1", "n")
        step = wizard(pilot).step_widget("check")
        assert isinstance(step, CheckStep)
        seen = []
        for _view in range(5):
            seen.append((step.view_action, step.records.count))
            await press(pilot, "right")
        assert seen == [("", 10), ("create", 4), ("skip", 2), ("ask", 3), ("reject", 1)]
        assert step.view_action == ""
        await press(pilot, "b")
        assert step.records.count == 2
        await press(pilot, "b", "slash")
        await write(pilot, "오사카")
        await until(pilot, lambda: step.records.count == 1)
        await press(pilot, "enter")
        assert step.records.count == 1
        await press(pilot, "escape")
        assert step.records.count == 10


async def test_the_record_stands_beside_the_list_where_there_is_room(store: Store, write_file: Write) -> None:
    app = app_over(store, [write_file("plain.csv", PLAIN)])
    async with app.run_test(size=(140, 40)) as pilot:
        await settle(pilot)

        def place() -> int:
            return max((line.find("plain.csv, row 2") for line in lines_of(pilot)), default=-1)

        await until(pilot, lambda: place() > 80)
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: 0 <= place() < 5)


async def test_a_record_still_wrong_keeps_its_form_open(store: Store, write_file: Write) -> None:
    app = app_over(store, [write_file("bad.csv", HEAD + "Japan,2024-02-30,2024-03-04,,,,\n")])
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        screen = app_screen(app, FixScreen)
        assert "visa type is missing" in text_of(pilot)
        screen.form.set_values({"entryDate": "2024-03-01"})
        await press(pilot, "enter")
        assert "still rejected" in text_of(pilot)
        app_screen(app, FixScreen)
        screen.form.set_values({"visaType": "tourist"})
        await press(pilot, "enter")
        assert "is fixed: it will be created" in text_of(pilot)
        await press(pilot, "n", "enter")
        assert len(trip_rows(store)) == 1


async def test_a_record_is_left_out_and_taken_in_again(store: Store, write_file: Write) -> None:
    app = app_over(store, [write_file("plain.csv", PLAIN)])
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "0")
        assert "1 skip" in text_of(pilot)
        assert "You leave it out" in text_of(pilot)
        await press(pilot, "0")
        assert "2 create" in text_of(pilot)
        await press(pilot, "0", "n", "enter")
        assert [row[1] for row in trip_rows(store)] == ["Peru"]


async def test_rejects_are_saved_before_or_after_writing(
    store: Store, write_file: Write, tmp_path: Path
) -> None:
    app = app_over(store, [write_file("bad.csv", PLAIN + "Spain,2024-02-30,,tourist,,,x\n")])
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "s")
        assert app_screen(app, AskScreen).form.values["path"] == str(tmp_path / "bad.rejects.csv")
        await press(pilot, "enter")
        assert "2024-02-30" in (tmp_path / "bad.rejects.csv").read_text("utf-8-sig")
        await press(pilot, "n", "enter", "s")
        assert app_screen(app, AskScreen).form.values["path"] == str(tmp_path / "bad.rejects-2.csv")
        app.screen.form.set_values({"path": str(tmp_path / "bad.rejects.csv")})  # type: ignore[attr-defined]
        await press(pilot, "enter")
        assert "exists already" in text_of(pilot)
        app.screen.form.set_values({"path": str(tmp_path / "later.csv")})  # type: ignore[attr-defined]
        await press(pilot, "enter")
        assert "1 record saved" in text_of(pilot)
    assert (tmp_path / "later.csv").read_bytes() == (tmp_path / "bad.rejects.csv").read_bytes()
    assert list(store.scratch.iterdir()) == []


# options of the plan and writing --------------------------------------------------------------------------


async def test_replacing_asks_and_names_how_many_trips_go(store: Store, write_file: Write) -> None:
    have_trips(store)
    before = logical_dump(store)
    app = app_over(store, [write_file("plain.csv", PLAIN)])
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "o", "left", "enter")  # the last strategy is to replace
        await settle(pilot)
        assert "5 of your trips go" in text_of(pilot)
        await press(pilot, "n", "enter")
        assert "5 of your trips go: the file replaces what you have." in said(pilot)
        await press(pilot, "enter")
        assert logical_dump(store) == before, "the key that asked does not confirm"
        await press(pilot, "1")
        assert [row[1] for row in trip_rows(store)] == ["Japan", "Peru"]
        await press(pilot, "u", "enter")
        assert logical_dump(store) == before


async def test_plan_options_hold_for_the_import_and_its_resumption(store: Store, write_file: Write) -> None:
    have_trips(store)
    app = app_over(store, [write_file("messy.csv", MESSY)])
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "0", "1", "n", "o")
        screen = app_screen(app, OptionsScreen)
        screen.form.set_values(
            {"resolution": "update", "backup": "no", "detection": "strict", "threshold": "100"}
        )
        await press(pilot, "escape")
        await settle(pilot)
        configuration = wizard(pilot).picture.configuration  # type: ignore[union-attr]
        assert configuration.duplicate_handling.resolution == "update"
        assert configuration.duplicate_handling.threshold == 1.0
        assert not configuration.backup.create_backup
        assert "0 ask" not in text_of(pilot)
        await press(pilot, "escape", "escape")
        assert app.at_home
    again = app_over(store)
    async with again.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "5")
        assert wizard(pilot).picture.configuration == configuration  # type: ignore[union-attr]
        await press(pilot, "n", "n")
        assert "No backup is made first" in text_of(pilot)


async def test_a_plan_that_changed_meanwhile_is_shown_again(store: Store, write_file: Write) -> None:
    app = app_over(store, [write_file("plain.csv", PLAIN)])
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "n")
        screen = wizard(pilot)
        screen.look = lambda: None  # type: ignore[method-assign]  # as if the change came the moment before
        fields = {"country": "Japan", "entryDate": "2024-03-02", "exitDate": "2024-03-10", "visaType": "work"}
        trips.add_trip(store, fields)
        await press(pilot, "enter")
        assert screen.step == "check"
        assert "record 1 is planned anew" in said(pilot)
        assert "1 ask" in text_of(pilot)
        assert len(trip_rows(store)) == 1


async def test_trips_changed_elsewhere_are_noticed(store: Store, write_file: Write) -> None:
    app = app_over(store, [write_file("plain.csv", PLAIN)])
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        with store.sibling() as other:
            fields = {
                "country": "Japan",
                "entryDate": "2024-03-02",
                "exitDate": "2024-03-10",
                "visaType": "work",
            }
            trips.add_trip(other, fields)
        wizard(pilot).look()
        await settle(pilot)
        assert "changed meanwhile" in text_of(pilot)
        assert "1 ask" in text_of(pilot)


async def test_strict_says_what_stops_it(store: Store, write_file: Write) -> None:
    app = app_over(store, [write_file("bad.csv", PLAIN + "Spain,2024-02-30,,tourist,,,x\n")])
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "o")
        app_screen(app, OptionsScreen).form.set_values({"strict": "yes"})
        await press(pilot, "enter")
        await press(pilot, "n", "enter")
        assert "Nothing was imported" in said(pilot)
        assert wizard(pilot).step == "check"
        assert trip_rows(store) == []


# leaving ------------------------------------------------------------------------------------------------


async def test_discarding_names_the_import_and_takes_a_yes(store: Store, write_file: Write) -> None:
    app = app_over(store, [write_file("plain.csv", PLAIN)])
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "x")
        assert "Discard the import of “plain.csv”?" in text_of(pilot)
        await press(pilot, "x", "escape")
        assert len(staged_files(store.staging)) == 1
        await press(pilot, "delete", "1")
        assert app.at_home
        assert staged_files(store.staging) == []
        assert "Discarded" in text_of(pilot)


async def test_an_import_open_elsewhere_is_a_sentence(store: Store, write_file: Write) -> None:
    first = app_over(store, [write_file("plain.csv", PLAIN)])
    async with first.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "escape", "escape")
        assert first.at_home
    [path] = staged_files(store.staging)
    with Staging(path):
        app = app_over(store)
        async with app.run_test(size=SIZE) as pilot:
            await settle(pilot)
            await press(pilot, "5")
            assert app.at_home
            assert "open in another dinotui" in said(pilot)
            app.push_screen(ImportWizard.resume(path.stem))
            await settle(pilot)
            assert "open in another dinotui" in said(pilot)


async def test_files_nobody_decided_about_make_room_for_others(store: Store, write_file: Write) -> None:
    app = app_over(store, [write_file("plain.csv", PLAIN)])
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        wizard(pilot).read([write_file("other.csv", PLAIN)])
        await settle(pilot)
        [path] = staged_files(store.staging)
        with Staging(path, hold=False) as seen:
            assert seen.meta("files")[0]["name"] == "other.csv"
    with Staging(path):
        pass  # leaving the app let go of it


# hostile text ---------------------------------------------------------------------------------------------


async def test_hostile_text_is_shown_literally_on_every_step(store: Store, tmp_path: Path) -> None:
    import csv

    trips.add_trip(
        store,
        {
            "country": "Japan",
            "entryDate": "2024-03-02",
            "exitDate": "2024-03-09",
            "visaType": HOSTILE,
            "notes": HOSTILE,
        },
    )
    path = tmp_path / "a\x1b[2J [b] \u202ec.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["Country", "Entry Date", "Exit Date", "Visa Type", "Notes", HOSTILE])
        writer.writerow([HOSTILE, "2024-03-02", "2024-03-10", "tourist", HOSTILE, HOSTILE])
        writer.writerow(["Japan", "2024-03-02", "2024-03-10", HOSTILE + "!", HOSTILE + "?", "x"])
        writer.writerow(["Japan", HOSTILE, "2024-03-10", "tourist", "", HOSTILE])
    app = app_over(store, [path])
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        walk: tuple[tuple[type, tuple[str, ...]], ...] = (
            (CountriesScreen, ("+",)),
            (AskScreen, ("escape", "0", "n")),
            (ImportWizard, ("down", "down")),
            (ImportWizard, ("enter",)),
            (FixScreen, ("escape", "p")),
            (ImportWizard, ("end", "up", "up", "enter")),
            (ChoiceScreen, ("escape", "o")),
            (OptionsScreen, ("escape", "n", "n")),
            (ReviewScreen, ("down", "down", "=", "4")),
            (AskScreen, ("escape", "u", "2", "2", "2", "2")),
            (ReviewScreen, ("a", "7")),
            (ImportWizard, ("enter",)),
            (ImportWizard, ("question_mark",)),
        )
        for kind, keys in walk:
            assert isinstance(app.screen, kind), (app.screen, kind, text_of(pilot))
            assert_harmless(pilot)
            await press(pilot, *keys)
        assert_harmless(pilot)
        assert "is imported" in "".join(
            "".join(text for text, _style in line)
            for screen in app.screen_stack
            if isinstance(screen, ImportWizard)
            for line in screen.step_widget("done").query_one("#done-page").lines(78)  # type: ignore[attr-defined]
        )


async def test_a_large_plan_is_searched_beside_the_screen(store: Store, write_file: Write) -> None:
    rows = "".join(
        f"Japan,{1970 + n // 300}-0{1 + n % 9}-{10 + n % 18},,tourist,,,n{n}\n" for n in range(4000)
    )
    app = app_over(store, [write_file("many.csv", HEAD + rows)])
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        step = wizard(pilot).step_widget("check")
        assert isinstance(step, CheckStep)
        await press(pilot, "end")
        assert step.current is not None
        assert step.current.record == 4000
        step.filtered("n399")
        for _turn in range(100):
            await pilot.pause(0.02)
            if step.records.count == 11:
                break
        assert [step.records._row(n).key for n in range(11)] == [400, *range(3991, 4001)]  # type: ignore[union-attr]
        step.show_view("create")
        for _turn in range(100):
            await pilot.pause(0.02)
            if step.records.count != 11:
                break
        view = step.session.look()
        assert view is not None
        wanted = list(preview.numbers(view, preview.PreviewFilter(action="create", text="n399")))
        assert step.records.count == len(wanted)
