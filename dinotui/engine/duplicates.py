"""Repeats among the trips: finding them, and merging two trips into one as an operation that can be undone.

The finder reviews trips as an import reviews records (`dinotui.engine.importing.deciding`): of a pair the
earlier trip is the *existing* one, the later one the *incoming*. Nothing changes before `merge_decided`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from dinotui.domain.configuration import DuplicateHandling, ImportConfiguration
from dinotui.domain.errors import DinoError, UsageError
from dinotui.domain.merging import FIELD_COLUMNS, merged
from dinotui.domain.trip import Trip
from dinotui.engine.importing.reading import configuration_of, save_choices
from dinotui.engine.importing.reasons import Reason, reasons_of
from dinotui.engine.near_countries import may_mean
from dinotui.engine.progress import Progress, Report, Stop, never, quietly, stop_if
from dinotui.engine.trips import short
from dinotui.locale import _, ngettext
from dinotui.storage import finding, oplog
from dinotui.storage.changelog import Recorder, operation
from dinotui.storage.merging import merge_rows
from dinotui.storage.staging import Staging
from dinotui.storage.store import Store
from dinotui.storage.trips import named_row, rows_by_number, trip_of

_ALL_EVIDENCE: Final = ImportConfiguration(duplicate_handling=DuplicateHandling(detection="smart"))
_PART: Final = 500
_COLUMNS: Final = tuple(name for columns in FIELD_COLUMNS.values() for name in columns)


@dataclass(frozen=True, slots=True)
class Repeat:
    """Two trips that may be one, the earlier stored first; `points` and `confidence` are hundredths."""

    first: Trip
    second: Trip
    points: int
    confidence: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did: its operation, and how many trips went."""

    operation_id: str
    merged: int


def find_duplicates(
    store: Store,
    configuration: ImportConfiguration | None = None,
    *,
    report: Report = quietly,
    cancelled: Stop = never,
) -> Staging:
    """Find the trips that may repeat another one; close the answer when done with it.

    Decisions made before hold where both trips are as they were. Errors as `Staging`, and `Cancelled`.
    """
    staging = finding.open_finder(store)
    try:
        save_choices(staging, None, configuration or _ALL_EVIDENCE)
        find_again(staging, store, report=report, cancelled=cancelled)
    except BaseException:
        staging.close()
        raise
    return staging


def find_again(staging: Staging, store: Store, *, report: Report = quietly, cancelled: Stop = never) -> None:
    """Find repeats among the trips of now; decisions about trips that changed are taken back."""
    revision = oplog.revision(store)
    report(Progress("Looking for repeats", 0))
    handling = configuration_of(staging).duplicate_handling
    finding.find_repeats(staging, str(store.path), store.user, handling, may_mean, cancelled)
    stop_if(cancelled)
    staging.set_meta(revision=revision)


def repeats(staging: Staging, store: Store) -> Iterator[Repeat]:
    """Yield the pairs that nobody has decided about, the surest first."""
    mode = configuration_of(staging).duplicate_handling.detection
    pairs = finding.repeats(staging)
    for start in range(0, len(pairs), _PART):
        chosen = pairs[start : start + _PART]
        rows = rows_by_number(store, [number for pair in chosen for number in pair[:2]])
        for first, second, points, confidence in chosen:
            if first in rows and second in rows:
                reasons = tuple(reasons_of(rows[first], rows[second], mode))
                yield Repeat(trip_of(rows[first]), trip_of(rows[second]), points, confidence, reasons)


def count_merges(staging: Staging) -> int:
    """Return how many trips would go by the decisions."""
    return len(finding.decided(staging))


def merge_decided(
    staging: Staging, store: Store, *, report: Report = quietly, cancelled: Stop = never
) -> Merged | None:
    """Merge the pairs that were decided to be one trip, as one operation; None where there is none.

    Raises `DinoError` ``trips-changed`` when trips changed since they were looked for: they were looked for
    again, and decisions about them are open again.
    """
    pairs = finding.decided(staging)
    if not pairs:
        return None
    try:
        with operation(store, "merge", source="manual") as recorder:
            if oplog.revision(store, before=recorder.number) != staging.meta("revision"):
                raise _Stale
            _merge_all(recorder, pairs, report, cancelled)
    except _Stale as stale:
        find_again(staging, store, report=report, cancelled=cancelled)
        raise DinoError(
            "trips-changed",
            _("Your trips changed meanwhile, so they were looked at again. Nothing was merged."),
        ) from stale
    find_again(staging, store, report=report)
    return Merged(recorder.id, len(pairs))


def merge_trips(store: Store, keep: str, other: str) -> tuple[Trip, Merged]:
    """Merge trip `other` into trip `keep`, which takes from it what it lacks itself.

    Both are as a person names them, by number or id. Raises `NotFound`, and `UsageError` when both are the same trip.
    """
    with operation(store, "merge", source="manual") as recorder, recorder.part():
        kept, gone = named_row(store, keep), named_row(store, other)
        if kept["number"] == gone["number"]:
            raise UsageError("same-trip", _("A trip cannot be merged into itself. Name two trips."), other)
        empty = {name for name, columns in FIELD_COLUMNS.items() if kept[columns[0]] in (None, "")}
        values = merged(
            kept, gone, {name: "incoming" if name in empty else "existing" for name in FIELD_COLUMNS}
        )
        if values["exit_day"] is not None and values["exit_day"] < values["entry_day"]:
            values["exit_day"] = None  # the other one left before this one began
        merge_rows(recorder, kept, gone, _changes(kept, values))
        recorder.describe(summary=_summary([(kept, gone)]))
        after = rows_by_number(store, [kept["number"]])[kept["number"]]
    return trip_of(after), Merged(recorder.id, 1)


class _Stale(Exception):
    """Trips changed between the last look and the write lock."""


def _merge_all(
    recorder: Recorder, pairs: Sequence[Mapping[str, Any]], report: Report, cancelled: Stop
) -> None:
    store = recorder.store
    first: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = []
    begun: dict[int, dict[str, Any]] = {}
    for start in range(0, len(pairs), _PART):
        stop_if(cancelled)
        report(Progress("Merging", start, len(pairs)))
        chosen = pairs[start : start + _PART]
        with recorder.part():
            rows = rows_by_number(
                store, [number for pair in chosen for number in (pair["kept"], pair["gone"])]
            )
            for pair in chosen:
                kept, gone = rows[pair["kept"]], rows[pair["gone"]]
                changes = _changes(begun.setdefault(kept["number"], dict(kept)), _result(pair, kept, gone))
                merge_rows(recorder, kept, gone, changes)
                kept.update(changes)
                first.append((kept, gone))
    recorder.describe(summary=_summary(first))


def _result(pair: Mapping[str, Any], kept: Mapping[str, Any], gone: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the columns that the kept trip gets by a decision."""
    if pair["action"] == "merge":
        return dict(pair["fields"])
    return merged(kept, gone, {}) if pair["action"] == "incoming" else {}


def _changes(row: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        column: values[column] for column in _COLUMNS if column in values and values[column] != row[column]
    }


def _summary(pairs: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> str:
    if len(pairs) == 1:
        kept, gone = pairs[0]
        return _("Merged #{gone} into {trip}").format(gone=gone["number"], trip=short(kept))
    return ngettext(
        "Merged {count} trip into another", "Merged {count} trips into others", len(pairs)
    ).format(count=len(pairs))
