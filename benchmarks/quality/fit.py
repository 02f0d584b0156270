"""Fit the weights of smart matching on one seed, by coordinate descent over whole points.

``python -m benchmarks.quality.fit`` prints the weights that it ends with. They were put into
`dinotui.domain.evidence` by hand, rounded, and are reported on other seeds (``python -m benchmarks.quality``).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, replace
from typing import Any, Final, NamedTuple

from benchmarks.quality.data import PROFILES, Labelled, Stay, labelled
from dinotui.domain.country import recognise
from dinotui.domain.evidence import SMART_DAYS, WEIGHTS, Weights, country_level, evidence
from dinotui.domain.folding import fold
from dinotui.engine.near_countries import may_mean

FITTED_SEED: Final = 1
_THRESHOLD: Final = 80
_STEPS: Final = (-4, -2, 2, 4)
_FIXED: Final = frozenset({"country_same"})


class Pair(NamedTuple):
    """A candidate pair: names of its evidence, whether it is the right one, and its row."""

    names: tuple[str, ...]
    right: bool
    row: int


def main() -> None:
    """Fit and print."""
    data = [labelled(profile, FITTED_SEED) for profile in PROFILES]
    pairs = [candidates(one) for one in data]
    real = [sum(1 for trip in one.truth if trip is not None) for one in data]
    weights = WEIGHTS
    best = _worth(weights, pairs, real)
    print(f"{best:.5f} as they are")
    moved = True
    while moved:
        moved = False
        for name, value in asdict(weights).items():
            for step in () if name in _FIXED else _STEPS:
                tried = replace(weights, **{name: value + step})
                worth = _worth(tried, pairs, real)
                if worth > best + 1e-4:
                    weights, best, moved = tried, worth, True
                    print(f"{best:.5f} {name} {value + step}")
    print(weights)


def candidates(data: Labelled) -> list[Pair]:
    """Return the pairs that matching would compare."""
    trips, rows = ([_columns(stay) for stay in stays] for stays in (data.trips, data.rows))
    near = {
        row["country_fold"]: frozenset(may_mean(row["country"]))
        for row in [*trips, *rows]
        if not row["country_code"]
    }
    by_day: dict[int, list[int]] = defaultdict(list)
    for number, trip in enumerate(trips):
        by_day[trip["entry_day"]].append(number)
    found = []
    for at, row in enumerate(rows):
        for day in range(row["entry_day"] - SMART_DAYS, row["entry_day"] + SMART_DAYS + 1):
            for number in by_day[day]:
                level = country_level(trips[number], row, near)
                if level is not None:
                    names = tuple(item.name for item in evidence(trips[number], row, level))
                    found.append(Pair(names, data.truth[at] == number, at))
    return found


def _columns(stay: Stay) -> dict[str, Any]:
    return {
        "country": stay.country,
        "country_code": recognise(stay.country).code,
        "country_fold": fold(stay.country),
        "entry_day": stay.entry,
        "exit_day": stay.leave,
        "visa_fold": fold(stay.visa),
        "passport_fold": fold(stay.passport),
        "max_days": stay.max_days,
        "notes": stay.notes,
    }


def _worth(weights: Weights, data: list[list[Pair]], real: list[int]) -> float:
    """Return the mean over the profiles of F0.7: a wrong match is worse than a missed one."""
    points = asdict(weights)
    total = 0.0
    for pairs, all_real in zip(data, real, strict=True):
        best: dict[int, tuple[int, bool]] = {}
        for names, right, row in pairs:
            sure = sum(points.get(name, 0) for name in names)
            if sure >= _THRESHOLD and sure > best.get(row, (0, False))[0]:
                best[row] = sure, right
        good = sum(right for _sure, right in best.values())
        precision, recall = good / max(1, len(best)), good / all_real
        total += 1.49 * precision * recall / max(1e-9, 0.49 * precision + recall)
    return total / len(data)


if __name__ == "__main__":
    main()
