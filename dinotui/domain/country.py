"""Which country a text means: an alpha-2 code, several candidates to ask about, or none (SPEC §2).

A wrong code is worse than none. So only whole, exact (folded) spellings count, an ambiguous name is never
decided, and near misses are left to suggestions. What counts:

- names in English and Korean: common, official, former, short and inverted ones, and endonyms;
- ISO 3166-1 alpha-2 and alpha-3 and well-known abbreviations in capitals; the ISO codes in other cases too
  where they are no word, unit or language code (``kr`` is Korea, ``in`` and ``ar`` are nothing);
- flags (``🇯🇵``), alone or beside a name;
- several spellings in one text, ``Japan (JP)``, ``KR - 대한민국``, when all of them agree.

The user's own answers (`--country "Korea=KR"`) win over everything.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final, Literal

from dinotui.domain.country_table import country_table, spelling_key
from dinotui.domain.errors import UsageError
from dinotui.domain.folding import fold
from dinotui.locale import _

_LONGEST_NAME: Final = 200
_MOST_PARTS: Final = 4
_FLAG: Final = re.compile("[\U0001f1e6-\U0001f1ff]{2}|\U0001f3f4[\U000e0061-\U000e007a]+\U000e007f")
_AROUND_A_CODE: Final = " \t\r\n\"'`.,;:()[]{}<>*_-–—“”‘’"
# Not two letters: `N.A.` is "not available" and not Namibia.
_DOTTED: Final = re.compile(r"(?:[A-Z]\. ?){2,}[A-Z]")
# Signs that put two countries side by side as often as they join two spellings of one.
_BETWEEN_COUNTRIES: Final = re.compile(r"[/\\|;:+~=>→\-–—‐‑·・\r\n\t]+")
_BETWEEN_SPELLINGS: Final = re.compile(r"[/\\|;:+~=>→–—·・\r\n\t,()\[\]{}（）【】、，]+|\s-\s")
_BETWEEN_SCRIPTS: Final = re.compile(r"(?<=[가-힣])\s+(?=[A-Za-z])|(?<=[A-Za-z.])\s+(?=[가-힣])")


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a text means: `code` when known, `candidates` (alpha-2, the likelier first) when ambiguous."""

    code: str | None
    status: Literal["known", "ambiguous", "unknown", "empty"]
    candidates: tuple[str, ...] = ()


_EMPTY: Final = Recognition(None, "empty")
_UNKNOWN: Final = Recognition(None, "unknown")


def recognise(text: str, overrides: Mapping[str, str] | None = None) -> Recognition:
    """Return what country `text` means.

    `overrides` maps folded texts to alpha-2 codes, as `parse_overrides` makes them, and wins.
    """
    if overrides:
        own = overrides.get(fold(text))
        if own is not None:
            return _known(own)
    return _recognise(text) if len(text) <= _LONGEST_NAME else _UNKNOWN


def alpha2_codes() -> frozenset[str]:
    """Return every code that `recognise` can give: ISO 3166-1 alpha-2 and XK (Kosovo)."""
    return _alpha2()


def is_code(text: str) -> bool:
    """Tell whether `text` is exactly one of the alpha-2 codes, in capitals."""
    return text in _alpha2()


def country_name(code: str, language: str = "en") -> str:
    """Return the name of alpha-2 `code` in `language` (English where there is none); a stranger as it is."""
    names = country_table().names
    return names.get(language, names["en"]).get(code, code)


def candidate_names(recognition: Recognition, language: str = "en") -> tuple[str, ...]:
    """Return the names of the candidates of an ambiguous text, in the same order."""
    return tuple(country_name(code, language) for code in recognition.candidates)


def spellings() -> Mapping[str, tuple[str, ...]]:
    """Return every known spelling, folded, with the alpha-2 codes it may mean: what suggestions search."""
    return country_table().spellings


def parse_overrides(answers: Iterable[str]) -> dict[str, str]:
    """Return answers like ``Korea=KR`` as the overrides of `recognise`.

    Raises:
        UsageError: an answer has no ``=``, no name, no known alpha-2 code, or contradicts another one.
    """
    overrides: dict[str, str] = {}
    for answer in answers:
        name, sign, given = answer.rpartition("=")
        key, code = fold(name), given.strip().upper()
        if not sign or not key:
            message = _("A country answer is written as a name, an equals sign and a code: Korea=KR.")
            raise UsageError("bad-country-answer", message, answer)
        if not is_code(code):
            message = _("{code} is not a two-letter country code. Write one such as KR or JP.")
            raise UsageError("bad-country-code", message.format(code=given.strip() or '""'), answer)
        if overrides.setdefault(key, code) != code:
            message = _("{name} is given two different codes, {first} and {second}. Give one.")
            message = message.format(name=name.strip(), first=overrides[key], second=code)
            raise UsageError("contradicting-country-answers", message, answer)
    return overrides


def looks_like_us_states(names: Iterable[str]) -> bool:
    """Tell whether a column that seems to hold countries holds American states.

    True when it has a name that is both (``Georgia``, ``CA``) beside one that is only a state (``Texas``,
    ``NY``). The countries found in such a column are to be asked about, not taken.
    """
    both = only_state = False
    for name in set(names):
        if _is_state(name):
            if recognise(name).status == "unknown":
                only_state = True
            else:
                both = True
        if both and only_state:
            return True
    return False


def na_means_missing(names: Iterable[str]) -> bool:
    """Tell whether ``NA`` in a column means "not available" rather than Namibia.

    True when the column has ``NA`` and no other two-letter code in capitals, as in ``Japan, NA, France``.
    """
    others = {name.strip() for name in names}
    return "NA" in others and not any(is_code(name) for name in others - {"NA"})


@cache
def _alpha2() -> frozenset[str]:
    return frozenset(country_table().names["en"])


@lru_cache(maxsize=8192)
def _recognise(text: str) -> Recognition:
    if not fold(text):
        return _EMPTY
    codes = _meanings(unicodedata.normalize("NFKC", text))
    if not codes:
        return _UNKNOWN
    return _known(codes[0]) if len(codes) == 1 else Recognition(None, "ambiguous", codes)


@lru_cache(maxsize=512)
def _known(code: str) -> Recognition:
    return Recognition(code, "known")


def _meanings(text: str) -> tuple[str, ...]:
    """Return the codes that `text` may mean, after trying it as a whole, as flags and as parts."""
    flags = _FLAG.findall(text)
    if flags:
        return _agreement([*map(_flag_meaning, flags), *_named(_FLAG.sub(" ", text))])
    whole = _meaning(text)
    if len(whole) > 1:
        return whole
    sides = _parts(_BETWEEN_COUNTRIES, text)
    if len(sides) > 1 and all(found := [_meaning(side) for side in sides]):
        return _agreement(found)
    if whole:
        return whole
    parts = _parts(_BETWEEN_SPELLINGS, text)
    if len(parts) == 1:
        parts = _parts(_BETWEEN_SCRIPTS, text)
    return _agreement([_meaning(part) for part in parts]) if 1 < len(parts) <= _MOST_PARTS else ()


def _named(rest: str) -> list[tuple[str, ...]]:
    """Return what stands beside a flag as one meaning, or nothing when only signs are left."""
    return [_meanings(rest)] if any(character.isalnum() for character in rest) else []


def _parts(separator: re.Pattern[str], text: str) -> list[str]:
    return [part for part in map(str.strip, separator.split(text)) if part]


def _agreement(meanings: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the one code that every part may mean, where at least one part means nothing else."""
    if not any(len(meaning) == 1 for meaning in meanings):
        return ()
    common = set(meanings[0]).intersection(*meanings[1:])
    return tuple(common) if len(common) == 1 else ()


def _meaning(text: str) -> tuple[str, ...]:
    """Return the codes that `text` as one spelling may mean."""
    table = country_table()
    token = text.strip(_AROUND_A_CODE)
    letters = token.replace(".", "").replace(" ", "") if _DOTTED.fullmatch(token) else token
    if letters in table.capitals:
        return table.capitals[letters]
    key = spelling_key(fold(text))
    for candidate in (key, key.removeprefix("the "), key.removesuffix(" the")):
        if candidate in table.spellings:
            return table.spellings[candidate]
        if candidate in table.joined:
            return table.joined[candidate]
    code = table.any_case.get(token.lower()) if token.isascii() else None
    return (code,) if code else ()


def _flag_meaning(flag: str) -> tuple[str, ...]:
    """Return the country of a flag: two regional letters, or a black flag with British tags."""
    if flag[0] == "\U0001f3f4":
        return ("GB",) if chr(ord(flag[1]) - 0xE0000) + chr(ord(flag[2]) - 0xE0000) == "gb" else ()
    code = "".join(chr(ord(letter) - 0x1F1E6 + ord("A")) for letter in flag)
    return (code,) if is_code(code) else ()


def _is_state(name: str) -> bool:
    states = country_table().states
    token = name.strip()
    return (len(token) == 2 and token in states) or spelling_key(fold(name)) in states
