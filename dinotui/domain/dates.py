"""Calendar dates as whole days since 1970-01-01, and nothing that a time zone could move (SPEC.md 2)."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from datetime import date, datetime
from typing import Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

from dinotui.domain.date_words import OPEN_WORDS
from dinotui.domain.errors import UsageError
from dinotui.locale import _

DateOrder: TypeAlias = Literal["dmy", "mdy", "ymd"]
PartialPolicy: TypeAlias = Literal["reject", "first", "last"]

EARLIEST_YEAR: Final = 1000  # 0001 to 0999 are slips of typing or a database's empty value, never a stay
LAST_DAY: Final = (date.max - date(1970, 1, 1)).days  # 9999-12-31
LONGEST_DATE: Final = 100  # characters; JavaScript's longest spelling of a moment has about 80

_EPOCH: Final = date(1970, 1, 1).toordinal()
_ISO_DAY: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


def to_day(value: date) -> int:
    """Return `value` as whole days since 1970-01-01 (which is 0)."""
    return value.toordinal() - _EPOCH


def from_day(day: int) -> date:
    """Return the date of `day`; raises ValueError outside the years 1 to 9999."""
    try:
        return date.fromordinal(day + _EPOCH)
    except OverflowError as error:
        raise ValueError(str(error)) from error


def day_text(day: int) -> str:
    """Return `day` as ``YYYY-MM-DD``; raises ValueError outside the years 1 to 9999."""
    return from_day(day).isoformat()


def day_of(year: int, month: int, day: int) -> int | None:
    """Return the day of that date, None where the calendar (or `EARLIEST_YEAR`) has no such date."""
    if year < EARLIEST_YEAR:
        return None
    try:
        return date(year, month, day).toordinal() - _EPOCH
    except (ValueError, OverflowError):
        return None


def iso_day(text: str) -> int | None:
    """Return the day of exactly ``YYYY-MM-DD``, None for every other text and for dates that do not exist."""
    match = _ISO_DAY.fullmatch(text)
    return day_of(int(match[1]), int(match[2]), int(match[3])) if match else None


def span_of(year: int, month: int | None) -> tuple[int, int] | None:
    """Return the first and last day of a month, or of a year where `month` is None; None if there is none."""
    first = day_of(year, month or 1, 1)
    last_month = month or 12
    last = day_of(year, last_month, monthrange(year, last_month)[1]) if first is not None else None
    return None if first is None or last is None else (first, last)


def duration(entry_day: int, exit_day: int | None) -> int | None:
    """Return the days of a stay, both its days counted.

    None while the stay is open, and where the exit is before the entry.
    """
    if exit_day is None or exit_day < entry_day:
        return None
    return exit_day - entry_day + 1


def zone_named(name: str) -> ZoneInfo:
    """Return the IANA zone `name`; raises UsageError ``unknown-time-zone`` where there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        message = _("There is no time zone “{name}”. Name one as Asia/Seoul or Europe/Berlin.")
        raise UsageError("unknown-time-zone", message.format(name=name)) from error


def today(tz_name: str | None) -> int:
    """Return the day it is now in zone `tz_name`, or in this machine's zone where that is None."""
    now = datetime.now(zone_named(tz_name)) if tz_name else datetime.now().astimezone()
    return to_day(now.date())


def folded(text: str) -> str:
    """Return `text` casefolded, in plain-width characters, runs of white space as one space.

    Invisible format characters go: some browsers put direction marks around each number of a date.
    """
    if not text.isascii():
        kept = (character for character in text if unicodedata.category(character) != "Cf")
        text = unicodedata.normalize("NFKC", "".join(kept))
    return " ".join(text.casefold().split())


def is_open_stay(text: str | None) -> bool:
    """Tell whether an exit cell says that the stay goes on: blank, or a word such as "present" or "현재".

    For exit columns only; in an entry column the same words are not a date.
    """
    if text is None:
        return True
    if len(text) > LONGEST_DATE:
        return False
    word = folded(text)
    bare = word.strip(" .,()[]<>")
    return not word or word in OPEN_WORDS or bare in OPEN_WORDS
