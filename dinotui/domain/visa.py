"""Visa types: free text that compares folded; the well-known spellings are data (SPEC.md 4.3 and 4.4).

A visa type is whatever the user calls it. The words of ``data/visa.json`` serve two ends: to see that a
column holds visa types, and to offer the known spelling for a slip of one letter.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from dinotui.domain.folding import fold

_DATA: Final = Path(__file__).parent / "data" / "visa.json"
_SHORTEST: Final = 5  # letters; shorter words are too near to others
_LONGEST: Final = 60
_CODE: Final = re.compile(r"[a-z] ?[0-9]{1,3}(?: ?[0-9]{1,2})?[a-z]?(?: (?:[a-z] ?)?[0-9]{1,2}[a-z]?)?")
_VISA_WORD: Final = re.compile(r"\b(?:visa|visum|visado|permit|schengen)\b|비자|사증")


@dataclass(frozen=True, slots=True)
class _Words:
    """The data by folded spelling."""

    offered: dict[str, str]
    known: frozenset[str]
    misspellings: dict[str, str]


def visa_types() -> tuple[str, ...]:
    """Return the well-known visa types, English and then Korean, for completion and examples."""
    return tuple(_words().offered.values())


def fold_visa(text: str) -> str:
    """Return the key by which two visa types are equal."""
    return fold(text)


@lru_cache(maxsize=2_048)
def looks_like_visa(text: str) -> bool:
    """Tell whether `text` is a known visa type, a code such as B1/B2 or F-4, or names a visa."""
    if len(text) > _LONGEST:
        return False
    folded = fold(text)
    return folded in _words().known or bool(_CODE.fullmatch(folded)) or bool(_VISA_WORD.search(folded))


@lru_cache(maxsize=2_048)
def correct_visa(text: str) -> str | None:
    """Return the well-known spelling that `text` misses by one slip, None where there is nothing to offer.

    A slip is one letter too many, too few, wrong, or two that changed places, in a text of five letters or
    more. Known types, plurals, codes with digits, and a text that is near to two types are left alone. The
    capitals of `text` are kept.
    """
    if len(text) > _LONGEST:
        return None
    words, folded = _words(), fold(text)
    if folded in words.known or any(character.isdigit() for character in folded):
        return None
    right = words.misspellings.get(folded) or _nearest(folded, words)
    return None if right is None else _like(text.strip(), right)


def _nearest(folded: str, words: _Words) -> str | None:
    if len(folded) < _SHORTEST or folded.removesuffix("s") in words.known:
        return None
    near = {name for key, name in words.offered.items() if len(key) >= _SHORTEST and _one_slip(folded, key)}
    return near.pop() if len(near) == 1 else None


def _one_slip(a: str, b: str) -> bool:
    """Tell whether one insertion, deletion, replacement or swap of neighbours turns `a` into `b`."""
    if abs(len(a) - len(b)) > 1 or a == b:
        return False
    at = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    rest_a, rest_b = a[at:], b[at:]
    if len(a) != len(b):
        return rest_a[1:] == rest_b if len(a) > len(b) else rest_a == rest_b[1:]
    swapped = rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:]
    return rest_a[1:] == rest_b[1:] or swapped


def _like(text: str, right: str) -> str:
    """Return `right` with the capitals of `text`."""
    if text.isupper():
        return right.upper()
    return right[:1].upper() + right[1:] if text[:1].isupper() else right


@cache
def _words() -> _Words:
    data = json.loads(_DATA.read_text(encoding="utf-8"))
    offered: dict[str, str] = {}
    for name in data["offered"]:
        offered.setdefault(fold(name), name)
    known = frozenset(offered) | {fold(name) for name in data["known"]}
    slips = {fold(slip): right for right, wrong in data["misspellings"].items() for slip in wrong}
    return _Words(offered, known, slips)
