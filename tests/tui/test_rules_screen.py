"""The editor of rules: add, edit, switch, try, delete, undo; imports follow at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from import_pilot import app_over, have_trips, press, settle, text_of, until

from dinotui.domain.validation import parse_rule
from dinotui.engine import rules
from dinotui.storage.store import Store
from dinotui.tui import doors
from dinotui.tui.screens.base import DinoScreen
from dinotui.tui.screens.import_choice import AskScreen
from dinotui.tui.screens.importing import ImportWizard
from dinotui.tui.screens.rules import RulesScreen

Write = Callable[[str, str], Path]
STAYS = (
    "Country,Entry Date,Exit Date,Visa Type,Max Days\n"
    "Japan,2024-03-02,2024-03-10,tourist,90\nPeru,2024-05-02,2024-05-09,tourist,180\n"
)


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (120, 40)])
async def test_a_rule_is_added_tried_switched_and_deleted(store: Store, size: tuple[int, int]) -> None:
    have_trips(store)
    app = app_over(store)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, ":", *"imports")
        await pilot.pause(0.3)  # a person does not press Enter as fast as a paste would
        await press(pilot, "enter")
        assert isinstance(app.screen, RulesScreen), text_of(pilot)
        await press(pilot, "+")
        screen = app.screen
        assert isinstance(screen, AskScreen)
        screen.form.set_values({"value": "many"})
        await press(pilot, "enter")
        assert app.screen is screen
        assert "needs a whole number" in " ".join(text_of(pilot).split())
        screen.form.set_values({"value": "60"})
        await press(pilot, "enter")
        assert "max days is at most 60" in text_of(pilot)
        await press(pilot, "=")
        assert "break the rule" in " ".join(text_of(pilot).split())
        await press(pilot, "0")
        assert "[ ]" in text_of(pilot)
        await press(pilot, "enter")
        screen = app.screen
        assert isinstance(screen, AskScreen)
        screen.form.set_values({"operator": "matches", "value": "x"})
        await press(pilot, "enter")
        assert "This fits only" in text_of(pilot)
        await press(pilot, "escape", "delete")
        assert rules.list_rules(store) == []


async def test_a_staged_import_follows_a_changed_rule(store: Store, write_file: Write) -> None:
    app = app_over(store, [write_file("stays.csv", STAYS)])
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        wizard = app.screen
        assert isinstance(wizard, ImportWizard)
        assert wizard.picture is not None
        assert wizard.picture.counts.reject == 0
        assert isinstance(wizard, DinoScreen)
        doors.open_rules(wizard)
        await settle(pilot)
        rules.save_rule(store, parse_rule("maxDays max 90"))
        await press(pilot, "escape")
        wizard.data_changed()
        await until(pilot, lambda: wizard.picture is not None and wizard.picture.counts.reject == 1)
