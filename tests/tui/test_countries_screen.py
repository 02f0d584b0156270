"""The names without a country code: which key takes what, and what was answered last time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from import_pilot import app_over, press, settle, text_of, trip_rows, write

from dinotui.storage.store import Store
from dinotui.tui.screens.import_choice import AskScreen
from dinotui.tui.screens.import_countries import CountriesScreen

Write = Callable[[str, str], Path]
HEAD = "Country,Entry Date,Exit Date,Visa Type\n"


def unknown(name: str) -> str:
    return f"{HEAD}{name},2024-03-02,2024-03-10,tourist\nJapan,2023-03-02,2023-03-10,tourist\n"


async def test_enter_takes_no_country_that_is_only_spelt_alike(store: Store, write_file: Write) -> None:
    app = app_over(store, [write_file("a.csv", unknown("Germny"))])
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert isinstance(app.screen, CountriesScreen)
        assert "1 Germany  DE" in text_of(pilot)
        await press(pilot, "enter")
        assert isinstance(app.screen, AskScreen)
        await press(pilot, "escape")
        assert "Germany DE" not in text_of(pilot)
        await press(pilot, "1")
        assert "Germany DE" in text_of(pilot)


async def test_what_is_hardly_alike_is_not_offered(store: Store, write_file: Write) -> None:
    app = app_over(store, [write_file("a.csv", unknown("Atlantis"))])
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "Åland" not in text_of(pilot)
        assert "Nothing near it is known" in text_of(pilot)


async def test_the_answer_of_last_time_is_offered_as_such_and_by_enter(
    store: Store, write_file: Write
) -> None:
    app = app_over(store, [write_file("a.csv", unknown("Atlantis"))])
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        await write(pilot, "Peru")
        await press(pilot, "enter", "n", "n", "enter")
        assert ("Atlantis", "PE") in [row[1:3] for row in trip_rows(store)]
        await press(pilot, "u", "enter")
        assert trip_rows(store) == []
    again = app_over(store, [write_file("a.csv", unknown("Atlantis"))])
    async with again.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert isinstance(again.screen, CountriesScreen)
        assert "Peru  PE   as last time" in text_of(pilot)
        await press(pilot, "enter")
        assert "Peru PE" in text_of(pilot)
        await press(pilot, "n", "n", "enter")
        assert ("Atlantis", "PE") in [row[1:3] for row in trip_rows(store)]
