"""The whole story of an import by keys alone: file, map, countries, plan, fix, review, apply, undo."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from import_pilot import (
    HAVE,
    MESSY,
    SIZES,
    app_over,
    have_trips,
    lines_of,
    press,
    settle,
    text_of,
    trip_rows,
    write,
)

from dinotui.storage.staging import staged_files
from dinotui.storage.store import Store
from dinotui.tui.screens.file_picker import FilePicker
from dinotui.tui.screens.import_countries import CountriesScreen
from dinotui.tui.screens.importing import ImportWizard
from dinotui.tui.screens.review import ReviewScreen
from tests.conftest import logical_dump

Write = Callable[[str, str], Path]


@pytest.mark.parametrize("size", SIZES)
async def test_a_messy_file_from_the_picker_to_undo(
    store: Store, write_file: Write, size: tuple[int, int]
) -> None:
    have_trips(store)
    before = logical_dump(store)
    file = write_file("messy.csv", MESSY)
    app = app_over(store)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, "2")
        assert isinstance(app.screen, FilePicker)
        await press(pilot, "slash")
        app.screen.path_field.value = str(file)
        await press(pilot, "enter")

        assert isinstance(app.screen, CountriesScreen)
        assert "Korea" in text_of(pilot)
        await press(pilot, "0", "1")  # Atlantis stays without a code, Korea is South Korea
        assert "2 of 2 answered" in text_of(pilot)
        await press(pilot, "enter")

        assert isinstance(app.screen, ImportWizard)
        assert app.screen.step == "check"
        assert "4 create" in text_of(pilot)
        assert "1 reject" in text_of(pilot)

        await press(pilot, "b", "4")  # bad rows only, fix the first
        assert "a day that the calendar" in text_of(pilot)
        form = app.screen.form  # type: ignore[attr-defined]
        assert form.values["entryDate"] == "30.02.2024"
        await press(pilot, *["backspace"] * 10)  # the cursor is in the faulty field
        await write(pilot, "2024-02-28")
        await press(pilot, "enter")
        assert "is fixed" in text_of(pilot)
        assert "5 create" in text_of(pilot)

        await press(pilot, "n")
        assert isinstance(app.screen, ReviewScreen)
        assert "1 of 3" in lines_of(pilot)[0]
        await press(pilot, "enter")
        assert "Choose for exit date" in " ".join(text_of(pilot).split())
        await press(pilot, "2", "1", "enter")  # exit incoming, visa existing, notes are filled in
        assert "2 of 3" in lines_of(pilot)[0]
        await press(pilot, "1", "enter")
        assert "LIKELY THE SAME TRIP" in text_of(pilot)
        await press(pilot, "enter")  # the suggestion, one key

        assert isinstance(app.screen, ImportWizard)
        assert app.screen.step == "done"
        assert "Ready to import messy.csv" in text_of(pilot)
        assert logical_dump(store) == before, "nothing is written before the last key"
        await press(pilot, "enter")
        assert "messy.csv is imported" in text_of(pilot)
        assert "Backup:" in text_of(pilot)

        rows = trip_rows(store)
        assert len(rows) == len(HAVE) + 5
        japan = rows[0]
        assert (japan[4] - japan[3], japan[5], japan[7]) == (8, "tourist", "오사카 출장")
        assert [row[2] for row in rows[5:]] == ["ES", "KR", "TH", None, "IT"]
        assert staged_files(store.staging) == []

        await press(pilot, "u")
        assert "Undo" in text_of(pilot)
        await press(pilot, "enter")
        assert logical_dump(store) == before
        assert "was undone" in text_of(pilot)
        await press(pilot, "escape")
        assert app.at_home


async def test_leaving_in_the_middle_loses_nothing(store: Store, write_file: Write) -> None:
    have_trips(store)
    file = write_file("messy.csv", MESSY)
    app = app_over(store, [file])
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "0", "1", "n", "n", "2", "1", "enter")
        assert "2 of 3" in lines_of(pilot)[0]
        await press(pilot, "escape", "escape", "escape")
        assert app.at_home
        assert "messy.csv" in text_of(pilot)
        assert "1 of 3 decided" in text_of(pilot)
    [path] = staged_files(store.staging)

    again = app_over(store)
    async with again.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "5")
        assert isinstance(again.screen, ImportWizard)
        assert again.screen.step == "map", "the step where it was left"
        await press(pilot, "n", "n")
        assert isinstance(again.screen, ReviewScreen)
        assert "2 of 3" in lines_of(pilot)[0], "the same record"
        assert "decided 1" in lines_of(pilot)[0]
        await press(pilot, "p")
        assert "Decided: field by field" in text_of(pilot)

    third = app_over(store, review=path.stem)
    async with third.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert isinstance(third.screen, ReviewScreen), "left in the review"
        await press(pilot, "n", "7", "7")
        await settle(pilot)
        assert isinstance(third.screen, ImportWizard)
        assert "2  set aside" in text_of(pilot)
        await press(pilot, "enter")
        assert "2  set aside for later" in text_of(pilot)
        await press(pilot, "v")
        assert isinstance(third.screen, ReviewScreen)
        assert "1 of 2" in lines_of(pilot)[0]


async def test_a_file_that_was_decided_about_is_not_asked_about_again(
    store: Store, write_file: Write
) -> None:
    have_trips(store)
    file = write_file("messy.csv", MESSY)
    for _turn in range(2):
        app = app_over(store, [file])
        async with app.run_test(size=(80, 24)) as pilot:
            await settle(pilot)
            await press(pilot, "0", "1", "n")
            if _turn == 0:
                await press(pilot, "n", "2", "1", "enter", "1", "enter", "enter", "enter")
                assert "is imported" in text_of(pilot)
            else:
                assert "create" not in text_of(pilot)
                await press(pilot, "n", "enter")
                assert "The same file was imported" in text_of(pilot)
    assert len(trip_rows(store)) == len(HAVE) + 4
