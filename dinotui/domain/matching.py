"""When two stays are the same one: points, confidence, reasons (SPEC.md 4.4, DuplicateDetector).

All arithmetic is in whole hundredths. This module decides one pair; `dinotui.storage.matching` asks the
same questions of whole tables with the weights that stand here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from dinotui.domain.configuration import LevelActions


@dataclass(frozen=True, slots=True)
class FuzzyPoints:
    """Points towards a fuzzy match, out of 100."""

    country: int = 40
    entry_equal: int = 30
    entry_near: int = 15
    exit_equal: int = 20
    exit_near: int = 10
    visa: int = 10


@dataclass(frozen=True, slots=True)
class ConfidencePoints:
    """Points of confidence in a match, out of 100."""

    country: int = 30
    entry: int = 30
    exit: int = 20
    visa: int = 10
    passport: int = 10


FUZZY: Final = FuzzyPoints()
CONFIDENCE: Final = ConfidencePoints()
HIGH: Final = 90
MEDIUM: Final = 70
NEAR_DAYS: Final = 1


class Stay(NamedTuple):
    """What a comparison needs of a trip or record. Days count from 1970-01-01; texts are folded."""

    country_code: str | None
    country_fold: str
    entry_day: int | None
    exit_day: int | None
    visa_fold: str
    passport_fold: str = ""


def same_country(a: Stay, b: Stay) -> bool:
    """Compare by code where both have one, else by folded text."""
    if a.country_code and b.country_code:
        return a.country_code == b.country_code
    return a.country_fold == b.country_fold


def strict_match(a: Stay, b: Stay) -> bool:
    """Country, both dates and visa type are equal; two missing exits are equal."""
    return (
        same_country(a, b)
        and a.entry_day == b.entry_day
        and a.exit_day == b.exit_day
        and a.visa_fold == b.visa_fold
    )


def fuzzy_points(a: Stay, b: Stay) -> int:
    """Return the fuzzy points of a pair, 0 where the countries differ."""
    if not same_country(a, b):
        return 0
    points = FUZZY.country
    points += _graded(a.entry_day, b.entry_day, FUZZY.entry_equal, FUZZY.entry_near)
    points += _graded(a.exit_day, b.exit_day, FUZZY.exit_equal, FUZZY.exit_near)
    return points + (FUZZY.visa if a.visa_fold == b.visa_fold else 0)


def confidence(a: Stay, b: Stay) -> int:
    """Return the confidence in a match, 0..100."""
    points = CONFIDENCE.country if same_country(a, b) else 0
    points += CONFIDENCE.entry if a.entry_day == b.entry_day else 0
    points += CONFIDENCE.exit if a.exit_day == b.exit_day else 0
    points += CONFIDENCE.visa if a.visa_fold == b.visa_fold else 0
    return points + (CONFIDENCE.passport if a.passport_fold == b.passport_fold else 0)


def suggested_action(points: int, actions: LevelActions) -> str:
    """Return skip, update or prompt for a confidence of `points` hundredths."""
    if points >= HIGH:
        return actions.high
    return actions.medium if points >= MEDIUM else actions.low


def _graded(a: int | None, b: int | None, equal: int, near: int) -> int:
    if a == b:
        return equal
    if a is None or b is None or abs(a - b) > NEAR_DAYS:
        return 0
    return near
