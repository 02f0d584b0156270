"""Masking what identifies a person in free text: e-mail addresses, phone and document numbers, links, dates.

One pass over the text, so that what was put in is not read again. Every pattern is bounded: the time grows
with the length of the text. When in doubt it masks: a price of seven digits is taken for a phone number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection
from typing import Final

from dinotui.domain.dates import EARLIEST_YEAR, LAST_DAY, day_of, from_day

EMAIL: Final = "[e-mail]"
LINK: Final = "[link]"
PHONE: Final = "[phone]"
NUMBER: Final = "[number]"
DATE: Final = "[date]"
NAME: Final = "[name]"

FIRST_DAY: Final = day_of(EARLIEST_YEAR, 1, 1) or 0

_MONTH: Final = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DOMAINS: Final = (
    "com|net|org|info|biz|app|dev|io|co|me|eu|us|uk|de|fr|es|it|nl|ch|at|jp|kr|cn|tw|hk|ru|be|ly|gl"
)
_PATTERN: Final = re.compile(
    rf"""
    (?P<email>[\w.!#$%&'*+/=?^`{{|}}~-]{{1,64}}[@＠][\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{0,8}})
  | (?P<link>(?:https?://|ftp://|file://|mailto:|www\.)[^\s<>"']+
      | (?<![\w.])(?:[\w-]{{1,63}}\.){{1,6}}(?:{_DOMAINS})\b(?:[/?][^\s<>"']*)?)
  | (?P<id>(?<![\w-])[0-9a-f]{{8}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{12}}(?![\w-]))
  | (?P<ymd>(?<!\d)(?P<y>\d{{4}})(?P<s1>[-/.]|\.\ |년\ ?)(?P<m>\d{{1,2}})(?P<s2>[-/.]|\.\ |월\ ?)(?P<d>\d{{1,2}})(?!\d))
  | (?P<date>(?<!\d)\d{{1,2}}[-/.]\ ?\d{{1,2}}[-/.]\ ?\d{{2}}(?:\d{{2}})?(?!\d)
      | (?<!\d)\d{{1,2}}월\ ?\d{{1,2}}일
      | \b\d{{1,2}}(?:st|nd|rd|th)?\.?[ -](?:of\ )?{_MONTH}(?:,?[ -]\d{{2,4}}\b)?
      | \b{_MONTH}[ -]\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\ \d{{4}}\b)?)
  | (?P<label>\b(?:passport|visa|document|licen[cs]e|policy|booking|reservation|ticket|account|pnr|id
      |여권|비자|예약|계좌)(?:\ ?(?:no\b\.?|nr\b\.?|number|code|번호|\#))?\ ?[:\#：]?\ ?)
      (?=[a-z0-9-]{{0,40}}\d)(?P<labelled>[a-z0-9][a-z0-9-]{{3,40}})
  | (?P<years>(?<!\d)(?:19|20)\d\d\ ?[-–/]\ ?(?:19|20)\d\d(?!\d))
  | (?P<time>(?<!\d)\d{{1,2}}:\d\d(?!\d))
  | (?P<phone>(?<!\d)\+?\(?\d(?:(?:[ .–-]|\)[ -]?|[ -]?\()?\d){{6,30}}(?![a-z0-9]))
  | (?P<token>(?<![a-z0-9])(?=(?:[a-z]*\d){{5}})[a-z0-9]{{6,}})
    """,
    re.IGNORECASE | re.VERBOSE,
)
_WORTH_A_LOOK: Final = re.compile(r"[\d@＠]|://|www\.|mailto:|\.(?:" + _DOMAINS + r")\b", re.IGNORECASE)
_FEWEST_DIGITS: Final = 7  # of a number without letters; fewer are a price or a postal code


def name_words(name: str) -> tuple[str, ...]:
    """Return the spellings by which a person is known, the whole name first; empty where it is too short."""
    words = {name.strip(), *re.split(r"[\s,._+-]+", name.partition("@")[0])}
    forms = {unicodedata.normalize(form, word) for word in words if _telling(word) for form in ("NFC", "NFD")}
    return tuple(sorted(forms, key=lambda form: (-len(form), form)))


def words_pattern(words: Collection[str]) -> re.Pattern[str] | None:
    """Return what finds any of these words in a text, None for no words."""
    return re.compile("|".join(map(_bounded, words)), re.IGNORECASE) if words else None


def _telling(word: str) -> bool:
    return len(word) >= (3 if word.isascii() else 2) and not word.isdigit()


def _bounded(form: str) -> str:
    """A Latin name is a word of its own; in Korean a particle may follow at once."""
    before = r"(?<![0-9A-Za-z])" if form[0].isascii() else ""
    after = r"(?![0-9A-Za-z])" if form[-1].isascii() else ""
    return before + re.escape(form) + after


def masked(text: str, shift: int, pseudonym: Callable[[str], str]) -> str:
    """Return `text` with everything that identifies a person masked.

    Whole dates move by `shift` days (those of unclear order are masked), UUIDs become their `pseudonym`.
    """
    if not _WORTH_A_LOOK.search(text):
        return text

    def replacement(match: re.Match[str]) -> str:
        kind = match.lastgroup
        if match["ymd"]:
            return _shifted(match, shift)
        if match["labelled"]:
            return match["label"] + NUMBER
        if match["token"]:
            return match[0] if match[0].isdigit() and len(match[0]) < _FEWEST_DIGITS else NUMBER
        if match["id"]:
            return pseudonym(match[0])
        return {"email": EMAIL, "link": LINK, "date": DATE, "phone": PHONE}.get(kind or "", match[0])

    return _PATTERN.sub(replacement, text)


def _shifted(match: re.Match[str], shift: int) -> str:
    day = day_of(int(match["y"]), int(match["m"]), int(match["d"]))
    if day is None or not FIRST_DAY <= day + shift <= LAST_DAY:
        return DATE
    moved = from_day(day + shift)
    month, number = str(moved.month), str(moved.day)
    if len(match["m"]) == 2:
        month = month.zfill(2)
    if len(match["d"]) == 2:
        number = number.zfill(2)
    return f"{moved.year:04}{match['s1']}{month}{match['s2']}{number}"
