"""Smart matching: whether two stays are one, by evidence for and against in whole points (SPEC.md 4.4).

The source document's formula looks at each field alone. Files differ in ways that it misses: both dates a day
off (a time zone), a country in another spelling, a visa type worded otherwise; and it pairs neighbours that
share no day. Nobody is twice in one country at a time, so stays that overlap are probably one, and stays that
do not are probably two. `dinotui.storage.smart` asks the same of whole tables with the weights that stand here.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from dinotui.domain.likeness import likeness
from dinotui.domain.matching import HIGH

CountryLevel: TypeAlias = Literal["same", "near"]
NearCountries: TypeAlias = Mapping[str, AbstractSet[str]]
"""The codes that an unrecognised country may mean, by its folded text."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Points for and against; 100 is certain, and a pair matches at 100 x threshold (80 unless changed)."""

    country_same: int = 30
    country_near: int = 28
    entry_equal: int = 30
    entry_one: int = 23
    entry_two: int = 11
    exit_equal: int = 24
    exit_one: int = 18
    exit_two: int = 10
    exit_open: int = 20
    exit_gained: int = 20
    length_alike: int = 0
    length_other: int = -12
    together: int = 12
    overlap: int = 6
    apart: int = -24
    border: int = -18
    visa_same: int = 10
    visa_near: int = 9
    visa_other: int = 0
    passport_same: int = 4
    passport_other: int = -12
    max_same: int = 4
    max_other: int = -8
    notes_same: int = 18
    notes_near: int = 4
    notes_other: int = -4


WEIGHTS: Final = Weights()
SMART_DAYS: Final = 2
"""Days that a date may be off in smart mode."""
NEAR_VISA: Final = 55
SAME_NOTES: Final = 70
NEAR_NOTES: Final = 45
OTHER_NOTES: Final = 25
MOSTLY: Final = 2
"""One part in this many of the days that either stay has: an overlap of that share counts."""
LENGTH_PARTS: Final = (4, 5)
"""Lengths are alike when the shorter is at least this share of the longer."""


class Evidence(NamedTuple):
    """One thing that speaks for (points > 0) or against a pair: its name among `Weights`, points, days apart."""

    name: str
    points: int
    days: int = 0


def country_level(
    existing: Mapping[str, Any], incoming: Mapping[str, Any], near: NearCountries
) -> CountryLevel | None:
    """Return whether the countries are the same, may be the same, or (None) are two."""
    codes = existing["country_code"], incoming["country_code"]
    if all(codes):
        return "same" if codes[0] == codes[1] else None
    if existing["country_fold"] == incoming["country_fold"]:
        return "same"
    ours, theirs = (
        {row["country_code"]} if row["country_code"] else near.get(row["country_fold"], frozenset())
        for row in (existing, incoming)
    )
    return "near" if ours & theirs else None


def evidence(
    existing: Mapping[str, Any], incoming: Mapping[str, Any], level: CountryLevel, weights: Weights = WEIGHTS
) -> list[Evidence]:
    """Return what speaks for and against two stays (columns of a stored trip) being one, dates first."""
    found = [Evidence(f"country_{level}", getattr(weights, f"country_{level}"))]
    found += _dates(existing, incoming, weights)
    found += _texts(existing, incoming, weights)
    return [item for item in found if item.points or item.name.startswith(("entry", "exit"))]


def smart_points(
    existing: Mapping[str, Any], incoming: Mapping[str, Any], level: CountryLevel, weights: Weights = WEIGHTS
) -> int:
    """Return the points of a pair, 0..100."""
    return max(0, min(100, sum(item.points for item in evidence(existing, incoming, level, weights))))


def smart_confidence(points: int, *, dates_differ: bool) -> int:
    """Return the confidence in a pair, 0..100: its points, but never high while the two say different dates."""
    return min(points, HIGH - 1) if dates_differ else points


def _dates(existing: Mapping[str, Any], incoming: Mapping[str, Any], weights: Weights) -> list[Evidence]:
    entry, entry2 = existing["entry_day"], incoming["entry_day"]
    leaving, leaving2 = existing["exit_day"], incoming["exit_day"]
    moved = entry2 - entry
    names = ("entry_equal", "entry_one", "entry_two")
    name = names[abs(moved)] if abs(moved) <= SMART_DAYS else "entry_far"
    found = [Evidence(name, getattr(weights, name, 0), moved)]
    if leaving is None or leaving2 is None:
        name = "exit_open" if leaving is leaving2 else "exit_gained"
        return [*found, Evidence(name, getattr(weights, name))]
    left = leaving2 - leaving
    names = ("exit_equal", "exit_one", "exit_two")
    name = names[abs(left)] if abs(left) <= SMART_DAYS else "exit_far"
    found.append(Evidence(name, getattr(weights, name, 0), left))
    length, length2 = leaving - entry + 1, leaving2 - entry2 + 1
    if moved and moved == left and abs(moved) <= SMART_DAYS:
        found.append(Evidence("together", weights.together, moved))
    elif abs(left) > SMART_DAYS or abs(moved) > SMART_DAYS:
        part, of = LENGTH_PARTS
        alike = min(length, length2) * of >= max(length, length2) * part
        name = "length_alike" if alike else "length_other"
        found.append(Evidence(name, getattr(weights, name), length2 - length))
    shared = min(leaving, leaving2) - max(entry, entry2) + 1
    union = max(leaving, leaving2) - min(entry, entry2) + 1
    if shared <= 0:
        found.append(Evidence("apart", weights.apart, shared))
    elif shared == 1 and min(length, length2) > 1:
        found.append(Evidence("border", weights.border, shared))
    elif shared * MOSTLY >= union:
        found.append(Evidence("overlap", weights.overlap, shared))
    return found


def _texts(existing: Mapping[str, Any], incoming: Mapping[str, Any], weights: Weights) -> list[Evidence]:
    visa, visa2 = existing["visa_fold"], incoming["visa_fold"]
    found = [_graded("visa", visa == visa2, likeness(visa, visa2) >= NEAR_VISA, weights)]
    if existing["passport_fold"] and incoming["passport_fold"]:
        found.append(
            _graded("passport", existing["passport_fold"] == incoming["passport_fold"], False, weights)
        )
    if existing["max_days"] is not None and incoming["max_days"] is not None:
        found.append(_graded("max", existing["max_days"] == incoming["max_days"], False, weights))
    notes, notes2 = existing["notes"], incoming["notes"]
    if notes and notes2:
        alike = 100 if notes == notes2 else likeness(notes, notes2)
        name = (
            "notes_same"
            if alike >= SAME_NOTES
            else "notes_near"
            if alike >= NEAR_NOTES
            else "notes_other"
            if alike < OTHER_NOTES
            else ""
        )
        if name:
            found.append(Evidence(name, getattr(weights, name)))
    return found


def _graded(what: str, same: bool, near: bool, weights: Weights) -> Evidence:
    name = f"{what}_same" if same else f"{what}_near" if near else f"{what}_other"
    return Evidence(name, getattr(weights, name))
