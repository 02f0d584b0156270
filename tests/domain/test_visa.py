"""Visa types compare folded, and only a near miss of a well-known one is corrected."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import dinotui.domain.visa
from dinotui.domain.folding import fold
from dinotui.domain.visa import correct_visa, fold_visa, looks_like_visa, visa_types

DATA = json.loads((Path(dinotui.domain.visa.__file__).parent / "data" / "visa.json").read_text("utf-8"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("touris", "tourist"),  # a letter too few
        ("tourisst", "tourist"),  # one too many
        ("tourizt", "tourist"),  # a wrong one
        ("toursit", "tourist"),  # two that changed places
        ("buisness", "business"),
        ("Buisness", "Business"),
        ("BUISNESS", "BUSINESS"),
        (" busines ", "business"),
        ("bussiness", "business"),
        ("buissness", "business"),
        ("studnet", "student"),
        ("transti", "transit"),
        ("Shengen", "Schengen"),
        ("visa on arival", "visa on arrival"),
        ("Visa On Arival", "Visa on arrival"),
        ("워킹홀리데", "워킹홀리데이"),
        ("비지니스", "비즈니스"),
    ],
)
def test_near_misses_are_offered_the_known_spelling(text: str, expected: str) -> None:
    assert correct_visa(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "tourist", "Tourist", "TOURIST", " tourist ", "Tourism", "tourists", "students"),
        *("wrok", "wok", "stu", "관공", "유힉"),  # too short to be sure
        *("B1/B2", "H-1B", "F-4", "C-3-9", "type 600", "tourist1"),  # codes
        *("touriste", "Turista", "étudiant", "Geschäft"),  # right in another language
        *("Antarctic research permit", "hovercraft", "xenotransplantation", "x" * 200),
        *("residency", "retiree", "visit", "dependant", "freelance"),
    ],
)
def test_everything_else_is_left_alone(text: str) -> None:
    assert correct_visa(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "tourist",
        "B1/B2",
        "H-1B",
        "F-4",
        "D-2",
        "C-3-9",
        "관광",
        "관광 비자",
        "Visa free",
        "Schengen C",
        "eTA",
        "work permit",
    ],
)
def test_looks_like_a_visa(text: str) -> None:
    assert looks_like_visa(text)


@pytest.mark.parametrize(
    "text",
    ["", "Spain", "2024-01-01", "90", "A lovely week in Lisbon", "서울", "visa " * 40, "yes", "Hilton"],
)
def test_does_not_look_like_a_visa(text: str) -> None:
    assert not looks_like_visa(text)


def test_folding_decides_equality() -> None:
    assert fold_visa("Visa-Free ") == fold_visa("visa free") == fold("VISA FREE")


def test_the_data_agrees_with_itself() -> None:
    offered = {fold(name) for name in DATA["offered"]}
    known = {fold(name) for name in DATA["known"]}
    slips = [fold(slip) for wrong in DATA["misspellings"].values() for slip in wrong]
    assert not offered & known
    assert len(set(slips)) == len(slips)
    assert not set(slips) & (offered | known)
    assert {fold(right) for right in DATA["misspellings"]} <= offered
    assert len(visa_types()) == len(offered)


@pytest.mark.parametrize("name", [*DATA["offered"], *DATA["known"]])
def test_no_known_type_is_ever_corrected(name: str) -> None:
    assert correct_visa(name) is None
    assert correct_visa(name.upper()) is None


@given(st.text(max_size=30))
def test_what_is_offered_is_known(text: str) -> None:
    better = correct_visa(text)
    assert better is None or (looks_like_visa(better) and correct_visa(better) is None)
    assert looks_like_visa(text) in (True, False)


@given(st.sampled_from([name for name in DATA["offered"] if len(name) >= 7 and name.isascii()]), st.data())
def test_any_one_slip_is_corrected_to_it_or_not_at_all(name: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(name) - 2))
    slip = data.draw(
        st.sampled_from([name[:at] + name[at + 1 :], name[:at] + name[at + 1] + name[at] + name[at + 2 :]])
    )
    better = correct_visa(slip)
    assert better is None or fold(better) == fold(name)
