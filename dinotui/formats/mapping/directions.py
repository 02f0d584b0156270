"""Departures and arrivals: the same words mean one thing abroad and the other at home (SPEC.md 4.2).

Seen from the visited country a stay begins with an arrival (입국) and ends with a departure (출국). Seen from
home it begins with the departure and ends with the return. The dates tell which it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from dinotui.domain.mapping import FieldName
from dinotui.domain.problems import shown
from dinotui.formats.mapping.candidates import Candidate
from dinotui.formats.mapping.contents import DateOrder, date_order
from dinotui.formats.mapping.headers import Direction
from dinotui.locale import _

_SWAPPED_CONFIDENCE: Final = 75
_AWAY_CONFIDENCE: Final = 85
_UNCLEAR_CONFIDENCE: Final = 60
_A_FLIGHT: Final = 1  # days from a departure to the arrival of the same journey


def settle_directions(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the candidates with arrivals, departures and returns on the side where they belong."""
    comes, leaves, returns = (_going(candidates, way) for way in ("come", "leave", "return"))
    if not leaves:
        return list(candidates)
    if comes and returns:
        return _three_ways(candidates, comes, leaves, returns)
    if comes:
        return _arrivals_and_departures(candidates, comes[0], leaves[0])
    if returns and not any(one.field == "entryDate" for one in candidates):
        return _turned(candidates, {"leave": "entryDate"}, _AWAY_CONFIDENCE, _("the journey begins with it"))
    return list(candidates)


def _going(candidates: Sequence[Candidate], way: str) -> list[Candidate]:
    return [one for one in candidates if one.direction == way]


def _three_ways(
    candidates: Sequence[Candidate],
    comes: Sequence[Candidate],
    leaves: Sequence[Candidate],
    returns: Sequence[Candidate],
) -> list[Candidate]:
    """Drop the way there, or the way home, whichever is not a border of the stay."""
    order = _order(leaves[0], comes[0])
    dropped = leaves if order.rows and order.after == 0 else returns
    return [one for one in candidates if one not in dropped]


def _arrivals_and_departures(
    candidates: Sequence[Candidate], come: Candidate, leave: Candidate
) -> list[Candidate]:
    order = _order(leave, come)
    if not order.first_is_earlier:
        return list(candidates)
    if order.gap > _A_FLIGHT:
        why = _("every date of “{leave}” is before that of “{come}”: seen from home")
        why = why.format(leave=shown(leave.column.header), come=shown(come.column.header))
        return _turned(candidates, {"leave": "entryDate", "come": "exitDate"}, _SWAPPED_CONFIDENCE, why)
    why = _("the header, but departures and arrivals look like those of one flight")
    return _turned(candidates, {"leave": "exitDate", "come": "entryDate"}, _UNCLEAR_CONFIDENCE, why)


def _order(first: Candidate, second: Candidate) -> DateOrder:
    return date_order(first.column.contents, second.column.contents)


def _turned(
    candidates: Sequence[Candidate], fields: dict[Direction, FieldName], confidence: int, reason: str
) -> list[Candidate]:
    return [
        one
        if one.direction is None or one.direction not in fields
        else replace(one, field=fields[one.direction], confidence=confidence, reason=reason)
        for one in candidates
    ]
