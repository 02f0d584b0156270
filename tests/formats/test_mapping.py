"""Columns find their fields by header and contents, and the user has the last word."""

from __future__ import annotations

import csv
import json
import os
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dinotui.domain.errors import UsageError
from dinotui.domain.mapping import DOUBTFUL, FIELD_NAMES, SURE, ColumnMatch, Mapping
from dinotui.formats.base import Cell, Form
from dinotui.formats.mapping import (
    apply_preset,
    header_shape,
    override,
    questions,
    suggest,
    with_constants,
)

SWEEP = int(os.environ.get("DINOTUI_SWEEP", "1"))
CORPORA = Path(__file__).parents[3] / "shared" / "corpora"

# What each field looks like, for headers that need their contents to agree.
CELLS: dict[str, list[Cell]] = {
    "date": ["2024-01-05", "2024-03-07", "2024-05-09"],
    "country": ["Spain", "Japan", "대한민국"],
    "city": ["Madrid", "Kyoto", "Busan"],
    "visa": ["tourist", "business", "무비자"],
    "days": [90, 30, 180],
    "text": ["Two weeks by the sea", "Work, then a holiday", "With the family"],
    "number": ["M12345678", "X9876543", "K1112223"],
    "yes": ["yes", "no", "yes"],
    "code": ["ES", "JP", "KR"],
    "airport": ["ICN", "FRA", "CDG"],
}

# Headers of real tables, by the field that they mean on their own.
HEADERS = json.loads((Path(__file__).parents[1] / "data" / "mapping" / "headers.json").read_text("utf-8"))
TABLE = [
    (header, None if field == "none" else field) for field, headers in HEADERS.items() for header in headers
]


def mapped(
    columns: list[str], rows: list[list[Cell]] | None = None, form: Form = "inferred"
) -> dict[str, str | None]:
    found = suggest(columns, rows or [], form=form)
    assert [match.column for match in found.columns] == list(range(len(columns)))
    assert all(match.reason for match in found.columns)
    return {match.header: match.field for match in found.columns}


def rows_of(*columns: list[Cell]) -> list[list[Cell]]:
    return [list(row) for row in zip(*columns, strict=True)]


def test_the_table_is_long() -> None:
    assert len(TABLE) >= 300
    assert len({header for header, _field in TABLE}) == len(TABLE)


@pytest.mark.parametrize(("header", "field"), TABLE)
def test_header_alone(header: str, field: str | None) -> None:
    columns = ["Country", header] if field == "countryCode" else [header]
    match = suggest(columns, []).columns[-1]
    assert match.field == field
    assert match.confidence >= DOUBTFUL or field is None


@pytest.mark.parametrize(
    ("header", "cells", "field"),
    [
        ("From", "date", "entryDate"),
        ("From", "country", None),
        ("From", "city", None),
        ("To", "date", "exitDate"),
        ("To", "country", "country"),
        ("To", "city", None),
        ("To", "airport", None),
        ("Von", "date", "entryDate"),
        ("Travel to", "country", "country"),
        ("도착", "country", "country"),
        ("도착", "date", "entryDate"),
        ("도착지", "country", "country"),
        ("Date", "date", "entryDate"),
        ("Date", "text", None),
        ("날짜", "date", "entryDate"),
        ("Destination", "country", "country"),
        ("Destination", "city", None),
        ("Where", "country", "country"),
        ("목적지", "country", "country"),
        ("여행지", "city", None),
        ("ISO3", "code", "country"),
        ("Type", "visa", "visaType"),
        ("Type", "text", None),
        ("Status", "visa", "visaType"),
        ("Status", "yes", None),
        ("Purpose of visit", "visa", "visaType"),
        ("방문 목적", "visa", "visaType"),
        ("Visa", "visa", "visaType"),
        ("Visa", "yes", None),
        ("Visa", "date", None),
        ("Passport", "country", "passportCountry"),
        ("Passport", "number", None),
        ("여권", "country", "passportCountry"),
        ("여권", "number", None),
        ("Nationality", "country", "passportCountry"),
        ("Entry", "date", "entryDate"),
        ("Entry", "text", None),
        ("Entry", "country", None),
        ("Start", "city", None),
        ("Arrival", "city", None),
        ("Departure", "country", None),
        ("Left", "yes", None),
        ("Country", "city", "country"),
        ("Country name", "date", None),
        ("Entry Date", "text", "entryDate"),
        ("Limit", "days", "maxDays"),
        ("Limit", "text", None),
        ("Max stay", "days", "maxDays"),
        ("Max stay", "text", None),
        ("Description", "text", "notes"),
        ("설명", "text", "notes"),
        ("Source", "country", None),
        ("Contry", "country", "country"),
        ("Contry", "text", None),
    ],
)
def test_header_and_contents(header: str, cells: str, field: str | None) -> None:
    assert mapped([header], rows_of(CELLS[cells])) == {header: field}


@pytest.mark.parametrize(
    ("columns", "form"),
    [
        ("Country,Entry Date,Exit Date,Visa Type,Max Days,Passport Country,Duration,Notes", "inferred"),
        ("Country,Entry Date,Exit Date,Visa Type,Max Days,Passport Country,Duration,Notes", "dino"),
        ("Country,Entry Date,Exit Date,Visa Type,Max Days,Passport Country,Notes,Created At", "legacy"),
        ("Country,Entry Date,Exit Date,Visa Type,Max Days,Passport Country,Notes,Created At", "inferred"),
        (
            "Country,Country Code,City,From Country,From Country Code,From City,Entry Date,Exit Date,Visa Type,Notes",
            "stays",
        ),
        (
            "Country,Country Code,City,From Country,From Country Code,From City,Entry Date,Exit Date,Visa Type,Notes",
            "inferred",
        ),
        (
            "id,country,countryCode,entryDate,exitDate,visaType,maxDays,passportCountry,notes,createdAt,updatedAt,source",
            "dino",
        ),
        (
            "id,country,countryCode,entryDate,exitDate,visaType,maxDays,passportCountry,notes,metadata.createdAt,metadata.source",
            "dino",
        ),
        (
            "id,country,entryDate,exitDate,visaType,maxDays,passportCountry,notes,createdAt,updatedAt",
            "legacy",
        ),
    ],
)
@pytest.mark.parametrize("filled", [True, False])
def test_known_headers_map_themselves_without_a_question(columns: str, form: Form, filled: bool) -> None:
    names = columns.split(",")
    rows = [["" for _name in names]] * 3 if filled else []
    found = suggest(names, rows, form=form)
    assert questions(found) == []
    assert all(match.confidence == 100 for match in found.columns)
    extras = {match.header for match in found.unmapped()}
    assert extras == {"City", "From Country", "From Country Code", "From City"} & set(names)
    assert {match.field for match in found.columns if match.field} >= {
        "country",
        "entryDate",
        "exitDate",
        "visaType",
    }


def test_a_known_form_is_never_guessed() -> None:
    rows = rows_of(CELLS["country"], CELLS["date"], CELLS["text"])
    found = mapped(["Land of dreams", "Someday", "Words"], rows, "dino")
    assert set(found.values()) == {None}


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (("입국일", "2024-01-05"), ("출국일", "2024-01-12"), ("entryDate", "exitDate")),
        (("출국일", "2024-01-05"), ("입국일", "2024-01-12"), ("entryDate", "exitDate")),
        (("출국일", "2024-01-05"), ("귀국일", "2024-01-12"), ("entryDate", "exitDate")),
        (("Departure", "2024-01-05"), ("Return", "2024-01-12"), ("entryDate", "exitDate")),
        (("Departure date", ""), ("Return date", ""), ("entryDate", "exitDate")),
        (("Date Out", "17/05/2024"), ("Date In", "29/05/2024"), ("entryDate", "exitDate")),
        (("Date In", "17/05/2024"), ("Date Out", "29/05/2024"), ("entryDate", "exitDate")),
        (("Arrival", "2024-01-05"), ("Departure", "2024-01-12"), ("entryDate", "exitDate")),
        (("Departure", "2024-01-12"), ("Arrival", "2024-01-05"), ("exitDate", "entryDate")),
        (("Arrival", "2024-01-05"), ("Departure", "2024-01-05"), ("entryDate", "exitDate")),
        (("Arrival date", "2024-01-05"), ("Return date", "2024-01-12"), ("entryDate", "exitDate")),
        (("Exit Date", "2024-01-05"), ("Entry Date", "2024-01-12"), ("exitDate", "entryDate")),
        (("Entry Date", "2024-01-05"), ("Departure", "2024-01-12"), ("entryDate", "exitDate")),
    ],
)
def test_arrivals_and_departures(
    first: tuple[str, str], second: tuple[str, str], expected: tuple[str, str]
) -> None:
    found = suggest([first[0], second[0]], [[first[1], second[1]], [None, None]])
    assert tuple(match.field for match in found.columns) == expected


def test_one_row_the_other_way_keeps_what_the_headers_say() -> None:
    rows: list[list[Cell]] = [["2024-01-05", "2024-01-12"], ["2024-03-12", "2024-03-05"]]
    assert mapped(["출국일", "입국일"], rows) == {"출국일": "exitDate", "입국일": "entryDate"}


def test_three_dates_of_one_journey() -> None:
    away = ["Departure", "Arrival", "Return"]
    rows: list[list[Cell]] = [["2024-01-05", "2024-01-06", "2024-01-20"]]
    assert mapped(away, rows) == {"Departure": None, "Arrival": "entryDate", "Return": "exitDate"}
    rows = [["2024-01-19", "2024-01-06", "2024-01-20"]]
    assert mapped(away, rows) == {"Departure": "exitDate", "Arrival": "entryDate", "Return": None}


def test_a_day_between_departure_and_arrival_is_a_flight_and_doubtful() -> None:
    found = suggest(["Departure", "Arrival"], [["2024-01-05", "2024-01-06"], ["2024-03-01", "2024-03-02"]])
    assert [match.field for match in found.doubtful()] == ["exitDate", "entryDate"]


def test_the_surest_column_wins_and_the_other_says_so() -> None:
    found = suggest(["Notes", "Comment", "Destination", "Country visited"], [["a", "b", "Spain", "Spain"]])
    assert [match.field for match in found.columns] == ["notes", None, None, "country"]
    assert "Notes" in found.columns[1].reason
    assert "Country visited" in found.columns[2].reason


def test_ties_stay_open_and_are_asked() -> None:
    found = suggest(
        ["Country", "Country", "Entry Date", "Visa Type"], [["Spain", "Japan", "2024-01-01", "tourist"]]
    )
    assert found.column_of("country") is None
    assert [match.contested for match in found.columns[:2]] == ["country", "country"]
    [question] = questions(found)
    assert (question.code, question.question, question.field) == ("column-contested", "--map", "country")
    assert "#1=country" in question.message
    found = suggest(["Comment", "Remarks"], [["a", "b"]])
    assert found.column_of("notes") is None


def test_an_empty_column_loses_a_tie() -> None:
    found = suggest(["Country", "Country"], [["", "Spain"], [None, "Japan"]])
    assert found.column_of("country") == 1
    assert found.columns[0].contested is None


def test_no_guess_fills_a_contested_field() -> None:
    found = suggest(["Country", "Country", "Whatever"], [["Spain", "Japan", "Italy"]] * 3)
    assert found.column_of("country") is None


def test_codes_beside_names() -> None:
    rows: list[list[Cell]] = [["JP", "Japan"], ["ES", "Spain"]]
    assert mapped(["country", "countryName"], rows) == {"country": "countryCode", "countryName": "country"}
    assert mapped(["Country Code", "Entry Date"], [["JP", "2024-01-01"]])["Country Code"] == "country"
    assert mapped(["Country Code", "Country"], rows) == {"Country Code": "countryCode", "Country": "country"}


def test_row_numbers_are_no_ids() -> None:
    assert mapped(["id", "Country"], [["1", "Spain"], ["2", "Japan"]])["id"] is None
    assert mapped(["id", "Country"], [[0, "Spain"], [1, "Japan"]])["id"] is None
    assert mapped(["id", "Country"], [["17", "Spain"], ["4", "Japan"]])["id"] == "id"
    assert mapped(["id", "Country"], [["a1", "Spain"], ["a2", "Japan"]])["id"] == "id"
    assert mapped(["id", "country"], [["1", "Spain"], ["2", "Japan"]], "dino")["id"] == "id"


def headerless(*columns: list[Cell]) -> list[str | None]:
    names = [f"Column {number + 1}" for number in range(len(columns))]
    found = suggest(names, rows_of(*columns))
    assert all(match.confidence < DOUBTFUL for match in found.columns if match.field)
    return [match.field for match in found.columns]


def test_headerless_tables_by_contents() -> None:
    early, late = ["10.03.2024", "01.07.2024"], ["25.03.2024", "20.07.2024"]
    assert headerless(early, late) == ["entryDate", "exitDate"]
    assert headerless(late, early) == ["exitDate", "entryDate"]
    assert headerless(["03/04/2024", "05/06/2024"], ["04/04/2024", "07/06/2024"]) == ["entryDate", "exitDate"]
    assert headerless(["Japan", "Spain"], ["Germany", "Germany"], early, late) == [
        "country",
        None,
        "entryDate",
        "exitDate",
    ]
    assert headerless(["JP", "ES"], early) == ["country", "entryDate"]
    assert headerless(early, ["현재", "20.07.2024"]) == ["entryDate", "exitDate"]
    assert headerless(CELLS["visa"], CELLS["days"], CELLS["text"]) == ["visaType", "maxDays", "notes"]


def test_headerless_look_alikes_stay_open() -> None:
    dates = ["2024-03-10", "2024-07-01"]
    assert headerless(dates, dates) == [None, None]
    assert headerless(dates, ["2024-03-01", "2024-07-20"]) == [None, None]
    assert headerless(dates, dates, dates) == [None, None, None]
    assert headerless(["03/04/2024"], ["05/03/2024"]) == [None, None]
    assert headerless(["Japan", "Spain"], ["France", "Italy"]) == [None, None]
    assert headerless([12, 7, 3], ["x", "y", "z"]) == [None, None]
    assert headerless(["ICN", "FRA"], ["Texas", "Georgia"], ["TX", "GA"]) == [None, None, None]


def test_contents_below_a_strange_header() -> None:
    rows = rows_of(CELLS["date"], CELLS["country"], CELLS["visa"])
    assert mapped(["Quand", "Lieu", "Genre"], rows) == {
        "Quand": "entryDate",
        "Lieu": "country",
        "Genre": "visaType",
    }
    rows = rows_of(["en", "de", "fr"], CELLS["date"])
    assert mapped(["Lang", "Birth of the idea"], rows) == {"Lang": None, "Birth of the idea": None}
    rows = rows_of(["2024-01-01"] * 3, ["2024-02-02"] * 3)
    assert mapped(["Entry Date", "Zurück"], rows) == {"Entry Date": "entryDate", "Zurück": "exitDate"}
    assert mapped(["Exit Date", "Hin"], rows) == {"Exit Date": "exitDate", "Hin": None}


@pytest.mark.parametrize(
    "name", ["basic", "trips", "no-header", "full-year", "exceeded-limit", "single-trip"]
)
def test_files_of_the_wild(name: str) -> None:
    path = CORPORA / "stay-within" / f"{name}.csv"
    if not path.exists():
        pytest.skip("the corpora are not here")
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    header = rows.pop(0) if "Start" in rows[0] else ["Column 1", "Column 2"]
    found = suggest(header, rows)
    assert [match.field for match in found.columns[:2]] == ["entryDate", "exitDate"]
    assert found.missing() == ("country", "visaType")


def test_questions_name_the_ways_out() -> None:
    found = suggest(["Start", "End"], [])
    assert [(one.code, one.question, one.field) for one in questions(found)] == [
        ("column-missing", "--set", "country"),
        ("column-missing", "--set", "visaType"),
    ]
    assert questions(found)[1].message == (
        "No column holds the visa type. Give it once with --set visaType=..., or map a column with --map "
        "“Header=visaType”."
    )
    assert questions(with_constants(found, ["country=Spain", "visa type=tourist"])) == []


# --- what the user says -----------------------------------------------------------------------------------


BASE = suggest(["Where I was", "Start", "End", "City", "Start"], [])


def fields(mapping: Mapping) -> list[str | None]:
    return [match.field for match in mapping.columns]


def test_override() -> None:
    found = suggest(["Where I was", "Start", "End", "City"], [])
    assert fields(found) == [None, "entryDate", "exitDate", None]
    assert fields(override(found, ["Where I was=country"])) == ["country", "entryDate", "exitDate", None]
    assert fields(override(found, ["where_i was = 국가", "CITY=visa-type"])) == [
        "country",
        "entryDate",
        "exitDate",
        "visaType",
    ]
    assert fields(override(found, ["Start=", "End=ignore"])) == [None, None, None, None]
    assert fields(override(found, ["#4=country"])) == [None, "entryDate", "exitDate", "country"]
    moved = override(found, ["Start=exit date"])
    assert fields(moved) == [None, "exitDate", None, None]
    assert moved.columns[1].confidence == 100
    assert "Start" in moved.columns[2].reason
    swapped = override(found, ["Start=exitDate", "End=entryDate"])
    assert fields(swapped) == [None, "exitDate", "entryDate", None]
    assert override(found, []) == found


def test_override_keeps_columns_in_the_notes() -> None:
    found = suggest(["Country", "City", "Hotel"], [])
    kept = override(found, ["City=notes+", "Hotel=notes+"])
    assert kept.keep_in_notes == (1, 2)
    assert kept.unmapped() == ()
    assert override(kept, ["City="]).keep_in_notes == (2,)
    assert override(kept, ["City=visaType"]).keep_in_notes == (2,)
    assert fields(override(found, ["Country=notes+"])) == [None, None, None]


def test_override_by_exact_text_before_folded() -> None:
    found = suggest(["start", "Start", "a=b"], [])
    assert fields(override(found, ["Start=country"]))[1] == "country"
    assert fields(override(found, ["start=country"]))[0] == "country"
    assert fields(override(found, ["a=b=notes"]))[2] == "notes"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (["Start"], "Header=field"),
        (["Nowhere=country"], "no column “Nowhere”. There are: Where I was, Start"),
        (["Where I was=planet"], "“planet” is no field"),
        (["Start=entryDate"], "Several columns are called “Start”. Name one by its place: #2, #5"),
        (["#9=country"], "no column “#9”"),
        (["=country"], "no column “”"),
        (["City=country", "city=notes"], "mapped twice"),
        (["City=country", "End=country"], "Two columns are mapped to country"),
    ],
)
def test_override_refuses_what_makes_no_sense(changes: list[str], says: str) -> None:
    with pytest.raises(UsageError) as caught:
        override(BASE, changes)
    assert says in caught.value.message


def test_no_escape_sequence_reaches_a_sentence() -> None:
    hostile = "\x1b]52;c;AAAA\x07\u202e"
    found = suggest([f"Country {hostile}", f"Country {hostile}", "Notes", f"Comment {hostile}"], [])
    told = [match.reason for match in found.columns] + [one.message for one in questions(found)]
    for change in (hostile, f"{hostile}=notes", f"Notes={hostile}", "x=notes"):
        with pytest.raises(UsageError) as caught:
            override(found, [change])
        told.append(caught.value.message)
    with pytest.raises(UsageError) as caught:
        with_constants(found, [f"{hostile}=1"])
    assert not set("\x1b\x07\u202e") & set("".join([*told, caught.value.message]))


def test_override_settles_a_tie() -> None:
    found = suggest(["Country", "Country", "Entry Date", "Visa Type"], [])
    settled = override(found, ["#2=country"])
    assert fields(settled) == [None, "country", "entryDate", "visaType"]
    assert questions(settled) == []
    assert not any(match.contested for match in settled.columns)


def test_constants() -> None:
    found = suggest(["Start", "End"], [])
    given = [
        "country=Spain",
        "Visa Type = tourist = once",
        "max-days=90 days",
        "여권=독일",
        "passport-country",
    ]
    constant = with_constants(found, given[:-1])
    assert constant.constants == {
        "country": "Spain",
        "visaType": "tourist = once",
        "maxDays": "90 days",
        "passportCountry": "독일",
    }
    assert with_constants(constant, ["country=Japan"]).constants["country"] == "Japan"
    assert Mapping.model_validate(constant.model_dump(mode="json", by_alias=True)) == constant


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["country"], "field=value"),
        (["planet=Mars"], "“planet” is no field"),
        (["id=7"], "“id” is no field"),
        (["duration=7"], "“duration” is no field"),
        (["createdAt=2024-01-01"], "no field"),
        (["country="], "without a value"),
        (["country=Spain", "나라=Japan"], "given twice"),
        (["maxDays=many"], "no number of days"),
        (["maxDays=0"], "no number of days"),
        (["country=" + "x" * 101], "longer than 100"),
    ],
)
def test_constants_refuse_what_makes_no_sense(given: list[str], says: str) -> None:
    with pytest.raises(UsageError) as caught:
        with_constants(Mapping(), given)
    assert says in caught.value.message


def test_a_constant_replaces_a_guess_and_stands_behind_a_header() -> None:
    guessed = suggest(["Column 1", "Column 2"], rows_of(CELLS["country"], CELLS["date"]))
    assert fields(with_constants(guessed, ["country=Spain"])) == [None, "entryDate"]
    sure = suggest(["Country", "Start"], rows_of(CELLS["country"], CELLS["date"]))
    both = with_constants(sure, ["country=Spain"])
    assert fields(both) == ["country", "entryDate"]
    assert both.constants == {"country": "Spain"}


# --- remembering ------------------------------------------------------------------------------------------


def test_header_shape() -> None:
    shape = header_shape(["Country", "Entry Date", "Notes"])
    assert shape == header_shape(["notes", "COUNTRY", "entry_date"])
    assert shape != header_shape(["Country", "Entry Date"])
    assert shape != header_shape(["Country", "Entry Date", "Notes", "Notes"])
    assert header_shape(["Column 1", "Column 2"]) == ""
    assert header_shape([]) == ""
    assert header_shape(["\udcff"])


def test_preset_binds_by_header() -> None:
    preset = override(suggest(["Where", "Start", "City", "End"], []), ["Where=country", "City=notes+"])
    preset = with_constants(preset, ["visa type=tourist"])
    again = apply_preset(preset, ["Extra", "end", "Start", "CITY", "Where"])
    assert again is not None
    assert fields(again) == [None, "exitDate", "entryDate", None, "country"]
    assert again.keep_in_notes == (3,)
    assert again.constants == {"visaType": "tourist"}
    assert [match.header for match in again.columns] == ["Extra", "end", "Start", "CITY", "Where"]
    assert all(match.confidence >= SURE for match in again.columns if match.field)
    assert apply_preset(preset, ["Start", "End", "Where"]) is None
    assert apply_preset(preset, ["Start", "End", "City"]) is None
    assert apply_preset(Mapping(constants={"country": "Spain"}), ["A"]) is not None


def test_preset_keeps_equal_headers_apart() -> None:
    preset = override(suggest(["Date", "Date", "Land"], []), ["#1=entryDate", "#2=exitDate"])
    again = apply_preset(preset, ["Land", "Date", "Date"])
    assert again is not None
    assert fields(again) == ["country", "entryDate", "exitDate"]
    exact = override(suggest(["x", "X"], []), ["x=country", "X=notes"])
    again = apply_preset(exact, ["X", "x"])
    assert again is not None
    assert fields(again) == ["notes", "country"]


# --- whatever comes ---------------------------------------------------------------------------------------

WORDS = [header for header, _field in TABLE] + [
    "From",
    "To",
    "Date",
    "Type",
    "Passport",
    "",
    "Column 2",
    "\udcff",
]
ANY_CELL = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=10**4_400),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from([cell for cells in CELLS.values() for cell in cells]),
)


@settings(max_examples=150 * SWEEP, deadline=None)
@given(
    st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=30)), max_size=12),
    st.lists(st.lists(ANY_CELL, max_size=14), max_size=5),
    st.sampled_from(["inferred", "dino", "legacy", "stays"]),
)
def test_suggest_never_raises_and_never_feeds_a_field_twice(
    columns: list[str], rows: list[list[Cell]], form: Form
) -> None:
    found = suggest(columns, rows, form=form)
    fed = [match.field for match in found.columns if match.field]
    assert len(fed) == len(set(fed))
    assert [match.header for match in found.columns] == columns
    assert all(0 <= match.confidence <= 100 and match.reason for match in found.columns)
    assert not any(match.contested and match.field for match in found.columns)
    assert len(header_shape(columns)) in (0, 64)
    again = apply_preset(found, columns)
    assert again is not None
    assert fields(again) == fields(found)
    assert {one.field for one in questions(found)} == set(found.missing())


@settings(max_examples=100 * SWEEP, deadline=None)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6), st.lists(st.text(max_size=20), max_size=4))
def test_any_override_is_applied_or_refused(columns: list[str], changes: list[str]) -> None:
    found = suggest(columns, [])
    spelled = [f"{header}={field}" for header, field in zip(changes, FIELD_NAMES, strict=False)]
    for given_changes in (changes, spelled):
        try:
            changed = override(found, given_changes)
        except UsageError:
            continue
        fed = [match.field for match in changed.columns if match.field]
        assert len(fed) == len(set(fed))


def test_a_wide_table_is_quick() -> None:
    columns = [f"measure {number}" for number in range(1_000)]
    rows: list[list[Cell]] = [[f"some text {row} {number}" for number in range(1_000)] for row in range(200)]
    start = time.thread_time()
    suggest(columns, rows)
    assert time.thread_time() - start < 3


def test_a_wide_preset_is_quick() -> None:
    columns = [f"measure {number}" for number in range(2_000)]
    preset = suggest(columns, [])
    start = time.thread_time()
    assert apply_preset(preset, [column.upper() for column in reversed(columns)]) is not None
    assert time.thread_time() - start < 1


def test_a_field_cannot_be_fed_twice_by_hand() -> None:
    twice = tuple(ColumnMatch(column=number, header="x", field="notes") for number in range(2))
    with pytest.raises(ValueError, match="more than once"):
        Mapping(columns=twice)
