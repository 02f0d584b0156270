"""All four categories come in from every form that we write, and what points at a trip points at the right one."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dinotui.domain.configuration import ExportConfiguration, ExportFormat, Privacy
from dinotui.domain.settings import ImportSettings
from dinotui.engine import exporting, history, trips
from dinotui.engine.alerts import make_alerts
from dinotui.engine.importing import applying, deciding
from dinotui.engine.notifications import (
    add_notification,
    list_notifications,
    mark_read,
)
from dinotui.engine.preferences import get_preferences, set_preferences
from dinotui.storage.store import Store
from tests.conftest import logical_dump, sweep
from tests.engine.importer import import_file, stage

FORMATS: tuple[ExportFormat, ...] = ("json", "csv", "xlsx")
EVERYTHING = {"trips": True, "preferences": True, "notifications": True, "analytics": True}
PREFERENCES = {
    "language": "ko",
    "dateFormat": "YYYY. M. D.",
    "timeZone": "Asia/Seoul",
    "homePassport": "KR",
    "visaExpiryDays": [3, 9],
    "schengenWarningDays": 7,
    "theme": "dark",
    "keyMap": {"app.undo": "z,x"},
}
STAY = {"country": "Japan", "entryDate": "2024-01-02", "exitDate": "2024-01-09", "visaType": "tourist"}
COLUMNS = "id, kind, title, message, created_at, read_at, trip_id, subject"


def told(store: Store, columns: str = COLUMNS) -> list[tuple[Any, ...]]:
    return store.database.rows(f"SELECT {columns} FROM notification ORDER BY id")


def export(store: Store, target: Path, **changes: Any) -> Path:
    exporting.export_to_file(ExportConfiguration.model_validate(changes), target, store)
    return target


@pytest.fixture
def lived(store: Store) -> Store:
    """One stay, all preferences, and messages about it and about nothing."""
    trip = trips.add_trip(store, STAY)[0]
    set_preferences(store, PREFERENCES)
    add_notification(
        store, "overstay", "=Title", 'mess, "age"\nline\r\ntwo', subject=f"overstay:{trip.id}:2024-04-01",
        trip_id=trip.id,
    )  # fmt: skip
    add_notification(store, "news", "#1, with a number sign", "'=1")
    mark_read(store, [list_notifications(store).notifications[0].id])
    return store


CHOICES = [
    dict(zip(EVERYTHING, chosen, strict=True))
    for chosen in itertools.product((True, False), repeat=4)
    if any(chosen)
]


@pytest.mark.parametrize("container", [None, "gzip", "zip"])
@pytest.mark.parametrize("name", FORMATS)
def test_every_choice_of_categories_comes_back_without_a_question(
    lived: Store, tmp_path: Path, name: ExportFormat, container: str | None
) -> None:
    for number, categories in enumerate(CHOICES[:: max(1, round(4 / sweep(1)))]):
        chosen = [each for each, on in categories.items() if on]
        if name == "csv" and len(chosen) == 1 and chosen != ["trips"]:
            continue  # a clear message, tested with the writers
        compression = {"enabled": container is not None, "algorithm": container or "gzip"}
        file = export(
            lived, tmp_path / f"{number}", format=name, categories=categories, compression=compression
        )
        with Store(tmp_path / f"{number}.db", "Kim") as other:
            result = import_file(other, file)
            assert result.summary.total_records == result.summary.imported == ("trips" in chosen)
            found = get_preferences(other) == get_preferences(lived)
            assert found == ("preferences" in chosen)
            if "notifications" in chosen:
                same = COLUMNS if "trips" in chosen and name != "csv" else COLUMNS.replace("trip_id, ", "")
                assert told(other, same) == told(lived, same)
            else:
                assert told(other) == []
            said = any("analytics" in warning for warning in result.warnings)
            assert said == ("analytics" in chosen)
            assert not any("Left out" in warning for warning in result.warnings)


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@pytest.mark.parametrize("name", ["csv", "xlsx"])
def test_messages_of_any_text_come_back(name: ExportFormat, tmp_path_factory: pytest.TempPathFactory) -> None:
    @settings(
        max_examples=sweep(12 if name == "csv" else 4), deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1, max_size=4))
    @example([("info", "#1", "a\tb;c|d"), ("info", "ID", "Kind"), ("'", "''=1", "2024-01-02")])
    @example([("x", "", "\r"), ("y", '"', "\n"), ("z", " ", ",,,,,,,")])
    def law(messages: list[tuple[str, str, str]]) -> None:
        folder = tmp_path_factory.mktemp("law")
        with Store(folder / "a.db", "Kim") as one, Store(folder / "b.db", "Kim") as other:
            for kind, title, message in messages:
                add_notification(one, kind or "info", title, message)
            import_file(other, export(one, folder / "o", format=name, categories=EVERYTHING))
            assert told(other) == told(one)

    law()


def test_a_part_of_a_bundle_can_be_imported_alone(lived: Store, other_store: Store, tmp_path: Path) -> None:
    file = export(lived, tmp_path / "all.zip", format="csv", categories=EVERYTHING)
    import_file(other_store, file, settings=ImportSettings(table="preferences.csv"))
    assert get_preferences(other_store) == get_preferences(lived)
    assert other_store.database.value("SELECT count(*) FROM trip") == 0


def test_merging_keeps_what_is_there_and_adds_what_is_new(
    lived: Store, other_store: Store, tmp_path: Path
) -> None:
    file = export(lived, tmp_path / "all.json", categories=EVERYTHING)
    set_preferences(other_store, {"theme": "light", "schengenWarningDays": 20})
    add_notification(other_store, "own", "Mine", "stays")
    import_file(other_store, file, resolution="update")
    assert get_preferences(other_store) == get_preferences(lived)
    assert {row[0] for row in told(other_store, "title")} == {"Mine", "=Title", "#1, with a number sign"}
    entry = history.operations(other_store, limit=1)[0].entry
    assert entry.summary == "1 added, 8 preferences changed, 2 messages added"
    history.undo(other_store)
    assert get_preferences(other_store).theme == "light"
    assert {row[0] for row in told(other_store, "title")} == {"Mine"}


@pytest.mark.parametrize(
    "choice",
    [{"resolution": "prompt"}, {"resolution": "skip"}, {"strategy": "skipExisting", "resolution": "update"}],
)
def test_settings_that_the_user_made_stay_and_the_preview_says_what_comes(
    lived: Store, other_store: Store, tmp_path: Path, choice: dict[str, str]
) -> None:
    file = export(lived, tmp_path / "all.json", categories=EVERYTHING)
    broken = json.loads(file.read_text("utf-8"))
    broken["data"]["preferences"] |= {"visaExpiryDays": "nonsense", "emailEnabled": True}
    file.write_text(json.dumps(broken), "utf-8")
    set_preferences(other_store, {"theme": "light", "schengenWarningDays": 20})
    with stage(other_store, file, **choice) as staging:
        planned = applying.planned_result(staging, other_store, state="planned", started=0).warnings
        done = applying.apply_import(staging, other_store).warnings
    found = get_preferences(other_store)
    assert (found.theme, found.schengen_warning_days) == ("light", 20)
    assert found.home_passport == get_preferences(lived).home_passport == "KR"
    said = [text for text in planned if "ettings" in text or "message" in text]
    assert said == [text for text in done if text in said]
    assert len(said) == 4
    assert "homePassport: (default) → KR" in said[0]
    assert said[1].startswith("Your own settings stay, which the file has otherwise: ")
    assert "theme" in said[1]
    assert said[2].endswith("are left out: visaExpiryDays, emailEnabled.")
    assert said[3] == "2 messages of the file are added."


def test_what_was_read_elsewhere_is_read_here(lived: Store, other_store: Store, tmp_path: Path) -> None:
    import_file(other_store, export(lived, tmp_path / "one.json", categories=EVERYTHING))
    mark_read(lived)
    import_file(other_store, export(lived, tmp_path / "two.json", categories=EVERYTHING))
    assert told(other_store, "id, read_at") == told(lived, "id, read_at")


def test_replacing_makes_the_categories_what_the_file_holds(lived: Store, tmp_path: Path) -> None:
    file = export(lived, tmp_path / "all.json", categories=EVERYTHING)
    before = logical_dump(lived)
    set_preferences(lived, {"theme": "light", "language": None})
    mark_read(lived)
    add_notification(lived, "own", "Goes", "with replace")
    with lived.database.write():
        lived.database.execute("UPDATE notification SET title = 'changed' WHERE kind = 'overstay'")
    import_file(lived, file, strategy="replace")
    assert logical_dump(lived) == before
    history.undo(lived)
    assert {row[0] for row in told(lived, "title")} == {"Goes", "changed", "#1, with a number sign"}


def test_replacing_some_categories_leaves_the_others_alone(lived: Store, tmp_path: Path) -> None:
    file = export(lived, tmp_path / "some.json", categories={"trips": False, "preferences": True})
    before = logical_dump(lived)
    import_file(lived, file, strategy="replace")
    assert logical_dump(lived) == before


def test_replacing_by_an_empty_list_of_trips_leaves_none(lived: Store, tmp_path: Path) -> None:
    file = tmp_path / "none.json"
    metadata = {"version": "1.0", "source": "DINO Travel Tracker"}
    file.write_text(json.dumps({"metadata": metadata, "data": {"trips": []}}))
    assert import_file(lived, file, strategy="replace").summary.removed == 1
    assert get_preferences(lived).theme == "dark"


def test_a_message_follows_a_trip_that_turns_out_to_be_an_existing_one(
    lived: Store, other_store: Store, tmp_path: Path
) -> None:
    existing = trips.add_trip(other_store, STAY)[0].id
    for number, resolution in enumerate(("skip", "update")):
        file = export(lived, tmp_path / f"{number}.json", categories=EVERYTHING)
        import_file(other_store, file, resolution=resolution)
        assert told(other_store, "trip_id, subject")[0] == (existing, f"overstay:{existing}:2024-04-01")
        history.undo(other_store)
        assert told(other_store) == []


def test_what_was_told_about_the_trip_is_not_told_again(
    lived: Store, other_store: Store, tmp_path: Path
) -> None:
    existing = trips.add_trip(other_store, STAY)[0].id
    subject = f"overstay:{existing}:2024-04-01"
    add_notification(other_store, "overstay", "Told here", "", subject=subject, trip_id=existing)
    import_file(other_store, export(lived, tmp_path / "all.json", categories=EVERYTHING))
    assert sorted(row[0] for row in told(other_store, "title")) == ["#1, with a number sign", "Told here"]


def test_a_message_about_a_trip_that_was_set_aside_follows_it_later(
    lived: Store, other_store: Store, tmp_path: Path
) -> None:
    existing = trips.add_trip(other_store, {**STAY, "exitDate": "2024-01-08"})[0].id
    file = export(lived, tmp_path / "all.json", categories=EVERYTHING)
    with stage(other_store, file, resolution="prompt") as staging:
        applying.apply_import(staging, other_store, set_aside=True)
        assert told(other_store, "trip_id")[0] != (existing,)
        conflict = deciding.load_conflict(staging, other_store, deciding.conflict_numbers(staging)[0])
        deciding.decide(staging, conflict, "skip")
        applying.apply_import(staging, other_store)
    assert told(other_store, "trip_id")[0] == (existing,)


def test_a_message_about_an_anonymised_trip_points_at_it(
    lived: Store, other_store: Store, tmp_path: Path
) -> None:
    for name in ("json", "xlsx"):
        privacy = {"anonymizeData": True, "excludePersonalData": True}
        file = export(lived, tmp_path / f"a.{name}", format=name, categories=EVERYTHING, privacy=privacy)
        import_file(other_store, file)
        (pointed,) = [row[0] for row in told(other_store, "trip_id") if row[0]]
        assert other_store.database.value("SELECT id FROM trip") == pointed
        assert pointed != lived.database.value("SELECT id FROM trip")
        history.undo(other_store)


def test_nonsense_in_messages_is_read_as_well_as_it_can_be(store: Store, tmp_path: Path) -> None:
    odd = {
        "id": 7,
        "kind": None,
        "title": ["x"],
        "created": "yesterday",
        "read": True,
        "subject": {"a": 1},
        "tripId": 3,
    }
    file = tmp_path / "odd.json"
    metadata = {"version": "1.0", "source": "DINO Travel Tracker"}
    file.write_text(json.dumps({"metadata": metadata, "data": {"trips": [], "notifications": [odd, odd]}}))
    import_file(store, file)
    (one,) = list_notifications(store).notifications
    assert (one.id, one.kind, one.title, one.trip_id) == ("7", "info", "['x']", "3")
    assert one.created.endswith("Z")
    assert one.read == one.created


def test_an_import_with_rejects_says_so_once(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "trips.csv"
    file.write_text(
        "Country,Entry Date,Exit Date,Visa Type\nJapan,2024-01-02,,tourist\nJapan,2024-02-30,,tourist\n"
    )
    for _time in range(2):
        import_file(store, file)
    (one,) = list_notifications(store).notifications
    assert one.title == "Import with rejects: trips.csv"
    assert "1 record of trips.csv was rejected and left out: “2024-02-30” is a day" in one.message
    assert history.undo(store).removed == 1
    assert len(list_notifications(store).notifications) == 1


def test_the_program_tells_nothing_twice_after_a_round_trip(
    store: Store, other_store: Store, tmp_path: Path
) -> None:
    trips.add_trip(
        store, {"country": "Japan", "entryDate": "2020-01-01", "visaType": "tourist", "maxDays": "30"}
    )
    assert make_alerts(store) == 1
    for name in FORMATS:
        file = export(store, tmp_path / name, format=name, categories=EVERYTHING)
        import_file(other_store, file)
        assert make_alerts(other_store) == (1 if name == "csv" else 0)  # CSV keeps no ids: it is another stay
        history.undo(other_store)


PRIVACY = [Privacy(exclude_personal_data=a, anonymize_data=b) for a in (False, True) for b in (False, True)]
PLACES = [("Japan", "JP"), ("대한민국", "KR"), ("France", "FR"), ("Narnia", None)]
STAYS = st.lists(
    st.tuples(
        st.sampled_from(PLACES),
        st.integers(14_000, 20_000),
        st.none() | st.integers(0, 90),
        st.sampled_from(["tourist", "work", "=visa", "무비자"]),
        st.none() | st.integers(1, 400),
        st.sampled_from(["", "KR", "Korea"]),
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=10),
    ),
    max_size=6,
)


@settings(max_examples=sweep(15), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    stays=STAYS,
    name=st.sampled_from(FORMATS),
    packing=st.sampled_from([None, *itertools.product(("gzip", "zip"), (1, 2, 3, 4, 5))]),
    privacy=st.sampled_from(PRIVACY),
    categories=st.sampled_from(CHOICES),
    metadata=st.booleans(),
)
def test_anything_exported_anyhow_comes_back_as_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    stays: list[Any],
    name: ExportFormat,
    packing: tuple[str, int] | None,
    privacy: Privacy,
    categories: dict[str, bool],
    metadata: bool,
) -> None:
    """Round trip law: export, import into an empty database, export again the same way: the same data."""
    from tests.engine.stays import put, stay

    if name == "csv" and sum(categories.values()) == 1:
        categories = {"trips": True}
    folder = tmp_path_factory.mktemp("law")
    compression = {"enabled": packing is not None} | (
        {"algorithm": packing[0], "level": packing[1]} if packing else {}
    )
    chosen: dict[str, Any] = {
        "format": name,
        "categories": categories,
        "compression": compression,
        "includeMetadata": metadata,
        "privacy": privacy.model_dump(by_alias=True),
    }
    with Store(folder / "a.db", "Kim") as one, Store(folder / "b.db", "Kim") as other:
        put(
            one,
            (
                stay(
                    place[0],
                    "2020-01-01",
                    country_code=place[1],
                    entry_day=entry,
                    exit_day=None if days is None else entry + days,
                    visa_type=visa,
                    max_days=most,
                    passport_country=passport,
                    notes=notes,
                )
                for place, entry, days, visa, most, passport, notes in stays
            ),
        )
        set_preferences(one, PREFERENCES)
        if stays:
            add_notification(one, "overstay", "Title", "Text", subject="s", trip_id=told_trip(one))
        first = export(one, folder / "first", **chosen)
        result = import_file(other, first, detection="off")
        assert result.summary.errors == 0
        assert trips_of(other) == shifted(trips_of(one), trips_of(other), privacy, categories)
        if privacy == Privacy() and categories.get("notifications") and name != "csv":
            assert told(other, "id, kind, trip_id, subject") == told(one, "id, kind, trip_id, subject")
        second = export(other, folder / "second", **{**chosen, "privacy": {}})
        with Store(folder / "c.db", "Kim") as third:
            import_file(third, second, detection="off")
            assert trips_of(third) == trips_of(other)
            assert get_preferences(third) == (
                get_preferences(other) if categories.get("preferences") else get_preferences(third)
            )


def told_trip(store: Store) -> str:
    return str(store.database.value("SELECT id FROM trip ORDER BY number LIMIT 1"))


def trips_of(store: Store) -> list[tuple[Any, ...]]:
    return store.database.rows(
        "SELECT country, entry_day, exit_day, visa_type, max_days, passport_country, notes FROM trip"
        " ORDER BY entry_day, country, exit_day, visa_type, max_days, passport_country, notes"
    )


def shifted(
    stored: list[tuple[Any, ...]], found: list[tuple[Any, ...]], privacy: Privacy, categories: dict[str, bool]
) -> list[tuple[Any, ...]]:
    """Return what an export of `stored` should leave: days moved alike, what is personal left out."""
    if not categories.get("trips"):
        return []
    by = found[0][1] - stored[0][1] if found else 0
    assert by % 7 == 0
    assert (by != 0) == (privacy.anonymize_data and bool(stored))
    rows = [
        (
            country, entry + by, None if leaving is None else leaving + by, visa, most,
            "" if privacy.exclude_personal_data else passport, "" if privacy.exclude_personal_data else notes,
        )
        for country, entry, leaving, visa, most, passport, notes in stored
    ]  # fmt: skip
    if not privacy.exclude_personal_data and privacy.anonymize_data:  # texts may be masked
        rows = [(*row[:6], kept[6]) for row, kept in zip(rows, found, strict=True)]
    return rows


def test_reading_a_message_keeps_nothing_back_from_the_undo_of_its_import(
    lived: Store, other_store: Store, tmp_path: Path
) -> None:
    import_file(other_store, export(lived, tmp_path / "one.json", categories=EVERYTHING))
    mark_read(other_store)
    assert history.undo(other_store).kept == ()
    assert told(other_store, "id") == []
    history.redo(other_store)
    assert len(told(other_store, "id")) == 2
