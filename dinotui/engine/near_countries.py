"""Which countries an unrecognised text may mean, as evidence for matching; it never becomes a code."""

from __future__ import annotations

from typing import Final

from dinotui.engine.suggestions import suggest_countries

_LEAST: Final = 70.0
_BEHIND: Final = 6.0
_MOST: Final = 4


def may_mean(text: str) -> tuple[str, ...]:
    """Return the codes of the nearest countries, those that are about as near as the best."""
    found = suggest_countries(text, _MOST)
    return tuple(one.code for one in found if one.score >= max(_LEAST, found[0].score - _BEHIND))
