"""Numbers of a worksheet that stand for dates: which number formats say so, and which day they mean.

A spreadsheet stores a day as a count. In the 1900 system day 1 is 1900-01-01 and day 60 a 29 February 1900
that never was; in the 1904 system day 0 is 1904-01-01. (ECMA-376, 18.17.4 and 18.8.30)
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final, Literal, TypeAlias

DateKind: TypeAlias = Literal["date", "time", "elapsed"]
DateSystem: TypeAlias = Literal["1900", "1904"]

_QUOTED: Final = re.compile(r'"[^"]*"|\\.')
_SPACING: Final = re.compile(r"_.|\*.|\[[^\]]*\]")  # and colours, conditions, locales
_ELAPSED: Final = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
_FRACTION: Final = re.compile(r"s[.,]0+")
_BUILT_IN: Final[dict[int, DateKind]] = {
    **dict.fromkeys((*range(14, 18), 22, *range(27, 37), *range(50, 59)), "date"),  # 27-36, 50-58: East Asia
    **dict.fromkeys((*range(18, 22), 45, 47), "time"),
    46: "elapsed",
}
_DAY: Final = 86_400
_NEVER: Final = 60
_LAST: Final = {"1900": 2_958_465, "1904": 2_957_003}  # 9999-12-31


def kind_of_built_in(number: int) -> DateKind | None:
    """Return what a built-in number format shows, None for anything but dates and times."""
    return _BUILT_IN.get(number)


def kind_of_format(code: str) -> DateKind | None:
    """Return what a number format such as ``yyyy"년" m"월"`` shows, None for anything but dates and times."""
    section = _QUOTED.sub("", code).split(";", 1)[0]
    if _ELAPSED.search(section):
        return "elapsed"
    letters = _FRACTION.sub("s", _SPACING.sub("", section).lower())
    if "general" in letters or any(mark in letters for mark in "0#?@"):
        return None
    if any(mark in letters for mark in "ydeg"):
        return "date"
    return "time" if "h" in letters or "s" in letters else "date" if "m" in letters else None


def serial_text(value: float, kind: DateKind, system: DateSystem) -> str | None:
    """Return a cell's number as ISO text: a day, a day and time, or a time of day; None where it is none.

    A length of time becomes ``27:30:00``. The day that never was becomes ``1900-02-29``, as it is shown.
    """
    if value < 0 or value >= _LAST[system] + 1:
        return None
    days, seconds = divmod(round(value * _DAY), _DAY)
    if kind == "elapsed":
        return _clock(days * _DAY + seconds)
    if days == 0 and (kind == "time" or (system == "1900" and seconds)):
        return _clock(seconds)
    if days == 0 and system == "1900":
        return None
    day = _day(days, system)
    if day is None:
        return None
    return f"{day}T{_clock(seconds)}" if seconds else day


def _day(days: int, system: DateSystem) -> str | None:
    if days > _LAST[system]:
        return None
    if system == "1904":
        return (date(1904, 1, 1) + timedelta(days)).isoformat()
    if days == _NEVER:
        return "1900-02-29"
    first = date(1899, 12, 31) if days < _NEVER else date(1899, 12, 30)
    return (first + timedelta(days)).isoformat()


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds % 3600 // 60:02}:{seconds % 60:02}"
