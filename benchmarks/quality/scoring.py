"""Precision and recall of a matcher: of the rows it takes for a trip, and of the rows that are one."""

from __future__ import annotations

from typing import NamedTuple

from benchmarks.quality.data import Labelled


class Quality(NamedTuple):
    """Rows taken for the right trip, for a wrong one, and rows whose trip was not found."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        """Share of what was taken for a trip that is that trip."""
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        """Share of the rows that are a trip which were found."""
        return self.right / max(1, self.right + self.missed)

    def __add__(self, other: Quality) -> Quality:  # type: ignore[override]
        return Quality(*(a + b for a, b in zip(self, other, strict=True)))


def judged(data: Labelled, found: dict[int, int]) -> Quality:
    """Compare a matcher's answer, trips by row, with the truth."""
    right = sum(1 for row, trip in found.items() if data.truth[row] == trip)
    real = sum(1 for trip in data.truth if trip is not None)
    return Quality(right, len(found) - right, real - right)
