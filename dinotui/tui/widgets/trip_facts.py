"""Under the form of a trip: what the program understands of what is typed, before it is saved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from dinotui.domain.dates import today
from dinotui.engine.trips import Checked
from dinotui.locale import _
from dinotui.tui.cells import clean, cut, wrap
from dinotui.tui.completion import Offers, country_meant
from dinotui.tui.glyphs import glyphs
from dinotui.tui.rows import days_text, stay_style
from dinotui.tui.widgets.line import Lines, Piece

_LINES: Final = 4
_QUIET: Final = frozenset({"country-missing", "entry-date-missing", "visa-type-missing"})
"""Faults that a form nobody has filled in yet always has: said on saving only."""


class TripFacts(Lines):
    """Duration, country, suggestions and warnings in a fixed number of lines."""

    def __init__(self, facts: Callable[[], tuple[Checked, Offers] | None]) -> None:
        """Show what `facts` returns."""
        super().__init__()
        self._facts = facts

    def lines(self, width: int) -> list[list[Piece]]:
        """Return the lines, the rule above them first."""
        found = self._facts()
        shown = facts_lines(*found, today(None), width) if found else []
        rule: list[Piece] = [(glyphs().rule * width, "rule")]
        return [rule, *shown[:_LINES], *([[]] * (_LINES - len(shown)))]


def facts_lines(checked: Checked, offers: Offers, today_day: int, width: int) -> list[list[Piece]]:
    """Return what is understood: suggestions first while there are some, then the stay, then problems."""
    lines: list[list[Piece]] = []
    if offers.values:
        lines.append(_offer_line(offers, width))
    lines.append(_stay_line(checked.values, today_day, width))
    for problem in checked.problems:
        if problem.code in _QUIET:
            continue
        style = "bad" if problem.severity == "error" else "warn"
        for number, part in enumerate(wrap(clean(problem.message), width - 4, 2)):
            lines.append([(" ! " if number == 0 else "   ", style), (part, style)])
    return lines


def _offer_line(offers: Offers, width: int) -> list[Piece]:
    first, rest = clean(offers.shown[0]), [clean(text) for text in offers.shown[1:]]
    others = "   " + _("or {names}").format(names=", ".join(rest)) if rest else ""
    room = max(0, width - 4 - len(glyphs().right) - len(first) - 2)
    return [(f" {glyphs().right} ", "key"), (cut(first, width - 4), "strong"), (cut(others, room), "dim")]


def _stay_line(values: dict[str, Any], today_day: int, width: int) -> list[Piece]:
    country = country_meant(values["country"]) if values["country"] else ""
    stay = ""
    if values["entry_day"] is not None and _in_order(values):
        stay = days_text(values, today_day)
    pieces: list[Piece] = [(" = ", "dim")] if country or stay else []
    if country:
        pieces.append((cut(clean(country), width // 2), ""))
    if stay:
        pieces += [("   " if country else "", ""), (clean(stay), stay_style(values, today_day) or "strong")]
    return pieces


def _in_order(values: dict[str, Any]) -> bool:
    return values["exit_day"] is None or values["exit_day"] >= values["entry_day"]
