"""Repeats among the trips by keys alone: found, decided, merged, taken back."""

from __future__ import annotations

import pytest
from import_pilot import app_over, lines_of, press, settle, text_of, trip_rows

from dinotui.engine import trips
from dinotui.storage.store import Store
from dinotui.tui.screens.duplicates import DuplicatesScreen
from dinotui.tui.screens.trips import TripsScreen
from tests.conftest import logical_dump

STAYS = (
    ("Japan", "2024-03-02", "2024-03-09", ""),
    ("일본", "2024-03-03", "2024-03-10", "Kyoto"),
    ("France", "2024-05-02", "2024-05-09", ""),
    ("France", "2024-05-02", "2024-05-09", ""),
    ("Peru", "2023-01-02", "2023-01-09", ""),
)


@pytest.fixture
def five_trips(store: Store) -> Store:
    for country, entry, leaving, notes in STAYS:
        fields = {"country": country, "entryDate": entry, "exitDate": leaving, "notes": notes}
        trips.add_trip(store, {**fields, "visaType": "tourist"})
    return store


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (60, 20)])
async def test_pairs_are_decided_merged_and_taken_back(five_trips: Store, size: tuple[int, int]) -> None:
    before = logical_dump(five_trips)
    app = app_over(five_trips)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, "1", "2")
        assert isinstance(app.screen, DuplicatesScreen)
        assert "1 of 2" in " ".join(lines_of(pilot)[0].split())
        assert "both dates 1 day later" in " ".join(text_of(pilot).split())
        await press(pilot, "2", "1", "enter")  # the later entry, the earlier exit; notes are filled in
        await press(pilot, "enter")  # the two of France are the same
        assert "Merge 2 trips" in " ".join(text_of(pilot).split())
        await press(pilot, "enter")
        assert isinstance(app.screen, TripsScreen)
        assert len(trip_rows(five_trips)) == 3
        assert trip_rows(five_trips)[0][1] == "Japan"
        assert trip_rows(five_trips)[0][7] == "Kyoto"
        await press(pilot, "u")
        await press(pilot, "enter")
        assert logical_dump(five_trips) == before


async def test_leaving_keeps_what_is_decided_and_separate_trips_stay(five_trips: Store) -> None:
    app = app_over(five_trips)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "1", "2", "5", "escape", "2")
        assert "decided 1" in lines_of(pilot)[0]
        await press(pilot, "5")
        assert "none is to be merged" in text_of(pilot)
        await press(pilot, "escape")
        assert isinstance(app.screen, TripsScreen)
        assert len(trip_rows(five_trips)) == 5


async def test_with_no_repeats_it_says_so(store: Store) -> None:
    trips.add_trip(store, {"country": "Peru", "entryDate": "2023-01-02", "visaType": "tourist"})
    app = app_over(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "1", "2")
        assert "No two trips look like one" in text_of(pilot)
