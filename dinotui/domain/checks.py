"""The built-in checks of a record: the stay, the lengths of texts, max days (SPEC.md 4.3)."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Final, NamedTuple, TypeAlias

from dinotui.domain.dates import LONGEST_DATE, day_text, folded
from dinotui.domain.problems import LENGTH_LIMITS, MAX_DAYS_LIMIT, VERY_OLD_YEAR, Problem, make_problem

Cell: TypeAlias = str | int | float | bool | None

_NUMBER: Final = re.compile(r"([+-]?)([0-9]{1,9})(?:\.([0-9]{1,9}))?(?: ?(?:days?|d|일간?|日))?")
_UNLIMITED: Final = frozenset(
    {"unlimited", "no limit", "no maximum", "none", "n/a", "na", "indefinite", "infinite", "∞", "-", "--"}
    | {
        "\N{EN DASH}",
        "\N{EM DASH}",
        "무제한",
        "제한 없음",
        "제한없음",
        "없음",
        "해당 없음",
        "해당없음",
        "무기한",
    }
)
_VERY_OLD: Final = 365 * (VERY_OLD_YEAR - 1970) - 5  # five leap days lie between


class MaxDays(NamedTuple):
    """What a max-days cell says: the number (None: no limit); the code of a problem, of a correction."""

    value: int | None = None
    problem: str | None = None
    correction: str | None = None


def check_stay(
    entry_day: int | None, exit_day: int | None, max_days: int | None, today_day: int
) -> list[Problem]:
    """Return what is wrong with the dates of a stay; days count from 1970-01-01.

    An exit before the entry is an error. An entry or exit after today, an entry before 1950 and a stay of
    more than `max_days` (both its days counted, an open stay up to today) are warnings. Without an entry
    there is nothing to check.
    """
    if entry_day is None:
        return []
    if exit_day is not None and exit_day < entry_day:
        leaving, entry = day_text(exit_day), day_text(entry_day)
        return [make_problem("exit-before-entry", "exitDate", leaving, exit=leaving, entry=entry)]
    found = _unlikely_dates(entry_day, exit_day, today_day)
    days = (today_day if exit_day is None else exit_day) - entry_day + 1
    if max_days is not None and days > max_days:
        code = "open-over-max-days" if exit_day is None else "over-max-days"
        found.append(make_problem(code, "maxDays", max_days, days=days, limit=max_days))
    return found


def _unlikely_dates(entry_day: int, exit_day: int | None, today_day: int) -> list[Problem]:
    if entry_day > today_day:
        entry = day_text(entry_day)
        return [make_problem("future-entry", "entryDate", entry, entry=entry)]
    found = []
    if entry_day < _VERY_OLD:
        entry = day_text(entry_day)
        found.append(make_problem("very-old-entry", "entryDate", entry, entry=entry, year=VERY_OLD_YEAR))
    if exit_day is not None and exit_day > today_day:
        leaving = day_text(exit_day)
        found.append(make_problem("future-exit", "exitDate", leaving, exit=leaving))
    return found


def check_lengths(record: Mapping[str, object]) -> list[Problem]:
    """Return an error for every text of `record` that is longer than `LENGTH_LIMITS` allows."""
    found = []
    for field, limit in LENGTH_LIMITS.items():
        text = record.get(field)
        if isinstance(text, str) and len(text) > limit:
            found.append(make_problem("too-long", field, text))
    return found


def parse_max_days(cell: Cell) -> MaxDays:
    """Read a max-days cell: a whole number from 1 to 3650, or nothing. Other units are never converted.

    ``90``, ``90.0`` and ``"90"`` are 90; ``"90 days"`` and ``"90일"`` are 90 with a correction; an empty cell
    is no limit; ``unlimited`` and the like are no limit with a correction; anything else is a problem.
    """
    if cell is None:
        return MaxDays()
    if isinstance(cell, bool):
        return MaxDays(problem="max-days-unclear")
    if isinstance(cell, int):
        return _in_range(cell)
    if isinstance(cell, float):
        return _from_number(cell)
    return _from_text(cell) if cell.strip() else MaxDays()


def _from_number(cell: float) -> MaxDays:
    if not math.isfinite(cell):
        return MaxDays(problem="max-days-unclear")
    return _in_range(int(cell)) if cell == int(cell) else MaxDays(problem="max-days-fraction")


def _from_text(cell: str) -> MaxDays:
    text = folded(cell) if len(cell) <= LONGEST_DATE else ""
    if text in _UNLIMITED:
        return MaxDays(correction="max-days-unlimited")
    match = _NUMBER.fullmatch(text)
    if match is None or match[1] == "+":
        return MaxDays(problem="max-days-unclear")
    if match[3] and match[3].strip("0"):
        return MaxDays(problem="max-days-fraction")
    read = _in_range(int(match[1] + match[2]))
    if read.value is None or match[0] == match[2] == cell.strip():
        return read
    return read._replace(correction="max-days-unit")


def _in_range(number: int) -> MaxDays:
    return MaxDays(number) if 1 <= number <= MAX_DAYS_LIMIT else MaxDays(problem="max-days-range")
