"""One record of an import: all of it in sight, its dates turned round, its file told from others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from import_pilot import app_over, lines_of, press, settle, text_of, trip_rows
from textual.pilot import Pilot

from dinotui.domain.dates import iso_day
from dinotui.engine import trips
from dinotui.storage.store import Store
from dinotui.tui.screens.import_choice import AskScreen
from dinotui.tui.screens.import_fix import FixScreen
from dinotui.tui.screens.importing import ImportWizard
from dinotui.tui.screens.review import ReviewScreen

Write = Callable[[str, str], Path]
HEAD = "Country,Entry Date,Exit Date,Visa Type,Max Days,Passport Country,Notes\n"
FIELDS = ("country", "entryDate", "exitDate", "visaType")
LONG = "note " * 120 + "and the end"
SWAPPED = (
    HEAD
    + "Spain,2024-12-25,2024-12-20,tourist,90,KR,a\nPeru,2024-05-09,2024-05-02,tourist,,,b\n"
    + "Japan,2023-05-01,2023-05-09,tourist,,,c\n"
)


def picture_of(pilot: Pilot[Any]) -> Any:
    wizard = next(screen for screen in pilot.app.screen_stack if isinstance(screen, ImportWizard))
    assert wizard.picture is not None
    return wizard.picture


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_the_rest_of_a_record_can_be_read(
    store: Store, write_file: Write, size: tuple[int, int]
) -> None:
    rows = f"Peru,2022-02-01,2022-02-13,tourist,10,KR,{LONG}\n"
    app = app_over(store, [write_file("long.csv", HEAD + rows)])
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        assert "… Enter shows the rest" in text_of(pilot)
        await press(pilot, "enter")
        assert isinstance(app.screen, FixScreen)
        seen = text_of(pilot)
        assert "PgDn" in seen
        for _page in range(40):
            if "the end" in lines_of(pilot)[-4] + lines_of(pilot)[-5] and "In the file" in seen:
                break
            await press(pilot, "pagedown")
            seen += text_of(pilot)
        assert "In the file" in seen
        assert "The stay of 13 days" in seen
        flat = " ".join(seen.split())
        assert flat.count("and the end") >= 2, "in the values and in the file's cells"
        await press(pilot, *["pageup"] * 40)
        assert "long.csv, row 2" in text_of(pilot)


async def test_a_short_record_is_all_in_sight(store: Store, write_file: Write) -> None:
    rows = "Peru,2022-02-01,2022-02-13,tourist,10,KR,a note that takes a while to be read to its end\n"
    app = app_over(store, [write_file("short.csv", HEAD + rows)])
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        below = lines_of(pilot)[12:-2]
        assert "In the file" in "".join(below)
        assert not any("…" in line for line in below)
        assert "PgDn" not in text_of(pilot)


async def test_dates_the_wrong_way_round_are_swapped_in_the_form(store: Store, write_file: Write) -> None:
    app = app_over(store, [write_file("swapped.csv", SWAPPED)])
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        assert "F6 swap the dates" in text_of(pilot)
        await press(pilot, "f6")
        screen = app.screen
        assert isinstance(screen, FixScreen)
        assert screen.form.values["entryDate"] == "2024-12-20"
        assert screen.form.values["exitDate"] == "2024-12-25"
        assert "F6 swap the dates" not in text_of(pilot)
        await press(pilot, "enter")
        assert "is fixed: it will be created" in text_of(pilot)
        assert picture_of(pilot).counts.corrected == 1
        assert "Entry and exit stood the wrong way round" in text_of(pilot)
        assert "1 corrected" in text_of(pilot)


async def test_dates_the_wrong_way_round_are_swapped_in_all_records(store: Store, write_file: Write) -> None:
    app = app_over(store, [write_file("swapped.csv", SWAPPED)])
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "= swap dates" in text_of(pilot)
        await press(pilot, "end")
        assert "= swap dates" not in text_of(pilot)
        await press(pilot, "home", "=")
        counts = picture_of(pilot).counts
        assert (counts.create, counts.reject, counts.corrected) == (3, 0, 2)
        assert "2 records" in text_of(pilot)
        await press(pilot, "=")
        counts = picture_of(pilot).counts
        assert (counts.create, counts.reject, counts.corrected) == (1, 2, 0)
        await press(pilot, "=", "n", "enter")
        assert (iso_day("2024-12-20"), iso_day("2024-12-25")) in [row[3:5] for row in trip_rows(store)]


async def test_the_plan_shows_its_columns_before_free_text(store: Store, write_file: Write) -> None:
    rows = "Peru,2022-02-01,2022-02-13,tourist,10,KR,x\nJapan,2023-05-01,2023-05-09,business,,,c\n"
    app = app_over(store, [write_file("plain.csv", HEAD + rows)])
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        shown = text_of(pilot)
        head = next(line for line in shown.splitlines() if "Row" in line and "Action" in line)
        assert head.split() == ["Row", "Action", "Country", "Entry", "Exit", "Visa", "What", "to", "know"]
        first = next(line for line in shown.splitlines() if line.startswith(">"))
        for text in ("+ create", "Peru", "PE", "2022-02-01", "2022-02-13", "tourist", "The stay of"):
            assert text in first
        await pilot.resize_terminal(60, 20)
        await settle(pilot)
        first = next(line for line in lines_of(pilot) if line.startswith(">"))
        for text in ("+ create", "Peru", "2022-02-01", "2022-02-13"):
            assert text in first


async def test_the_rows_of_several_files_are_told_apart(store: Store, write_file: Write) -> None:
    one = write_file("spring.csv", HEAD + "Peru,2022-02-01,2022-02-13,tourist,90,KR,x\n")
    two = write_file("autumn.csv", HEAD + "Chile,2022-10-01,2022-10-13,tourist,90,KR,x\n")
    app = app_over(store, [one, two])
    for size in ((80, 24), (60, 20)):
        async with app_over(store, [one, two]).run_test(size=size) as pilot:
            await settle(pilot)
            assert "1 spring.csv   2 autumn.csv" in text_of(pilot)
            rows = [line for line in lines_of(pilot) if "+ create" in line and "2022-" in line]
            assert [row.strip(" >").split()[0] for row in rows] == ["1:2", "2:2"]
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "down", "enter")
        assert "autumn.csv, row 2" in text_of(pilot)


async def test_rejects_of_a_resumed_import_are_named_after_its_file(
    store: Store, write_file: Write, tmp_path: Path
) -> None:
    trips.add_trip(store, dict(zip(FIELDS, ("Japan", "2023-05-01", "2023-05-08", "tourist"), strict=True)))
    first = app_over(store, [write_file("swapped.csv", SWAPPED)])
    async with first.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "n")
        assert isinstance(first.screen, ReviewScreen)
        import_id = first.screen.session.import_id
    again = app_over(store, review=import_id)
    async with again.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert isinstance(again.screen, ReviewScreen)
        await press(pilot, "7")
        assert isinstance(again.screen, ImportWizard)
        again.screen.go("check")
        await press(pilot, "s")
        assert isinstance(again.screen, AskScreen), text_of(pilot)
        assert again.screen.form.values["path"] == str(tmp_path / "swapped.rejects.csv")


async def test_an_import_that_would_change_nothing_says_so(store: Store, write_file: Write) -> None:
    for name in ("one.csv", "two.csv"):
        app = app_over(store, [write_file(name, HEAD + "Peru,2022-02-01,2022-02-13,tourist,90,KR,x\n")])
        async with app.run_test(size=(80, 24)) as pilot:
            await settle(pilot)
            await press(pilot, "n")
            seen = " ".join(text_of(pilot).split())
            if name == "one.csv":
                assert "Enter imports now" in seen
            else:
                assert "Nothing would be written" in seen
                assert "Enter imports now" not in seen
                assert "A backup of your data" not in seen
                assert "x throws the import away" in seen
            await press(pilot, "enter")
    assert len(trip_rows(store)) == 1


async def test_an_import_of_rejects_alone_says_what_to_do_and_saves_them(
    store: Store, write_file: Write
) -> None:
    app = app_over(store, [write_file("bad.csv", HEAD + "Peru,2022-02-30,,tourist,,,x\n")])
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "n")
        seen = " ".join(text_of(pilot).split())
        assert "Nothing would be written" in seen
        assert "p goes back, where 4 puts the rejected record right and s saves it" in seen
        await press(pilot, "s")
        assert isinstance(app.screen, AskScreen)


async def test_what_is_for_later_is_counted_as_a_part_of_what_asks(store: Store, write_file: Write) -> None:
    trips.add_trip(store, dict(zip(FIELDS, ("Japan", "2023-05-01", "2023-05-08", "tourist"), strict=True)))
    app = app_over(store, [write_file("one.csv", HEAD + "Japan,2023-05-01,2023-05-09,tourist,,,c\n")])
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "7", "p")
        assert "1 of 1 that ask is for later" in text_of(pilot)
        assert "? 1 ask" in text_of(pilot)


async def test_fields_below_the_edge_are_marked(store: Store, write_file: Write) -> None:
    app = app_over(store, [write_file("swapped.csv", SWAPPED)])
    async with app.run_test(size=(60, 20)) as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        assert "Notes" not in [line.split()[0] for line in lines_of(pilot) if line.split()]
        assert "↓ more fields" in text_of(pilot)
        await press(pilot, *["down"] * 4)
        assert "↓ more fields" not in text_of(pilot)
        await press(pilot, "escape", "o")
        assert "Backup as" not in text_of(pilot)
        assert "↓ more fields" in text_of(pilot)
        await press(pilot, *["down"] * 11)
        assert "Backup as" in text_of(pilot)
        assert "↓ more fields" not in text_of(pilot)


async def test_what_the_last_step_has_no_room_for_is_marked(store: Store, write_file: Write) -> None:
    rows = (
        "".join(
            f"Land of the long name that takes two lines {n},202{n}-02-01,202{n}-02-13,tourist,10,,\n"
            for n in range(5)
        )
        + "Peru,x,,a,,,\n"
    )
    app = app_over(store, [write_file("many.csv", HEAD + rows)])
    async with app.run_test(size=(60, 20)) as pilot:
        await settle(pilot)
        await press(pilot, "n", "n", "enter")
        assert "is imported" in text_of(pilot)
        assert "more lines on a higher screen" in text_of(pilot)
        await pilot.resize_terminal(80, 40)
        await settle(pilot)
        assert "s saves the rejected record" in text_of(pilot)
        assert "more lines" not in text_of(pilot)
