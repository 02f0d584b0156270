"""Decisions on conflicts, each durable as it is made and each one that can be taken back (SPEC.md 4.5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from dinotui.domain.dates import day_text, today
from dinotui.domain.errors import NotFound, UsageError
from dinotui.domain.matching import suggested_action
from dinotui.domain.merging import FIELD_COLUMNS, Choice, differing, merged
from dinotui.domain.problems import Problem
from dinotui.engine.importing.planning import plan_import
from dinotui.engine.importing.preview import PreviewRow, record
from dinotui.engine.importing.reading import configuration_of
from dinotui.engine.importing.reasons import Reason, reasons_of
from dinotui.engine.progress import Progress, Report, Stop, never, quietly, stop_if
from dinotui.engine.trips import as_fields, check
from dinotui.locale import _
from dinotui.storage import decisions, plan_rows
from dinotui.storage.conflict_filter import EVERY, ConflictFilter
from dinotui.storage.finding import TABLE as FINDER_TABLE
from dinotui.storage.staging import Staging
from dinotui.storage.store import Store
from dinotui.storage.trips import rows_by_number

DecisionAction: TypeAlias = Literal["existing", "incoming", "merge", "separate", "skip", "later"]
_SIDES: Final[dict[str, Choice]] = {"existing": "existing", "incoming": "incoming", "both": "both"}
SUGGESTED: Final[dict[str, DecisionAction | None]] = {
    "skip": "existing",
    "update": "incoming",
    "prompt": None,
}


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
    reasons: tuple[Reason, ...]
    suggested: DecisionAction | None
    decided: str | None
    choices: dict[str, str | dict[str, str]]
    begun: dict[str, str | dict[str, str]]
    """What the user has chosen a field so far, whether it is decided by now or not."""
    changed: bool = False
    """Whether a decision was taken back because the trip or the record is another now."""

    @property
    def of_trips(self) -> bool:
        """Whether both sides are trips that the user has."""
        return "number" in self.existing and self.incoming.get("table") == FINDER_TABLE


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


def review_counts(staging: Staging, only: ConflictFilter = EVERY) -> ReviewCounts:
    """Return how many conflicts there are and how many are decided or set aside."""
    return ReviewCounts(*decisions.review_counts(staging, only))


def conflict_numbers(
    staging: Staging,
    *,
    after: int = 0,
    limit: int = 100,
    undecided: bool = False,
    only: ConflictFilter = EVERY,
) -> list[int]:
    """Return the records of conflicts behind record `after`, in file order."""
    return decisions.conflicts(staging, after=after, limit=limit, undecided=undecided, only=only)


def neighbour(
    staging: Staging,
    record_number: int,
    *,
    back: bool = False,
    undecided: bool = False,
    only: ConflictFilter = EVERY,
) -> int | None:
    """Return the next (or previous) conflict's record, None at the end."""
    found = decisions.conflicts(
        staging, after=record_number, limit=1, undecided=undecided, back=back, only=only
    )
    return found[0] if found else None


def resume_at(staging: Staging) -> int | None:
    """Return the conflict to go on with: where the review stood if it is undecided, else the first undecided."""
    stood = int(staging.meta("position", 0))
    behind = conflict_numbers(staging, after=stood - 1, limit=1, undecided=True)
    found = behind or conflict_numbers(staging, limit=1, undecided=True) or conflict_numbers(staging, limit=1)
    return found[0] if found else None


def position_of(
    staging: Staging, record_number: int, known: tuple[int, int] = (0, 0), only: ConflictFilter = EVERY
) -> int:
    """Return the 1-based place of a conflict among all; `known` is a record near it and its place."""
    record_known, place_known = known
    if record_number >= record_known:
        return place_known + decisions.conflicts_between(staging, record_known, record_number, only)
    return place_known - decisions.conflicts_between(staging, record_number, record_known, only)


def record_at(staging: Staging, place: int, only: ConflictFilter = EVERY) -> int | None:
    """Return the record of the conflict at a 1-based place, None where there is none."""
    return decisions.conflict_at(staging, place, only) if place > 0 else None


def load_conflict(staging: Staging, store: Store, record_number: int) -> Conflict:
    """Return one conflict with both its sides; raises `NotFound` when the record is none."""
    row, incoming = record(staging, record_number), plan_rows.record(staging, record_number)
    if row is None or incoming is None or (row.trip is None and row.twin is None):
        raise NotFound("no-such-conflict", _("Record {n} has no conflict.").format(n=record_number))
    existing = rows_by_number(store, [row.trip]).get(row.trip) if row.trip is not None else None
    if existing is None:
        if row.twin is None:
            raise NotFound("trip-gone", _("The existing trip #{n} is gone.").format(n=row.trip))
        existing = plan_rows.records(staging, [row.twin])[row.twin]
    handling = configuration_of(staging).duplicate_handling
    suggestion = suggested_action(row.confidence or 0, handling.actions)
    return Conflict(
        row=row,
        existing=existing,
        incoming=incoming,
        differs=differing(existing, incoming),
        reasons=tuple(reasons_of(existing, incoming, handling.detection)),
        suggested=SUGGESTED[suggestion],
        decided=row.decision,
        choices=staging.meta(f"choices-{record_number}", {}),
        begun=staging.meta(f"begun-{record_number}", {}),
        changed=row.decision is None and record_number in staging.meta("outdated", []),
    )


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
            side = _SIDES.get(choice)
            if side is None:
                raise UsageError("unknown-choice", _("There is no choice {name}.").format(name=choice), field)
            sides[field] = side
        else:
            own[field] = choice["text"]
    result = merged(conflict.existing, conflict.incoming, sides)
    checked = check({**as_fields(result), **own}, today(None), result)
    return {
        **result,
        **{k: v for f in own for k, v in checked.values.items() if k in FIELD_COLUMNS[f]},
    }, checked.errors


def decide(
    staging: Staging,
    conflict: Conflict,
    action: DecisionAction,
    choices: Mapping[str, str | Mapping[str, str]] | None = None,
    *,
    made_by: str = "user",
) -> None:
    """Store a decision; it is on disk when this returns.

    Raises `UsageError` when the result is not valid, or another record changes the same trip already.
    """
    values: dict[str, Any] = {}
    if action == "merge":
        values, errors = outcome_of(conflict, action, choices or {})
        _refuse(errors)
    if action == "incoming":
        _refuse_ending_first(conflict)
    number = conflict.row.record
    if decisions.store_decisions(staging, [(number, action, values, dict(choices or {}))], made_by):
        raise UsageError("claimed", _claimed_text(staging, conflict))


def decide_alike(
    staging: Staging,
    store: Store,
    conflict: Conflict,
    others: Sequence[int],
    action: DecisionAction,
    choices: Mapping[str, str | Mapping[str, str]] | None = None,
    *,
    made_by: str = "user",
    report: Report = quietly,
    cancelled: Stop = never,
) -> int:
    """Decide a conflict and `others` like it in the same way, as one decision; return how many that were.

    Those stay open whose trip another record changes already, or would end before it begins.

    They are on disk when this returns, and `take_back` takes all of them back. Raises `UsageError` when the
    result of one is not valid, or a text of the user's own is among the choices; then none is decided.
    """
    chosen = dict(choices or {})
    if any(not isinstance(choice, str) for choice in chosen.values()):
        raise UsageError("own-text", _("A text of your own holds for one record only."))
    records = [conflict.row.record, *others]

    def made() -> Iterator[tuple[int, str, dict[str, Any], Any]]:
        for done, number in enumerate(records):
            if not done % 500:
                stop_if(cancelled)
                report(Progress("Deciding", done, len(records)))
            values: dict[str, Any] = {}
            if action == "merge":
                each = conflict if number == conflict.row.record else load_conflict(staging, store, number)
                values, errors = outcome_of(each, action, chosen)
                _refuse(errors)
            yield number, action, values, chosen

    return len(records) - len(decisions.store_decisions(staging, made(), made_by))


def _refuse_ending_first(conflict: Conflict) -> None:
    ends, begins = conflict.existing["exit_day"], conflict.incoming["entry_day"]
    if conflict.incoming["exit_day"] is None and ends is not None and ends < begins:
        text = _("The trip would end ({end}) before it begins ({begin}). Choose for each date.")
        raise UsageError("ends-first", text.format(end=day_text(ends), begin=day_text(begins)), "exitDate")


def _claimed_text(staging: Staging, conflict: Conflict) -> str:
    number = decisions.claimed_by(staging, conflict.row.record)
    other = None if number is None else record(staging, number)
    text = _("{row} changes the same trip already. Decide otherwise here, or about that one first.")
    return text.format(row="" if other is None else _("row {line}").format(line=other.line).capitalize())


def keep_choice(staging: Staging, conflict: Conflict, field: str, choice: str | dict[str, str]) -> None:
    """Store what the user chose for one field of a conflict that is not decided yet; on disk when this returns."""
    conflict.begun[field] = choice
    staging.set_meta(**{f"begun-{conflict.row.record}": conflict.begun})


def leave_out(staging: Staging, store: Store, record_number: int, *, out: bool) -> None:
    """Leave a record out of the import, durably, or (not `out`) take that back, and plan again.

    What repeated it in its file is a trip of its own then, or repeats another one.
    """
    if out:
        decisions.store_decision(staging, record_number, "skip", {}, {}, "user")
    else:
        decisions.drop_decisions(staging, [record_number])
    if decisions.has_followers(staging, record_number) or not out:
        plan_import(staging, store)


def _refuse(errors: tuple[Problem, ...]) -> None:
    if errors:
        raise UsageError(errors[0].code, errors[0].message, errors[0].field)


def take_back(staging: Staging) -> int | None:
    """Take the newest decision back and return the record it was about (the first of several made as one)."""
    records = decisions.take_back_newest(staging)
    return records[0] if records else None


def set_position(staging: Staging, record_number: int) -> None:
    """Remember at which conflict the review stands."""
    staging.set_meta(position=record_number)
