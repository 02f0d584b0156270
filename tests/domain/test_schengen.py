from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dinotui.domain import schengen
from dinotui.domain.country import alpha2_codes
from dinotui.domain.dates import from_day, to_day
from dinotui.domain.schengen import Presence
from tests.conftest import sweep

Stays = list[tuple[int, int]]


def day(text: str) -> int:
    """Return the day of ``2024-03-05`` or, as the Commission writes it, ``05/03/24``."""
    if "/" in text:
        number, month, year = map(int, text.split("/"))
        return to_day(date(2000 + year, month, number))
    return to_day(date.fromisoformat(text))


def stays(*pairs: str) -> Stays:
    return [(day(entry), day(leaving)) for entry, leaving in (pair.split("..") for pair in pairs)]


# The entries and exits of the examples that come with the European Commission's short-stay calculator.
COMMISSION = [
    (["27/10/11..06/11/11", "28/12/11..09/01/12", "06/03/12..15/03/12"], "15/03/12", 34),
    (["27/10/11..06/11/11", "28/12/11..09/01/12", "06/03/12..10/05/12"], "10/05/12", 79),
    (["27/10/11..06/11/11", "28/12/11..09/01/12", "06/03/12..21/05/12"], "21/05/12", 90),
    (["27/10/11..06/11/11", "28/12/11..09/01/12", "06/03/12..21/05/12"], "01/08/12", 77),
    (["06/03/12..21/05/12", "27/10/11..06/11/11", "28/12/11..09/01/12"], "01/08/12", 77),
    (["14/08/11..30/08/11", "15/12/11..01/02/12"], "01/02/12", 66),
    (["14/08/11..30/08/11", "15/12/11..13/03/12"], "13/03/12", 90),
    (["14/08/11..30/08/11", "15/12/11..22/06/12"], "22/06/12", 180),
    (["01/01/12..15/01/12", "15/02/12..30/04/12"], "30/06/12", 89),
    (["01/01/12..15/01/12", "15/02/12..30/04/12"], "12/08/12", 76),
]


@pytest.mark.parametrize(("pairs", "control", "used"), COMMISSION)
def test_the_commissions_examples(pairs: list[str], control: str, used: int) -> None:
    assert Presence(stays(*pairs)).used(day(control)) == used


def test_swiss_example_of_a_planned_return() -> None:
    """State Secretariat for Migration, example 1: 47 days used, 90 more when returning on 1 January 2015."""
    inside = Presence(stays("2014-08-15..2014-09-30"))
    assert inside.used(day("2014-09-30")) == 47
    assert inside.allowed(day("2015-01-01")) == 90


def test_swiss_example_of_several_entries() -> None:
    """Example 4: who entered on 1 January 2014 after two earlier stays may remain until 31 March 2014."""
    inside = Presence(stays("2013-06-01..2013-07-13", "2013-08-15..2013-09-30"))
    last = day("2014-01-01") + inside.allowed(day("2014-01-01")) - 1
    assert from_day(last) == date(2014, 3, 31)


def test_an_absence_of_ninety_days_allows_a_new_stay_of_ninety() -> None:
    first = day("2024-01-01")
    inside = Presence([(first, first + 89)])
    assert inside.used(first + 89) == 90
    assert inside.allowed(first + 90) == 0
    assert inside.allowed(first + 90 + 90) == 90
    assert inside.allowed(first + 90 + 89) == 0


def test_entry_and_exit_day_both_count() -> None:
    assert Presence(stays("2024-05-01..2024-05-01")).used(day("2024-05-01")) == 1
    assert Presence(stays("2024-05-01..2024-05-02", "2024-05-02..2024-05-03")).used(day("2024-05-03")) == 3


def test_nobody_who_never_came_has_used_anything() -> None:
    inside = Presence([])
    assert (inside.used(0), inside.allowed(0), inside.worst(), inside.run_since(0, 1)) == (0, 90, None, None)


def test_the_run_begins_on_the_first_day_that_was_too_many() -> None:
    inside = Presence(stays("2024-01-01..2024-05-01"))
    assert inside.run_since(day("2024-05-01"), 91) == day("2024-03-31")


@pytest.mark.parametrize(
    ("code", "entry", "leaving", "counted"),
    [
        ("HR", "2022-12-20", "2023-01-10", ("2023-01-01", "2023-01-10")),
        ("HR", "2022-12-20", "2022-12-31", None),
        ("BG", "2024-03-01", "2024-04-05", ("2024-03-31", "2024-04-05")),
        ("RO", "2024-12-20", "2025-01-05", ("2024-12-20", "2025-01-05")),
        ("CH", "2008-12-01", "2008-12-12", ("2008-12-12", "2008-12-12")),
        ("LI", "2011-12-18", "2011-12-19", ("2011-12-19", "2011-12-19")),
        ("CZ", "2007-12-20", "2007-12-21", ("2007-12-21", "2007-12-21")),
        ("FR", "2024-01-01", "2024-01-02", ("2024-01-01", "2024-01-02")),
        ("MC", "2024-01-01", "2024-01-02", ("2024-01-01", "2024-01-02")),
        *(
            (code, "2024-06-01", "2024-06-02", None)
            for code in ("GB", "IE", "CY", "AD", "TR", "KR", "SJ", "GP", "AW")
        ),
        (None, "2024-06-01", "2024-06-02", None),
    ],
)
def test_a_stay_counts_from_accession_on(
    code: str | None, entry: str, leaving: str, counted: tuple[str, str] | None
) -> None:
    found = schengen.counted_days(code, day(entry), day(leaving))
    assert found == (counted and (day(counted[0]), day(counted[1])))


def test_there_are_twenty_nine_members() -> None:
    inside = {code for code in alpha2_codes() if schengen.counts_since(code) is not None}
    assert len(inside - {"AX", "MC", "SM", "VA"}) == 29


def test_who_is_bound() -> None:
    assert schengen.bound_by_rule("KR")
    assert schengen.bound_by_rule(None)
    assert not schengen.bound_by_rule("DE")
    assert not schengen.bound_by_rule("IE")  # not inside, but free to move
    assert not schengen.visa_counts("residence permit")
    assert schengen.visa_counts("tourist")


HISTORIES = st.lists(st.tuples(st.integers(0, 900), st.integers(0, 140)), max_size=9).map(
    lambda pairs: [(start, start + length) for start, length in pairs]
)


def brute_used(days: set[int], on: int) -> int:
    return sum(1 for each in range(on - 179, on + 1) if each in days)


def brute_allowed(days: set[int], entry: int) -> int:
    earlier = {each for each in days if each < entry}
    for length in range(1, 200):
        if brute_used(earlier | set(range(entry, entry + length)), entry + length - 1) > 90:
            return length - 1
    raise AssertionError


@settings(max_examples=sweep(60), deadline=None)
@given(HISTORIES, st.integers(-10, 1300))
def test_counting_agrees_with_sets_of_days(history: Stays, on: int) -> None:
    days = {each for start, end in history for each in range(start, end + 1)}
    inside = Presence(history)
    assert inside.used(on) == brute_used(days, on)
    assert inside.inside(on) == (on in days)
    assert inside.allowed(on) == brute_allowed(days, on)


@settings(max_examples=sweep(40), deadline=None)
@given(HISTORIES.filter(bool))
def test_the_worst_window_agrees_with_trying_every_day(history: Stays) -> None:
    days = {each for start, end in history for each in range(start, end + 1)}
    most = max((brute_used(days, on), -on) for on in range(min(days), max(days) + 181))
    worst = Presence(history).worst()
    assert worst is not None
    assert (worst.days, -worst.day) == most


@settings(max_examples=sweep(40), deadline=None)
@given(HISTORIES, st.integers(0, 1200), st.integers(1, 100))
def test_a_run_agrees_with_walking_back(history: Stays, on: int, least: int) -> None:
    days = {each for start, end in history for each in range(start, end + 1)}
    since = Presence(history).run_since(on, least)
    if since is None:
        assert brute_used(days, on) < least
    else:
        assert all(brute_used(days, each) >= least for each in range(since, on + 1))
        assert brute_used(days, since - 1) < least


def test_a_window_is_180_days_long() -> None:
    inside = Presence(stays("2024-01-01..2024-01-01"))
    last = date(2024, 1, 1) + timedelta(days=179)
    assert inside.used(to_day(last)) == 1
    assert inside.used(to_day(last) + 1) == 0
