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
from typing import Final, Literal, NamedTuple

from dinotui.domain.country_table import country_table, spelling_key
from dinotui.domain.errors import UsageError
from dinotui.domain.folding import fold
from dinotui.locale import _

_LONGEST_NAME: Final = 200
_DEEPEST: Final = 2
_FLAG: Final = re.compile("[\U0001f1e6-\U0001f1ff]{2}|\U0001f3f4[\U000e0061-\U000e007a]+\U000e007f")
_FOOTNOTE_SIGNS: Final = " \t\r\n*†‡"
_AROUND_A_CODE: Final = " \t\r\n\"'`,;:()[]{}<>*_-–—“”‘’"
# Not of two letters: `N.A.` and `NA.` are "not available" and not Namibia.
_DOTTED: Final = re.compile(r"(?:[A-Z]\. ?){2,}[A-Z]\.?|[A-Z]{3,}\.")
# Signs that put two countries side by side as often as they join two spellings of one.
_BETWEEN_COUNTRIES: Final = (
    re.compile(r"[/\\|;:+~=>→–—·・\r\n\t]+"),
    re.compile(r"\s-+\s"),
    re.compile(r"[-‐‑]+"),
)
# A bracket at the end, the last or the first comma, a change between Korean and Latin letters.
_BETWEEN_SPELLINGS: Final = (
    re.compile(r"[(\[{（【](?=[^()\[\]{}（）【】]*[)\]}）】]\s*$)"),
    re.compile(r"[,、，](?=[^,、，]*$)"),
    re.compile(r"(?<=^[^,、，]{2})[,、，]|(?<=^[^,、，]{3})[,、，]"),
    re.compile(r"(?<=[가-힣])\s+(?=[A-Za-z])|(?<=[A-Za-z.])\s+(?=[가-힣])"),
)


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


class _Sense(NamedTuple):
    """What a text may mean, and whether it says so by a code or a flag rather than a name."""

    codes: tuple[str, ...]
    by_code: bool


@lru_cache(maxsize=8192)
def _recognise(text: str) -> Recognition:
    if not fold(text):
        return _EMPTY
    sense = _sense(unicodedata.normalize("NFKC", text).strip(_FOOTNOTE_SIGNS), _DEEPEST)
    if sense is None:
        return _UNKNOWN
    return _known(sense.codes[0]) if len(sense.codes) == 1 else Recognition(None, "ambiguous", sense.codes)


@lru_cache(maxsize=512)
def _known(code: str) -> Recognition:
    return Recognition(code, "known")


def _sense(text: str, depth: int) -> _Sense | None:
    """Return what `text` means as flags, as a whole or by its parts; parts are split `depth` times."""
    flags = _FLAG.findall(text)
    if flags:
        rest = _FLAG.sub(" ", text)
        named = [_sense(rest, depth)] if any(character.isalnum() for character in rest) else []
        return _agreement([*map(_flag, flags), *named])
    whole = _whole(text)
    if depth == 0 or (whole and len(whole.codes) > 1):
        return whole
    for separator in _BETWEEN_COUNTRIES:
        if senses := _parts(separator, text, depth):
            agreed = _agreement(senses)
            return whole if whole and agreed and whole.codes[0] in agreed.codes else agreed
    if whole:
        return whole
    for separator in _BETWEEN_SPELLINGS:
        if senses := _parts(separator, text, depth):
            return _agreement(senses)
    return None


def _parts(separator: re.Pattern[str], text: str, depth: int) -> list[_Sense | None]:
    """Return the senses of the parts of `text`, or nothing unless it has several and each has a sense."""
    parts = [part for part in map(str.strip, separator.split(text)) if part]
    senses = [_sense(part, depth - 1) for part in parts] if len(parts) > 1 else []
    return senses if all(senses) else []


def _agreement(senses: Sequence[_Sense | None]) -> _Sense | None:
    """Return what all parts can mean together.

    An ambiguous name is settled only by a code or a flag (``Korea (KR)``): a name beside it may be a part of
    the whole, as in ``Saint Martin - Sint Maarten``, so that text stays ambiguous.
    """
    found = [sense for sense in senses if sense]
    common = set(found[0].codes).intersection(*(sense.codes for sense in found)) if found else set()
    if len(found) < len(senses) or not common:
        return None
    settled = [sense for sense in found if len(sense.codes) == 1]
    open_names = [sense for sense in found if len(sense.codes) > 1 and not sense.by_code]
    if settled and (not open_names or any(sense.by_code for sense in settled)):
        return settled[0]
    return next(sense for sense in found if len(sense.codes) > 1)


def _whole(text: str) -> _Sense | None:
    """Return what `text` means as one spelling."""
    table = country_table()
    token = text.strip(_AROUND_A_CODE)
    letters = token.replace(".", "").replace(" ", "") if _DOTTED.fullmatch(token) else token
    if letters in table.capitals:
        return _Sense(table.capitals[letters], by_code=True)
    key = spelling_key(fold(text))
    for candidate in (key, key.removeprefix("the "), key.removesuffix(" the")):
        codes = table.spellings.get(candidate) or table.joined.get(candidate)
        if codes:
            return _Sense(codes, by_code=False)
    code = table.any_case.get(token.lower()) if token.isascii() else None
    return _Sense((code,), by_code=True) if code else None


def _flag(flag: str) -> _Sense | None:
    """Return the country of a flag: two regional letters, or a black flag with British tags."""
    if flag[0] == "\U0001f3f4":
        nation = "".join(chr(ord(tag) - 0xE0000) for tag in flag[1:3])
        return _Sense(("GB",), by_code=True) if nation == "gb" else None
    code = "".join(chr(ord(letter) - 0x1F1E6 + ord("A")) for letter in flag)
    return _Sense((code,), by_code=True) if is_code(code) else None


def _is_state(name: str) -> bool:
    states = country_table().states
    token = name.strip()
    return (len(token) == 2 and token in states) or spelling_key(fold(name)) in states
