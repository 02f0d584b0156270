"""What the form of a trip says where a text may mean several things, and the key that chooses."""

from __future__ import annotations

import pytest
from tui_store import press, running, screen_lines

from dinotui.storage.store import Store
from dinotui.tui.app import DinoApp


def said(app: DinoApp) -> str:
    return " ".join(" ".join(screen_lines(app)).split())


@pytest.mark.parametrize("size", [(80, 24), (60, 24)])
async def test_a_date_that_may_be_two_days_names_both(store: Store, size: tuple[int, int]) -> None:
    async with running(store, size) as (app, pilot):
        await press(pilot, "1", "+", "=Japan", "down", "=5/3/24", "down", "down", "=tourist", "enter")
        assert "column" not in said(app)
        assert "“5/3/24” may be 2024-03-05 or 2024-05-03. Write the one you mean." in said(app)


async def test_an_ambiguous_country_is_chosen_with_the_key_that_is_named(store: Store) -> None:
    async with running(store) as (app, pilot):
        await press(pilot, "1", "+", "=Korea")
        assert "so it has no code: in its field → takes the first one, again the next." in said(app)
        await press(pilot, "right")
        assert "South Korea KR" in said(app)
        assert "may be several" not in said(app)


async def test_an_ambiguous_passport_is_a_warning_with_the_same_key(store: Store) -> None:
    async with running(store) as (app, pilot):
        await press(pilot, "1", "+", "=Japan", "down", "=2024-03-05", "down", "down", "=tourist")
        await press(pilot, "down", "down", "=Korea")
        assert "Passport: “Korea” may be several countries: in its field → takes the first one" in said(app)
        await press(pilot, "right")
        assert "may be several" not in said(app)


async def test_a_passport_that_no_country_has_is_said_and_saved(store: Store) -> None:
    async with running(store) as (app, pilot):
        await press(pilot, "1", "+", "=Japan", "down", "=2024-03-05", "down", "down", "=tourist")
        await press(pilot, "down", "down", "=Atlantis")
        assert "Passport: “Atlantis” is no country that is known." in said(app)
        await press(pilot, "enter")
        assert "Added #1 Japan" in said(app)
