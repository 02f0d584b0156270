import time
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dinotui.domain.analytics import Analytics
from dinotui.domain.dates import from_day, iso_day, to_day
from dinotui.domain.errors import Cancelled
from dinotui.engine.analytics import analytics
from dinotui.engine.preferences import set_preferences
from dinotui.engine.schengen import presence
from dinotui.storage.export_rows import TripSpan
from dinotui.storage.store import Store
from tests.conftest import sweep
from tests.engine.stays import CODES, put, stay

TODAY = date(2024, 6, 10)


def country(found: Analytics, code: str) -> Any:
    return next(each for each in found.per_country if each.country_code == code)


def test_both_days_count_and_an_open_stay_counts_up_to_today(store: Store) -> None:
    put(store, [stay("Japan", "2024-03-02", "2024-03-10"), stay("Japan", "2024-06-01")])
    found = analytics(store, TODAY)
    japan = country(found, "JP")
    assert (japan.visits, japan.days) == (2, 9 + 10)
    assert (found.visits, found.days, found.open_stays, found.countries) == (2, 19, 1, 1)


def test_a_day_in_two_countries_counts_in_each_and_once_in_the_year(store: Store) -> None:
    put(store, [stay("France", "2024-05-01", "2024-05-05"), stay("Spain", "2024-05-05", "2024-05-06")])
    found = analytics(store, TODAY)
    assert [country(found, code).days for code in ("FR", "ES")] == [5, 2]
    assert [(year.year, year.visits, year.days, year.countries) for year in found.per_year] == [
        (2024, 2, 6, 2)
    ]


def test_a_visit_counts_in_each_year_it_touches_and_its_days_where_they_fall(store: Store) -> None:
    put(store, [stay("Japan", "2022-12-30", "2024-01-02")])
    found = analytics(store, TODAY)
    years = [(each.year, each.visits, each.days) for each in country(found, "JP").years]
    assert years == [(2024, 1, 2), (2023, 1, 365), (2022, 1, 2)]
    assert [(each.year, each.days) for each in found.per_year] == [(2024, 2), (2023, 365), (2022, 2)]


def test_a_country_is_one_by_its_code_and_shown_as_last_written(store: Store) -> None:
    put(
        store,
        [
            stay("South Korea", "2023-01-01", "2023-01-02", country_code="KR"),
            stay("한국", "2024-01-01", "2024-01-02", country_code="KR"),
            stay("Nowhere Land", "2024-02-01", "2024-02-01"),
            stay("nowhere land", "2024-02-03", "2024-02-03"),
        ],
    )
    found = analytics(store, TODAY)
    assert [(each.country, each.country_code, each.visits) for each in found.per_country] == [
        ("한국", "KR", 2),
        ("nowhere land", None, 2),
    ]


def test_current_stays_with_what_is_left(store: Store) -> None:
    put(
        store,
        [
            stay("Japan", "2024-06-01", max_days=90),
            stay("Spain", "2024-05-01", "2024-06-10", max_days=30),
            stay("France", "2024-06-11", "2024-06-12"),
            stay("Germany", "2024-06-01", "2024-06-09"),
            stay("Thailand", "2024-07-01"),
        ],
    )
    found = [
        (each.country, each.days_so_far, each.days_left, each.share)
        for each in analytics(store, TODAY).current_stays
    ]
    assert found == [("Japan", 10, 80, 0.1111), ("Spain", 41, -11, 1.3667)]


def test_the_longest_stay_and_the_use_of_max_days(store: Store) -> None:
    put(
        store,
        [
            stay("Japan", "2024-01-01", "2024-01-30", max_days=60),
            stay("Spain", "2024-03-01", "2024-03-10", max_days=5),
            stay("France", "2024-04-01", "2024-05-30"),
        ],
    )
    found = analytics(store, TODAY)
    assert found.longest_stay is not None
    assert (found.longest_stay.country, found.longest_stay.days) == ("France", 60)
    use = found.max_days
    assert (use.stays, use.over, use.average_share, use.highest_share) == (2, 1, 1.25, 2.0)
    assert use.highest is not None
    assert use.highest.country == "Spain"


def test_overlaps_and_gaps(store: Store) -> None:
    put(
        store,
        [
            stay("France", "2024-01-01", "2024-01-10"),
            stay("Spain", "2024-01-10", "2024-01-12"),  # a border day is no overlap
            stay("Japan", "2024-02-01", "2024-02-10"),
            stay("Thailand", "2024-02-05", "2024-02-20", id="inner"),
        ],
    )
    found = analytics(store, TODAY)
    overlaps = [(str(each.start), str(each.end), each.days) for each in found.overlaps.newest]
    assert overlaps == [("2024-02-05", "2024-02-10", 6)]
    assert set(found.overlaps.newest[0].trip_ids) == {"inner", "0190aaaa-0000-7000-8000-000000000003"}
    gaps = [(str(each.start), str(each.end), each.days) for each in found.gaps.newest]
    assert gaps == [("2024-01-13", "2024-01-31", 19)]
    assert (found.gaps.count, found.gaps.days) == (1, 19)


def test_schengen_use(store: Store) -> None:
    put(
        store,
        [
            stay("France", "2024-01-01", "2024-02-29"),  # 60 days
            stay("Croatia", "2022-12-20", "2023-01-10"),  # ten of them inside
            stay("Japan", "2024-03-01", "2024-03-31"),
            stay("Germany", "2024-05-22"),  # 20 days up to today
            stay("Spain", "2024-04-01", "2024-04-30", visa_type="Residence permit"),
            stay("Spain", "2024-04-01", "2024-04-30", passport_country="Deutschland"),
            stay("Spain", "2024-04-01", "2024-04-30", passport_country="FR"),
        ],
    )
    use = analytics(store, TODAY).schengen
    assert (use.applies, use.used, use.left, use.over) == (True, 80, 10, 0)
    assert use.window_start == date(2023, 12, 14)
    assert use.worst is not None
    assert (use.worst.end, use.worst.days) == (TODAY, 80)
    assert use.allowed == 11  # today, which is counted already, and ten more
    assert presence(store, TODAY).used(to_day(date(2023, 1, 10))) == 10


def test_how_long_one_may_stay(store: Store) -> None:
    put(store, [stay("France", "2024-01-01", "2024-03-30")])  # 90 days
    assert presence(store).allowed(to_day(date(2024, 6, 10))) == 0
    assert presence(store).allowed(to_day(date(2024, 6, 29))) == 90
    assert presence(store).allowed(to_day(date(2024, 6, 28))) == 0


def test_a_passport_with_free_movement_is_not_bound(store: Store) -> None:
    put(
        store,
        [
            stay("France", "2024-01-01", "2024-06-10"),
            stay("France", "2023-06-01", "2023-06-02", passport_country="KR"),
        ],
    )
    set_preferences(store, {"homePassport": "DE"})
    use = analytics(store, TODAY).schengen
    assert (use.applies, use.used) == (False, 0)
    assert presence(store, TODAY).used(to_day(date(2023, 6, 2))) == 2  # travelled on another passport


def test_a_range_keeps_the_trips_that_touch_it(store: Store) -> None:
    put(store, [stay("Japan", "2023-12-30", "2024-01-02"), stay("Spain", "2024-05-01", "2024-05-02")])
    span = TripSpan(iso_day("2024-01-02"), iso_day("2024-04-30"))
    found = analytics(store, TODAY, span=span)
    assert [each.country for each in found.per_country] == ["Japan"]
    assert found.days == 4


def test_a_shift_moves_everything_alike(store: Store) -> None:
    put(
        store,
        [stay("Japan", "2024-03-02", "2024-03-10", max_days=90), stay("Spain", "2024-06-01", max_days=30)],
    )
    plain, moved = analytics(store, TODAY), analytics(store, TODAY, shift=-70)
    assert moved.as_of == from_day(to_day(TODAY) - 70)
    assert moved.current_stays[0].entry_date == date(2024, 3, 23)
    assert moved.current_stays[0].days_so_far == plain.current_stays[0].days_so_far
    assert moved.gaps.longest is not None
    assert plain.gaps.longest is not None
    assert moved.gaps.longest.days == plain.gaps.longest.days
    assert moved.max_days == plain.max_days.model_copy(update={"highest": moved.max_days.highest})


def test_nothing_recorded(store: Store) -> None:
    found = analytics(store, TODAY)
    assert (found.visits, found.days, found.per_country, found.per_year, found.longest_stay) == (
        0,
        0,
        (),
        (),
        None,
    )
    assert (found.overlaps.count, found.gaps.count, found.schengen.used, found.schengen.worst) == (
        0,
        0,
        0,
        None,
    )
    assert found.model_dump(mode="json", by_alias=True)["maxDays"]["stays"] == 0


def test_only_the_users_own_trips_count(tmp_path: Path) -> None:
    with Store(tmp_path / "two.db", "Kim") as kim, Store(tmp_path / "two.db", "Lee") as lee:
        put(kim, [stay("Japan", "2024-01-01", "2024-01-05", max_days=2)])
        found = analytics(lee, TODAY)
        assert (found.visits, found.max_days.stays, found.longest_stay, found.current_stays) == (
            0,
            0,
            None,
            (),
        )
        assert analytics(kim, TODAY).visits == 1


def test_it_can_be_stopped(store: Store) -> None:
    put(store, [stay("Japan", "2024-01-01", "2024-01-05")])
    with pytest.raises(Cancelled):
        analytics(store, TODAY, cancelled=lambda: True)


STAYS = st.lists(
    st.tuples(
        st.sampled_from([*CODES, "Nowhere", "Elsewhere"]),
        st.integers(-200, 900),
        st.none() | st.integers(0, 500),
    ),
    max_size=8,
)


@settings(max_examples=sweep(25), deadline=None)
@given(STAYS)
def test_the_figures_agree_with_sets_of_days(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[Any]
) -> None:
    base = to_day(date(2022, 6, 1))
    with Store(tmp_path_factory.mktemp("figures") / "d.db", "Kim") as store:
        put(
            store,
            (
                {
                    **stay(name, "2024-01-01"),
                    "entry_day": base + at,
                    "exit_day": None if n is None else base + at + n,
                }
                for name, at, n in drawn
            ),
        )
        found = analytics(store, TODAY)
    today = to_day(TODAY)
    days: dict[str, set[int]] = defaultdict(set)
    nights: dict[int, int] = defaultdict(int)
    for name, at, n in drawn:
        last = today if n is None else base + at + n
        days[name] |= set(range(base + at, last + 1))
        for night in range(base + at, last):
            nights[night] += 1
    every = set().union(*days.values()) if days else set()
    assert {each.country: each.days for each in found.per_country} == {
        name: len(each) for name, each in days.items()
    }
    assert {y.year: y.days for y in found.per_year if y.days} == {
        year: count
        for year in range(2020, 2030)
        if (count := sum(1 for each in every if from_day(each).year == year))
    }
    for each in found.per_country:
        for year in each.years:
            assert year.days == sum(1 for day in days[each.country] if from_day(day).year == year.year)
            assert year.visits == sum(
                1
                for name, at, n in drawn
                if name == each.country
                and from_day(base + at).year
                <= year.year
                <= from_day(max(base + at, today if n is None else base + at + n)).year
            )
    shared = {night for night, count in nights.items() if count > 1}
    covered = set()
    for period in found.overlaps.newest:
        covered |= set(range(to_day(period.start), to_day(period.end)))
        assert len(period.trip_ids) >= 2
    assert covered == shared
    between = set(range(min(every), max(every) + 1)) - every if every else set()
    assert found.gaps.days == len(between)


def test_many_trips_take_linear_time(store: Store) -> None:
    rows = (
        (
            store.user,
            f"id{n}",
            "Japan" if n % 2 else "France",
            "JP" if n % 2 else "FR",
            n % 20_000,
            n % 20_000 + n % 9,
        )
        for n in range(sweep(40_000))
    )
    with store.database.write():
        store.database.connection.executemany(
            "INSERT INTO trip (user, id, country, country_code, country_fold, entry_day, exit_day, visa_type,"
            " visa_fold, created_at, updated_at, changed_by)"
            " VALUES (?1, ?2, ?3, ?4, lower(?3), ?5, ?6, 'x', 'x', '', '', 0)",
            rows,
        )
    started = time.perf_counter()
    found = analytics(store, TODAY)
    assert found.visits == sweep(40_000)
    assert time.perf_counter() - started < 5 * sweep(1)
