"""The folding that decides when two texts are equal."""

import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dinotui.domain.folding import fold


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("South Korea", "south korea"),
        ("  South \t Korea\n", "south korea"),
        ("Entry_Date", "entry date"),
        ("\ufeffCountry", "country"),
        ("Max. days (allowed)", "max days allowed"),
        ("People's", "peoples"),
        ("People’s", "peoples"),
        ("Bosnia & Herzegovina", "bosnia and herzegovina"),
        ("Bosnia＆Herzegovina", "bosnia and herzegovina"),
        ("U.S.A.", "usa"),
        ("U. S. A.", "usa"),
        ("U.S. Virgin Islands", "us virgin islands"),
        ("U.S. B-1 visa", "us b 1 visa"),
        ("R.O.Korea", "ro korea"),
        ("St.Lucia", "st lucia"),
        ("S. Korea", "s korea"),
        ("N/A", "n a"),
        ("2.5", "2 5"),
        ("Côte d'Ivoire", "cote divoire"),
        ("ÅLAND", "aland"),
        ("Føroyar", "foroyar"),
        ("Straße", "strasse"),
        ("Łódź", "lodz"),
        ("TÜRKİYE", "turkiye"),
        ("Kırgızistan", "kirgizistan"),
        ("Việt Nam", "viet nam"),
        ("x\u030c", "x"),
        ("Ｊａｐａｎ", "japan"),
        ("대한민국", "대한민국"),
        (unicodedata.normalize("NFD", "대한민국"), "대한민국"),
        ("대한\u200b민국", "대한민국"),
        ("Россия", "россия"),
        ("й", "й"),
        ("ガーナ", "ガーナ"),
        ("ประเทศไทย", "ประเทศไทย"),
        ("", ""),
        (" \t\u200b\ufeff", ""),
        ("-", "-"),
        (" ? ", "?"),
        ("🇯🇵", "🇯🇵"),
    ],
)
def test_a_text_folds_to_its_key(text: str, key: str) -> None:
    assert fold(text) == key


def test_signs_alone_are_told_apart() -> None:
    assert len({fold(sign) for sign in ("-", "?", "…", "🇯🇵", "🇰🇷", "")}) == 6


def test_every_character_folds_to_something_that_folding_leaves_alone() -> None:
    assigned = (chr(p) for p in range(sys.maxunicode + 1) if unicodedata.category(chr(p)) not in ("Cn", "Co"))
    keys = {fold(f"{character} a{character}b한{character}.") for character in assigned}
    assert len(keys) > 100_000
    assert [key for key in keys if fold(key) != key] == []


@given(st.text(max_size=40))
@example("a.b.\u0301c")
@example("ᄒ\u200bᅡ")
@example("e\u200b\u0301")
def test_folding_twice_is_folding_once(text: str) -> None:
    key = fold(text)
    assert fold(key) == key
    assert key == key.strip()
    assert "  " not in key
    assert unicodedata.normalize("NFC", key) == key


@given(st.text(alphabet=st.characters(codec="ascii"), max_size=40))
def test_case_never_matters(text: str) -> None:
    assert fold(text.upper()) == fold(text.lower()) == fold(text)


def test_a_very_long_text_folds_too() -> None:
    assert fold("É " * 100_000) == " ".join(["e"] * 100_000)
