"""Stays of an import that run into another stay: a warning, named, in the plan and in the answer (SPEC.md 4.3)."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from dinotui.engine import trips
from dinotui.engine.importing import applying, planning, preview
from dinotui.storage.store import Store
from tests.conftest import sweep
from tests.engine.importer import import_file, stage

Write = Callable[[str, str], Path]

HEADER = "Country,Entry Date,Exit Date,Visa Type\n"


def comments(store: Store, file: Path, **changes: str) -> list[str]:
    with stage(store, file, **changes) as staging:
        return [
            row.comment if "overlap" in row.comment else ""
            for row in preview.page(staging, preview.PreviewFilter())
        ]


@pytest.fixture
def spain(store: Store) -> Store:
    stay = {"country": "Spain", "entryDate": "2024-03-01", "exitDate": "2024-03-31", "visaType": "tourist"}
    trips.add_trip(store, stay)
    return store


@pytest.mark.parametrize(
    ("entry", "leaving", "runs_into"),
    [
        ("2024-02-20", "2024-03-01", False),
        ("2024-02-20", "2024-03-02", True),
        ("2024-03-10", "2024-03-12", True),
        ("2024-03-10", "2024-03-10", True),
        ("2024-03-31", "2024-04-04", False),
        ("2024-03-30", "2024-04-04", True),
        ("2024-02-20", "", True),
        ("2024-04-01", "", False),
        ("2024-03-01", "2024-03-01", False),
    ],
)
def test_more_than_a_border_day_is_an_overlap(
    spain: Store, write_file: Write, entry: str, leaving: str, runs_into: bool
) -> None:
    text = f"{HEADER}Portugal,{entry},{leaving},tourist\n"
    expected = "The stay overlaps another one in Spain (2024-03-01 to 2024-03-31)." if runs_into else ""
    assert comments(spain, write_file("a.csv", text)) == [expected]


def test_a_day_trip_overlaps_one_of_the_same_day(store: Store, write_file: Write) -> None:
    stay = {"country": "Spain", "entryDate": "2024-03-01", "exitDate": "2024-03-01", "visaType": "tourist"}
    trips.add_trip(store, stay)
    stays = (("Portugal", "2024-03-01"), ("Peru", "2024-05-05"), ("Chad", "2024-05-05"))
    rows = "".join(f"{country},{day},{day},tourist\n" for country, day in stays)
    assert comments(store, write_file("a.csv", HEADER + rows)) == [
        "The stay overlaps another one in Spain (2024-03-01 to 2024-03-01).",
        "The stay overlaps that of row 4 of this file in Chad (2024-05-05 to 2024-05-05).",
        "The stay overlaps that of row 3 of this file in Peru (2024-05-05 to 2024-05-05).",
    ]


def test_rows_that_are_left_out_run_into_nothing(spain: Store, write_file: Write) -> None:
    rows = (
        "Spain,2024-03-01,2024-03-31,tourist\n"  # identical: skipped
        "Peru,2024-05-01,2024-05-32,tourist\n"  # rejected
        "Chad,2024-05-02,2024-05-20,tourist\n"
    )
    assert comments(spain, write_file("a.csv", HEADER + rows)) == ["", "", ""]


def test_an_updated_trip_counts_as_it_will_be(spain: Store, write_file: Write) -> None:
    """The trip that a record changes is no other stay, and what it was no longer counts."""
    rows = "Spain,2024-03-01,2024-03-10,tourist\nPeru,2024-03-12,2024-03-20,tourist\n"
    file = write_file("a.csv", HEADER + rows)
    assert comments(spain, file, resolution="update") == ["", ""]
    assert comments(spain, file, resolution="skip") == [
        "",
        "The stay overlaps another one in Spain (2024-03-01 to 2024-03-31).",
    ]


def test_a_replace_runs_into_what_the_file_holds_alone(spain: Store, write_file: Write) -> None:
    rows = "Peru,2024-03-12,2024-03-20,tourist\nChad,2024-03-15,2024-03-30,tourist\n"
    found = comments(spain, write_file("a.csv", HEADER + rows), strategy="replace")
    assert [text.partition(" of this")[0] for text in found] == [
        "The stay overlaps that of row 3",
        "The stay overlaps that of row 2",
    ]


def test_it_is_a_warning_with_a_count_and_never_stops_a_strict_import(
    spain: Store, write_file: Write
) -> None:
    rows = "".join(f"Peru,2024-03-{day:02},2024-03-{day + 1:02},work\n" for day in range(2, 20, 3))
    file = write_file("a.csv", HEADER + rows)
    with stage(spain, file, strict=True) as staging:
        counts = planning.count_plan(staging)
        assert (counts.create, counts.reject, counts.warned) == (6, 0, 6)
        assert preview.count(staging, preview.PreviewFilter(bad=True)) == 6
        result = applying.apply_import(staging, spain)
    assert result.summary.imported == 6
    told = (
        "6 records overlap another stay; the first, a.csv:2:"
        " The stay overlaps another one in Spain (2024-03-01 to 2024-03-31)."
    )
    assert [text for text in result.warnings if "overlap" in text] == [told]


def test_it_is_found_again_when_the_plan_is_made_again(store: Store, write_file: Write) -> None:
    file = write_file("a.csv", f"{HEADER}Peru,2024-03-12,2024-03-20,tourist\n")
    with stage(store, file) as staging:
        assert planning.count_plan(staging).warned == 0
        stay = {"country": "Chad", "entryDate": "2024-03-01", "exitDate": "2024-03-13", "visaType": "work"}
        trips.add_trip(store, stay)
        result = applying.apply_import(staging, store)
    assert any("Chad (2024-03-01 to 2024-03-13)" in text for text in result.warnings)


@pytest.mark.parametrize("seed", range(sweep(12)))
@pytest.mark.parametrize("resolution", ["update", "skip", "keepBoth"])
def test_a_record_is_warned_about_when_its_trip_then_overlaps_another(
    store: Store, write_file: Write, seed: int, resolution: str
) -> None:
    """Compared with every pair of the trips that are there after the import."""
    rng = random.Random(seed)

    def rows(count: int) -> str:
        lines = []
        for _line in range(count):
            entry = dt.date(2020, 1, 1) + dt.timedelta(days=rng.randrange(150))
            leaving = entry + dt.timedelta(days=rng.choice((0, 0, 1, 2, 6)))
            country = rng.choice(("Peru", "Chad", "Japan"))
            lines.append(f"{country},{entry},{leaving},{rng.choice(('tourist', 'work'))}\n")
        return HEADER + "".join(lines)

    import_file(store, write_file("first.csv", rows(12)), resolution="keepBoth", detection="off")
    file = write_file("second.csv", rows(12))
    with stage(store, file, resolution=resolution, threshold=0.6) as staging:
        warned = {
            row.record
            for row in preview.page(staging, preview.PreviewFilter())
            if any(one["code"].startswith("overlap") for one in row.said)
        }
        assert warned == {row.record for row in preview.page(staging, preview.PreviewFilter(bad=True))}
        result = applying.apply_import(staging, store, set_aside=True)
    details = (*result.details.new_records, *result.details.updated_records)
    last = {one.id: one.record for one in details}  # a later record may change what an earlier one made
    stays = {row[0]: row[1:] for row in store.database.rows("SELECT id, entry_day, exit_day FROM trip")}
    for trip, record in last.items():
        assert (record in warned) == any(
            other != trip and _overlap(stays[trip], stays[other]) for other in stays
        ), (record, stays[trip])


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    same_day = one == other and one[0] == one[1]
    return same_day or (one[0] < other[1] and other[0] < one[1])
