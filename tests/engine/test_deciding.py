"""Decisions: many made and taken back as one, kept while the plan is made again, left out, after a kill."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dinotui.domain.errors import Cancelled, FormatError, UsageError
from dinotui.domain.settings import ImportSettings
from dinotui.engine import trips
from dinotui.engine.importing import (
    applying,
    deciding,
    fixing,
    looking,
    planning,
    preview,
    reading,
    rules,
    understanding,
    waiting,
)
from dinotui.engine.recovery import recover
from dinotui.storage.staging import Staging, staged_files
from dinotui.storage.store import Store
from tests.engine.importer import stage

Write = Callable[[str, str], Path]

HEAD = "Country,Entry Date,Exit Date,Visa Type,Max Days,Passport Country,Notes\n"
COUNTRIES = ("Japan", "France", "Spain", "Italy", "Peru")


@pytest.fixture
def staged(store: Store, write_file: Write) -> Staging:
    """Five trips that came back a day later, one that also has another visa type."""
    rows = HEAD
    for number, country in enumerate(COUNTRIES):
        day = f"2024-0{number + 1}-1"
        trips.add_trip(
            store, {"country": country, "entryDate": day + "0", "exitDate": day + "5", "visaType": "tourist"}
        )
        visa = "business" if country == "Peru" else "tourist"
        rows += f"{country},{day}0,{day}6,{visa},,,note {number}\n"
    return stage(store, write_file("again.csv", rows))


def decisions(staging: Staging) -> dict[int, str | None]:
    return {row.record: row.decision for row in preview.page(staging, preview.PreviewFilter())}


def test_alike_are_those_that_differ_in_the_same_fields_as_likely(staged: Staging, store: Store) -> None:
    with staged:
        conflict = deciding.load_conflict(staged, store, 2)
        assert rules.like(staged, conflict, "fields") == [1, 3, 4]
        assert rules.like(staged, deciding.load_conflict(staged, store, 5), "fields") == []


def test_all_alike_are_decided_and_taken_back_as_one(staged: Staging, store: Store) -> None:
    with staged:
        first = deciding.load_conflict(staged, store, 5)
        deciding.decide(staged, first, "skip")
        conflict = deciding.load_conflict(staged, store, 1)
        choices = {"exitDate": "incoming", "notes": "both"}
        assert (
            deciding.decide_alike(
                staged, store, conflict, rules.like(staged, conflict, "fields"), "merge", choices
            )
            == 4
        )
        assert set(decisions(staged).values()) == {"merge", "skip"}
        assert deciding.load_conflict(staged, store, 3).choices == choices
        assert deciding.review_counts(staged).undecided == 0
        assert deciding.take_back(staged) == 1
        assert decisions(staged) == {1: None, 2: None, 3: None, 4: None, 5: "skip"}
        deciding.decide_alike(
            staged, store, conflict, rules.like(staged, conflict, "fields"), "merge", choices
        )
        result = applying.apply_import(staged, store, shown=True)
    assert (result.summary.updated, result.summary.skipped) == (4, 1)
    rows = store.database.rows("SELECT country, exit_day - entry_day, notes FROM trip ORDER BY number")
    assert rows[:3] == [("Japan", 6, "note 0"), ("France", 6, "note 1"), ("Spain", 6, "note 2")]
    assert rows[4] == ("Peru", 5, "")


def test_a_text_of_ones_own_holds_for_one_record_only(staged: Staging, store: Store) -> None:
    with staged:
        conflict = deciding.load_conflict(staged, store, 1)
        with pytest.raises(UsageError):
            deciding.decide_alike(
                staged,
                store,
                conflict,
                rules.like(staged, conflict, "fields"),
                "merge",
                {"notes": {"text": "mine"}},
            )
        assert set(decisions(staged).values()) == {None}


def test_stopping_in_the_middle_decides_none(staged: Staging, store: Store) -> None:
    conflict = deciding.load_conflict(staged, store, 1)
    with staged, pytest.raises(Cancelled):
        deciding.decide_alike(
            staged,
            store,
            conflict,
            rules.like(staged, conflict, "fields"),
            "existing",
            cancelled=lambda: True,
        )
    with Staging(staged.path) as again:
        assert set(decisions(again).values()) == {None}


def test_places_are_counted_from_any_known_one(staged: Staging, store: Store) -> None:
    with staged:
        places = [deciding.position_of(staged, number) for number in range(1, 6)]
        assert places == [1, 2, 3, 4, 5]
        for known in range(1, 6):
            assert [deciding.position_of(staged, n, (known, known)) for n in range(1, 6)] == places


def test_decisions_hold_while_settings_change_elsewhere(staged: Staging, store: Store) -> None:
    with staged:
        deciding.decide(staged, deciding.load_conflict(staged, store, 1), "incoming")
        deciding.decide(staged, deciding.load_conflict(staged, store, 5), "separate")
        reading.save_choices(staged, ImportSettings(countries={"atlantis": "GR"}))
        understanding.understand(staged)
        planning.plan_import(staged, store)
        assert decisions(staged) == {1: "incoming", 2: None, 3: None, 4: None, 5: "separate"}
        reading.save_choices(staged, ImportSettings(maps=("Notes=ignore",)))
        understanding.understand(staged)
        planning.plan_import(staged, store)
        assert set(decisions(staged).values()) == {None}, "the records differ in other fields now"
        assert staged.meta("outdated") == [1, 5]


@pytest.mark.parametrize("step", ["settings", "records", "fix"])
def test_an_import_interrupted_while_planned_anew_waits_with_its_decisions(
    staged: Staging, store: Store, step: str
) -> None:
    with staged:
        deciding.decide(staged, deciding.load_conflict(staged, store, 1), "incoming")
        staged.advance("understood")
        if step == "records":
            reading.save_choices(staged, ImportSettings(countries={"atlantis": "GR"}))
            understanding.understand(staged)
        if step == "fix":
            staged.set_fix(2, "notes", "fixed")
    assert waiting.waiting_imports(store) == []
    assert "planned anew" in recover(store)[0]
    [found] = waiting.waiting_imports(store)
    assert (found.conflicts, found.decided) == (5, 1)
    assert recover(store) == []
    with Staging(staged_files(store.staging)[0]) as again:
        assert preview.page(again, preview.PreviewFilter())[1].notes == (
            "fixed" if step == "fix" else "note 1"
        )


def test_a_new_record_is_left_out_by_the_users_word(store: Store, write_file: Write) -> None:
    rows = HEAD + "Japan,2024-03-02,2024-03-09,tourist,,,\nPeru,2024-05-02,2024-05-09,tourist,,,\n"
    with stage(store, write_file("two.csv", rows)) as staging:
        deciding.leave_out(staging, store, 1, out=True)
        counts = planning.plan_import(staging, store)
        assert (counts.create, counts.skip) == (1, 1)
        deciding.leave_out(staging, store, 1, out=False)
        assert planning.count_plan(staging).create == 2
        deciding.leave_out(staging, store, 2, out=True)
        applying.apply_import(staging, store, shown=True)
    assert store.database.rows("SELECT country FROM trip") == [("Japan",)]


def test_bad_rows_are_those_rejected_or_warned_about(store: Store, write_file: Write) -> None:
    rows = HEAD + (
        "Japan,2024-03-02,2024-03-09,tourist,90 days,,\n"
        "Atlantis,2024-05-02,2024-05-09,tourist,,,\n"
        "Peru,2024-02-30,,tourist,,,\n"
    )
    with stage(store, write_file("bad.csv", rows)) as staging:
        assert list(preview.numbers(staging, preview.PreviewFilter(bad=True))) == [2, 3]
        assert list(preview.numbers(staging, preview.PreviewFilter(noted=True))) == [1, 2, 3]
        assert list(preview.numbers(staging, preview.PreviewFilter(text="peru"))) == [3]
        name, cells = preview.cells_of(staging, 3)
        assert (name, cells["Entry Date"]) == ("bad.csv", "2024-02-30")
        fixing.save_rejects(staging, store.scratch / "r.csv")
        fixing.copy_rejects(store.scratch / "r.csv", store.scratch / "copy.csv")
        assert (store.scratch / "copy.csv").read_bytes() == (store.scratch / "r.csv").read_bytes()
        assert (store.scratch / "copy.csv").stat().st_mode & 0o777 == 0o600


def test_the_tables_of_files_are_named_before_they_are_read(
    store: Store, write_file: Write, tmp_path: Path
) -> None:
    import zipfile

    rows = HEAD + "Japan,2024-03-02,2024-03-09,tourist,,,\n"
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("a.csv", rows)
        archive.writestr("b.csv", "Nation,From,To,Visa\nPeru,2024-05-02,2024-05-09,tourist\n")
    file = reading.SourceFile(tmp_path / "two.zip", "two.zip")
    assert looking.table_names([file], ImportSettings(), store) == ["a.csv", "b.csv"]
    broken = reading.SourceFile(write_file("x.pdf", "%PDF-1.7 nothing"), "x.pdf")
    with pytest.raises(FormatError):
        looking.table_names([broken], ImportSettings(), store)
