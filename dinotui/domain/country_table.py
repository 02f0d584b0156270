"""The spellings of countries, read once and only when first asked for.

`data/countries.json` is made by ``tests/countries/build.py`` from CLDR, ISO 3166-1 and the hand-kept
`data/country_exceptions.json`; this module turns it into lookup tables and decides nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

_HANGUL: Final = re.compile("[가-힣]")
_LONG_WORDS: Final = re.compile("[a-z]{2,}( [a-z]{2,})+")


@dataclass(frozen=True, slots=True)
class CountryTable:
    """Lookup tables; a spelling leads to the alpha-2 codes it may mean, more than one being ambiguous."""

    spellings: Mapping[str, tuple[str, ...]]
    """By folded name as `spelling_key` gives it, written with spaces between Latin words."""
    joined: Mapping[str, tuple[str, ...]]
    """The same Latin names of several words written without spaces: `southkorea`."""
    capitals: Mapping[str, tuple[str, ...]]
    """Codes and abbreviations that count when written in capitals: alpha-2, alpha-3, `DRC`."""
    any_case: Mapping[str, str]
    """The alpha-2 and alpha-3 codes, in small letters, that count in any case: no word, unit or language."""
    names: Mapping[str, Mapping[str, str]]
    """The name to show, by language and alpha-2 code."""
    states: frozenset[str]
    """Names of American states by spelling key, and their postal abbreviations in capitals."""


@cache
def country_table() -> CountryTable:
    """Return the tables, read from the package on the first call."""
    text = (files("dinotui.domain") / "data" / "countries.json").read_text(encoding="utf-8")
    return build_table(json.loads(text))


def build_table(data: Mapping[str, Mapping[str, list[str]]]) -> CountryTable:
    """Return the tables that the content of `countries.json` describes."""
    spellings = {key: code for code, keys in _sole(data["spellings"]) for key in keys}
    spellings.update((key, tuple(codes)) for key, codes in data["ambiguous"].items())
    codes = {text: code for code, row in _sole(data["countries"]) for text in (*code, row[0])}
    abbreviations = {text: tuple(candidates) for text, candidates in data["abbreviations"].items()}
    guarded = frozenset(data["small_letters"]["guarded"])
    return CountryTable(
        spellings=spellings,
        joined={joined: codes for key, codes in spellings.items() if (joined := joined_key(key))},
        capitals=codes | abbreviations,
        any_case={text.lower(): code for text, (code,) in codes.items() if text.lower() not in guarded},
        names={
            language: {code: row[position] for code, row in data["countries"].items()}
            for position, language in ((1, "en"), (2, "ko"))
        },
        states=frozenset(data["states"]["names"]),
    )


def _sole(rows: Mapping[str, list[str]]) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    return (((code,), row) for code, row in rows.items())


def joined_key(key: str) -> str:
    """Return a Latin name of several words written without spaces, or nothing where that is no such name.

    A single letter joined to a word is another word (``Koreas`` is not ``Korea S``).
    """
    return key.replace(" ", "") if _LONG_WORDS.fullmatch(key) else ""


def spelling_key(folded: str) -> str:
    """Return the key of a folded name: Korean spacing is free, so a name with Hangul loses its spaces."""
    return folded.replace(" ", "") if _HANGUL.search(folded) else folded
