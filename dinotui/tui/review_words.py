"""Words about one conflict: what a date would mean, what was decided, what a decision does. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from dinotui.domain.dates import day_text, duration
from dinotui.engine.importing.deciding import Conflict, DecisionAction
from dinotui.locale import N_, _, ngettext
from dinotui.tui.rows import field_label


def stay_meaning(entry: int | None, leaving: int | None, allowed: int | None) -> list[str]:
    """Return how long a stay is, and of how many days, in words."""
    if entry is None or leaving is None or leaving < entry:
        return [_("not closed")] if leaving is None else [_("before the entry")]
    days = duration(entry, leaving) or 0
    if allowed is None:
        return [ngettext("{days} day", "{days} days", days).format(days=days)]
    text = _("{days} of {allowed} days used").format(days=days, allowed=allowed)
    if days > allowed:
        text += ", " + _("{over} too many").format(over=days - allowed)
    return [text]


def neighbours_meaning(
    entry: int | None, leaving: int | None, others: Sequence[Mapping[str, Any]]
) -> list[str]:
    """Return which other stays a stay touches or overlaps, in words; sharing a border day is touching."""
    if entry is None:
        return []
    said = []
    last = 10**7 if leaving is None else leaving
    for other in others:
        end = 10**7 if other["exit_day"] is None else other["exit_day"]
        if other["entry_day"] > last or end < entry:
            continue
        where = other["country_code"] or other["country"]
        shown = f"#{other['number']} {where} {day_text(other['entry_day'])}"
        touches = other["entry_day"] == last or end == entry
        said.append((_("touches {trip}") if touches else _("overlaps {trip}")).format(trip=shown))
    return said[:2]


_DECIDED: Final = {
    "existing": N_("Decided: the existing trip stays as it is."),
    "incoming": N_("Decided: the incoming values are taken."),
    "merge": N_("Decided: field by field, as RESULT shows."),
    "separate": N_("Decided: two separate trips."),
    "skip": N_("Decided: the incoming record is left out."),
    "later": N_("Set aside for later."),
}


def decided_text(conflict: Conflict) -> str:
    """Return what was decided about a conflict, or what the policy does with it; empty while it is open."""
    if conflict.decided is not None:
        return _(_DECIDED[conflict.decided])
    if conflict.row.action != "ask":
        texts = {
            "skip": _("By the policy: skipped. Decide otherwise here."),
            "update": _("By the policy: updates the existing trip. Decide otherwise here."),
        }
        return texts.get(conflict.row.action, "")
    return _("Changed since you decided: decide again.") if conflict.changed else ""


def action_text(action: DecisionAction, choices: Mapping[str, Any]) -> str:
    """Return a decision in words, for a question."""
    if action == "merge":
        sides = {"existing": _("existing"), "incoming": _("incoming"), "both": _("both")}
        return ", ".join(f"{field_label(name).lower()}: {sides[choice]}" for name, choice in choices.items())
    texts = {
        "existing": _("Keep the existing trip"),
        "incoming": _("Take the incoming values"),
        "separate": _("Two separate trips"),
        "skip": _("Leave the incoming record out"),
        "later": _("Set aside"),
    }
    return texts[action]
