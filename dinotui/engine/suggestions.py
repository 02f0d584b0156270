"""Which countries a text that names none exactly may have meant (SPEC §2, "nearest suggestions").

A suggestion is an offer to the user and never becomes a code by itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final, NamedTuple

from dinotui.domain.country import country_name, is_code, recognise, spellings
from dinotui.domain.folding import fold

_SAID: Final = 100.0
_CODE_IN_SMALL_LETTERS: Final = 95.0
_INSIDE: Final = 90.0
_LEAST: Final = 74.0
# Nearness alone is never as good as a name that is written out.
_NEARNESS: Final = 0.89
_LONGEST: Final = 200
_SHORTEST_LATIN: Final = 4
_SHORTEST_HANGUL: Final = 2
_MOST_WORDS: Final = 12
_LONGEST_NAME_IN_WORDS: Final = 6
_COMPARED: Final = 30
_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


class Suggestion(NamedTuple):
    """A country to offer: alpha-2 `code`, `name` in the asked language, `score` 0–100."""

    code: str
    name: str
    score: float


def suggest_countries(text: str, limit: int = 3, language: str = "en") -> list[Suggestion]:
    """Return up to `limit` countries that `text` may mean, the best first; empty when nothing is near.

    Score 100: what the text says, or the candidates of an ambiguous text in their order. 95: a code that was
    not written in capitals. 90: a country named inside a longer text (``Paris, France``). Below: near
    spellings, compared in Latin and in Korean letters.
    """
    if len(text) > _LONGEST:
        return []
    best = _ranked(text)[: max(limit, 0)]
    return [Suggestion(code, country_name(code, language), score) for code, score in best]


@lru_cache(maxsize=2048)
def _ranked(text: str) -> tuple[tuple[str, float], ...]:
    scores: dict[str, float] = {}
    for code, score in (*_said(text), *_inside(text), *_near(text)):
        scores[code] = max(score, scores.get(code, 0.0))
    # Sorting keeps the order of equals, and with it the order of the candidates of an ambiguous name.
    return tuple(sorted(scores.items(), key=lambda item: -item[1]))


def _said(text: str) -> Iterator[tuple[str, float]]:
    found = recognise(text)
    for code in (found.code,) if found.code else found.candidates:
        yield code, _SAID
    code = text.strip().upper()
    if is_code(code):
        yield code, _CODE_IN_SMALL_LETTERS


def _inside(text: str) -> Iterator[tuple[str, float]]:
    """Yield the countries named by a run of words inside the text, longer runs first."""
    words = _WORD.findall(text)[:_MOST_WORDS]
    taken: set[int] = set()
    for length in range(min(len(words) - 1, _LONGEST_NAME_IN_WORDS), 0, -1):
        for start in range(len(words) - length + 1):
            run = range(start, start + length)
            name = " ".join(words[start : start + length])
            if taken.isdisjoint(run) and _is_name(name):
                found = recognise(name)
                taken.update(run if found.status != "unknown" else ())
                yield from ((code, _INSIDE) for code in ((found.code,) if found.code else found.candidates))


def _is_name(name: str) -> bool:
    """Tell whether a run of words is long enough to be no accident; of codes only well-known ones count."""
    if not name.isascii():
        return len(name) >= _SHORTEST_HANGUL
    return len(name) >= _SHORTEST_LATIN or (name.isupper() and fold(name) in spellings())


def _near(text: str) -> Iterator[tuple[str, float]]:
    from rapidfuzz import fuzz, process

    wanted = fold(text)
    letters = unicodedata.normalize("NFD", wanted.replace(" ", ""))
    if letters == wanted.replace(" ", ""):
        keys, query, long_enough = _latin(), wanted, len(wanted) >= _SHORTEST_LATIN
    else:
        keys, query, long_enough = _hangul(), letters, len(wanted) >= _SHORTEST_HANGUL
    if not long_enough:
        return
    for scorer in (fuzz.ratio, fuzz.token_sort_ratio):
        found = process.extract(query, keys.keys(), scorer=scorer, score_cutoff=_LEAST, limit=_COMPARED)
        for key, score, _index in found:
            yield from ((code, round(score * _NEARNESS, 1)) for code in keys[key])


@cache
def _latin() -> dict[str, tuple[str, ...]]:
    return {key: codes for key, codes in spellings().items() if key.isascii() and len(key) >= _SHORTEST_LATIN}


@cache
def _hangul() -> dict[str, tuple[str, ...]]:
    """Return the Korean spellings by their single letters, so that 스패인 is near 스페인."""
    decomposed = ((unicodedata.normalize("NFD", key), key, codes) for key, codes in spellings().items())
    return {letters: codes for letters, key, codes in decomposed if letters != key}
