"""Presets in the wizard: as last time, saved under a name, chosen, renamed, deleted, carried as a file."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from import_pilot import app_over, press, settle, text_of, until, write
from textual.pilot import Pilot

from dinotui.engine import presets
from dinotui.storage.store import Store
from dinotui.tui.map_rows import GivenKey, map_rows
from dinotui.tui.screens.import_choice import AskScreen
from dinotui.tui.screens.import_map import MapStep
from dinotui.tui.screens.import_options import OptionsScreen
from dinotui.tui.screens.importing import ImportWizard
from dinotui.tui.screens.presets import PresetsScreen
from dinotui.tui.widgets.form import Form
from tests.engine.test_presets import import_agency

Write = Callable[[str, str], Path]
AGENCY = "Wohin,Von,Bis,Code\nSpain,03.04.2024,05.04.2024,A1\nJapan,06.07.2024,08.07.2024,B2\n"
NEXT = "Wohin,Von,Bis,Code\nPeru,01.02.2025,03.02.2025,C3\n"
SIZES = ((80, 24), (60, 20))


@pytest.fixture
def remembered(store: Store, write_file: Write) -> Store:
    import_agency(store, write_file("agency.csv", AGENCY))
    return store


def presets_screen(pilot: Pilot[Any]) -> PresetsScreen:
    screen = pilot.app.screen
    assert isinstance(screen, PresetsScreen), screen
    return screen


@pytest.mark.parametrize("size", SIZES)
async def test_the_next_file_of_a_kind_is_mapped_as_last_time(
    remembered: Store, write_file: Write, size: tuple[int, int]
) -> None:
    app = app_over(remembered, [write_file("next.csv", NEXT)])
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        wizard = pilot.app.screen
        assert isinstance(wizard, ImportWizard)
        assert wizard.step == "map"  # the date order and the visa type are asked, as they were
        assert "as last time" in text_of(pilot)
        await press(pilot, "*")
        assert "visa type = tourist" in " ".join(text_of(pilot).split())
        await press(pilot, "enter")
        assert pilot.app.screen is wizard
        assert wizard.picture is not None
        assert wizard.picture.questions == ()
        assert wizard.picture.counts.create == 1


async def test_answers_of_last_time_stand_in_the_fields(remembered: Store, write_file: Write) -> None:
    app = app_over(remembered, [write_file("next.csv", NEXT)])
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "enter")  # the date order first, the one of last time under the cursor
        wizard = pilot.app.screen
        assert isinstance(wizard, ImportWizard)
        assert wizard.picture is not None
        assert wizard.picture.settings.date_order == "dmy"
        step = wizard.query_one(MapStep)
        step.columns.move_to(
            next(n for n, row in enumerate(map_rows(wizard.picture, {})) if row.key == GivenKey("visaType"))
        )
        await settle(pilot)
        await press(pilot, "enter")
        screen = pilot.app.screen
        assert isinstance(screen, AskScreen)
        assert screen.form.values == {"value": "tourist"}


async def test_a_preset_is_saved_chosen_renamed_and_deleted(
    remembered: Store, write_file: Write, tmp_path: Path
) -> None:
    app = app_over(remembered, [write_file("next.csv", NEXT)])
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "*", "enter", "*", "+")
        await write(pilot, "agency v2")
        await press(pilot, "enter")
        assert "Saved as" in text_of(pilot)
        assert [each.preset.name for each in presets.list_presets(remembered)] == ["agency v2"]
        await press(pilot, "down", "enter")
        wizard = pilot.app.screen
        assert isinstance(wizard, ImportWizard)
        assert "preset: agency v2" in text_of(pilot)
        await press(pilot, "*", "home", "down", "=", "end")
        await write(pilot, "x")
        await press(pilot, "enter")
        assert "agency v2x" in text_of(pilot)
        await press(pilot, "3")
        screen = pilot.app.screen
        assert isinstance(screen, AskScreen)
        screen.form.set_values({"path": str(tmp_path / "out.json")})
        await press(pilot, "enter")
        assert (tmp_path / "out.json").exists()
        await press(pilot, "delete", "1")
        assert presets.list_presets(remembered) == []
        await press(pilot, "2")
        screen = pilot.app.screen
        assert isinstance(screen, AskScreen)
        screen.form.set_values({"path": str(tmp_path / "out.json")})
        await press(pilot, "enter")
        assert [each.preset.name for each in presets.list_presets(remembered)] == ["agency v2x"]
        presets_screen(pilot)


async def test_without_a_preset_everything_is_as_suggested(remembered: Store, write_file: Write) -> None:
    app = app_over(remembered, [write_file("next.csv", NEXT)])
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "*", "end", "enter")
        wizard = pilot.app.screen
        assert isinstance(wizard, ImportWizard)
        assert "last time" not in text_of(pilot)
        assert wizard.picture is not None
        assert wizard.picture.settings.preset == "none"


async def test_a_table_that_cannot_be_chosen_by_itself_is_told_in_the_apps_words(
    store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "both.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", "Country,Entry Date,Visa Type\nPeru,2024-01-01,tourist\n")
        archive.writestr("b.csv", "Country,Entry Date,City,Visa Type\nPeru,2024-02-01,Lima,tourist\n")
    app = app_over(store, [path])
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "p", "o")
        screen = pilot.app.screen
        assert isinstance(screen, OptionsScreen)
        assert screen.form.values["table"] == "a.csv"
        screen.form.set_values({"table": ""})
        screen.on_form_changed(Form.Changed(screen.form, "table", ""))
        await until(pilot, lambda: "several tables" in text_of(pilot))
        assert "--sheet" not in text_of(pilot)
        assert screen.form.values["table"] == "a.csv"
