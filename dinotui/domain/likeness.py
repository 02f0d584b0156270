"""How alike two texts are, in whole hundredths: the pairs of neighbouring letters that they share."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import Final

from dinotui.domain.folding import fold

_LONGEST: Final = 400
"""Letters that are compared; what comes after them cannot make two notes differ."""


def likeness(one: str, other: str) -> int:
    """Return how alike two texts are, 0 (nothing in common) to 100 (equal once folded); 0 where one is empty."""
    first, second = _pairs(one), _pairs(other)
    both = first.total() + second.total()
    return 0 if not first or not second else 200 * (first & second).total() // both


@lru_cache(maxsize=4096)
def _pairs(text: str) -> Counter[str]:
    folded = fold(text[:_LONGEST])
    padded = f" {folded} "
    return Counter(padded[at : at + 2] for at in range(len(padded) - 1)) if folded else Counter()
