"""What is offered for a text that names no country exactly."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dinotui.domain.country import country_name, is_code, recognise
from dinotui.engine.suggestions import suggest_countries


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Germny", "DE"),
        ("Untied States", "US"),
        ("Unitd Kingdom", "GB"),
        ("Austrlia", "AU"),
        ("Switzland", "CH"),
        ("Tailand", "TH"),
        ("Phillipenes", "PH"),
        ("Columbia", "CO"),
        ("Equador", "EC"),
        ("Morrocco", "MA"),
        ("North Macedonai", "MK"),
        ("Kingdom Unitd", "GB"),
        ("스패인", "ES"),
        ("이탈이아", "IT"),
        ("프랑수", "FR"),
        ("인도내시아", "ID"),
        ("뉴질렌드", "NZ"),
        ("우즈베키스단", "UZ"),
    ],
)
def test_a_near_miss_brings_its_country_first(text: str, code: str) -> None:
    assert recognise(text).status == "unknown"
    best = suggest_countries(text)[0]
    assert best.code == code
    assert best.name == country_name(code)
    assert 60 < best.score < 90


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Paris, France", {"FR"}),
        ("London, UK", {"GB"}),
        ("서울, 대한민국", {"KR"}),
        ("Georgia, USA", {"GE", "US"}),
        ("Japan / Korea", {"JP", "KR", "KP"}),
        ("Seoul South Korea 2019", {"KR"}),
    ],
)
def test_countries_named_inside_a_text_are_offered(text: str, codes: set[str]) -> None:
    assert recognise(text).status == "unknown"
    assert {found.code for found in suggest_countries(text, limit=9) if found.score == 90} == codes


def test_the_candidates_of_an_ambiguous_name_come_first_and_in_order() -> None:
    assert [(found.code, found.score) for found in suggest_countries("Congo", limit=2)] == [
        ("CD", 100),
        ("CG", 100),
    ]
    assert suggest_countries("코리아", language="ko")[:2] == [("KR", "대한민국", 100), ("KP", "북한", 100)]


def test_a_code_that_is_also_a_word_is_offered() -> None:
    assert recognise("in").code is None
    assert suggest_countries("in")[0] == ("IN", "India", 95)
    assert suggest_countries("Na", language="ko")[0] == ("NA", "나미비아", 95)


@pytest.mark.parametrize(
    "text", ["", " ", "-", "?", "x", "zz", "Tokyo", "London", "유럽", "Nowhere", "여러 나라"]
)
def test_nothing_is_offered_where_nothing_is_near(text: str) -> None:
    assert suggest_countries(text) == []


def test_the_limit_holds() -> None:
    assert len(suggest_countries("Soviet Union", limit=5)) == 5
    assert suggest_countries("Korea", limit=0) == []
    assert suggest_countries("Korea", limit=-1) == []


def test_offering_gives_no_code() -> None:
    assert suggest_countries("Germny")
    assert recognise("Germny").code is None


def test_a_very_long_text_is_not_searched() -> None:
    started = time.perf_counter()
    assert suggest_countries("Japan " * 100_000) == []
    assert time.perf_counter() - started < 0.05


@given(st.text(max_size=40))
def test_every_offer_is_a_country_once_and_best_first(text: str) -> None:
    found = suggest_countries(text, limit=10)
    assert all(is_code(offer.code) and 0 < offer.score <= 100 for offer in found)
    assert len({offer.code for offer in found}) == len(found)
    assert [offer.score for offer in found] == sorted((offer.score for offer in found), reverse=True)
