"""Why two stays may be one, in words: each reason with its sign (+ for, ~ hardly against, - against)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from dinotui.domain.configuration import Detection
from dinotui.domain.evidence import Evidence, country_level, evidence
from dinotui.domain.matching import NEAR_DAYS, Stay, same_country
from dinotui.domain.merging import FIELD_COLUMNS, differing
from dinotui.engine.importing.wording import match_reasons
from dinotui.engine.near_countries import may_mean
from dinotui.locale import N_, _, ngettext


class Reason(NamedTuple):
    """One reason: sign ``+``, ``~`` or ``-``, and what it says."""

    sign: str
    text: str


_TEXTS: Final = {
    "country_same": N_("same country"),
    "country_near": N_("country spelt otherwise"),
    "entry_equal": N_("same entry date"),
    "entry_far": N_("another entry date"),
    "exit_equal": N_("same exit date"),
    "exit_far": N_("another exit date"),
    "exit_open": N_("both still there"),
    "exit_gained": N_("only one has an exit"),
    "length_other": N_("another length of stay"),
    "overlap": N_("mostly the same days"),
    "border": N_("only the border day in common"),
    "apart": N_("no day in common"),
    "visa_same": N_("same visa type"),
    "visa_near": N_("visa type worded otherwise"),
    "visa_other": N_("another visa type"),
    "passport_same": N_("same passport"),
    "passport_other": N_("another passport"),
    "max_same": N_("same max days"),
    "max_other": N_("other max days"),
    "notes_same": N_("much the same notes"),
    "notes_near": N_("similar notes"),
    "notes_other": N_("other notes"),
}
_NEAR: Final = ("country_near", "visa_near", "entry_one", "entry_two", "exit_one", "exit_two", "exit_gained")
_AGAINST: Final = ("entry_far", "exit_far", "visa_other")


def reasons_of(existing: Mapping[str, Any], incoming: Mapping[str, Any], mode: Detection) -> list[Reason]:
    """Return what speaks for and against two stays (stored columns) being one, as `mode` weighs it."""
    if mode == "smart":
        rows = (existing, incoming)
        near = {
            row["country_fold"]: frozenset(may_mean(row["country"]))
            for row in rows
            if not row["country_code"]
        }
        level = country_level(existing, incoming, near)
        if level is not None:
            found = evidence(existing, incoming, level)
            return [*map(_weighed, _shown(found)), *_unweighed(existing, incoming, found)]
    return list(map(Reason, _signs(existing, incoming), match_reasons(existing, incoming)))


def _shown(found: list[Evidence]) -> list[Evidence]:
    """Leave out what goes without saying: dates that are said together, an overlap where a date is equal."""
    names = {item.name for item in found}
    if "together" in names:
        return [item for item in found if not item.name.startswith(("entry", "exit"))]
    if names & {"entry_equal", "exit_equal"}:
        return [item for item in found if item.name != "overlap"]
    return found


_OTHER: Final = {"visaType": "visa", "passportCountry": "passport", "maxDays": "max", "notes": "notes"}
"""The evidence that a field gives, by the beginning of its name."""


def _unweighed(
    existing: Mapping[str, Any], incoming: Mapping[str, Any], found: list[Evidence]
) -> list[Reason]:
    """Return the fields that differ although that weighs nothing: who decides should not have to look for them."""
    return [
        Reason("-", _(_TEXTS[f"{name}_other"]))
        for field in differing(existing, incoming)
        if (name := _OTHER.get(field))
        and existing[FIELD_COLUMNS[field][0]] not in (None, "")
        and not any(item.name.startswith(name) for item in found)
    ]


def _weighed(item: Evidence) -> Reason:
    sign = "~" if item.name in _NEAR else "-" if item.points < 0 or item.name in _AGAINST else "+"
    days = abs(item.days)
    if item.name == "together":
        return Reason(
            "~",
            ngettext("both dates {days} day later", "both dates {days} days later", days).format(days=days)
            if item.days > 0
            else ngettext("both dates {days} day earlier", "both dates {days} days earlier", days).format(
                days=days
            ),
        )
    if item.name in ("entry_one", "entry_two"):
        return Reason(
            sign, ngettext("entry {days} day apart", "entry {days} days apart", days).format(days=days)
        )
    if item.name in ("exit_one", "exit_two"):
        return Reason(
            sign, ngettext("exit {days} day apart", "exit {days} days apart", days).format(days=days)
        )
    return Reason(sign, _(_TEXTS[item.name]))


def _signs(existing: Mapping[str, Any], incoming: Mapping[str, Any]) -> list[str]:
    same = (
        existing["visa_fold"] == incoming["visa_fold"],
        existing["passport_fold"] == incoming["passport_fold"],
    )
    return [
        "+" if same_country(_stay(existing), _stay(incoming)) else "-",
        _day_sign(existing["entry_day"], incoming["entry_day"]),
        _day_sign(existing["exit_day"], incoming["exit_day"]),
        *("+" if equal else "-" for equal in same),
    ]


def _day_sign(one: int | None, other: int | None) -> str:
    if one == other:
        return "+"
    return "~" if one is not None and other is not None and abs(one - other) <= NEAR_DAYS else "-"


def _stay(row: Mapping[str, Any]) -> Stay:
    return Stay(row["country_code"], row["country_fold"], row["entry_day"], row["exit_day"], row["visa_fold"])
