"""Deciding many conflicts as one: all like the one in sight by some rule, or everything as it is suggested."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Literal, TypeAlias

from dinotui.domain.matching import HIGH, MEDIUM, suggested_action
from dinotui.engine.importing.deciding import SUGGESTED, Conflict
from dinotui.engine.importing.reading import configuration_of
from dinotui.engine.progress import Progress, Report, Stop, never, quietly, stop_if
from dinotui.storage import decisions
from dinotui.storage.conflict_filter import EVERY, ConflictFilter
from dinotui.storage.matching import DIFFERS
from dinotui.storage.staging import Staging

Rule: TypeAlias = Literal["fields", "band", "country", "source", "all"]
RULES: Final[tuple[Rule, ...]] = ("fields", "band", "country", "source", "all")
BANDS: Final = {"high": (HIGH, 101), "medium": (MEDIUM, HIGH), "low": (0, MEDIUM)}
POLICY: Final = "policy"
"""Who decided, where nobody looked at each."""


def rule_filter(conflict: Conflict, rule: Rule) -> ConflictFilter:
    """Return which conflicts are like `conflict` by a rule.

    ``fields``: the same fields differ and they are as likely the same trip; ``band``: as likely; ``country``:
    the same country; ``source``: the same table of the files; ``all``: all of them.
    """
    confidence = conflict.row.confidence or 0
    lowest, below = next(band for band in BANDS.values() if confidence >= band[0])
    if rule == "fields":
        bits = sum(DIFFERS[name] for name in conflict.differs)
        return ConflictFilter(lowest=lowest, below=below, differs=bits, exactly=True)
    if rule == "band":
        return ConflictFilter(lowest=lowest, below=below)
    if rule == "country":
        incoming = conflict.incoming
        return ConflictFilter(country=incoming["country_code"] or incoming["country_fold"])
    return ConflictFilter(table=conflict.row.table) if rule == "source" else EVERY


def like(staging: Staging, conflict: Conflict, rule: Rule) -> list[int]:
    """Return the other undecided conflicts that are like `conflict` by a rule, in file order."""
    only = rule_filter(conflict, rule)
    found = decisions.conflicts(staging, limit=-1, undecided=True, only=only)
    return [number for number in found if number != conflict.row.record]


def suggestions(staging: Staging, only: ConflictFilter = EVERY) -> dict[int, str]:
    """Return what is suggested for the undecided conflicts that have a suggestion, by record."""
    actions = configuration_of(staging).duplicate_handling.actions
    found: dict[int, str] = {}
    for number, confidence in decisions.undecided_confidences(staging, only):
        action = SUGGESTED[suggested_action(confidence, actions)]
        if action is not None:
            found[number] = action
    return found


def decide_suggested(
    staging: Staging, only: ConflictFilter = EVERY, *, report: Report = quietly, cancelled: Stop = never
) -> int:
    """Decide every undecided conflict that has a suggestion by it, as one decision, and return how many.

    Those without one stay open, and those whose trip another record changes already. Each can be looked at
    (``made_by`` policy) and decided otherwise.
    """
    found = suggestions(staging, only)

    def made() -> Iterator[tuple[int, str, dict[str, Any], Any]]:
        for done, (number, action) in enumerate(found.items()):
            if not done % 500:
                stop_if(cancelled)
                report(Progress("Deciding", done, len(found)))
            yield number, action, {}, {}

    return len(found) - len(decisions.store_decisions(staging, made(), POLICY))
