"""Under the form of a trip: what the program understands of what is typed, before it is saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from dinotui.domain.problems import shown
from dinotui.engine.trips import Checked
from dinotui.locale import N_, _
from dinotui.tui.cells import clean, cut, width_of, wrap
from dinotui.tui.completion import Offers, country_meant
from dinotui.tui.glyphs import glyphs
from dinotui.tui.rows import days_text, stay_style, trip_name
from dinotui.tui.view import View
from dinotui.tui.widgets.line import Lines, Piece

_QUIET: Final = frozenset({"country-missing", "entry-date-missing", "visa-type-missing"})
"""Faults that a form nobody has filled in yet always has: said on saving only."""

_AMBIGUOUS: Final = {
    "country-ambiguous": N_(
        "“{value}” may be several countries, so it has no code: in its field {key} takes the first one, again the next."
    ),
    "passport-ambiguous": N_(
        "Passport: “{value}” may be several countries: in its field {key} takes the first one, again the next."
    ),
}
"""What is said here of a text that a key can settle."""


class Facts(NamedTuple):
    """What is to be shown: `takes` when a key takes the offers, `shows_faults` when no field shows them."""

    checked: Checked
    offers: Offers
    takes: bool
    shows_faults: bool
    overlaps: Sequence[Mapping[str, Any]]
    view: View


class TripFacts(Lines):
    """Duration, country, suggestions and warnings in a fixed number of lines."""

    def __init__(self, facts: Callable[[], Facts | None], hidden: Callable[[], bool]) -> None:
        """Show what `facts` returns; `hidden` tells whether the form goes on below."""
        super().__init__()
        self._facts = facts
        self._hidden = hidden

    def lines(self, width: int) -> list[list[Piece]]:
        """Return the lines, the rule above them first."""
        found = self._facts()
        room = 6 if self.app.size.height >= 24 else 4
        shown = facts_lines(found, width) if found else []
        if len(shown) > room:
            rest = _("and {count} more lines on a higher screen").format(count=len(shown) - room + 1)
            shown = [*shown[: room - 1], [("   " + cut(rest, width - 4), "dim")]]
        more = f" {glyphs().below} {_('more fields')} " if self._hidden() else ""
        rule: list[Piece] = [(glyphs().rule * 3, "rule"), (more, "key")]
        rule.append((glyphs().rule * (width - 3 - width_of(more)), "rule"))
        return [rule, *shown, *([[]] * (room - len(shown)))]


def facts_lines(facts: Facts, width: int) -> list[list[Piece]]:
    """Return what is understood: suggestions first while there are some, then the stay, then problems."""
    lines: list[list[Piece]] = []
    if facts.offers.values:
        lines.append(_offer_line(facts.offers, facts.takes, width))
    stay = _stay_line(facts.checked.values, facts.view.today, width)
    lines += [stay] if stay else []
    for problem in facts.checked.problems:
        if problem.severity == "error" and (problem.code in _QUIET or not facts.shows_faults):
            continue
        text = _AMBIGUOUS.get(problem.code)
        said = _(text).format(value=shown(problem.value), key=glyphs().right) if text else problem.message
        lines += _wrapped(said, "bad" if problem.severity == "error" else "warn", width)
    for row in facts.overlaps:
        text = _("Runs into {trip}.").format(trip=trip_name(row, facts.view))
        lines += _wrapped(text, "warn", width)
    return lines


def _wrapped(text: str, style: str, width: int) -> list[list[Piece]]:
    parts = wrap(clean(text), width - 4, 2)
    return [[(" ! " if number == 0 else "   ", style), (part, style)] for number, part in enumerate(parts)]


def _offer_line(offers: Offers, takes: bool, width: int) -> list[Piece]:
    names = [clean(text) for text in offers.shown]
    head = f" {glyphs().right} " if takes else f" {_('Country')}: "
    first = cut(names[0], width - width_of(head) - 1)
    rest = "   " + _("or {names}").format(names=", ".join(names[1:])) if names[1:] else ""
    room = max(0, width - width_of(head) - width_of(first) - 1)
    return [(head, "key" if takes else "dim"), (first, "strong"), (cut(rest, room), "dim")]


def _stay_line(values: dict[str, Any], today_day: int, width: int) -> list[Piece]:
    country = country_meant(values["country"]) if values["country"] else ""
    stay = ""
    if values["entry_day"] is not None and _in_order(values):
        stay = days_text(values, today_day)
    if not country and not stay:
        return []
    pieces: list[Piece] = [(" = ", "dim")]
    if country:
        pieces.append((cut(clean(country), width // 2), ""))
    if stay:
        pieces += [("   " if country else "", ""), (clean(stay), stay_style(values, today_day) or "strong")]
    return pieces


def _in_order(values: dict[str, Any]) -> bool:
    return values["exit_day"] is None or values["exit_day"] >= values["entry_day"]
