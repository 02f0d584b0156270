"""The order of a column is proved by all its cells or asked for; no cell is ever swapped."""

from __future__ import annotations

import csv
import os
import time
import tracemalloc
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dinotui.domain.date_columns import (
    ColumnJudge,
    DateReading,
    cached_parser,
    judge_together,
    parse_date,
)
from dinotui.domain.dates import DateOrder, day_text, folded, iso_day, to_day
from dinotui.domain.errors import UsageError

SWEEP = int(os.environ.get("DINOTUI_SWEEP", "1"))
STAYS = Path(__file__).parents[3] / "shared" / "corpora" / "stay-within"
Cell = str | int | float | bool | None

SEPARATORS = [".", "/", "-", " ", ". ", " / ", "_", "‐"]
ORDERS = {"dmy": "{d}{s}{m}{s}{y}", "mdy": "{m}{s}{d}{s}{y}"}
dates = st.dates(min_value=date(1900, 1, 1), max_value=date(2200, 12, 31))
day_13_or_later = dates.filter(lambda value: value.day > 12)
undecided = st.builds(date, st.integers(1900, 2200), st.integers(1, 12), st.integers(1, 12)).filter(
    lambda value: value.day != value.month
)


def fed(cells: Iterable[Cell]) -> ColumnJudge:
    judge = ColumnJudge()
    for cell in cells:
        judge.feed(cell)
    return judge


def judged(*cells: Cell, zone: str | None = None, override: DateOrder | None = None) -> DateReading:
    return fed(cells).judge(zone, override)


def read(cell: Cell, reading: DateReading) -> str:
    """Return the date, with what was corrected, or the problem."""
    day, problem, correction = parse_date(cell, reading, "reject")
    text = day_text(day) if day is not None else str(problem)
    return f"{text} {correction}" if correction else text


def written(value: date, order: str, separator: str, padded: bool, year: int | None = None) -> str:
    width = "02" if padded else ""
    day, month = format(value.day, width), format(value.month, width)
    return ORDERS[order].format(d=day, m=month, y=year or value.year, s=separator)


PLAIN = judged()


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "2019-09-05",
            "2019-9-5",
            "2019/9/5",
            "2019.09.05",
            "2019. 9. 5.",
            "2019 09 05",
            "20190905",
            20190905,
        ),
        *(
            "Sep 5, 2019",
            "September 5th, 2019",
            "Sept. 5 2019",
            "sep-05-2019",
            "5 September 2019",
            "5-SEP-2019",
        ),
        *("2019-Sep-05", "2019 September 5", "05sep2019", "5th of September 2019", "5. September 2019"),
        *("5 septembre 2019", "5 de septiembre de 2019", "Mon, 5 Sep 2019", "Thursday 5 September 2019"),
        *(
            "2019년 9월 5일",
            "2019년9월5일",
            "２０１９년 ９월 ５일",
            "2019년 9월 5일 (목)",
            "2019년 9월 5일 목요일",
        ),
        *("2019-09-05 (목)", "2019-09-05(목)", "(목) 2019-09-05", "2019年9月5日", "２０１９－０９－０５"),
        *("2019-09-05T00:00:00", "2019-09-05 00:00", "2019-09-05T00:00:00+09:00", "2019-09-05T00:00-0500"),
        *("2019-09-05T00:00+09:00[Asia/Seoul]", "Thu Sep 05 2019 00:00:00 GMT+0900 (한국 표준시)"),
        *("2019. 9. 5. 오전 12:00:00", "2019/09/05, 12:00:00 AM", "\ufeff2019-09-05\xa0"),
        *(
            "\u200e2019\u200e-\u200e09\u200e-\u200e05",
            "5 Sep 2019 00:00 CEST",
            "Thu, 05 Sep 2019 00:00:00 GMT",
        ),
    ],
)
def test_spellings_that_need_no_order(cell: Cell) -> None:
    assert read(cell, PLAIN) == "2019-09-05"
    reading = judged(cell)
    assert not reading.needs_answer
    assert read(cell, reading) == "2019-09-05"


@pytest.mark.parametrize(
    ("cell", "outcome"),
    [
        ("2024-02-30", "no-such-date"),
        ("2023-02-29", "no-such-date"),
        ("31 Nov 2019", "no-such-date"),
        ("2019년 13월 1일", "no-such-date"),
        ("0024-01-05", "no-such-date"),
        ("0000-00-00", "no-such-date"),
        ("20191305", "no-such-date"),
        ("2019-13", "no-such-date"),
        ("2019-00", "no-such-date"),
        ("9999-12-31", "9999-12-31"),
        ("1850-06-01", "1850-06-01"),
        ("2019", "partial-date"),
        (2019, "partial-date"),
        ("2019-08", "partial-date"),
        ("2019/08", "partial-date"),
        ("2019. 8.", "partial-date"),
        ("08/2019", "partial-date"),
        ("Aug 2019", "partial-date"),
        ("2019년 8월", "partial-date"),
        ("2019년", "partial-date"),
        ("43713", "2019-09-05 excel-serial"),
        (43713, "2019-09-05 excel-serial"),
        (43713.75, "2019-09-05 excel-serial"),
        ("43713.0", "2019-09-05 excel-serial"),
        ("26-Sep-19", "2019-09-26 two-digit-year"),
        ("24년 1월 5일", "2024-01-05 two-digit-year"),
        ("5-Sep-49", "2049-09-05 two-digit-year"),
        ("5-Sep-50", "1950-09-05 two-digit-year"),
        ("2019-09-05 14:30", "2019-09-05 time-dropped"),
        ("5 Sep 2019, 2:30 PM", "2019-09-05 time-dropped"),
        ("2019-09-05T23:30:00-05:00", "2019-09-05 time-dropped"),
        ("15.01.2024", "2024-01-15"),  # no column asks about it, and it can be read in one way
        ("05.09.2018", "ambiguous-order"),
        ("19.9.5", "ambiguous-order"),
        ("05.05.2018", "2018-05-05"),
        ("32.13.2018", "no-such-date"),
        ("31/11/19", "no-such-date"),
    ],
)
def test_single_cells_without_a_column(cell: Cell, outcome: str) -> None:
    assert read(cell, PLAIN) == outcome


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "present",
            "-",
            "x",
            "Sep-19",
            "9/19",
            "5 Sep",
            "1월 5일",
            "2019-W36-4",
            "2019-249",
            "2019-09-05T24:00",
        ),
        *("2019-09-05 25:00", "13:00 PM 5 Sep 2019", "2019 14:30", "12345", "1234567", "99999", "2019-2020"),
        *("5/9/2019 to 7/9/2019", "-5/9/2019", "٢٠١٩-٠٩-٠٥", "Smarch 5, 2019", "5/9/20190", "1/2/3/4"),
        *(True, False, 0, -43713, 12, 90, 2019.5, float("nan"), float("inf"), 10**5000, -(10**400), 1e300),
        *("2019-09-05" * 100_000, " " * 101, "\ud800", "\x1b[2J", "2024\0"),
    ],
    ids=lambda cell: ascii(cell)[:30] if isinstance(cell, str) else type(cell).__name__,
)
def test_what_is_no_date_is_refused(cell: Cell) -> None:
    assert parse_date(cell, PLAIN) == (None, "unreadable-date", None)
    reading = judged(cell, "2019-09-05")
    assert reading.evidence.iso == 1
    assert reading.evidence.open + reading.evidence.unreadable == 1
    reading.model_dump_json()


def test_blank_cells_and_open_words() -> None:
    for cell in (None, "", "  \t\xa0"):
        assert parse_date(cell, PLAIN) == (None, None, None)
    for cell in ("present", "현재", "-", "N/A"):
        assert parse_date(cell, PLAIN, open_words=True) == (None, None, None)
        assert parse_date(cell, PLAIN).problem == "unreadable-date"
    evidence = judged(None, "", "present", "현재", "2019-01-01").evidence
    assert (evidence.blank, evidence.open, evidence.iso) == (2, 2, 1)


@pytest.mark.parametrize(
    ("cell", "first", "last"),
    [
        ("2019", "2019-01-01", "2019-12-31"),
        ("2020-02", "2020-02-01", "2020-02-29"),
        ("Feb 2019", "2019-02-01", "2019-02-28"),
        ("2019년 8월", "2019-08-01", "2019-08-31"),
    ],
)
def test_partial_dates_follow_the_policy(cell: str, first: str, last: str) -> None:
    assert parse_date(cell, PLAIN, "first") == (iso_day(first), None, "partial-first")
    assert parse_date(cell, PLAIN, "last") == (iso_day(last), None, "partial-last")
    assert parse_date("2019-13", PLAIN, "last").problem == "no-such-date"


def test_serials_of_both_systems() -> None:
    judge = fed([43713, "43714", "2019-09-05"])
    mac, windows = judge.judge(None, serials="1904"), judge.judge(None)
    assert mac.evidence.serial == 2
    assert read(43713, windows) == "2019-09-05 excel-serial"
    assert read(43713, mac) == "2023-09-06 excel-serial"
    assert any("1904" in sentence for sentence in mac.explanation())


def test_month_first_is_proved_by_another_row() -> None:
    reading = judged("05.09.2018", "05.23.2018")
    assert (reading.order, reading.order_from, reading.needs_answer) == ("mdy", "column", False)
    assert read("05.09.2018", reading) == "2018-05-09"
    assert reading.explanation()[0] == "1 cell can only be month-first, none day-first."


def test_a_cell_against_the_order_is_never_swapped() -> None:
    reading = judged("15.01.2024", "05.09.2018")
    assert read("05.23.2018", reading) == "no-such-date"
    assert read("31.02.2018", reading) == "no-such-date"
    assert read("05.09.2018", reading) == "2018-09-05"


def test_a_date_that_does_not_exist_proves_nothing() -> None:
    reading = judged("31.02.2019", "05.09.2018", "29.02.2019", "02.30.2019")
    assert reading.needs_answer
    assert (reading.evidence.no_such_date, reading.evidence.both_possible) == (3, 1)
    # 2031-11-19 would be a date, but a slip in the day is likelier than a year in front.
    reading = judged("15/01/19", "31/11/19", "03/02/19", "2019-13")
    assert (reading.order, reading.evidence.no_such_date, reading.evidence.year_first_only) == ("dmy", 2, 0)


def test_proof_both_ways_asks_and_the_answer_is_kept_to() -> None:
    cells = ["15.01.2024", "01.20.2024", "05.09.2018", "03.03.2019", "2018-01-02"]
    reading = judged(*cells)
    assert (reading.conflict, reading.needs_answer, reading.order) == (True, True, None)
    assert [read(cell, reading) for cell in cells] == [
        *["ambiguous-order"] * 3,
        "2019-03-03",
        "2018-01-02",
    ]
    answered = judged(*cells, override="mdy")
    assert (answered.conflict, answered.needs_answer, answered.order_from) == (True, False, "override")
    assert read("15.01.2024", answered) == "no-such-date"
    assert read("05.09.2018", answered) == "2018-05-09"
    assert "You chose month-first." in answered.explanation()
    assert "1 cell cannot be read so and is a problem of its record." in answered.explanation()


def test_the_evidence_is_told_as_the_spec_says_it() -> None:
    cells = [f"{day}.01.20{year}" for day in range(13, 32) for year in range(10, 34)][:443]
    reading = judged(*cells, "05.09.2018")
    assert reading.explanation() == [
        "443 cells can only be day-first, none month-first.",
        "1 cell that does not tell its order is read day-first, as 05.09.2018.",
    ]


def test_a_file_of_year_first_dates_asks_nothing() -> None:
    reading = judged("2019-09-05", "2019/9/6", "20190907", "2019년 9월 8일", "9 Sep 2019", "05.05.2019", None)
    assert (reading.order, reading.needs_answer, reading.explanation()) == (None, False, [])
    assert reading.evidence.model_dump(exclude_defaults=True) == {
        "blank": 1,
        "iso": 3,
        "korean": 1,
        "month_name": 1,
        "same_either_way": 1,
    }


# Two-digit years


@pytest.mark.parametrize(
    ("cells", "order", "first"),
    [
        (["15/01/19", "05/09/19"], "dmy", "2019-01-15"),
        (["01/15/19", "05/09/19"], "mdy", "2019-01-15"),
        (["15/01/98", "05/09/19"], "dmy", "1998-01-15"),
        (["99.12.31", "05.01.02"], "ymd", "1999-12-31"),
        (["15/01/19"], "dmy", "2019-01-15"),
    ],
)
def test_two_digit_years_with_proof(cells: list[str], order: str, first: str) -> None:
    reading = judged(*cells)
    assert (reading.order, reading.needs_answer) == (order, False)
    assert read(cells[0], reading) == f"{first} two-digit-year"


@pytest.mark.parametrize(
    "cells",
    [
        ["19.9.5", "19.10.7", "20.1.15"],  # years in front, though 19 September 2005 would be a date
        ["15/01/18", "03/02/19", "45/01/19"],  # one slip must not make days into years
        ["05/09/19", "06/10/19"],
        ["05/05/19"],
        ["99.12.31", "05/23/2018"],
    ],
)
def test_two_digit_years_that_need_an_answer(cells: list[str]) -> None:
    reading = judged(*cells)
    assert reading.needs_answer
    assert {parse_date(cell, reading).day for cell in cells} == {None}
    assert any("Say which" in sentence for sentence in reading.explanation())


def test_two_digit_year_first_by_the_users_word() -> None:
    reading = judged("19.9.5", "15.01.2024", "05.09.2018", "2018-01-02", override="ymd")
    assert read("19.9.5", reading) == "2019-09-05 two-digit-year"
    assert read("2018-01-02", reading) == "2018-01-02"
    assert read("05.09.2018", reading) == "ambiguous-order"
    assert read("15.01.2024", reading) == "no-such-date"
    assert read("26-Sep-19", reading) == "2019-09-26 two-digit-year"


def test_two_digit_years_are_explained() -> None:
    assert judged("15/01/19", "3/2/19").explanation()[-1] == (
        "2 cells have a two-digit year: 00 to 49 are 2000 to 2049, later ones are 19xx."
    )


# Several columns


def test_proof_in_one_column_settles_the_other() -> None:
    entry, exits = judge_together([fed(["05.09.2018"]), fed(["23.09.2018", "present"])], None)
    assert (entry.order, entry.order_from, entry.needs_answer) == ("dmy", "other-column", False)
    assert (exits.order, exits.order_from) == ("dmy", "column")
    assert read("05.09.2018", entry) == "2018-09-05"
    assert entry.explanation()[:2] == [
        "1 cell can only be day-first, none month-first.",
        "Those cells are in another date column of the same file.",
    ]


def test_columns_that_contradict_each_other_ask() -> None:
    entry, exits, created = judge_together(
        [fed(["23.09.2018", "05.09.2018"]), fed(["09.23.2018"]), fed(["2018-01-01"])], None
    )
    assert (entry.conflict, entry.needs_answer, exits.conflict, exits.needs_answer) == (True,) * 4
    assert (created.conflict, created.needs_answer) == (False, False)
    assert read("05.09.2018", entry) == read("23.09.2018", entry) == "ambiguous-order"
    assert entry.explanation()[:2] == ["1 cell can only be day-first.", "1 cell can only be month-first."]


def test_no_proof_in_any_column_asks_in_those_that_need_it() -> None:
    entry, exits = judge_together([fed(["05.09.2018"]), fed(["2018-09-05"])], None)
    assert (entry.needs_answer, exits.needs_answer) == (True, False)
    entry, exits = judge_together([fed(["05.09.2018"]), fed(["06.09.2018"])], None, "mdy")
    assert (read("05.09.2018", entry), read("06.09.2018", exits)) == ("2018-05-09", "2018-06-09")


# Times of day


@pytest.mark.parametrize(
    ("cell", "zone", "shift", "outcome"),
    [
        ("2024-01-15T00:00:00.000Z", "America/New_York", "utc-midnight", "2024-01-15"),
        ("2024-01-14T15:00:00.000Z", None, "column-offset:+09:00", "2024-01-15 read-in-zone"),
        ("2024-01-14T15:00:00.000Z", "Europe/Berlin", "column-offset:+09:00", "2024-01-15 read-in-zone"),
        ("2024-01-14T05:00:00Z", None, "column-offset:-05:00", "2024-01-14"),
        ("2024-01-14T18:30:00+00:00", None, "column-offset:+05:30", "2024-01-15 read-in-zone"),
        ("Sun, 14 Jan 2024 15:00:00 GMT", None, "column-offset:+09:00", "2024-01-15 read-in-zone"),
        ("2024-01-14T12:00:00Z", None, "column-offset:-12:00", "2024-01-14"),
        ("2024-07-14T12:00:00Z", "Pacific/Auckland", "column-offset:+12:00", "2024-07-15 read-in-zone"),
        ("2024-01-14T12:00:00Z", "Pacific/Auckland", "column-offset:-12:00", "2024-01-14"),
        ("2024-01-14T11:00:00Z", None, "column-offset:+13:00", "2024-01-15 read-in-zone"),
        ("2024-01-14T11:00:00Z", "Pacific/Pago_Pago", "column-offset:-11:00", "2024-01-14"),
        ("2024-01-14T10:00:00Z", None, "column-offset:-10:00", "2024-01-14"),
        ("2024-01-14T13:37:22Z", None, "zone:UTC", "2024-01-14 time-dropped"),
        ("2024-01-14T18:07:00Z", "Asia/Seoul", "zone:Asia/Seoul", "2024-01-15 read-in-zone"),
        ("2024-01-14T15:00:00", "Asia/Seoul", None, "2024-01-14 time-dropped"),
        ("2024-01-14T15:00:00-05:00", "Asia/Seoul", None, "2024-01-14 time-dropped"),
        ("9999-12-31T15:00:00Z", None, "column-offset:+09:00", "no-such-date"),
    ],
)
def test_one_time_of_day(cell: str, zone: str | None, shift: str | None, outcome: str) -> None:
    reading = judged(cell, "2020-02-02", zone=zone)
    assert reading.shift == shift
    assert read(cell, reading) == outcome
    assert read("2020-02-02", reading) == "2020-02-02"


def test_two_times_of_day_are_read_in_the_users_zone() -> None:
    cells = ["2024-01-14T23:00:00Z", "2024-07-14T22:00:00Z", "2024-03-01T00:00:00Z"]
    reading = judged(*cells, zone="Europe/Berlin")
    assert reading.shift == "zone:Europe/Berlin"
    assert [read(cell, reading) for cell in cells] == [
        "2024-01-15 read-in-zone",
        "2024-07-15 read-in-zone",
        "2024-03-01",
    ]
    assert reading.explanation() == [
        "The times of day in UTC are not one local midnight; the dates are read in Europe/Berlin."
    ]
    mixed = judged(
        "2024-01-14T15:00:00Z", "2024-01-14T00:00:00Z", "2024-01-14T15:00:00-05:00", zone="Asia/Seoul"
    )
    assert mixed.shift == "zone:Asia/Seoul"
    assert read("2024-01-14T15:00:00Z", mixed) == "2024-01-15 read-in-zone"
    assert read("2024-01-14T00:00:00Z", mixed) == "2024-01-14"
    assert read("2024-01-14T15:00:00-05:00", mixed) == "2024-01-14 time-dropped"
    with pytest.raises(UsageError):
        judged(*cells, zone="Mars/Olympus")


def test_the_zone_is_told() -> None:
    assert judged("2024-01-14T15:00:00Z").explanation() == [
        "Every time of day is 15:00 UTC, which is midnight at UTC+09:00; the dates are read there."
    ]
    (sentence,) = judged("2024-01-14T12:00:00Z").explanation()
    assert sentence == (
        "Every time of day is 12:00 UTC, which is midnight at UTC-12:00 and at UTC+12:00; the dates are read "
        "at UTC-12:00."
    )
    assert judged("2024-01-14T00:00:00Z").explanation() == [
        "Every time of day is midnight UTC; the dates are as written."
    ]


def test_the_order_is_judged_on_cells_with_a_time_too() -> None:
    reading = judged("15/09/2019 14:30", "05/09/2019")
    assert (reading.order, reading.evidence.datetime, reading.evidence.utc_datetime) == ("dmy", 1, 0)
    assert read("05/09/2019 14:30", reading) == "2019-09-05 time-dropped"


# Laws


@settings(max_examples=100 * SWEEP)
@given(
    st.lists(dates, max_size=8),
    day_13_or_later,
    st.sampled_from(["dmy", "mdy"]),
    st.sampled_from(SEPARATORS),
    st.booleans(),
    st.data(),
)
def test_a_proved_column_reads_back(
    values: list[date], proof: date, order: str, separator: str, padded: bool, data: st.DataObject
) -> None:
    values.insert(data.draw(st.integers(0, len(values))), proof)
    cells = [written(value, order, separator, padded) for value in values]
    reading = judged(*cells)
    assert (reading.order, reading.needs_answer) == (order, False)
    assert [parse_date(cell, reading) for cell in cells] == [(to_day(value), None, None) for value in values]


@settings(max_examples=100 * SWEEP)
@given(
    st.lists(undecided, min_size=1, max_size=8), st.sampled_from(["dmy", "mdy"]), st.booleans(), st.booleans()
)
def test_a_column_without_proof_is_not_read(
    values: list[date], order: str, padded: bool, short_year: bool
) -> None:
    cells = []
    for value in values:
        text = written(value, order, "/", padded)
        cells.append(f"{text[:-4]}{text[-2:]}" if short_year else text)
    reading = judged(*cells)
    assert reading.needs_answer
    assert reading.order is None
    assert all(parse_date(cell, reading) == (None, "ambiguous-order", None) for cell in cells)


@settings(max_examples=100 * SWEEP)
@given(st.lists(st.dates(date(1950, 1, 1), date(2049, 12, 31)), min_size=1, max_size=8))
def test_short_years_are_read_right_or_not_at_all(values: list[date]) -> None:
    for order in ("dmy", "mdy"):
        cells = [f"{text[:-4]}{text[-2:]}" for text in (written(one, order, "/", True) for one in values)]
        reading = judged(*cells)
        for cell, value in zip(cells, values, strict=True):
            assert parse_date(cell, reading).day in {None, to_day(value)}
            assert reading.needs_answer or parse_date(cell, reading).day is not None


DATE_PIECES = (
    "2019|05|9|31|00|-|/|.| |, |T|:|Z|+09:00|Sep|년|월|일|(목)|Mon|PM|오후|e|st|of|'|\u200e|５|10:00|GMT"
)
pieces = st.sampled_from(DATE_PIECES.split("|"))
cells_of_any_kind: st.SearchStrategy[Cell] = st.one_of(
    st.text(),
    st.lists(pieces, max_size=14).map("".join),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.none(),
)


@settings(max_examples=300 * SWEEP)
@given(st.lists(cells_of_any_kind, max_size=6), st.sampled_from([None, "dmy", "mdy", "ymd"]))
def test_no_cell_raises_and_every_cell_is_counted(cells: list[Cell], override: DateOrder | None) -> None:
    reading = judged(*cells, zone="America/St_Johns", override=override)
    evidence = reading.evidence
    counted = evidence.model_dump(exclude={"datetime", "utc_datetime", "two_digit_year"})
    assert sum(counted.values()) == len(cells)
    assert DateReading.model_validate_json(reading.model_dump_json()) == reading
    assert all(isinstance(sentence, str) for sentence in reading.explanation())
    for cell in cells:
        for policy in ("reject", "first", "last"):
            day, problem, correction = parse_date(cell, reading, policy)
            assert day is None or (problem is None and iso_day(day_text(day)) == day)
            assert problem is None or correction is None
            assert day is not None or problem is not None or cell is None or not folded(str(cell))


@settings(max_examples=50 * SWEEP)
@given(st.lists(cells_of_any_kind, max_size=30))
def test_a_column_of_any_size_is_judged_alike(cells: list[Cell]) -> None:
    repeated = cells * 3
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dinotui.domain.date_columns._DISTINCT_CELLS", 2)
        small = judged(*repeated)
    large = judged(*repeated)
    assert small.evidence == large.evidence
    assert small.model_dump(exclude={"examples"}) == large.model_dump(exclude={"examples"})


@settings(max_examples=50 * SWEEP)
@given(st.lists(cells_of_any_kind, max_size=30))
def test_remembered_cells_read_as_fresh_ones(cells: list[Cell]) -> None:
    reading = judged(*cells)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dinotui.domain.date_parsing._CACHED_CELLS", 3)
        parse = cached_parser(reading, "first", open_words=True)
        for cell in cells * 2:
            assert parse(cell) == parse_date(cell, reading, "first", open_words=True)


def test_feeding_goes_on_after_judging() -> None:
    judge = fed(["05.09.2018"])
    assert judge.judge(None).needs_answer
    judge.feed("23.09.2018")
    reading = judge.judge(None)
    assert (reading.order, reading.evidence.both_possible) == ("dmy", 1)


def test_examples_are_few_short_and_safe_to_show() -> None:
    reading = judged("\x1b]52;c;x\x07", *(f"{number}" + "y" * 200 for number in range(9)), "\u202e1")
    examples = reading.examples["unreadable"]
    assert len(examples) == 3
    assert all(len(example) < 60 and example.isprintable() for example in examples)


def test_huge_and_hostile_cells_cost_nothing() -> None:
    huge = "5/9/2019 " * 200_000
    hostile = [
        "1 " * 50,
        "12:" * 33,
        "sun " * 25,
        "1:00 (" * 16,
        "9:00" + "(" * 96,
        "5 of de " * 12,
        "ﷺ1:11 " * 14,
    ]
    began = time.perf_counter()
    for _ in range(2_000):
        assert parse_date(huge, PLAIN).problem == "unreadable-date"
    for cell in hostile * 20:
        assert parse_date(cell, PLAIN).problem == "unreadable-date"
    assert time.perf_counter() - began < 2


def test_memory_does_not_grow_with_the_cells() -> None:
    tracemalloc.start()
    try:
        judge = fed(f"{number}" + "x" * 1_000_000 for number in range(60))
        for number in range(5_000):
            judge.feed(float("nan") if number % 2 else 10**400 + number)
        assert judge.judge(None).evidence.unreadable == 5_060
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()


def stays(path: Path) -> Sequence[list[str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return [row for row in csv.reader(stream) if row[0] != "Start"]


@pytest.mark.skipif(not STAYS.is_dir(), reason="the corpora are not beside this checkout")
def test_stay_within_files_are_day_first() -> None:
    paths = sorted(STAYS.glob("*.csv"))
    assert paths
    for path in paths:
        rows = stays(path)
        readings = judge_together([fed(row[column] for row in rows) for column in (0, 1)], None)
        for column, reading in enumerate(readings):
            assert (reading.order, reading.needs_answer) == ("dmy", False), path.name
            for row in rows:
                day, month, year = (int(part) for part in row[column].split("."))
                assert parse_date(row[column], reading) == (to_day(date(year, month, day)), None, None)


@settings(max_examples=30 * SWEEP)
@given(st.integers(0, 1439), st.lists(dates, min_size=1, max_size=6))
def test_local_midnights_of_any_real_zone_keep_their_date(minutes: int, values: list[date]) -> None:
    """A browser east or west writes its midnights in UTC; outside the doubtful hours the date comes back."""
    offset = minutes // 60 - 9  # UTC-9 to UTC+14, doubtful from +12 on
    cells = []
    for value in values:
        moment = timedelta(hours=-offset)
        day = value + timedelta(days=moment.days)
        cells.append(f"{day.isoformat()}T{moment.seconds // 3600:02}:00:00.000Z")
    reading = judged(*cells, zone=f"Etc/GMT{-offset:+}")
    assert [parse_date(cell, reading).day for cell in cells] == [to_day(value) for value in values]
