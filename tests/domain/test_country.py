"""Which country a text means: right, asked, or nothing, and never wrong."""

import importlib.util
import json
import re
import time
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dinotui.domain.country import (
    Recognition,
    alpha2_codes,
    country_name,
    is_code,
    looks_like_us_states,
    na_means_missing,
    parse_overrides,
    recognise,
    spellings,
)
from dinotui.domain.country_table import build_table, country_table, joined_key
from dinotui.domain.errors import UsageError

HERE = Path(__file__).parents[1] / "countries"
DATA = Path(__file__).parents[2] / "dinotui" / "domain" / "data"
AMBIGUOUS, NONE = "?", "-"


def hand_rows() -> list[tuple[str, str]]:
    lines = (HERE / "spellings.tsv").read_text(encoding="utf-8").splitlines()
    return [(row[0], row[1]) for line in lines if len(row := line.split("\t")) == 2]


def verdict(text: str) -> str:
    found = recognise(text)
    return found.code or {"ambiguous": AMBIGUOUS, "unknown": NONE, "empty": NONE}[found.status]


@pytest.fixture(scope="module")
def builder() -> ModuleType:
    pytest.importorskip("babel", reason="the country data is made from Babel's CLDR")
    pytest.importorskip("pycountry", reason="the country data is made from pycountry's ISO 3166-1")
    spec = importlib.util.spec_from_file_location("countries_build", HERE / "build.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def library_rows() -> list[tuple[str, str]]:
    """What ISO 3166-1 and CLDR themselves say, without any rule of ours."""
    babel = pytest.importorskip("babel")
    pycountry = pytest.importorskip("pycountry")
    rows = []
    for country in pycountry.countries:
        code = country.alpha_2
        fields = country._fields
        rows += [
            (fields[name], code) for name in ("name", "official_name", "common_name") if fields.get(name)
        ]
        rows += [(code, code), (country.alpha_3, code), (country.alpha_3 + " - " + country.name, code)]
        rows += [(babel.Locale(lang).territories[code], code) for lang in ("en", "ko")]
        rows.append((f"{country.flag} {babel.Locale('ko').territories[code]}", code))
    # The two that the library names like an island or a river shared with a neighbour.
    shared = {"Congo": AMBIGUOUS, "COG - Congo": "CG", "St. Martin": AMBIGUOUS}
    return [(text, shared.get(text, code)) for text, code in rows]


def test_every_hand_written_spelling_means_what_it_should() -> None:
    rows = hand_rows()
    wrong = [(text, expected, verdict(text)) for text, expected in rows if verdict(text) != expected]
    assert wrong == []
    assert len(rows) >= 1_000
    assert sum(expected == NONE for _, expected in rows) >= 200
    assert sum(expected == AMBIGUOUS for _, expected in rows) >= 50


def test_every_name_and_code_of_the_standards_means_its_country(library_rows: list[tuple[str, str]]) -> None:
    wrong = [(text, expected, verdict(text)) for text, expected in library_rows if verdict(text) != expected]
    assert wrong == []
    assert len(set(library_rows)) >= 1_500


@pytest.mark.parametrize(
    "change", [str.upper, str.lower, lambda text: f"  {text}\u00a0", lambda text: text + "*"]
)
def test_case_space_and_footnote_signs_change_no_name(change: object) -> None:
    assert callable(change)
    names = [text for text, code in hand_rows() if len(code) == 2 and not re.search(r"[A-Z][A-Z.]", text)]
    assert len(names) > 800
    different = [(text, verdict(change(text))) for text in names if verdict(change(text)) != verdict(text)]
    assert different == []


def test_no_spelling_has_two_countries_unless_it_is_asked() -> None:
    data = json.loads((DATA / "countries.json").read_text(encoding="utf-8"))
    seen: dict[str, str] = {}
    for code, keys in data["spellings"].items():
        for key in keys:
            assert seen.setdefault(key, code) == code
            assert key not in data["ambiguous"]
    table = build_table(data)
    for key, codes in table.spellings.items():
        if joined := joined_key(key):
            assert table.joined[joined] == codes
            assert table.spellings.get(joined, codes) == codes


def test_no_spelling_is_a_single_letter_or_hides_a_state() -> None:
    short = {key for key in spellings() if key.isascii() and len(key.replace(" ", "")) < 3}
    assert short == {"uk", "us", "u s", "gb", "hk", "nz"}
    states = {state for state in country_table().states if len(state) > 2 and recognise(state).code}
    assert states == {"georgia", "조지아"}


def test_subdivisions_languages_and_currencies_are_no_countries() -> None:
    babel = pytest.importorskip("babel")
    pycountry = pytest.importorskip("pycountry")
    languages = {name for lang in ("en", "ko") for name in babel.Locale(lang).languages.values()}
    currencies = {name for lang in ("en", "ko") for name in babel.Locale(lang).currencies.values()}
    assert {name for name in languages | currencies if recognise(name).code} == {
        *("Nauru", "Rwa", "Tokelau", "Tuvalu")  # languages that are named like their country
    }
    foreign = {
        (part.name, recognise(part.name).code)
        for part in pycountry.subdivisions
        if recognise(part.name).code not in (None, part.country_code)
    }
    # Parts of the United States, China, France and the Netherlands that have an ISO code of their own too.
    own = re.compile("AS|GU|MP|PR|UM|VI|HK|MO|GP|MQ|GF|RE|YT|BL|NC|PF|PM|WF|AW|BQ|CW|SX")
    # Provinces and states that share the name of a country elsewhere.
    namesakes = {"Zaire", "Tanganyika", "Formosa", "Luxembourg", "Mali", "Niger", "Georgia", "Ba"}
    assert {name for name, code in foreign if not own.fullmatch(str(code))} == namesakes


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_name_that_is_shown_is_recognised_again(language: str) -> None:
    names = {code: country_name(code, language) for code in alpha2_codes()}
    assert {code: recognise(name).code for code, name in names.items()} == {code: code for code in names}
    assert len(set(names.values())) == len(names) == 250
    if language == "ko":
        assert all(any("가" <= letter <= "힣" for letter in name) for name in names.values())


def test_names_are_shown_in_the_asked_language() -> None:
    assert country_name("KR") == "South Korea"
    assert country_name("KR", "ko") == "대한민국"
    assert country_name("HK", "ko") == "홍콩"
    assert country_name("JP", "fr") == "Japan"
    assert country_name("QQ") == "QQ"


def test_an_ambiguous_name_brings_its_candidates() -> None:
    korea = recognise("Korea")
    assert korea == Recognition(None, "ambiguous", ("KR", "KP"))
    for codes in {codes for codes in spellings().values() if len(codes) > 1}:
        assert set(codes) <= alpha2_codes()
        assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("text", ["", "  ", "\u200b", "\t\n", "\ufeff"])
def test_a_blank_text_is_empty_and_not_unknown(text: str) -> None:
    assert recognise(text) == Recognition(None, "empty")


def test_codes_are_the_iso_codes_and_kosovo() -> None:
    pycountry = pytest.importorskip("pycountry")
    assert alpha2_codes() == {country.alpha_2 for country in pycountry.countries} | {"XK"}
    assert is_code("KR")
    assert not any(map(is_code, ("kr", "KOR", "UK", "EU", "", "ZZ")))


def test_the_users_answers_win() -> None:
    answers = parse_overrides(["Korea=KR", " Côte = ci", "Georgia, USA=US", "in=IN", "a=b=JP"])
    assert answers == {"korea": "KR", "cote": "CI", "georgia usa": "US", "in": "IN", "a b": "JP"}
    assert recognise("KOREA", answers).code == "KR"
    assert recognise("Georgia,  USA", answers).code == "US"
    assert recognise("in", answers).code == "IN"
    assert recognise("Congo", answers).status == "ambiguous"
    assert recognise("Korea").status == "ambiguous"
    assert recognise("Japan", {"japan": "US"}).code == "US"


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        (["Korea"], "bad-country-answer"),
        (["=KR"], "bad-country-answer"),
        ([" =KR"], "bad-country-answer"),
        (["Korea="], "bad-country-code"),
        (["Korea=KOR"], "bad-country-code"),
        (["Korea=ZZ"], "bad-country-code"),
        (["Korea=KR", "KOREA=KP"], "contradicting-country-answers"),
    ],
)
def test_a_bad_answer_is_wrong_usage(answers: list[str], code: str) -> None:
    with pytest.raises(UsageError) as error:
        parse_overrides(answers)
    assert error.value.code == code
    assert error.value.where == answers[-1]
    assert error.value.exit_code == 2


@pytest.mark.parametrize(
    ("names", "states"),
    [
        (["Georgia", "Florida", "Texas"], True),
        (["GA", "NY", "TX"], True),
        (["Georgia", "NY"], True),
        (["조지아", "플로리다"], True),
        (["georgia", "north carolina", ""], True),
        (["Georgia", "Armenia", "Turkey"], False),
        (["Florida", "Texas"], False),
        (["CA", "DE", "IN", "GA"], False),
        (["조지아", "튀르키예"], False),
        (["Japan"], False),
        ([], False),
    ],
)
def test_georgia_among_american_states_is_told(names: list[str], states: bool) -> None:
    assert looks_like_us_states(iter(names)) is states


@pytest.mark.parametrize(
    ("names", "missing"),
    [
        (["Japan", "NA", "France"], True),
        (["NA", ""], True),
        (["NA", "JP", "KR"], False),
        (["NA", "NAM", "ZA"], False),
        (["Japan", "N/A"], False),
        ([], False),
    ],
)
def test_na_without_other_codes_means_not_available(names: list[str], missing: bool) -> None:
    assert na_means_missing(iter(names)) is missing


def test_the_committed_table_is_what_the_builder_makes(builder: ModuleType) -> None:
    committed = (DATA / "countries.json").read_text(encoding="utf-8")
    sources = json.loads(committed)["sources"]
    for library, used in sources.items():
        if version(library) != used:
            pytest.skip(f"made with {library} {used}, installed is {version(library)}")
    assert builder.written(builder.build()) == committed


def test_the_committed_table_has_every_exception() -> None:
    exceptions = json.loads((DATA / "country_exceptions.json").read_text(encoding="utf-8"))
    for code, names in exceptions["names"].items():
        assert {name: recognise(name).code for name in names if "/" not in name} == {
            name: code for name in names if "/" not in name
        }
    for row in exceptions["ambiguous"]:
        for name in row["names"]:
            assert recognise(name) == Recognition(None, "ambiguous", tuple(row["candidates"])), name
    for name in exceptions["never"]:
        assert recognise(name).status == "unknown", name
    for group in exceptions["small_letters"].values():
        for text in group:
            assert recognise(text).status in ("unknown", "ambiguous"), text
            assert recognise(text.upper()).code, text


def test_the_table_is_small_and_quick_to_load() -> None:
    path = DATA / "countries.json"
    assert path.stat().st_size < 400_000
    best = min(_seconds(lambda: build_table(json.loads(path.read_text(encoding="utf-8")))) for _ in range(5))
    assert best < 0.03


@pytest.mark.parametrize(
    "text", ["(" * 200, "a/" * 100, "Korea-" * 33, "🇰🇷" * 100, ", " * 100, "JP-" * 66, "A." * 100]
)
def test_a_hostile_text_costs_little(text: str) -> None:
    assert _seconds(lambda: recognise(text)) < 0.05


def test_a_very_long_text_is_no_country() -> None:
    assert recognise("Japan " * 1_000).status == "unknown"


@given(st.text(max_size=30))
def test_any_text_gets_an_answer_that_holds_together(text: str) -> None:
    found = recognise(text)
    assert (found.code is not None) == (found.status == "known")
    assert (len(found.candidates) > 1) == (found.status == "ambiguous")
    if found.code:
        assert is_code(found.code)


def _seconds(work: object) -> float:
    assert callable(work)
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
