"""The one flow: file, plan, decisions, apply, undo, and the promises about each."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from dinotui.domain.dates import iso_day
from dinotui.domain.errors import Cancelled, DinoError
from dinotui.domain.mapping import Mapping
from dinotui.domain.settings import ImportSettings
from dinotui.engine import history, preferences, trips
from dinotui.engine.importing import applying, deciding, fixing, planning, preview
from dinotui.engine.importing.waiting import describe as waiting_of
from dinotui.engine.progress import Progress
from dinotui.storage.staging import Staging, staged_files
from dinotui.storage.store import Store
from tests.conftest import logical_dump
from tests.engine.importer import import_file, plan_of, stage

Write = Callable[[str, str], Path]

FIVE_ROWS = """\
Country,Entry Date,Exit Date,Visa Type,Max Days,Passport Country,Notes
France,2024-05-02,2024-05-09,tourist,90,,
Japan,2024-03-02,2024-03-10,business,,KR,오사카 출장
Spain,2024-02-30,2024-03-01,tourist,,,
Italy,2024-07-01,2024-07-10,tourist,90,KR,"one, ""two""
three"
Thailand,2024-08-01,,tourist,90 days,KR,
"""


@pytest.fixture
def two_trips(store: Store) -> Store:
    trips.add_trip(
        store,
        {"country": "Japan", "entryDate": "2024-03-02", "exitDate": "2024-03-09", "visaType": "tourist"},
    )
    trips.add_trip(
        store,
        {
            "country": "France",
            "entryDate": "2024-05-02",
            "exitDate": "2024-05-09",
            "visaType": "tourist",
            "maxDays": "90",
        },
    )
    return store


def test_the_plan_is_what_a_person_would_plan(two_trips: Store, write_file: Write) -> None:
    with stage(two_trips, write_file("five.csv", FIVE_ROWS)) as staging:
        assert plan_of(staging) == [(2, "skip"), (3, "ask"), (4, "reject"), (5, "create"), (7, "create")]
        counts = planning.count_plan(staging)
        assert (counts.total, counts.corrected) == (5, 1)


def test_preview_is_what_happens_and_undo_takes_it_back(two_trips: Store, write_file: Write) -> None:
    file = write_file("five.csv", FIVE_ROWS)
    before = logical_dump(two_trips)
    result = import_file(two_trips, file, resolution="update")
    summary = result.summary
    assert (summary.imported, summary.updated, summary.skipped, summary.errors, summary.pending) == (
        2,
        1,
        1,
        1,
        0,
    )
    after = logical_dump(two_trips)
    history.undo(two_trips)
    assert logical_dump(two_trips) == before
    history.redo(two_trips)
    assert logical_dump(two_trips) == after
    history.undo(two_trips)
    import_file(two_trips, file, resolution="update")
    assert logical_dump(two_trips, exact=False) == [
        (kind, *(row[1:4] and _without_identity(row) for row in rows)) if kind == "trips" else (kind, *rows)
        for kind, *rows in after
    ]


def _without_identity(row: tuple[object, ...]) -> tuple[object, ...]:
    return row[5:]


def test_importing_again_changes_nothing_and_says_so(two_trips: Store, write_file: Write) -> None:
    file = write_file("five.csv", FIVE_ROWS)
    first = import_file(two_trips, file, resolution="update")
    after = logical_dump(two_trips)
    second = import_file(two_trips, file, resolution="update")
    assert (second.summary.imported, second.summary.updated, second.summary.skipped) == (0, 0, 4)
    assert logical_dump(two_trips) == after
    assert any(first.metadata.operation_id in warning for warning in second.warnings)
    assert (second.success, second.state) == (True, "applied")
    assert (second.metadata.operation_id, second.metadata.backup_id) == (None, None)


@pytest.mark.parametrize(
    ("wanted", "records"),
    [({}, [1, 2, 3, 4, 5]), ({"sampleSize": 2}, [1, 2]), ({"enabled": False, "sampleSize": 2}, [])],
)
def test_the_answer_about_a_plan_holds_a_sample_of_it(
    two_trips: Store, write_file: Write, wanted: dict[str, object], records: list[int]
) -> None:
    with stage(two_trips, write_file("five.csv", FIVE_ROWS), preview=wanted) as staging:
        result = applying.planned_result(staging, two_trips, state="planned", started=0)
        assert [row.record for row in result.preview] == records
        shown = [row.action for row in preview.page(staging, preview.PreviewFilter())]
        assert [row.action for row in result.preview] == shown[: len(records)]
        assert applying.apply_import(staging, two_trips, set_aside=True).preview == ()


def test_nothing_to_write_is_no_operation_and_no_backup(two_trips: Store, write_file: Write) -> None:
    """Also where every record is rejected, and where preferences of the file are in force already."""
    import_file(two_trips, write_file("five.csv", FIVE_ROWS), resolution="update")
    preferences.set_preferences(two_trips, {"timeZone": "Asia/Seoul"})
    known = {"country": "France", "entryDate": "2024-05-02", "exitDate": "2024-05-09", "visaType": "tourist"}
    head = {"version": "1.0", "source": "DINO Travel Tracker"}
    own = {"metadata": head, "data": {"trips": [known], "preferences": {"timeZone": "Asia/Seoul"}}}
    files = [
        write_file("again.csv", FIVE_ROWS),
        write_file("bad.csv", "Country,Entry Date,Visa Type\nPeru,2024-13-13,work\n"),
        write_file("same.json", json.dumps(own)),
    ]
    logged, kept = history.count_operations(two_trips), sorted(two_trips.backups.iterdir())
    for file in files:
        result = import_file(two_trips, file)
        assert (result.metadata.operation_id, result.metadata.backup_id) == (None, None), file.name
    assert (history.count_operations(two_trips), sorted(two_trips.backups.iterdir())) == (logged, kept)
    assert staged_files(two_trips.staging) == []

    own["data"]["preferences"] = {"timeZone": "Europe/Paris"}
    changed = import_file(two_trips, write_file("other.json", json.dumps(own)), resolution="update")
    assert changed.metadata.operation_id is not None
    assert changed.metadata.backup_id is not None
    assert preferences.get_preferences(two_trips).time_zone == "Europe/Paris"
    history.undo(two_trips)
    assert preferences.get_preferences(two_trips).time_zone == "Asia/Seoul"


def test_a_decision_alone_is_an_operation_without_a_backup(two_trips: Store, write_file: Write) -> None:
    text = "Country,Entry Date,Exit Date,Visa Type\nJapan,2024-03-02,2024-03-10,business\n"
    before = logical_dump(two_trips)
    with stage(two_trips, write_file("one.csv", text)) as staging:
        deciding.decide(staging, deciding.load_conflict(staging, two_trips, 1), "existing")
        result = applying.apply_import(staging, two_trips, shown=True)
    assert logical_dump(two_trips) == before
    assert (result.summary.skipped, result.metadata.backup_id) == (1, None)
    assert result.metadata.operation_id == history.operations(two_trips)[0].entry.id
    with stage(two_trips, write_file("renamed.csv", text)) as again:
        assert planning.count_plan(again).ask == 0


@pytest.mark.parametrize("action", ["existing", "incoming", "merge", "separate", "skip"])
def test_a_decision_is_not_asked_again_for_the_same_rows(
    two_trips: Store, write_file: Write, action: str
) -> None:
    file = write_file("five.csv", FIVE_ROWS)
    with stage(two_trips, file) as staging:
        conflict = deciding.load_conflict(staging, two_trips, 2)
        choices = {"visaType": {"text": "work"}} if action == "merge" else {}
        deciding.decide(staging, conflict, action, choices)  # type: ignore[arg-type]
        applying.apply_import(staging, two_trips, shown=True)
    after = logical_dump(two_trips)
    with stage(two_trips, write_file("renamed.csv", FIVE_ROWS)) as again:
        counts = planning.count_plan(again)
        assert (counts.create, counts.update, counts.ask) == (0, 0, 0)
        applying.apply_import(again, two_trips)
    assert logical_dump(two_trips) == after
    history.undo(two_trips, history.operations(two_trips)[0].entry.id)
    with stage(two_trips, file) as third:
        assert planning.count_plan(third).ask == 1


def test_undecided_conflicts_block_until_they_are_set_aside(two_trips: Store, write_file: Write) -> None:
    before = logical_dump(two_trips)
    with stage(two_trips, write_file("five.csv", FIVE_ROWS)) as staging:
        with pytest.raises(DinoError, match="not decided yet"):
            applying.apply_import(staging, two_trips, shown=True)
        assert logical_dump(two_trips) == before
        result = applying.apply_import(staging, two_trips, shown=True, set_aside=True)
        assert (result.summary.imported, result.summary.pending) == (2, 1)
        waiting = waiting_of(staging)
        assert (waiting.state, waiting.conflicts) == ("later", 1)
        deciding.decide(staging, deciding.load_conflict(staging, two_trips, 2), "incoming")
        later = applying.apply_import(staging, two_trips, shown=True)
        assert (later.summary.updated, later.summary.total_records) == (1, 1)
    assert staged_files(two_trips.staging) == []


def test_a_plan_that_became_stale_is_shown_again_and_never_applied(
    two_trips: Store, write_file: Write
) -> None:
    with stage(two_trips, write_file("five.csv", FIVE_ROWS), resolution="update") as staging:
        trips.edit_trip(two_trips, "#1", {"exitDate": "2024-03-11"})
        trips.add_trip(
            two_trips,
            {"country": "Italy", "entryDate": "2024-07-01", "exitDate": "2024-07-10", "visaType": "tourist"},
        )
        before = logical_dump(two_trips)
        with pytest.raises(applying.PlanChanged):
            applying.apply_import(staging, two_trips, shown=True)
        assert logical_dump(two_trips) == before
        assert dict(plan_of(staging))[5] == "update"
        result = applying.apply_import(staging, two_trips, shown=True)
    assert result.summary.imported == 1


def test_a_decision_about_a_trip_that_changed_is_asked_again(two_trips: Store, write_file: Write) -> None:
    with stage(two_trips, write_file("five.csv", FIVE_ROWS)) as staging:
        deciding.decide(staging, deciding.load_conflict(staging, two_trips, 2), "incoming")
        trips.edit_trip(two_trips, "#1", {"notes": "edited meanwhile"})
        with pytest.raises(applying.PlanChanged):
            applying.apply_import(staging, two_trips, shown=True)
        assert waiting_of(staging).decided == 0
        assert staging.meta("outdated") == [2]


@pytest.mark.parametrize("phase", ["Backing up", "Writing"])
def test_stopping_changes_nothing(two_trips: Store, write_file: Write, phase: str) -> None:
    before = logical_dump(two_trips)
    seen: list[str] = []

    def report(progress: Progress) -> None:
        seen.append(progress.phase)

    with stage(two_trips, write_file("five.csv", FIVE_ROWS), resolution="skip") as staging:
        with pytest.raises(Cancelled):
            applying.apply_import(staging, two_trips, report=report, cancelled=lambda: phase in seen)
        assert logical_dump(two_trips) == before
        assert history.operations(two_trips)[0].entry.kind == "add"
        assert list(two_trips.backups.iterdir()) == []
        assert applying.apply_import(staging, two_trips).summary.imported == 2


def test_skip_existing_leaves_matches_alone(two_trips: Store, write_file: Write) -> None:
    result = import_file(two_trips, write_file("five.csv", FIVE_ROWS), strategy="skipExisting")
    assert (result.summary.imported, result.summary.skipped) == (2, 2)


def test_replace_makes_the_trips_what_the_file_holds(two_trips: Store, write_file: Write) -> None:
    before = logical_dump(two_trips)
    result = import_file(two_trips, write_file("five.csv", FIVE_ROWS), strategy="replace")
    assert (result.summary.imported, result.summary.skipped, result.summary.errors) == (3, 1, 1)
    assert result.summary.removed == 1
    found = two_trips.database.rows("SELECT country, visa_type FROM trip ORDER BY entry_day")
    assert found == [
        ("Japan", "business"),
        ("France", "tourist"),
        ("Italy", "tourist"),
        ("Thailand", "tourist"),
    ]
    undone = history.undo(two_trips)
    assert (undone.removed, undone.restored, undone.kept) == (3, 1, ())
    assert logical_dump(two_trips) == before


def test_identical_rows_are_found_and_both_kept_by_the_users_word(store: Store, write_file: Write) -> None:
    row = "Japan,2024-03-02,2024-03-09,tourist,,,\n"
    head = FIVE_ROWS.splitlines()[0] + "\n"
    with stage(store, write_file("twice.csv", head + row + row)) as staging:
        assert plan_of(staging) == [(2, "create"), (3, "skip")]
        deciding.decide(staging, deciding.load_conflict(staging, store, 2), "separate")
        applying.apply_import(staging, store, shown=True)
    assert store.database.value("SELECT count(*) FROM trip") == 2


def test_an_update_of_an_earlier_row_of_the_same_file_is_carried_out(store: Store, write_file: Write) -> None:
    head = FIVE_ROWS.splitlines()[0] + "\n"
    rows = "Japan,2024-03-02,2024-03-09,tourist,,,first\nJapan,2024-03-02,2024-03-10,tourist,90,,\n"
    result = import_file(store, write_file("near.csv", head + rows), resolution="update")
    assert (result.summary.imported, result.summary.updated) == (1, 1)
    assert store.database.rows("SELECT exit_day - entry_day, max_days, notes FROM trip") == [(8, 90, "first")]


def test_one_trip_is_updated_by_one_record_only(two_trips: Store, write_file: Write) -> None:
    head = FIVE_ROWS.splitlines()[0] + "\n"
    rows = "Japan,2024-03-01,2024-03-09,tourist,,,a\nJapan,2024-03-03,2024-03-09,tourist,,,b\n"
    with stage(two_trips, write_file("claims.csv", head + rows), resolution="update") as staging:
        assert plan_of(staging) == [(2, "update"), (3, "ask")]


def test_an_empty_incoming_value_never_erases(two_trips: Store, write_file: Write) -> None:
    trips.edit_trip(two_trips, "#2", {"notes": "keep me", "passportCountry": "KR"})
    head = "Country,Entry Date,Exit Date,Visa Type,Max Days,Passport Country,Notes\n"
    import_file(two_trips, write_file("e.csv", head + "France,2024-05-02,,tourist,,,\n"), resolution="update")
    found = two_trips.database.rows("SELECT exit_day - entry_day, max_days, notes FROM trip WHERE number = 2")
    assert found == [(7, 90, "keep me")]


def test_strict_imports_nothing_when_one_record_is_wrong(two_trips: Store, write_file: Write) -> None:
    before = logical_dump(two_trips)
    with pytest.raises(DinoError) as raised:
        import_file(two_trips, write_file("five.csv", FIVE_ROWS), strict=True, resolution="skip")
    assert raised.value.where == "five.csv:4"
    assert logical_dump(two_trips) == before


def test_records_keep_the_ids_they_bring(store: Store, write_file: Write) -> None:
    record = {
        "id": "mine-1",
        "country": "Japan",
        "entryDate": "2024-03-02",
        "exitDate": None,
        "visaType": "work",
    }
    file = write_file("ids.json", json.dumps([record]))
    import_file(store, file)
    assert store.database.value("SELECT id FROM trip") == "mine-1"
    changed = {**record, "country": "Peru", "entryDate": "2019-01-01"}
    result = import_file(store, write_file("ids2.json", json.dumps([changed])), resolution="update")
    assert result.summary.updated == 1
    assert store.database.rows("SELECT id, country FROM trip") == [("mine-1", "Peru")]


def test_nobody_sees_or_changes_anothers_rows(store: Store, write_file: Write) -> None:
    file = write_file("five.csv", FIVE_ROWS)
    import_file(store, file, resolution="skip")
    with Store(store.path, "Lee") as lee:
        result = import_file(lee, file, strategy="replace")
        assert (result.summary.imported, result.summary.removed) == (4, 0)
        assert [op.entry.kind for op in history.operations(lee)] == ["import"]
        with pytest.raises(DinoError):
            history.undo(lee, history.operations(store)[0].entry.id)
    assert store.database.value("SELECT count(*) FROM trip WHERE user = ?", (store.user,)) == 4


@pytest.mark.parametrize("form", ["json", "sql", "sqlite"])
def test_a_verified_backup_is_made_before(two_trips: Store, write_file: Write, form: str) -> None:
    result = import_file(two_trips, write_file("five.csv", FIVE_ROWS), resolution="skip", backupFormat=form)
    rows = two_trips.database.rows("SELECT id, records, path FROM backup")
    assert [(row[0], row[1]) for row in rows] == [(result.metadata.backup_id, 2)]
    path = two_trips.backups / rows[0][2]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_staged_import_belongs_to_one_process(two_trips: Store, write_file: Write) -> None:
    file = write_file("five.csv", FIVE_ROWS)
    with stage(two_trips, file) as staging, pytest.raises(DinoError, match="another dinotui"):
        Staging.find(two_trips.staging, staging.path.stem)


def test_constants_feed_what_the_file_lacks(store: Store, write_file: Write) -> None:
    file = write_file("stays.csv", "Start,End\n25.05.2023,10.08.2023\n15.09.2023,20.09.2023\n")
    settings = ImportSettings(constants={"country": "Spain", "visaType": "tourist"})
    import_file(store, file, settings=settings)
    assert store.database.rows("SELECT country_code, exit_day - entry_day + 1 FROM trip ORDER BY 2") == [
        ("ES", 6),
        ("ES", 78),
    ]


def test_details_name_what_happened(two_trips: Store, write_file: Write) -> None:
    result = import_file(two_trips, write_file("five.csv", FIVE_ROWS), resolution="update")
    details = result.details
    assert [record.where for record in details.new_records] == ["five.csv:5", "five.csv:7"]
    ids = {row[0] for row in two_trips.database.rows("SELECT id FROM trip")}
    assert {record.id for record in details.new_records} <= ids
    assert details.updated_records[0].changes["exitDate"] == ("2024-03-09", "2024-03-10")
    assert details.error_records[0].cells["Entry Date"] == "2024-02-30"
    assert preview.SIGNS["reject"] == "!"


def test_a_constant_beside_a_column_fills_its_empty_cells(store: Store, write_file: Write) -> None:
    file = write_file("gaps.csv", "Country,Entry Date,Visa Type\nJapan,2024-01-01,\nPeru,2024-02-01,work\n")
    with stage(store, file, settings=ImportSettings(constants={"visaType": "tourist"})) as staging:
        applying.apply_import(staging, store)
    assert store.database.rows("SELECT visa_type FROM trip ORDER BY number") == [("tourist",), ("work",)]


@pytest.mark.parametrize(
    ("header", "cells", "countries", "field", "reason"),
    [
        ("Country", ("Peru", ""), ["Peru", "Spain"], "country", "your value fills its empty cells"),
        ("Contry", ("Peru", "Chad"), ["Spain", "Spain"], None, "you gave one value for all records"),
        ("Where", ("Peru", "Chad"), ["Spain", "Spain"], None, "you gave one value for all records"),
    ],
)
def test_a_constant_replaces_a_column_that_is_not_sure(
    store: Store,
    write_file: Write,
    header: str,
    cells: tuple[str, str],
    countries: list[str],
    field: str | None,
    reason: str,
) -> None:
    rows = "".join(f"{cell},2024-0{n}-01,work\n" for n, cell in enumerate(cells, start=1))
    file = write_file("a.csv", f"{header},Entry Date,Visa Type\n{rows}")
    with stage(store, file, settings=ImportSettings(constants={"country": "Spain"})) as staging:
        mapping = Mapping.model_validate(staging.tables()[0].settings["used"])
        assert (mapping.columns[0].field, reason in mapping.columns[0].reason) == (field, True)
        assert [row.country for row in preview.page(staging, preview.PreviewFilter())] == countries


def test_several_files_are_one_import_each_mapped_by_its_own_header(store: Store, write_file: Write) -> None:
    one = write_file("one.csv", "Where,Entry Date,Visa Type\nJapan,2024-01-01,work\n")
    two = write_file("two.csv", "Country,Entry Date,Visa Type\nJapan,2024-01-01,work\nPeru,2024-02-01,work\n")
    with stage(store, one, two, settings=ImportSettings(maps=("Where=country",))) as staging:
        assert [action for _line, action in plan_of(staging)] == ["create", "skip", "create"]
        applying.apply_import(staging, store)
    assert history.count_operations(store) == 1


def test_rejects_import_again_once_fixed(store: Store, write_file: Write, tmp_path: Path) -> None:
    with stage(store, write_file("five.csv", FIVE_ROWS)) as staging:
        assert fixing.save_rejects(staging, tmp_path / "rejects.csv") == 1
        with pytest.raises(DinoError, match="exists already"):
            fixing.save_rejects(staging, tmp_path / "rejects.csv")
        applying.apply_import(staging, store)
    text = (tmp_path / "rejects.csv").read_text(encoding="utf-8-sig")
    assert "Spain,2024-02-30" in text
    assert "entryDate" in text
    again = write_file("fixed.csv", text.replace("2024-02-30", "2024-02-28"))
    result = import_file(store, again)
    assert (result.summary.imported, result.summary.errors) == (1, 0)


def test_a_cell_is_fixed_in_place(store: Store, write_file: Write) -> None:
    with stage(store, write_file("five.csv", FIVE_ROWS)) as staging:
        counts = fixing.fix_record(staging, store, 3, {"entryDate": "2024-02-28"})
        assert (counts.reject, counts.create) == (0, 5)
        result = applying.apply_import(staging, store, shown=True)
    assert result.summary.imported == 5


def test_a_state_is_not_taken_for_a_country(store: Store, write_file: Write) -> None:
    rows = "".join(
        f"{name},2024-01-{n + 1:02},work\n" for n, name in enumerate(["Texas", "Georgia", "Ohio", "Japan"])
    )
    result = import_file(store, write_file("states.csv", "Country,Entry Date,Visa Type\n" + rows))
    assert store.database.rows("SELECT country, country_code FROM trip ORDER BY number") == [
        ("Texas", None),
        ("Georgia", None),
        ("Ohio", None),
        ("Japan", "JP"),
    ]
    assert any("Georgia" in warning for warning in result.warnings)


def test_rejects_hold_every_cell_of_a_row_that_is_too_long(
    store: Store, write_file: Write, tmp_path: Path
) -> None:
    text = "Country,Entry Date,Visa Type\nJapan,2024-01-01,work,=more,\nPeru,2024-01-01,work\n"
    with stage(store, write_file("long.csv", text)) as staging:
        assert fixing.save_rejects(staging, tmp_path / "rejects.csv") == 1
    rows = (tmp_path / "rejects.csv").read_text(encoding="utf-8-sig").splitlines()
    assert rows[0].startswith("Country,Entry Date,Visa Type,Extra 1,Extra 2,Rejected Line")
    assert rows[1].startswith("Japan,2024-01-01,work,'=more,,2,")


def test_a_guard_of_the_rejects_comes_off_again(store: Store, write_file: Write, tmp_path: Path) -> None:
    text = "Country,Entry Date,Visa Type,Notes\nJapan,2024-02-30,work,=1+1\n"
    with stage(store, write_file("guard.csv", text)) as staging:
        fixing.save_rejects(staging, tmp_path / "rejects.csv")
        staging.discard()
    fixed = (tmp_path / "rejects.csv").read_text(encoding="utf-8-sig").replace("02-30", "02-28")
    import_file(store, write_file("fixed.csv", fixed))
    assert store.database.value("SELECT notes FROM trip") == "=1+1"


def test_half_a_character_rejects_its_record_by_name(store: Store, write_file: Write) -> None:
    text = '[{"country": "Japan", "entryDate": "2024-01-01", "visaType": "work", "notes": "\\ud800"}]'
    result = import_file(store, write_file("half.json", text))
    assert result.summary.errors == 1
    assert "half a character" in result.details.error_records[0].reason


def test_what_only_the_last_rows_tell_holds_for_the_first(store: Store, write_file: Write) -> None:
    """The rows are read as the first ones say; proof of the other order comes thousands of rows later."""
    rows = [f"Japan,0{n % 9 + 1}/0{n % 8 + 1}/2020,,work,,,{n}" for n in range(2_500)]
    text = (
        "Country,Entry Date,Exit Date,Visa Type,Max Days,Passport Country,Notes\n"
        + "\n".join([*rows, "Japan,25/12/2020,,work,,,last"])
        + "\n"
    )
    with stage(store, write_file("late.csv", text)) as staging:
        days = dict(staging.database.rows("SELECT notes, entry_day FROM record WHERE valid"))
    assert len(days) == 2_501
    assert (days["1"], days["last"]) == (iso_day("2020-02-02"), iso_day("2020-12-25"))
    assert days["10"] == iso_day("2020-03-02")
