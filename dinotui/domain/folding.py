"""The one folding that decides when two texts are equal: country names, visa types, column headers.

`fold` maps a text to a key in these steps, in this order:

1. Apostrophes of every kind are dropped (``People's`` = ``Peoples``), ``&`` becomes the word ``and``.
2. Unicode compatibility forms are unified and case is removed (NFKC and casefold): full-width letters,
   ligatures and decomposed Hangul become the ordinary ones.
3. Latin letters lose their diacritics and special forms become plain (``Ø`` o, ``ß`` ss, ``Þ`` th). Letters
   of other scripts keep their marks: ``й``, ``が`` and Hangul stay what they are, as NFC.
4. Invisible characters (zero width, bidirectional, soft hyphens, variation selectors) are dropped.
5. Periods inside an abbreviation of single letters are dropped (``U.S.A.`` and ``U. S. A.`` = ``usa``).
6. Every other character that is no letter, mark or number separates words; words are joined by one space.

A text that holds nothing but punctuation or symbols keeps them, so that ``-`` and ``?`` are not equal; only
a text with nothing to see folds to the empty text. Folding a folded text changes nothing.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

_LONGEST_CACHED: Final = 200
_PLAIN_LATIN: Final = {"æ": "ae", "œ": "oe", "þ": "th"} | dict(zip("øłđðħıŋŧə", "olddhinte", strict=True))
_APOSTROPHES: Final = "'`´‘’‛′＇ʹʻʼʽʾʿꞌ"
_BEFORE: Final = {
    **dict.fromkeys(map(ord, _APOSTROPHES), ""),
    ord("&"): " and ",
    ord("＆"): " and ",
    ord("﹠"): " and ",
}
# Marks that belong to no script of their own; after an ASCII letter they can only be diacritics.
_STRAY_MARKS: Final = re.compile(
    "(?<![^\x00-\x7f])[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
_ABBREVIATION: Final = re.compile(r"(?<!\w)[a-z](?:\.[a-z]|\. [a-z](?=\.))+(?!\w)")
# Default-ignorable characters that Unicode classes as letters or marks: Hangul fillers, joiners, selectors.
_IGNORABLE: Final = frozenset(
    map(chr, (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), *range(0xFE00, 0xFE10)))
)


def fold(text: str) -> str:
    """Return the key that `text` shares with every text that counts as equal to it (see the module)."""
    return _fold_cached(text) if len(text) <= _LONGEST_CACHED else _fold(text)


def _fold(text: str) -> str:
    plain = text.translate(_BEFORE)
    if not plain.isascii():
        plain = unicodedata.normalize("NFKC", plain).casefold()
        plain = unicodedata.normalize("NFKC", plain)
    else:
        plain = plain.lower()
    kept = _STRAY_MARKS.sub("", plain.translate(_CHARACTERS))
    kept = _ABBREVIATION.sub(lambda match: match[0].replace(".", "").replace(" ", ""), " ".join(kept.split()))
    folded = unicodedata.normalize("NFC", " ".join(kept.replace(".", " ").split()))
    return folded or " ".join("".join(map(_symbol, text)).split())


_fold_cached = lru_cache(maxsize=16384)(_fold)


class _Characters(dict[int, str]):
    """What becomes of each character in steps 3, 4 and 6; filled as characters are met."""

    def __missing__(self, point: int) -> str:
        self[point] = result = _character(chr(point))
        return result


def _character(character: str) -> str:
    """Return what a normalised, casefolded character becomes; the period waits for step 5."""
    if character == ".":
        return character
    if _invisible(character) or character in _APOSTROPHES:
        return ""
    if unicodedata.category(character)[0] not in "LMN":
        return " "
    base = unicodedata.normalize("NFD", character)[0]
    if base.isascii() or base in _PLAIN_LATIN:
        return _PLAIN_LATIN.get(base, base)
    return character


def _invisible(character: str) -> bool:
    return (
        character in _IGNORABLE
        or 0xE0100 <= ord(character) <= 0xE01EF
        or unicodedata.category(character) == "Cf"
    )


def _symbol(character: str) -> str:
    """Return what becomes of each character of a text that has no letter and no number."""
    if unicodedata.category(character) == "Cc":
        return " "
    return "" if _invisible(character) else character


_CHARACTERS: Final = _Characters()
