"""Decisions on conflicts, each durable as it is made and each one that can be taken back (SPEC.md 4.5)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from dinotui.domain.dates import today
from dinotui.domain.errors import NotFound, UsageError
from dinotui.domain.matching import suggested_action
from dinotui.domain.merging import FIELD_COLUMNS, Choice, differing, merged
from dinotui.domain.problems import Problem
from dinotui.engine.importing.preview import PreviewRow, record
from dinotui.engine.importing.reading import configuration_of
from dinotui.engine.importing.wording import match_reasons
from dinotui.engine.trips import as_fields, check
from dinotui.locale import _
from dinotui.storage.staging import RECORD_COLUMNS, Staging
from dinotui.storage.store import Store
from dinotui.storage.trips import rows_by_number

DecisionAction: TypeAlias = Literal["existing", "incoming", "merge", "separate", "skip", "later"]
SUGGESTED: Final[dict[str, DecisionAction | None]] = {"skip": "existing", "update": "incoming", "prompt": None}

# Conflicts in file order: what asks now, and what was decided by a person.
_CONFLICTS: Final = "FROM planned p WHERE p.proposed = 'ask'"


@dataclass(frozen=True, slots=True)
class Conflict:
    """One conflict with both sides: stored columns of the existing trip (or earlier record) and the record.

    `differs` are the fields that taking the incoming side would change; `choices` what was chosen a field
    (existing, incoming, both, or the user's own text); `suggested` preselects and decides nothing.
    """

    row: PreviewRow
    existing: dict[str, Any]
    incoming: dict[str, Any]
    differs: tuple[str, ...]
    reasons: tuple[str, ...]
    suggested: DecisionAction | None
    decided: DecisionAction | None
    choices: dict[str, str | dict[str, str]]


@dataclass(frozen=True, slots=True)
class ReviewCounts:
    """How far the review is: all conflicts, decided ones, set aside ones."""

    conflicts: int
    decided: int
    later: int

    @property
    def undecided(self) -> int:
        """Conflicts that nobody has looked at yet."""
        return self.conflicts - self.decided - self.later


def review_counts(staging: Staging) -> ReviewCounts:
    """Return how many conflicts there are and how many are decided or set aside."""
    conflicts, decided, later = staging.database.rows(
        "SELECT count(*), coalesce(sum(p.decision IS NOT NULL AND p.decision <> 'later'), 0),"
        f" coalesce(sum(p.decision = 'later'), 0) {_CONFLICTS}"
    )[0]
    return ReviewCounts(conflicts, decided, later)


def conflict_numbers(staging: Staging, *, after: int = 0, limit: int = 100, undecided: bool = False) -> list[int]:
    """Return the records of conflicts behind record `after`, in file order."""
    condition = " AND p.decision IS NULL" if undecided else ""
    rows = staging.database.rows(
        f"SELECT p.record {_CONFLICTS} AND p.record > ?{condition} ORDER BY p.record LIMIT ?", (after, limit)
    )
    return [row[0] for row in rows]


def neighbour(staging: Staging, record_number: int, *, back: bool = False, undecided: bool = False) -> int | None:
    """Return the next (or previous) conflict's record, None at the end."""
    sign, order = ("<", "DESC") if back else (">", "ASC")
    condition = " AND p.decision IS NULL" if undecided else ""
    rows = staging.database.rows(
        f"SELECT p.record {_CONFLICTS} AND p.record {sign} ?{condition} ORDER BY p.record {order} LIMIT 1",
        (record_number,),
    )
    return rows[0][0] if rows else None


def resume_at(staging: Staging) -> int | None:
    """Return the conflict to go on with: where the review stood if it is undecided, else the first undecided."""
    stood = int(staging.meta("position", 0))
    behind = conflict_numbers(staging, after=stood - 1, limit=1, undecided=True)
    found = behind or conflict_numbers(staging, limit=1, undecided=True) or conflict_numbers(staging, limit=1)
    return found[0] if found else None


def position_of(staging: Staging, record_number: int) -> int:
    """Return the 1-based place of a conflict among all."""
    return int(staging.database.value(f"SELECT count(*) {_CONFLICTS} AND p.record <= ?", (record_number,)))


def load_conflict(staging: Staging, store: Store, record_number: int) -> Conflict:
    """Return one conflict with both its sides; raises `NotFound` when the record is none."""
    row = record(staging, record_number)
    if row is None or (row.trip is None and row.twin is None):
        raise NotFound("no-such-conflict", _("Record {n} has no conflict.").format(n=record_number))
    incoming = _record_columns(staging, record_number)
    existing = rows_by_number(store, [row.trip]).get(row.trip) if row.trip is not None else None
    if existing is None:
        if row.twin is None:
            raise NotFound("trip-gone", _("The existing trip #{n} is gone.").format(n=row.trip))
        existing = _record_columns(staging, row.twin)
    stored = staging.database.rows("SELECT action, made_by FROM decision WHERE record = ?", (record_number,))
    suggestion = suggested_action(row.confidence or 0, configuration_of(staging).duplicate_handling.actions)
    return Conflict(
        row=row,
        existing=existing,
        incoming=incoming,
        differs=differing(existing, incoming),
        reasons=tuple(match_reasons(existing, incoming)),
        suggested=SUGGESTED[suggestion],
        decided=stored[0][0] if stored else None,
        choices=staging.meta(f"choices-{record_number}", {}),
    )


def _record_columns(staging: Staging, number: int) -> dict[str, Any]:
    row = staging.database.rows(f"SELECT {', '.join(RECORD_COLUMNS)} FROM record WHERE record = ?", (number,))[0]
    return dict(zip(RECORD_COLUMNS, row, strict=True))


def outcome_of(
    conflict: Conflict, action: DecisionAction, choices: Mapping[str, str | Mapping[str, str]]
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """Return the columns that the trip would have, and what is wrong with them.

    `choices` maps a field to existing, incoming, both, or ``{"text": …}``; a field without one takes the
    rule of an update.
    """
    if action in ("existing", "skip", "later"):
        return {name: conflict.existing[name] for columns in FIELD_COLUMNS.values() for name in columns}, ()
    if action == "separate":
        return {name: conflict.incoming[name] for columns in FIELD_COLUMNS.values() for name in columns}, ()
    if action == "incoming":
        return merged(conflict.existing, conflict.incoming, {}), ()
    sides: dict[str, Choice] = {}
    own: dict[str, str] = {}
    for field, choice in choices.items():
        if isinstance(choice, str):
            if choice not in ("existing", "incoming", "both"):
                raise UsageError("unknown-choice", _("There is no choice {name}.").format(name=choice), field)
            sides[field] = choice  # type: ignore[assignment]
        else:
            own[field] = choice["text"]
    result = merged(conflict.existing, conflict.incoming, sides)
    checked = check({**as_fields(result), **own}, today(None), result)
    return {**result, **{k: v for f in own for k, v in checked.values.items() if k in FIELD_COLUMNS[f]}}, checked.errors


def decide(
    staging: Staging,
    conflict: Conflict,
    action: DecisionAction,
    choices: Mapping[str, str | Mapping[str, str]] | None = None,
    *,
    made_by: str = "user",
) -> None:
    """Store a decision; it is on disk when this returns. Raises `UsageError` when the result is not valid."""
    values: dict[str, Any] = {}
    if action == "merge":
        result, errors = outcome_of(conflict, action, choices or {})
        if errors:
            raise UsageError(errors[0].code, errors[0].message, errors[0].field)
        values = result
    number = conflict.row.record
    with staging.database.write():
        step = staging.database.value("SELECT coalesce(max(step), 0) + 1 FROM decision")
        staging.database.execute(
            "INSERT OR REPLACE INTO decision VALUES (?, ?, ?, ?, ?)",
            (number, action, json.dumps(values, ensure_ascii=False), made_by, step),
        )
        for key, value in ((f"choices-{number}", dict(choices or {})), ("position", number)):
            staging.database.execute(
                "INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, json.dumps(value, ensure_ascii=False))
            )


def take_back(staging: Staging) -> int | None:
    """Take the newest decision back and return the record it was about (the first of several made as one)."""
    with staging.database.write():
        rows = staging.database.rows(
            "SELECT record FROM decision WHERE step = (SELECT max(step) FROM decision) ORDER BY record"
        )
        for (number,) in rows:
            staging.database.execute("DELETE FROM decision WHERE record = ?", (number,))
    return rows[0][0] if rows else None


def set_position(staging: Staging, record_number: int) -> None:
    """Remember at which conflict the review stands."""
    staging.set_meta(position=record_number)


@dataclass(frozen=True, slots=True)
class StagedImport:
    """An import that waits: what it is, and how far its review is."""

    import_id: str
    source: str
    staged: str
    state: str
    conflicts: int
    decided: int
    later: int


def describe(staging: Staging) -> StagedImport:
    """Return what a staged import is and how far its review is."""
    counts = review_counts(staging)
    return StagedImport(
        import_id=str(staging.meta("importId")),
        source=", ".join(file["name"] for file in staging.meta("files", [])),
        staged=str(staging.meta("staged")),
        state=str(staging.meta("state")),
        conflicts=counts.conflicts,
        decided=counts.decided,
        later=counts.later,
    )
