"""The list of trips and the form: search, order, marks, add, edit, delete, and what others do meanwhile."""

from __future__ import annotations

import pytest
from tui_store import (
    HOSTILE,
    UNSAFE,
    assert_harmless,
    check_snapshot,
    fill,
    fixed_today,
    press,
    running,
    screen_text,
    settled,
    stay,
)

from dinotui.engine import history
from dinotui.engine.trips import add_trip, delete_trips, edit_trip
from dinotui.storage.store import Store
from dinotui.storage.trips import TripFilter, count, page
from dinotui.tui.app import DinoApp
from dinotui.tui.rows import TripKey
from dinotui.tui.screens.trip_form import TripFormScreen
from dinotui.tui.screens.trips import TripsScreen
from dinotui.tui.sources import TripSource
from dinotui.tui.view import View

__all__ = ["fixed_today"]
SIZES = [(80, 24), (120, 40), (60, 20)]
SOME = (
    stay("Japan", "2024-03-02", "2024-03-10", maxDays="90", passportCountry="KR", notes="오사카 출장"),
    stay("일본", "2023-01-05", "2023-01-20", visaType="business"),
    stay("Korea", "2022-05-01", "2022-05-02"),
    stay(
        "France", "2026-01-01", notes="the long way round by train, two bags, and a dog that nobody asked for"
    ),
    stay("New Zealand", "2026-09-01", "2026-09-20", maxDays="10"),
)


def many(store: Store, count: int) -> None:
    """Put `count` trips into the table, one a day, without going through the log."""
    with store.database.write():
        store.database.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)"
            " INSERT INTO trip (user, id, country, country_code, country_fold, entry_day, exit_day, visa_type,"
            " visa_fold, max_days, passport_country, passport_fold, notes, created_at, updated_at, source, changed_by)"
            " SELECT :user, 'id-' || i, 'Land ' || i, 'JP', 'land', i / 3, i / 3 + 1, 'tourist', 'tourist', NULL,"
            " '', '', '', '', '', 'test', 0 FROM n",
            {"count": count, "user": store.user},
        )


def countries(store: Store) -> list[str]:
    return [row["country"] for row in page(store, TripFilter())]


def current(app: DinoApp) -> int:
    assert isinstance(app.screen, TripsScreen)
    assert app.screen.current_key is not None
    return app.screen.current_key.number


# the list


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.usefixtures("fixed_today")
async def test_the_list_shows_stays_at_every_size(store: Store, size: tuple[int, int]) -> None:
    fill(store, *SOME)
    async with running(store, size) as (app, pilot):
        await press(pilot, "1", "down")
        text = screen_text(app)
        assert "2 of 5" in text
        assert "now" in text
        assert "74+" in text
        assert "20!" in text
        assert "+2>" in text if size[0] == 80 else "two bags" in text
        check_snapshot(app, f"trips-{size[0]}x{size[1]}")


@pytest.mark.usefixtures("fixed_today")
async def test_the_filter_finds_words_and_says_when_there_is_none(store: Store) -> None:
    fill(store, *SOME)
    async with running(store) as (app, pilot):
        await press(pilot, "1", "/", "=jp 오사카", "enter")
        assert "1 of 1" in screen_text(app)
        assert "Japan" in screen_text(app)
        await press(pilot, "escape")
        assert "1 of 5" in screen_text(app)
        await press(pilot, "/", "=nowhere", "enter")
        assert "No trip holds this text" in screen_text(app)
        await press(pilot, "escape", "/", "=%", "enter")
        assert "No trip holds this text" in screen_text(app)


async def test_the_order_turns_round_and_the_cursor_stays_on_its_trip(store: Store) -> None:
    fill(store, *SOME)
    async with running(store) as (app, pilot):
        await press(pilot, "1", "down", "down")
        before = current(app)
        await press(pilot, "1")
        assert current(app) == before
        assert "oldest first" in screen_text(app)
        await press(pilot, "home")
        assert current(app) == 3
        await press(pilot, "escape", "1")
        assert "oldest first" in screen_text(app), "the order is there on return"
        await press(pilot, "1", "/", "=jp", "enter", "1")
        assert current(app) == 1


async def test_filter_place_and_marks_are_there_on_return(store: Store) -> None:
    fill(store, *SOME)
    async with running(store) as (app, pilot):
        await press(pilot, "1", "/", "=tourist", "enter", "down", "space")
        before, marked = current(app), list(app.screen.trips.marked)  # type: ignore[attr-defined]
        await press(pilot, "escape")
        await press(pilot, "/", "=tourist", "enter", "down", "down")
        app.screen.leave()  # type: ignore[attr-defined]
        await settled(pilot)
        await press(pilot, "1")
        assert app.screen.filter_text == "tourist"  # type: ignore[attr-defined]
        assert list(app.screen.trips.marked) == marked  # type: ignore[attr-defined]
        assert current(app) == before


async def test_a_long_list_is_read_in_pages_from_anywhere(store: Store) -> None:
    many(store, 5000)
    async with running(store) as (app, pilot):
        await press(pilot, "1", "end")
        assert "5,000 of 5,000" in screen_text(app)
        assert "Land 1 " in screen_text(app)
        await press(pilot, "pageup", "pageup", "home")
        assert "Land 5000" in screen_text(app)
        app.screen.show_trip(2500)  # type: ignore[attr-defined]
        await settled(pilot)
        assert current(app) == 2500
        assert "2,501 of 5,000" in screen_text(app)
        await press(pilot, "/", "=land 77", "enter")
        found = count(store, TripFilter(text="land 77"))
        assert found > 64
        assert f"1 of {found}" in screen_text(app)


@pytest.mark.parametrize("oldest_first", [False, True])
def test_rows_are_the_same_from_whatever_place_they_are_reached(store: Store, oldest_first: bool) -> None:
    many(store, 700)
    everything = [row.key for row in TripSource(store, View(0), oldest_first=oldest_first).rows(0, 1000)]
    assert len(everything) == 700
    source = TripSource(store, View(0), oldest_first=oldest_first)
    for offset in (640, 64, 320, 0, 256, 576, 690, 699, 700):
        assert [row.key for row in source.rows(offset, 64)] == everything[offset : offset + 64]
    fresh = TripSource(store, View(0), oldest_first=oldest_first)
    for index in (0, 350, 699):
        key = everything[index]
        assert isinstance(key, TripKey)
        assert fresh.rank(key) == index
    assert [row.key for row in fresh.rows(384, 10)] == everything[384:394]
    gone = everything[400]
    assert isinstance(gone, TripKey)
    delete_trips(store, [gone.id])
    later = TripSource(store, View(0), oldest_first=oldest_first)
    assert later.rank(gone) == 400, "where it would stand"
    assert [row.key for row in later.rows(384, 20)] == [*everything[384:400], *everything[401:405]]


async def test_the_cursor_stays_on_its_trip_when_others_change_the_data(store: Store) -> None:
    many(store, 2000)
    async with running(store) as (app, pilot):
        await press(pilot, "1")
        app.screen.show_trip(900)  # type: ignore[attr-defined]
        await press(pilot, "space", "up")
        with store.sibling() as other:
            fill(other, *SOME)
            delete_trips(other, ["id-1950"])
        app.screen.look()  # type: ignore[attr-defined]
        await settled(pilot)
        assert current(app) == 900
        assert "of 2,004" in screen_text(app)
        with store.sibling() as other:
            edit_trip(other, "id-900", {"entryDate": "1990-01-01", "exitDate": "1990-01-02"})
        app.screen.look()  # type: ignore[attr-defined]
        await settled(pilot)
        assert current(app) == 900, "also when its date has moved it"
        with store.sibling() as other:
            delete_trips(other, ["id-900"])
        app.screen.look()  # type: ignore[attr-defined]
        await settled(pilot)
        assert current(app) != 900
        assert not app.screen.trips.marked, "a mark on what is gone is gone"  # type: ignore[attr-defined]


# adding, editing, deleting


@pytest.mark.usefixtures("fixed_today")
async def test_a_trip_is_typed_in_and_undone(store: Store) -> None:
    async with running(store) as (app, pilot):
        await press(pilot, "1", "+", *"Japan", "down", "=2024-03-02", "down", "=2024-03-10", "down", *"tou")
        assert "= Japan JP   9 days" in screen_text(app)
        await press(pilot, "right", "enter")
        assert isinstance(app.screen, TripsScreen)
        assert "Added #1 Japan. u undoes." in screen_text(app)
        assert page(store, TripFilter())[0]["visa_type"] == "tourist"
        await press(pilot, "u")
        assert "Removes 1." in screen_text(app)
        await press(pilot, "u")
        assert countries(store) == ["Japan"], "the key that asked does not answer"
        await press(pilot, "enter")
        assert countries(store) == []
        await press(pilot, "r", "enter")
        assert countries(store) == ["Japan"]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.usefixtures("fixed_today")
async def test_faults_stand_at_their_field_and_go_when_put_right(store: Store, size: tuple[int, int]) -> None:
    async with running(store, size) as (app, pilot):
        await press(pilot, "1", "+", "=Korea", "down", "=2024-05-01", "down", "=2024-04-01", "enter")
        text = " ".join(screen_text(app).split())
        assert "! The exit (2024-04-01) is before the entry (2024-05-01)." in text
        assert "! The visa type is missing." in text
        assert "Not saved yet" in text
        check_snapshot(app, f"form-{size[0]}x{size[1]}")
        await press(pilot, "home", *["delete"] * 10, "=2024-05-09")
        assert "is before" not in screen_text(app)
        assert "The visa type is missing." in screen_text(app)
        assert countries(store) == []


@pytest.mark.usefixtures("fixed_today")
async def test_suggestions_are_offered_and_taken_by_a_key_only(store: Store) -> None:
    async with running(store) as (app, pilot):
        await press(pilot, "1", "+", "=Korea")
        assert "→ South Korea KR   or North Korea KP" in screen_text(app)
        await press(pilot, "left", "right")
        assert app.screen.form.values["country"] == "Korea"  # type: ignore[attr-defined]
        await press(pilot, "right")
        assert app.screen.form.values["country"] == "South Korea"  # type: ignore[attr-defined]
        await press(pilot, "right")
        assert app.screen.form.values["country"] == "North Korea"  # type: ignore[attr-defined]
        await press(pilot, "tab", "=2024-01-01")
        assert "North Korea KP" in screen_text(app)


@pytest.mark.usefixtures("fixed_today")
async def test_stays_that_run_into_each_other_are_told_before_saving(store: Store) -> None:
    fill(store, *SOME)
    async with running(store, (80, 30)) as (app, pilot):
        await press(pilot, "1", "+", "=Spain", "down", "=2024-03-10", "down", "=2024-03-12")
        await pilot.pause(0.5)
        await settled(pilot)
        assert "Runs into" not in screen_text(app), "a border day is shared by both stays"
        await press(pilot, "up", "backspace", "backspace", "=08")
        await pilot.pause(0.5)
        await settled(pilot)
        assert "Runs into #1 Japan 2024-03-02 - 2024-03-10." in screen_text(app)


async def test_editing_changes_only_what_was_edited(store: Store) -> None:
    (trip_id,) = fill(store, SOME[0])
    async with running(store) as (app, pilot):
        await press(pilot, "1", "enter")
        assert isinstance(app.screen, TripFormScreen)
        await press(pilot, "enter")
        assert "Nothing was changed" in screen_text(app)
        await press(pilot, "down", "down", "backspace", "backspace", "=12")
        with store.sibling() as other:
            edit_trip(other, trip_id, {"notes": "changed by another", "visaType": "business"})
        await press(pilot, "enter")
        row = page(store, TripFilter())[0]
        assert (row["notes"], row["visa_type"]) == ("changed by another", "business")
        assert "2024-03-12" in screen_text(app)
        assert "Changed #1 Japan. u undoes." in screen_text(app)
        assert history.operations(store)[0].entry.kind == "edit"


async def test_what_was_typed_is_there_on_return_and_at_risk_when_leaving(store: Store) -> None:
    async with running(store) as (app, pilot):
        await press(pilot, "1", "+", "=Japan", "escape")
        assert isinstance(app.screen, TripsScreen)
        assert "Not saved" in screen_text(app)
        await press(pilot, "escape", "q")
        assert "1 trip you began to type is not saved." in screen_text(app)
        await press(pilot, "escape", "1", "+")
        assert app.screen.form.values["country"] == "Japan"  # type: ignore[attr-defined]
        assert "is back" in screen_text(app)
        await press(pilot, "f5", "escape")
        assert not app.hooks.at_risk or app.hooks.at_risk() is None


async def test_marked_trips_are_deleted_as_one_operation(store: Store) -> None:
    fill(store, *SOME)
    async with running(store) as (app, pilot):
        await press(pilot, "1", "space", "down", "space")
        assert "2 marked" in screen_text(app)
        await press(pilot, "delete")
        assert "Deleted 2 trips. u undoes." in screen_text(app)
        assert countries(store) == ["France", "일본", "Korea"]
        assert "2 of 3" in screen_text(app)
        assert current(app) == 2
        assert history.operations(store)[0].entry.kind == "delete"
        await press(pilot, "u", "enter")
        assert len(countries(store)) == 5
        assert "of 5" in screen_text(app)


async def test_a_trip_whose_id_looks_like_a_number_is_not_mistaken(store: Store) -> None:
    fill(store, *SOME)
    with store.database.write():
        store.database.execute("UPDATE trip SET id = '2' WHERE number = 1")
        store.database.execute("UPDATE trip SET id = '#3' WHERE number = 2")
    async with running(store) as (app, pilot):
        await press(pilot, "1")
        app.screen.show_trip(2)  # type: ignore[attr-defined]
        await press(pilot, "x")
        assert sorted(row["number"] for row in page(store, TripFilter())) == [1, 3, 4, 5]


async def test_a_trip_that_is_gone_meanwhile_is_told(store: Store) -> None:
    ids = fill(store, *SOME[:2])
    async with running(store) as (app, pilot):
        await press(pilot, "1", "enter", "=x")
        with store.sibling() as other:
            delete_trips(other, [ids[0]])
        await press(pilot, "enter")
        assert "There is no trip" in screen_text(app)
        assert isinstance(app.screen, TripFormScreen)


async def test_writing_waits_for_another_writer_without_freezing_the_screen(store: Store) -> None:
    fill(store, *SOME)
    async with running(store) as (app, pilot):
        await press(pilot, "1")
        with store.sibling() as other:
            with other.database.write():
                await pilot.press("x")
                await pilot.press("down")
                await pilot.pause(0.1)
                assert app.jobs.all, "the deletion waits"
                assert "2 of 5" in screen_text(app), "and the cursor moves"
            await settled(pilot)
        assert len(countries(store)) == 4


# hostile text


@pytest.mark.parametrize("size", SIZES)
async def test_hostile_cells_are_shown_and_harm_nothing(store: Store, size: tuple[int, int]) -> None:
    fill(
        store,
        stay(HOSTILE, "2024-01-01", visaType=HOSTILE, notes=HOSTILE + "\nline two", passportCountry=HOSTILE),
    )
    async with running(store, size) as (app, pilot):
        await press(pilot, "1")
        assert_harmless(app)
        await press(pilot, "enter")
        assert_harmless(app)
        assert app.screen.form.values["notes"] == HOSTILE + "\nline two"  # type: ignore[attr-defined]
        await press(pilot, "down", "down", "=2024-01-05", "enter")
        row = page(store, TripFilter())[0]
        assert (row["country"], row["notes"]) == (HOSTILE, HOSTILE + "\nline two"), (
            "editing keeps every character"
        )
        assert_harmless(app)
        await press(pilot, "/", "=[/x]", "enter", "space", "u")
        assert_harmless(app)
        await press(pilot, "escape", "delete")
        assert not UNSAFE.search(screen_text(app))


@pytest.mark.usefixtures("fixed_today")
async def test_the_list_speaks_the_language_of_now(store: Store) -> None:
    fill(store, *SOME)
    async with running(store) as (app, pilot):
        await press(pilot, "1", "down", "f2", "f2")
        assert "2 of 5" in screen_text(app)
        assert current(app) == 4


async def test_a_trip_added_elsewhere_while_the_form_is_open_changes_nothing_typed(store: Store) -> None:
    async with running(store) as (app, pilot):
        await press(pilot, "1", "+", "=Japan")
        with store.sibling() as other:
            add_trip(other, SOME[0])
        app.screen.look()  # type: ignore[attr-defined]
        await settled(pilot)
        assert app.screen.form.values["country"] == "Japan"  # type: ignore[attr-defined]


async def test_a_trip_that_is_saved_while_help_is_open_closes_its_form(store: Store) -> None:
    async with running(store) as (app, pilot):
        await press(pilot, "1", "+", "=Japan", "down", "=2024-01-01", "down", "down", "=tourist")
        with store.sibling() as other:
            with other.database.write():
                await pilot.press("enter")
                await pilot.press("f1")
                await pilot.pause(0.1)
            await settled(pilot)
        assert "Added #1 Japan" in screen_text(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, TripsScreen)
        assert countries(store) == ["Japan"]
        await press(pilot, "+")
        assert app.screen.form.values["country"] == ""  # type: ignore[attr-defined]


async def test_a_field_says_at_its_edges_that_the_text_goes_on(store: Store) -> None:
    fill(store, stay("Japan", "2024-01-01", notes="start " + "x" * 100 + " end"))

    async with running(store) as (app, pilot):

        def notes() -> str:
            return next(line for line in screen_text(app).splitlines() if "Notes" in line)

        await press(pilot, "1", "enter")
        assert notes().endswith("x…")
        await press(pilot, *["down"] * 6, "end")
        assert notes().endswith(" end")
        assert "  …x" in notes()
        await press(pilot, "home")
        assert "start x" in notes()
        assert notes().endswith("x…")
        await press(pilot, "up")
        assert notes().endswith("x…")


@pytest.mark.parametrize(("entry", "shown"), [("2020-06-20", "2095+!"), ("1996-01-01", "11032!")])
@pytest.mark.usefixtures("fixed_today")
async def test_days_that_are_too_many_keep_their_mark(store: Store, entry: str, shown: str) -> None:
    fill(store, stay("Japan", entry, maxDays="90", notes="seven cells more"))
    async with running(store) as (app, pilot):
        await press(pilot, "1")
        assert f" {shown} " in screen_text(app)
        assert "seven cel…" in screen_text(app), "what numbers do not need goes to the notes"
