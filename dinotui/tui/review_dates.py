"""What each side of a date would mean: how long the stay gets, and which other stays it touches."""

from __future__ import annotations

from typing import Any, Final

from dinotui.domain.merging import FIELD_COLUMNS
from dinotui.engine.importing.deciding import Conflict
from dinotui.storage.finding import TABLE as FINDER_TABLE
from dinotui.storage.store import Store
from dinotui.storage.trips import TripFilter, page
from dinotui.tui.review_choices import Choosing
from dinotui.tui.review_words import neighbours_meaning, stay_meaning

_OPEN_STAY: Final = 400
"""Days after its entry up to which a stay without an exit is compared with others."""
_AROUND: Final = 30
"""Stays that are looked at: the newest ones up to the exit."""


def meanings(store: Store, conflict: Conflict, chosen: Choosing, name: str) -> dict[str, list[str]]:
    """Return, by side, what the side's date would mean with the other fields as they are chosen."""
    if name not in ("entryDate", "exitDate"):
        return {}
    column = FIELD_COLUMNS[name][0]
    found = {}
    for side, row in (("existing", conflict.existing), ("incoming", conflict.incoming)):
        stay = {**_chosen_days(conflict, chosen), column: row[column]}
        entry, leaving = stay["entry_day"], stay["exit_day"]
        others = _others(store, conflict, entry, leaving)
        found[side] = [
            *stay_meaning(entry, leaving, stay["max_days"]),
            *neighbours_meaning(entry, leaving, others),
        ]
    return found


def _chosen_days(conflict: Conflict, chosen: Choosing) -> dict[str, Any]:
    columns = {"entryDate": "entry_day", "exitDate": "exit_day", "maxDays": "max_days"}
    return {
        column: (conflict.incoming if chosen.choices.get(name) == "incoming" else conflict.existing)[column]
        for name, column in columns.items()
    }


def _others(store: Store, conflict: Conflict, entry: int | None, leaving: int | None) -> list[dict[str, Any]]:
    """Return the user's stays around a stay, without the one that the conflict is about."""
    if entry is None:
        return []
    last = entry + _OPEN_STAY if leaving is None else leaving
    rows = page(store, TripFilter(), after=(last + 1, 0), limit=_AROUND)
    own = {conflict.row.trip}
    if conflict.incoming["table"] == FINDER_TABLE:
        own.add(conflict.row.record)  # the other trip of the pair
    return [row for row in rows if row["number"] not in own]
