"""Export on the screen: settings by keys, a true sample, and a verified file."""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
from pathlib import Path

import pytest
from textual.pilot import Pilot
from tui_store import HOSTILE, UNSAFE, assert_harmless, fill, press, running, screen_text, settled, stay

from dinotui.locale import use_language
from dinotui.storage.store import Store
from dinotui.tui.app import DinoApp
from dinotui.tui.export_settings import configuration_of, target_fault
from dinotui.tui.screens.export import ExportScreen

SIZES = [(80, 24), (120, 40)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current folder of its own, for the default name."""
    made = tmp_path / "out"
    made.mkdir()
    monkeypatch.chdir(made)
    return made


def name(ending: str) -> str:
    kind = ending.partition(".")[0]
    return f"dinocal-{kind}-{dt.datetime.now().astimezone().date().isoformat()}.{ending}"


async def opened(app: DinoApp, pilot: Pilot[None]) -> ExportScreen:
    """Open the export screen from Home by its key and wait for the sample."""
    await pilot.press("e")
    await sampled(pilot)
    assert isinstance(app.screen, ExportScreen)
    return app.screen


async def sampled(pilot: Pilot[None]) -> None:
    """Wait until the sample of the newest settings is there."""
    await pilot.pause(0.3)
    await settled(pilot)


def trips(store: Store) -> None:
    fill(store, stay("Japan", "2024-03-02", "2024-03-10"), stay("France", "2025-01-05", "2025-01-09"))


@pytest.mark.parametrize("size", SIZES)
async def test_keys_alone_write_a_file(store: Store, folder: Path, size: tuple[int, int]) -> None:
    trips(store)
    async with running(store, size) as (app, pilot):
        screen = await opened(app, pilot)
        assert "2 records" in screen_text(app)
        assert '"metadata"' in screen_text(app) or "{" in screen_text(app)
        await press(pilot, "w")
        written = folder / name("json")
        data = json.loads(written.read_text("utf-8"))
        assert [trip["country"] for trip in data["data"]["trips"]] == ["France", "Japan"]
        assert written.stat().st_mode & 0o777 == 0o600
        assert "verified" in screen_text(app)
        assert screen.copy_text() == str(written)
        await press(pilot, "y")
        assert app.clipboard == str(written)


@pytest.mark.parametrize("size", SIZES)
async def test_another_format_changes_sample_and_name(
    store: Store, folder: Path, size: tuple[int, int]
) -> None:
    trips(store)
    async with running(store, size) as (app, pilot):
        screen = await opened(app, pilot)
        await press(pilot, "right")
        await sampled(pilot)
        assert screen.form.values["path"] == str(folder / name("csv"))
        assert "Country,Entry Date,Exit Date" in screen_text(app)
        await press(pilot, "up", "up")
        assert screen.form.control("path").has_focus
        await press(pilot, "enter")
        rows = list(csv.reader((folder / name("csv")).read_text("utf-8-sig").splitlines()))
        assert rows[0][0] == "Country"
        assert len(rows) == 3


async def test_a_name_that_was_typed_stays(store: Store, folder: Path) -> None:
    trips(store)
    async with running(store) as (app, pilot):
        screen = await opened(app, pilot)
        screen.form.set_values({"path": "mine.txt"})
        await press(pilot, "right")
        assert screen.form.values["path"] == "mine.txt"
        await press(pilot, "up", "enter")
        assert (folder / "mine.txt").read_text("utf-8-sig").startswith("Country,")


@pytest.mark.parametrize("size", SIZES)
async def test_an_existing_file_is_asked_for(store: Store, folder: Path, size: tuple[int, int]) -> None:
    trips(store)
    target = folder / name("json")
    target.write_text("mine", "utf-8")
    async with running(store, size) as (app, pilot):
        await opened(app, pilot)
        assert "The file exists" in screen_text(app)
        await press(pilot, "w")
        assert "cannot be undone" in " ".join(screen_text(app).split())
        await press(pilot, "w", "enter", "escape")
        assert target.read_text("utf-8") == "mine"
        await press(pilot, "w", "1")
        assert json.loads(target.read_text("utf-8"))["data"]["trips"]


@pytest.mark.parametrize("size", SIZES)
async def test_hostile_text_in_the_sample_is_shown_and_harmless(
    store: Store, folder: Path, size: tuple[int, int]
) -> None:
    fill(store, stay("Japan", "2024-03-02", "2024-03-10", notes=HOSTILE))
    async with running(store, size) as (app, pilot):
        await opened(app, pilot)
        await press(pilot, "right")
        await sampled(pilot)
        assert_harmless(app)


async def test_faults_stand_at_their_field_and_nothing_is_written(store: Store, folder: Path) -> None:
    trips(store)
    async with running(store) as (app, pilot):
        screen = await opened(app, pilot)
        screen.form.set_values({"start": "tomorrow"})
        await sampled(pilot)
        assert "That is no date" in screen_text(app)
        await press(pilot, "w")
        assert screen.form.control("start").has_focus
        screen.form.set_values({"start": "", "format": "csv", "trips": "no", "preferences": "yes"})
        await sampled(pilot)
        assert "holds trips only" in screen_text(app)
        await press(pilot, "up", "w")
        screen.form.write_line.focus()
        await press(pilot, "enter")
        assert not os.listdir(folder)


async def test_settings_are_there_on_return_and_follow_the_language(store: Store, folder: Path) -> None:
    trips(store)
    async with running(store) as (app, pilot):
        screen = await opened(app, pilot)
        await press(pilot, "right", "down", "down", "space", "escape")
        screen = await opened(app, pilot)
        assert screen.form.values["format"] == "csv"
        assert screen.form.values["preferences"] == "yes"
        assert screen.form.values["path"].endswith(".zip")
        await press(pilot, "f2")
        await sampled(pilot)
        assert not UNSAFE.search(screen_text(app))
        use_language("en")


async def test_privacy_says_what_it_removes(store: Store, folder: Path) -> None:
    fill(store, stay("Japan", "2024-03-02", "2024-03-10", notes="secret"))
    async with running(store, (120, 40)) as (app, pilot):
        screen = await opened(app, pilot)
        screen.form.set_values({"format": "csv"})
        await sampled(pilot)
        assert "secret" in screen_text(app)
        screen.form.set_values({"personal": "yes"})
        await sampled(pilot)
        assert "secret" not in screen_text(app)
        assert screen._preview is not None
        assert screen._preview.notes


def test_values_become_a_configuration(folder: Path) -> None:
    values = {
        field.name: field.value or (field.choices[0][0] if field.choices else "") for field in _fields()
    }
    values |= {"start": "2024-01-01", "packing": "zip", "level": "5", "anonymise": "yes"}
    configuration, faults = configuration_of(values)
    assert not faults
    assert configuration is not None
    assert configuration.date_range is not None
    assert configuration.date_range.end is None
    assert configuration.compression.algorithm == "zip"
    assert configuration.compression.level == 5
    assert configuration.privacy.anonymize_data
    assert configuration_of(values | {"end": "2023-01-01"})[1].keys() == {"end"}
    assert configuration_of(values | {"trips": "no"})[1].keys() == {"trips"}


def test_targets_that_cannot_be_written_are_named(folder: Path) -> None:
    (folder / "link").symlink_to(folder / "nowhere")
    assert target_fault({"path": str(folder / "new.json")}) == ""
    for bad in (
        "",
        str(folder),
        str(folder / "link"),
        str(folder / "no" / "x.json"),
        "a\0b",
        "~nobody-here/x",
    ):
        assert target_fault({"path": bad}), bad


def _fields() -> tuple:  # type: ignore[type-arg]
    from dinotui.tui.export_settings import FIELDS

    return FIELDS


@pytest.mark.parametrize("size", SIZES)
async def test_labels_and_counts_say_what_the_file_would_hold(
    store: Store, folder: Path, size: tuple[int, int]
) -> None:
    trips(store)
    async with running(store, size) as (app, pilot):
        await opened(app, pilot)
        assert "everything" not in screen_text(app), "it holds the trips only"
        await press(pilot, "down", "down", "right", "down", "down", "right")
        await sampled(pilot)
        assert "2 records, preferences, statistics" in screen_text(app)
        await press(pilot, "up", "up", "up", "up", "right")
        await sampled(pilot)
        assert "CSV, trips" not in screen_text(app), "it holds more than the trips"
        await press(pilot, "w")
        assert "2 records, preferences, statistics, " in screen_text(app)
        assert (folder / name("csv").replace(".csv", ".zip")).exists()


@pytest.mark.parametrize("size", [*SIZES, (60, 20)])
async def test_the_sample_shows_a_trip_whatever_its_room(
    store: Store, folder: Path, size: tuple[int, int]
) -> None:
    trips(store)
    async with running(store, size) as (app, pilot):
        await opened(app, pilot)
        text = "".join(line.strip() for line in screen_text(app).splitlines())
        assert '"country":"' in text
        if size[0] < 120:
            assert '"country":"France","countryCode":"FR","entryDate":"2025-01-05"' in text, (
                "where it is narrow, its line goes on on the next"
            )
