"""Whole days, their text, and the words that mean "still there"."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dinotui.domain.dates import (
    LAST_DAY,
    day_of,
    day_text,
    duration,
    from_day,
    is_open_stay,
    iso_day,
    span_of,
    to_day,
    today,
    zone_named,
)
from dinotui.domain.errors import UsageError


@given(st.dates())
def test_to_day_and_from_day_are_inverse(value: date) -> None:
    assert from_day(to_day(value)) == value


@given(st.dates(min_value=date(1000, 1, 1)))
def test_the_text_of_a_day_reads_back(value: date) -> None:
    assert day_text(to_day(value)) == value.isoformat()
    assert iso_day(value.isoformat()) == to_day(value) == day_of(value.year, value.month, value.day)


def test_days_count_from_1970() -> None:
    assert (to_day(date(1970, 1, 1)), to_day(date(1969, 12, 31)), to_day(date(2024, 2, 29))) == (0, -1, 19782)
    assert from_day(LAST_DAY) == date(9999, 12, 31)


@pytest.mark.parametrize("day", [LAST_DAY + 1, to_day(date.min) - 1, 10**30])
def test_days_outside_the_calendar_are_refused(day: int) -> None:
    with pytest.raises(ValueError, match=r".+"):
        from_day(day)


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-30",
        "2023-02-29",
        "0024-01-05",
        "2024-1-5",
        "2024-01-05 ",
        "２０２４-01-05",
        "٢٠٢٤-01-05",
        "2024-01-05\n",
        "",
        "2024-W01-1",
    ],
)
def test_iso_day_takes_exactly_iso_days(text: str) -> None:
    assert iso_day(text) is None


def test_duration_counts_both_days() -> None:
    entry = to_day(date(2024, 1, 15))
    assert duration(entry, entry) == 1
    assert duration(entry, entry + 16) == 17
    assert duration(entry, None) is None
    assert duration(entry, entry - 1) is None


@pytest.mark.parametrize(
    ("year", "month", "first", "last"),
    [
        (2024, 2, "2024-02-01", "2024-02-29"),
        (2023, 2, "2023-02-01", "2023-02-28"),
        (2024, None, "2024-01-01", "2024-12-31"),
        (9999, 12, "9999-12-01", "9999-12-31"),
    ],
)
def test_span_of_a_month_and_a_year(year: int, month: int | None, first: str, last: str) -> None:
    assert span_of(year, month) == (iso_day(first), iso_day(last))


@pytest.mark.parametrize(("year", "month"), [(2024, 13), (999, 1), (0, None), (10000, 1)])
def test_no_span_where_there_is_no_month(year: int, month: int | None) -> None:
    assert span_of(year, month) is None


def test_today_is_the_day_in_the_users_zone() -> None:
    before = datetime.now(ZoneInfo("Asia/Seoul")).date()
    shown = today("Asia/Seoul")
    assert to_day(before) <= shown <= to_day(datetime.now(ZoneInfo("Asia/Seoul")).date())
    # 25 hours lie between these two, so their dates differ at every moment.
    assert today("Pacific/Kiritimati") > today("Pacific/Pago_Pago")
    assert abs(today(None) - today("UTC")) <= 1


@pytest.mark.parametrize("name", ["Mars/Olympus", "../../etc/passwd", "America", "/etc/localtime", "a\0b"])
def test_an_unknown_zone_is_told(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        zone_named(name)
    assert caught.value.code == "unknown-time-zone"


@pytest.mark.parametrize(
    "text",
    [
        *(
            None,
            "",
            "  ",
            "Present",
            "CURRENT",
            "now",
            "ongoing",
            "(ongoing)",
            "-",
            "—",
            "...",
            "N/A",
            "null",
        ),
        *("현재", "체류 중", "체류중", "  still   there ", "ｎｏｗ", "\u200epresent"),
    ],
)
def test_open_stays(text: str | None) -> None:
    assert is_open_stay(text)


@pytest.mark.parametrize(
    "text", ["unknown", "?", "today", "()", ".", "2024-01-01", "presently not", "nowhere", "now" * 400_000]
)
def test_other_words_do_not_open_a_stay(text: str) -> None:
    assert not is_open_stay(text)
