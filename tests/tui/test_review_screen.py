"""The review by keys alone: each field, whole records, all alike, taking back, leaving and coming back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from import_pilot import app_over, lines_of, press, settle, text_of, trip_rows, write
from textual.pilot import Pilot
from tui_store import check_snapshot

from dinotui.engine import trips
from dinotui.storage.store import Store
from dinotui.tui.screens.import_choice import AskScreen
from dinotui.tui.screens.importing import ImportWizard
from dinotui.tui.screens.review import ReviewScreen
from tests.conftest import logical_dump

Write = Callable[[str, str], Path]
SIZES = ((80, 24), (120, 40))
HAVE = (
    ("Japan", "2024-01-02", "2024-01-09", ""),
    ("France", "2024-02-02", "2024-02-09", ""),
    ("Italy", "2024-03-02", "2024-03-09", ""),
    ("Spain", "2024-04-02", "2024-04-09", "with Min"),
)
ROWS = "Country,Entry Date,Exit Date,Visa Type,Max Days,Passport Country,Notes\n" + "".join(
    f"{country},{entry},{leaving[:-2]}10,tourist,90,KR,{'for work' if notes else ''}\n"
    for country, entry, leaving, notes in HAVE
)
"""The same stays, each left one day later: three that differ in the exit only, one in its notes as well."""


@pytest.fixture
def review_file(store: Store, write_file: Write) -> Path:
    """Add the trips and write the file that repeats them a little differently."""
    for country, entry, leaving, notes in HAVE:
        fields = {"country": country, "entryDate": entry, "exitDate": leaving, "notes": notes}
        trips.add_trip(store, {**fields, "visaType": "tourist", "maxDays": "90", "passportCountry": "KR"})
    return write_file("later.csv", ROWS)


def exits(store: Store) -> dict[str, int]:
    """Return the days from entry to exit of each trip, by country."""
    return {f"{row[1]} {number}": row[4] - row[3] for number, row in enumerate(trip_rows(store))}


def head(pilot: Pilot[Any]) -> str:
    return " ".join(lines_of(pilot)[0].split())


@pytest.mark.parametrize("size", SIZES)
async def test_fields_are_chosen_one_by_one_and_written_as_shown(
    store: Store, review_file: Path, size: tuple[int, int]
) -> None:
    app = app_over(store, [review_file])
    before = logical_dump(store)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, "n")
        assert isinstance(app.screen, ReviewScreen)
        assert "2024-01-[09]" in text_of(pilot)
        assert "9 of 90 days used" in text_of(pilot), "what each date would mean"
        await press(pilot, "3")
        assert "Only notes can keep both" in text_of(pilot)
        await press(pilot, "2")
        assert "2024-01-10          2 you" in text_of(pilot) or size[0] > 80
        await press(pilot, "1", "enter")  # the last word counts
        assert "2 of 4 decided 1" in head(pilot)
        await press(pilot, "4")
        assert isinstance(app.screen, AskScreen)
        await press(pilot, *["backspace"] * 10)
        await write(pilot, "2024-02-30")
        await press(pilot, "enter")
        assert isinstance(app.screen, AskScreen), "a day that does not exist is not taken"
        await press(pilot, "backspace", "backspace")
        await write(pilot, "12")
        await press(pilot, "enter", "enter")
        assert "3 of 4 decided 2" in head(pilot)
        await press(pilot, "2", "enter", "2", "enter")
        assert isinstance(app.screen, ImportWizard)
        assert app.screen.step == "done"
        assert logical_dump(store) == before
        await press(pilot, "enter")
        assert "is imported" in text_of(pilot)
    assert list(exits(store).values()) == [7, 10, 8, 8]
    assert trip_rows(store)[3][-1] == "with Min\nfor work", "notes keep both unless told otherwise"


@pytest.mark.parametrize("size", SIZES)
async def test_records_are_separate_left_out_or_set_aside(
    store: Store, review_file: Path, size: tuple[int, int]
) -> None:
    app = app_over(store, [review_file])
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, "n", "5", "6", "7")
        assert "4 of 4 decided 2 later 1" in head(pilot)
        await press(pilot, "p", "p")
        assert "2 of 4" in head(pilot)
        assert "left out" in text_of(pilot).lower()
        await press(pilot, "n", "n", "n")
        assert "only one left" in text_of(pilot)
        await press(pilot, "escape", "n")
        assert isinstance(app.screen, ReviewScreen), "an undecided conflict stands before the last step"
        assert "4 of 4" in head(pilot)
        await press(pilot, "7")
        assert isinstance(app.screen, ImportWizard)
        assert app.screen.step == "done"
        await press(pilot, "enter")
        assert "2  set aside for later" in text_of(pilot)
    assert [row[1] for row in trip_rows(store)] == ["Japan", "France", "Italy", "Spain", "Japan"]


@pytest.mark.parametrize("size", SIZES)
async def test_all_alike_are_decided_with_one_answer_and_taken_back_with_one_key(
    store: Store, review_file: Path, size: tuple[int, int]
) -> None:
    app = app_over(store, [review_file])
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, "n", "a")
        assert "First choose for every field" in text_of(pilot)
        await press(pilot, "2", "a")
        asked = " ".join(text_of(pilot).split())
        assert "for this and 2 others that differ in exit date" in asked
        assert "France 2024-02-02, Italy 2024-03-02" in asked
        await press(pilot, "escape")
        assert "1 of 4 decided 0" in head(pilot), "only looked"
        await press(pilot, "a", "enter")
        assert "4 of 4 decided 3" in head(pilot)
        assert "3 decided as one" in text_of(pilot)
        await press(pilot, "u")
        assert "1 of 4 decided 0" in head(pilot)
        assert "3 are open again" in text_of(pilot)
        await press(pilot, "u")
        assert "Nothing is decided yet" in text_of(pilot)
        await press(pilot, "2", "a", "enter", "1", "enter", "enter")
        assert "is imported" in text_of(pilot)
    assert list(exits(store).values()) == [8, 8, 8, 7]


@pytest.mark.parametrize("size", SIZES)
async def test_leaving_keeps_the_place_and_what_is_decided(
    store: Store, review_file: Path, size: tuple[int, int]
) -> None:
    app = app_over(store, [review_file])
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, "n", "2", "enter")
        check_snapshot(app, f"review-{size[0]}x{size[1]}")
        await press(pilot, "equals_sign")
        assert "= passport" in text_of(pilot)
        assert "hidden" not in text_of(pilot)
        await press(pilot, "equals_sign", "n", "escape", "escape", "escape", "escape")
        assert app.at_home
        assert "1 of 4 decided" in text_of(pilot)
    again = app_over(store)
    async with again.run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, "5")
        await press(pilot, *(["n"] if isinstance(again.screen, ImportWizard) else []))
        while isinstance(again.screen, ImportWizard):
            assert again.screen.step != "done"
            await press(pilot, "n")
        assert "3 of 4 decided 1" in head(pilot), "the conflict where it was left"
        await press(pilot, "p", "p")
        assert "Decided: the incoming values" in text_of(pilot), text_of(pilot)
        await press(pilot, "home")
        assert "1 of 4" in head(pilot)
        await press(pilot, "end")
        assert "4 of 4" in head(pilot)


async def test_a_trip_changed_elsewhere_takes_its_decision_back(store: Store, review_file: Path) -> None:
    app = app_over(store, [review_file])
    async with app.run_test(size=SIZES[0]) as pilot:
        await settle(pilot)
        await press(pilot, "n", "2", "enter")
        assert "2 of 4 decided 1" in head(pilot)
        with store.sibling() as other:
            [japan] = [row for row in trips_of(other) if row["country"] == "Japan"]
            trips.edit_trip(other, japan["id"], {"exitDate": "2024-01-08"})
        for _turn in range(400):
            await pilot.pause(0.01)
            if "changed meanwhile" in text_of(pilot):
                break
        await settle(pilot)
        assert "decision was taken back" in " ".join(text_of(pilot).split())
        await press(pilot, "home")
        assert "Changed since you decided" in text_of(pilot)


def trips_of(store: Store) -> list[dict[str, Any]]:
    return [
        dict(zip(("id", "country"), row, strict=True))
        for row in store.database.rows("SELECT id, country FROM trip")
    ]


async def test_what_is_chosen_for_a_field_is_there_again(store: Store, review_file: Path) -> None:
    """On the next visit, after a restart, and when the decision is taken back."""
    app = app_over(store, [review_file])
    async with app.run_test(size=SIZES[0]) as pilot:
        await settle(pilot)
        await press(pilot, "n", "2", "n", "p")
        assert "2024-01-10          2 you" in text_of(pilot)
        await press(pilot, "4", *["backspace"] * 2)
        await write(pilot, "12")
        await press(pilot, "enter", "enter", "u")
        assert "Taken back" in text_of(pilot)
        assert "2024-01-12          4 you" in text_of(pilot)
        await press(pilot, "end", "1", "escape", "escape", "escape")
        assert app.at_home
    again = app_over(store)
    async with again.run_test(size=SIZES[0]) as pilot:
        await settle(pilot)
        await press(pilot, "5", "n", "n")
        assert isinstance(again.screen, ReviewScreen)
        await press(pilot, "end")
        assert "2024-04-09          1 you" in text_of(pilot)
        await press(pilot, "enter", "home", "enter")
        assert "2 of 4 decided 2" in head(pilot)
        await press(pilot, "p")
        assert "2024-01-12          4 you" in text_of(pilot)


async def test_enter_decides_what_was_set_aside_as_result_shows(store: Store, review_file: Path) -> None:
    app = app_over(store, [review_file])
    async with app.run_test(size=SIZES[0]) as pilot:
        await settle(pilot)
        await press(pilot, "n", "2", "enter", "2", "enter", "2", "enter", "2", "7", "enter")
        assert "1  set aside for later" in text_of(pilot)
        await press(pilot, "v", "enter")
        assert isinstance(app.screen, ImportWizard)
        await press(pilot, "enter")
        assert "1  updated" in text_of(pilot)
        assert "same file" not in text_of(pilot), "it is the same import, gone on with"
    assert list(exits(store).values()) == [8, 8, 8, 8]


@pytest.mark.parametrize("left", ["check", "review"])
async def test_an_import_whose_trip_is_gone_is_planned_again_and_can_be_finished(
    store: Store, review_file: Path, left: str
) -> None:
    app = app_over(store, [review_file])
    async with app.run_test(size=SIZES[0]) as pilot:
        await settle(pilot)
        await press(pilot, *(("n", "2", "enter") if left == "review" else ()))
    for trip in trips_of(store):
        trips.delete_trips(store, [str(trip["id"])])
    again = app_over(store)
    async with again.run_test(size=SIZES[0]) as pilot:
        await settle(pilot)
        await press(pilot, "5")
        assert "changed meanwhile" in " ".join(text_of(pilot).split())
        assert isinstance(again.screen, ImportWizard)
        assert again.screen.step == "check"
        assert "4 all" in text_of(pilot)
        assert "4 create" in text_of(pilot)
        await press(pilot, "n", "enter")
        assert "4  added" in text_of(pilot)
    assert len(trip_rows(store)) == 4


async def test_own_text_begins_with_the_result(store: Store, review_file: Path) -> None:
    app = app_over(store, [review_file])
    async with app.run_test(size=SIZES[0]) as pilot:
        await settle(pilot)
        await press(pilot, "n", "end", "down", "4")
        assert isinstance(app.screen, AskScreen)
        assert "with Min" in text_of(pilot)
        assert "for work" in text_of(pilot)
