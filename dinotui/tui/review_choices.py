"""What is chosen about one conflict, field by field, and what that decides. No widget, no drawing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dinotui.domain.dates import day_text
from dinotui.domain.merging import FIELD_COLUMNS, joined_notes
from dinotui.engine.importing.deciding import Conflict, DecisionAction

Choice = str | dict[str, str]
"""existing, incoming, both, or the user's own text under ``text``."""


@dataclass(slots=True)
class Choosing:
    """What is chosen a field, and by whom: ``you``, ``auto`` (only one side has a value), ``hint`` (suggested)."""

    choices: dict[str, Choice] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)

    def choose(self, name: str, choice: Choice, origin: str = "you") -> None:
        """Choose a side or text for a field."""
        self.choices[name] = choice
        self.origins[name] = origin


def preselected(conflict: Conflict) -> Choosing:
    """Return what to begin with: the decision made before, else gaps filled and the suggestion taken.

    What the user has chosen before without deciding stands above both; notes of two trips are both kept.
    """
    chosen = Choosing()
    for name in conflict.differs:
        if conflict.decided == "merge":
            stored = conflict.choices.get(name)
            chosen.choose(name, stored or "incoming")
        elif conflict.decided in ("existing", "incoming"):
            chosen.choose(name, conflict.decided)
        elif is_empty(conflict.existing, name):
            chosen.choose(name, "incoming", "auto")
        elif conflict.suggested in ("existing", "incoming") and not (name == "notes" and conflict.of_trips):
            chosen.choose(name, conflict.suggested, "hint")
        elif name == "notes":
            chosen.choose(name, "both", "auto")
    if conflict.decided in (None, "later"):
        for name, choice in conflict.begun.items():
            if name in conflict.differs or not isinstance(choice, str):
                chosen.choose(name, choice)
    return chosen


def open_fields(conflict: Conflict, chosen: Choosing) -> list[str]:
    """Return the differing fields without a choice."""
    return [name for name in conflict.differs if name not in chosen.choices]


def action_of(conflict: Conflict, chosen: Choosing) -> DecisionAction:
    """Return the decision that the choices are: all existing, all incoming, or a mixture."""
    sides = {
        choice if isinstance(choice, str) else "own"
        for choice in map(chosen.choices.get, conflict.differs)
        if choice
    }
    if sides <= {"existing"}:
        return "existing"
    return "incoming" if sides == {"incoming"} else "merge"


def value_of(row: Mapping[str, Any], name: str) -> str:
    """Return a field of a stored trip or record as text."""
    column = FIELD_COLUMNS[name][0]
    value = row[column]
    if value is None:
        return ""
    return day_text(value) if column.endswith("_day") else str(value)


def is_empty(row: Mapping[str, Any], name: str) -> bool:
    """Tell whether a field has no value."""
    return value_of(row, name) == ""


def result_text(conflict: Conflict, name: str, choice: Choice | None) -> str:
    """Return what a field becomes."""
    if isinstance(choice, dict):
        return choice["text"]
    if choice == "both":
        return joined_notes(value_of(conflict.existing, name), value_of(conflict.incoming, name))
    return value_of(conflict.incoming if choice == "incoming" else conflict.existing, name)


def shown_fields(conflict: Conflict, *, equal: bool) -> list[str]:
    """Return the fields to show: those that differ, with country and entry for orientation, or all with a value."""
    there = [
        name
        for name in FIELD_COLUMNS
        if not (is_empty(conflict.existing, name) and is_empty(conflict.incoming, name))
    ]
    if equal:
        return there
    return [
        name for name in there if name in conflict.differs or name in ("country", "entryDate", "exitDate")
    ]
