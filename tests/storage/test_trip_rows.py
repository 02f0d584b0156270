"""Single trips and their places by number, id and keyset, at a size where a wrong index would show."""

from __future__ import annotations

import time

import pytest

from dinotui.engine import history
from dinotui.engine.trips import add_trip
from dinotui.storage import trip_places
from dinotui.storage.store import Store
from dinotui.storage.trips import TripFilter, count, page, rows_by_number

_MANY = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)"
    " INSERT INTO trip (user, id, country, country_fold, entry_day, visa_type, visa_fold, passport_country,"
    " passport_fold, notes, created_at, updated_at, source, changed_by)"
    " SELECT :user, 'id-' || i, 'Land', 'land', i / 7, 'x', 'x', '', '', 'note ' || i, '', '', '', 0 FROM n"
)


def test_rows_are_found_by_number_without_a_walk_over_all(store: Store) -> None:
    with store.database.write():
        store.database.execute(_MANY, {"count": 100_000, "user": store.user})
    wanted = [*range(50_000, 50_900), 999_999]
    begun = time.perf_counter()
    for _time in range(20):
        found = rows_by_number(store, wanted)
    assert time.perf_counter() - begun < 2, "a walk over all trips takes ten times as long"
    assert sorted(found) == wanted[:-1]
    assert found[50_000]["id"] == "id-50000"


def test_another_users_rows_are_never_found(store: Store) -> None:
    with Store(store.path, "another") as other, other.database.write():
        other.database.execute(_MANY, {"count": 5, "user": other.user})
    assert rows_by_number(store, [1, 2, 3]) == {}
    assert list(trip_places.numbers(store, TripFilter())) == []
    assert trip_places.rank(store, (0, 0)) == 0


def test_the_place_of_a_trip_is_its_place_in_the_list(store: Store) -> None:
    with store.database.write():
        store.database.execute(_MANY, {"count": 500, "user": store.user})
    rows = page(store, TripFilter(), limit=500)
    assert list(trip_places.numbers(store, TripFilter())) == [row["number"] for row in rows]
    for index in (0, 1, 250, 499):
        row = rows[index]
        assert trip_places.rank(store, (row["entry_day"], row["number"])) == index
    some = TripFilter(text="note 49 land")
    found = list(trip_places.numbers(store, some))
    assert found == [row["number"] for row in page(store, some, limit=500)]
    assert 0 < len(found) < 50


@pytest.mark.parametrize("ballast", [0, 20, 1500])
def test_rows_are_found_by_all_words_however_many_there_are(store: Store, ballast: int) -> None:
    """A pasted page is a filter too; SQLite alone refuses a thousand conditions and a pattern that long."""
    many = " ".join(f"w{number}" for number in range(ballast))
    notes = ("Kyoto 100% a_b 오사카 " + many, "Kyoto 1000 aab 오사카 " + many, "another")
    for note in notes:
        add_trip(store, {"country": "Japan", "entryDate": "2024-01-01", "visaType": "work", "notes": note})
    looked_for = {
        "kyoto JAPAN": 2,
        "kyoto 100%": 1,
        "a_b": 1,
        "오사카 #1": 1,
        "2024-01-01 오사카": 2,
        "kyoto osaka": 0,
    }
    for text, found in looked_for.items():
        assert count(store, TripFilter(text=f"{text} {many}")) == found, text
    assert count(store, TripFilter(text="x" * 60_000)) == 0
    assert history.count_operations(store, text=f"add {many}") == (0 if ballast else 3)
    assert history.count_operations(store, text=" ".join(["added", "japan"] * (1 + ballast))) == 3
