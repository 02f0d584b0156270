"""What a column header means by itself, before anyone looks at the cells below it (SPEC.md 4.2).

The names are data (``data/headers.json``). A header is compared as a whole first, then without what stands in
brackets, by its parts where it is written in two languages, by its significant words, and last by likeness.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from dinotui.domain.mapping import FieldName, compact, field_named, words

Level: TypeAlias = Literal["name", "alias", "words", "parts", "near", "weak", "ambiguous", "other", "unknown"]
Direction: TypeAlias = Literal["come", "leave", "return"]

CONFIDENCE: Final[dict[Level, int]] = {
    "name": 100,
    "alias": 95,
    "words": 90,
    "parts": 90,
    "near": 80,
    "ambiguous": 80,
    "weak": 75,
    "other": 100,
    "unknown": 0,
}
LONGEST_HEADER: Final = 120  # characters; what is longer is no name of a column

_DATA: Final = Path(__file__).parents[1] / "data" / "headers.json"
_BRACKETS: Final = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|（[^（）]*）|<[^<>]*>")
_SEPARATORS: Final = re.compile(
    r"[()\[\]（）<>/|\\,;:·\n\r]+|(?<=[가-힣]) (?=[A-Za-z])|(?<=[A-Za-z]) (?=[가-힣])"
)
_NUMBERED: Final = re.compile(r"^\s*(?:\d{1,3}|[A-Za-z])\s*[.)\]:]\s*(?=\S)")
_PATH: Final = re.compile(r"[A-Za-z_가-힣]\w*(?:[./][A-Za-z_가-힣]\w*)+")
_GENERIC: Final = re.compile(r"column ?\d+|unnamed ?\d*|field ?\d+|col ?\d+|열 ?\d+|\d*")
_SHORTEST_NEAR: Final = 5


class HeaderMeaning(NamedTuple):
    """What a header says: the field it names and how surely; `choices` is what an ambiguous one may feed.

    `choices` maps the kind of contents ("date", "country") to the field.
    """

    level: Level
    field: FieldName | None = None
    direction: Direction | None = None
    choices: tuple[tuple[str, FieldName], ...] = ()

    @property
    def confidence(self) -> int:
        """How sure the header alone makes the match, 0..100."""
        return CONFIDENCE[self.level]


UNKNOWN: Final = HeaderMeaning("unknown")
OTHER: Final = HeaderMeaning("other")


@dataclass(slots=True)
class _Book:
    """The data, ready to look up by `compact` spelling."""

    exact: dict[str, HeaderMeaning] = field(default_factory=dict)
    by_words: dict[frozenset[str], HeaderMeaning | None] = field(default_factory=dict)
    near: dict[str, HeaderMeaning] = field(default_factory=dict)
    grammar: frozenset[str] = frozenset()
    travel: frozenset[str] = frozenset()
    stop_words: frozenset[str] = frozenset()
    stop_parts: tuple[str, ...] = ()
    paths: frozenset[str] = frozenset()
    hints: frozenset[str] = frozenset()


@lru_cache(maxsize=4_096)
def meaning_of(header: str) -> HeaderMeaning:
    """Return what `header` means by itself; never raises."""
    if len(header) > LONGEST_HEADER:
        return UNKNOWN
    for spelling in _spellings(header):
        if found := _exact(spelling):
            return found
    if found := _by_path(header) or _by_parts(header):
        return found
    if is_blocked(header):
        return UNKNOWN
    return _by_words(header) or _near(header) or UNKNOWN


def field_of_text(text: str) -> FieldName | None:
    """Return the field that a user names: by its own name or by any alias of `headers.json`."""
    known = field_named(text)
    if known is not None:
        return known
    found = _exact(text)
    return found.field if found and found.level in ("name", "alias") else None


def is_generic(header: str) -> bool:
    """Tell whether a header says nothing: empty, ``Column 3``, ``Unnamed``, a bare number."""
    return bool(_GENERIC.fullmatch(words(header)))


def is_blocked(header: str) -> bool:
    """Tell whether a header holds a word (birth, expiry, number, ...) that rules every guess out."""
    book = _book()
    spelled = words(header)
    return not book.stop_words.isdisjoint(spelled.split()) or any(part in spelled for part in book.stop_parts)


def _spellings(header: str) -> tuple[str, ...]:
    """Return the header as it is, without a leading number, and without what stands in brackets."""
    plain = _NUMBERED.sub("", header)
    return tuple(dict.fromkeys((header, plain, _BRACKETS.sub(" ", plain))))


def _exact(text: str) -> HeaderMeaning | None:
    key = compact(text)
    return _book().exact.get(key) if key else None


def _by_path(header: str) -> HeaderMeaning | None:
    """Read ``trip.entryDate`` and ``dates/from``: the last part counts where those before it say nothing."""
    if not _PATH.fullmatch(header):
        return None
    *before, last = re.split(r"[./]", header)
    if any(compact(part) not in _book().paths for part in before):
        return None
    found = _exact(last)
    return found._replace(level="parts") if found and found.level in ("name", "alias") else found


def _by_parts(header: str) -> HeaderMeaning | None:
    """Read a header in two languages or with a hint: all parts that mean something must mean the same."""
    book = _book()
    parts = [part for part in _SEPARATORS.split(header) if part and part.strip()]
    parts = [part for part in parts if compact(part) not in book.hints and not compact(part).isdigit()]
    found = [_exact(part) for part in parts]
    fields = {one.field for one in found if one}
    if not fields or len(parts) > 4 or (len(parts) > 1 and None in found and is_blocked(header)):
        return None
    if fields == {None} or len(fields) > 1:
        return OTHER if len(parts) > 1 else None
    best = max((one for one in found if one), key=lambda one: one.confidence)
    return best._replace(level="parts") if best.level in ("name", "alias") else best


def _by_words(header: str) -> HeaderMeaning | None:
    """Compare the words that carry meaning, in any order."""
    book = _book()
    spelled = frozenset(words(_BRACKETS.sub(" ", header)).split()) - book.grammar
    for dropped in (frozenset[str](), book.travel):
        found = book.by_words.get(spelled - dropped)
        if found:
            return found
    return None


def _near(header: str) -> HeaderMeaning | None:
    """Return the meaning of the one known header that is a slip of the pen away (ASCII, five letters up)."""
    key = compact(_BRACKETS.sub(" ", header))
    if len(key) < _SHORTEST_NEAR or not key.isascii() or not key.isalpha():
        return None
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    book = _book()
    most = 1 if len(key) < 9 else 2
    choices = [known for known in book.near if known[0] == key[0] and abs(len(known) - len(key)) <= most]
    hits = process.extract(key, choices, scorer=OSA.distance, score_cutoff=most, limit=None)
    if not hits:
        return None
    nearest = min(distance for _known, distance, _index in hits)
    meanings = {book.near[known] for known, distance, _index in hits if distance == nearest}
    fields = {meaning.field for meaning in meanings}
    if len(fields) > 1 or None in fields:
        return None
    return HeaderMeaning("near", fields.pop(), next(iter(meanings)).direction)


@cache
def _book() -> _Book:
    data = json.loads(_DATA.read_text(encoding="utf-8"))
    book = _Book(
        grammar=frozenset(data["grammarWords"]),
        travel=frozenset(data["travelWords"]),
        stop_words=frozenset(data["stopWords"]),
        stop_parts=tuple(data["stopParts"]),
        paths=_keys(data["pathWords"]),
        hints=_keys(data["hints"]),
    )
    directions: dict[str, Direction] = {
        compact(header): name for name, headers in data["directions"].items() for header in headers
    }
    for name, spellings in data["fields"].items():
        _add_field(book, name, spellings, directions)
    for header in data["others"]:
        book.exact[compact(header)] = OTHER
        book.near[compact(header)] = OTHER
    for header, choices in data["ambiguous"].items():
        book.exact[compact(header)] = HeaderMeaning("ambiguous", choices=tuple(choices.items()))
    return book


def _add_field(book: _Book, name: FieldName, spellings: Any, directions: dict[str, Direction]) -> None:
    levels: tuple[tuple[str, Level], ...] = (("names", "name"), ("aliases", "alias"), ("weak", "weak"))
    for group, level in levels:
        for header in spellings[group]:
            key = compact(header)
            meaning = HeaderMeaning(level, name, directions.get(key))
            book.exact[key] = meaning
            _add_words(book, header, meaning)
            if level != "weak":
                book.near[key] = meaning


def _add_words(book: _Book, header: str, meaning: HeaderMeaning) -> None:
    spelled = frozenset(words(header).split()) - book.grammar
    if meaning.level != "weak":
        meaning = meaning._replace(level="words")
    known = book.by_words.setdefault(spelled, meaning)
    if known is not None and known.field != meaning.field:
        book.by_words[spelled] = None  # two fields share these words: they decide nothing
    elif known is not None and known.level == "weak":
        book.by_words[spelled] = meaning


def _keys(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(map(compact, texts))
