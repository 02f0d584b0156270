"""What was shown is what happens: plans interrupted, decisions that meet, rows left out, files read again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dinotui.domain.errors import Cancelled, UsageError
from dinotui.domain.settings import ImportSettings
from dinotui.engine import duplicates, trips
from dinotui.engine.importing import applying, deciding, planning, preview, understanding
from dinotui.engine.importing.applying import PlanChanged
from dinotui.engine.importing.planning import PlanCounts
from dinotui.engine.recovery import recover
from dinotui.storage.staging import Staging, staged_files
from dinotui.storage.store import Store
from dinotui.tui.import_session import ImportSession
from tests.engine.importer import configuration, import_file, plan_of, stage

Write = Callable[[str, str], Path]
HEAD = "Country,Entry Date,Exit Date,Visa Type,Notes\n"


def trip_texts(store: Store) -> list[tuple[Any, ...]]:
    return store.database.rows("SELECT country, visa_type, notes FROM trip ORDER BY number")


def conflict(staging: Staging, store: Store, record: int) -> deciding.Conflict:
    return deciding.load_conflict(staging, store, record)


# an update that would end before it begins


def one_that_came_again(store: Store, write_file: Write, **changes: str) -> Staging:
    first = '[{"id": "x", "country": "Japan", "entryDate": "2024-01-01", "exitDate": "2024-01-10", "visaType": "t"}]'
    import_file(store, write_file("a.json", first))
    again = '[{"id": "x", "country": "Japan", "entryDate": "2024-05-01", "exitDate": null, "visaType": "t"}]'
    return stage(store, write_file("b.json", again), **changes)


def test_an_update_that_would_end_before_it_begins_is_asked(store: Store, write_file: Write) -> None:
    with one_that_came_again(store, write_file, resolution="update") as staging:
        assert planning.count_plan(staging) == PlanCounts(ask=1)
        [row] = preview.page(staging, preview.PreviewFilter())
        assert "would end before it begins" in row.comment
        with pytest.raises(UsageError, match=r"2024-01-10.*before it begins.*2024-05-01"):
            deciding.decide(staging, conflict(staging, store, 1), "incoming")
        choices = {"entryDate": "incoming", "exitDate": {"text": "2024-05-09"}}
        deciding.decide(staging, conflict(staging, store, 1), "merge", choices)
        assert applying.apply_import(staging, store).summary.updated == 1


def test_many_decided_alike_leave_that_one_open(store: Store, write_file: Write) -> None:
    with one_that_came_again(store, write_file) as staging:
        assert deciding.decide_alike(staging, store, conflict(staging, store, 1), [], "incoming") == 0
        assert deciding.review_counts(staging).undecided == 1


def test_trips_that_would_end_before_they_begin_are_not_merged_like_that(store: Store) -> None:
    trips.add_trip(
        store, {"country": "Japan", "entryDate": "2024-01-01", "exitDate": "2024-01-01", "visaType": "t"}
    )
    trips.add_trip(store, {"country": "Japan", "entryDate": "2024-01-02", "visaType": "t"})
    handling = configuration(detection="fuzzy", threshold=0.6, criteria=("country",))
    with duplicates.find_duplicates(store, handling) as staging:
        [pair] = list(duplicates.repeats(staging, store))
        assert (pair.first.entry_date.day, pair.second.entry_date.day) == (1, 2)
        with pytest.raises(UsageError, match="before it begins"):
            deciding.decide(staging, conflict(staging, store, 2), "incoming")
        assert duplicates.merge_decided(staging, store) is None


# two records that change one trip


def two_for_one(store: Store, write_file: Write, **changes: Any) -> Staging:
    import_file(store, write_file("a.csv", f"{HEAD}Japan,2024-01-01,2024-01-10,tourist,old\n"))
    rows = "Japan,2024-01-01,2024-01-11,tourist,first\nJapan,2024-01-01,2024-01-11,business,second\n"
    return stage(store, write_file("b.csv", HEAD + rows), threshold=0.6, **changes)


def test_one_trip_is_changed_by_one_record(store: Store, write_file: Write) -> None:
    with two_for_one(store, write_file) as staging:
        deciding.decide(staging, conflict(staging, store, 1), "incoming")
        with pytest.raises(UsageError, match="Row 2 changes the same trip already"):
            deciding.decide(staging, conflict(staging, store, 2), "incoming")
        deciding.decide(staging, conflict(staging, store, 2), "separate")
        result = applying.apply_import(staging, store)
    assert (result.summary.updated, result.summary.imported) == (1, 1)
    assert trip_texts(store) == [("Japan", "tourist", "first"), ("Japan", "business", "second")]


def test_a_record_that_a_policy_updates_holds_its_trip(store: Store, write_file: Write) -> None:
    with two_for_one(store, write_file, resolution="update") as staging:
        assert plan_of(staging) == [(2, "update"), (3, "ask")]
        with pytest.raises(UsageError, match="Row 2 changes the same trip already"):
            deciding.decide(staging, conflict(staging, store, 2), "merge", {"notes": "incoming"})


def test_many_decided_at_once_change_each_trip_once(store: Store, write_file: Write) -> None:
    with two_for_one(store, write_file) as staging:
        first = conflict(staging, store, 1)
        assert deciding.decide_alike(staging, store, first, [2], "incoming") == 1
        assert deciding.review_counts(staging).undecided == 1
        result = applying.apply_import(staging, store, set_aside=True)
    assert (result.summary.updated, result.summary.pending) == (1, 1)
    assert trip_texts(store) == [("Japan", "tourist", "first")]


# plans that were interrupted


def interrupted(patch: pytest.MonkeyPatch, error: type[BaseException]) -> None:
    def stop(*_given: object, **_named: object) -> None:
        raise error

    patch.setattr(planning, "find_overlaps", stop)


def test_a_plan_that_was_made_anew_and_not_shown_is_not_applied(
    store: Store, write_file: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_file(store, write_file("a.csv", f"{HEAD}Japan,2024-01-01,2024-01-10,tourist,old\n"))
    file = write_file("b.csv", f"{HEAD}Japan,2024-01-01,2024-01-10,tourist,new\n")
    with stage(store, file, resolution="update") as staging:
        trips.edit_trip(store, "1", {"notes": "typed by hand"})
        with monkeypatch.context() as patch:
            interrupted(patch, Cancelled)
            with pytest.raises(Cancelled):
                applying.apply_import(staging, store, shown=True)
        with pytest.raises(PlanChanged):
            applying.apply_import(staging, store, shown=True)
        assert trip_texts(store) == [("Japan", "tourist", "typed by hand")]
        assert applying.apply_import(staging, store, shown=True).summary.updated == 1, "now it was shown"


class Killed(BaseException):
    """Stands for a process that is gone in the middle."""


def test_a_decision_does_not_outlive_its_conflict_when_planning_is_killed(
    store: Store, write_file: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_file(store, write_file("a.csv", f"{HEAD}Japan,2024-01-01,2024-01-10,tourist,old\n"))
    staging = stage(store, write_file("b.csv", f"{HEAD}Japan,2024-01-01,2024-01-10,tourist,new\n"))
    deciding.decide(staging, conflict(staging, store, 1), "incoming")
    trips.edit_trip(store, "1", {"notes": "typed by hand"})
    with monkeypatch.context() as patch:
        interrupted(patch, Killed)
        with pytest.raises(Killed):
            planning.plan_import(staging, store)
    staging.close()
    assert any("planned again" in sentence for sentence in recover(store))
    with Staging(staged_files(store.staging)[0]) as again:
        assert deciding.review_counts(again).undecided == 1


# rows left out, and files that are read again


def test_of_identical_rows_the_next_one_takes_the_place_of_one_left_out(
    store: Store, write_file: Write
) -> None:
    file = write_file("a.csv", HEAD + "Japan,2024-01-01,2024-01-10,tourist,\n" * 3)
    with stage(store, file) as staging:
        deciding.leave_out(staging, store, 1, out=True)
        assert plan_of(staging) == [(2, "skip"), (3, "create"), (4, "skip")]
        deciding.leave_out(staging, store, 1, out=False)
        assert plan_of(staging) == [(2, "create"), (3, "skip"), (4, "skip")]
        deciding.leave_out(staging, store, 1, out=True)
        assert applying.apply_import(staging, store).summary.imported == 1
    assert len(trip_texts(store)) == 1


def decided_session(store: Store, write_file: Write) -> ImportSession:
    have = "Japan,2024-01-01,2024-01-10,tourist,old\nSpain,2024-02-01,2024-02-10,tourist,old\n"
    import_file(store, write_file("a.csv", HEAD + have))
    rows = have.replace("old", "new") + "France,nonsense,2024-02-10,tourist,new\n"
    session = ImportSession()
    file = write_file("b.csv", HEAD + rows)
    session.begin([file], ImportSettings(), configuration(), store, lambda _progress: None, lambda: False)
    deciding.decide(session.held, conflict(session.held, store, 1), "existing")
    deciding.decide(session.held, conflict(session.held, store, 2), "incoming")
    session.fix(3, {"entryDate": "2024-02-05"}, store)
    return session


@pytest.mark.parametrize("stopped", [False, True])
def test_decisions_and_fixes_survive_another_reading_of_the_file(
    store: Store, write_file: Write, monkeypatch: pytest.MonkeyPatch, stopped: bool
) -> None:
    session = decided_session(store, write_file)
    before = session.take_picture()
    assert (before.review.decided, before.counts.reject) == (2, 0)
    settings = before.settings.model_copy(update={"encoding": "utf-8"})

    def change() -> None:
        session.change("read", settings, before.configuration, store, lambda _progress: None, lambda: False)

    if stopped:
        understand, tries = understanding.understand, []

        def once(*given: Any, **named: Any) -> Any:
            tries.append(given)
            if len(tries) == 1:
                raise Cancelled
            return understand(*given, **named)

        monkeypatch.setattr(understanding, "understand", once)
        with pytest.raises(Cancelled):
            change()
    else:
        change()
    after = session.take_picture()
    assert (after.review.decided, after.counts.reject) == (2, 0)
    assert session.held.fixes() == {3: {"entryDate": "2024-02-05"}}
    result = session.apply(store, lambda _progress: None, lambda: False)
    assert (result.summary.updated, result.summary.imported, result.summary.skipped) == (1, 1, 1)
    session.close()


def test_a_decision_goes_when_another_reading_makes_another_conflict(store: Store, write_file: Write) -> None:
    session = decided_session(store, write_file)
    picture = session.take_picture()
    moved = write_file(
        "b.csv", HEAD + "Japan,2024-01-01,2024-01-10,tourist,newer\nChad,2024-02-01,,tourist,\n"
    )
    assert moved.exists()
    session.change(
        "read", picture.settings, picture.configuration, store, lambda _progress: None, lambda: False
    )
    after = session.take_picture()
    assert after.review.conflicts == 1
    assert after.review.decided == 1, "the same trip, the same fields: the row on this line still repeats it"
    session.discard()
