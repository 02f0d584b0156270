"""The plan as an `ImportResult` shows it: counts, and the first thousand records of each kind."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from dinotui.domain.dates import day_text
from dinotui.domain.matching import suggested_action
from dinotui.domain.merging import FIELD_COLUMNS, merged
from dinotui.domain.result import (
    DETAIL_LIMIT,
    Corrected,
    CorrectedRecord,
    Details,
    ErrorRecord,
    ImportedRecord,
    PendingRecord,
    SkippedRecord,
    Summary,
    UpdatedRecord,
    Warned,
)
from dinotui.engine.importing.planning import PlanCounts
from dinotui.engine.importing.reading import configuration_of
from dinotui.engine.importing.reasons import reasons_of
from dinotui.engine.importing.wording import problem_text, said_of, skip_reason, where_of
from dinotui.storage import plan_rows
from dinotui.storage.plan_rows import PlanFilter
from dinotui.storage.staging import Staging
from dinotui.storage.store import Store
from dinotui.storage.trips import rows_by_number

_LISTS: Final = {
    "create": "newRecords",
    "update": "updatedRecords",
    "skip": "skippedRecords",
    "reject": "errorRecords",
    "ask": "pendingRecords",
    "corrected": "correctedRecords",
}
"""What the list of each of the plan's counts is called."""


def summary_of(counts: PlanCounts) -> Summary:
    """Return the counts under the result's names; the total is always their sum."""
    return Summary(
        total_records=counts.total,
        imported=counts.create,
        updated=counts.update,
        skipped=counts.skip,
        errors=counts.reject,
        pending=counts.ask,
        corrected=counts.corrected,
        removed=counts.remove,
    )


def details_of(staging: Staging, store: Store, counts: PlanCounts) -> Details:
    """Return the first records of each kind as the plan has them; new trips get their ids when applied."""
    more = {_LISTS[name]: getattr(counts, name) - DETAIL_LIMIT for name in _LISTS}
    return Details(
        new_records=tuple(_new(row) for row in _planned(staging, "create")),
        updated_records=tuple(_updated(store, staging, _planned(staging, "update"))) if counts.update else (),
        skipped_records=tuple(_skipped(store, _planned(staging, "skip"))) if counts.skip else (),
        error_records=tuple(_errors(staging)) if counts.reject else (),
        pending_records=tuple(_pending(store, staging, _planned(staging, "ask"))) if counts.ask else (),
        corrected_records=tuple(_corrected(staging)) if counts.corrected else (),
        more={name: count for name, count in more.items() if count > 0},
    )


def _planned(staging: Staging, action: str) -> list[dict[str, Any]]:
    return plan_rows.page(staging, PlanFilter(action=action), limit=DETAIL_LIMIT)


def trip_form(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the stored columns of a stay under the names of the JSON export."""
    return {
        "country": row["country"],
        "countryCode": row["country_code"],
        "entryDate": None if row["entry_day"] is None else day_text(row["entry_day"]),
        "exitDate": None if row["exit_day"] is None else day_text(row["exit_day"]),
        "visaType": row["visa_type"],
        "maxDays": row["max_days"],
        "passportCountry": row["passport_country"],
        "notes": row["notes"],
    }


def _new(row: dict[str, Any]) -> ImportedRecord:
    corrections, warnings = notes_of(row)
    return ImportedRecord(
        record=row["record"],
        where=where_of(row),
        id=row["id"] or "",
        trip=trip_form(row),
        corrections=corrections,
        warnings=warnings,
    )


def notes_of(row: Mapping[str, Any]) -> tuple[tuple[Corrected, ...], tuple[Warned, ...]]:
    """Return how a planned record was corrected, and what is doubtful about it."""
    said = said_of(row)
    return (
        tuple(
            Corrected(
                field=one["field"],
                code=one["code"],
                message=one["message"],
                before=one["value"],
                after=one["after"],
            )
            for one in said
            if one["severity"] == "info"
        ),
        tuple(_warned(one) for one in said if one["severity"] == "warning"),
    )


def _warned(said: Mapping[str, Any]) -> Warned:
    return Warned(field=said["field"], code=said["code"], message=problem_text(said), value=said["value"])


def _corrected(staging: Staging) -> Iterator[CorrectedRecord]:
    for row in plan_rows.page(staging, PlanFilter(corrected=True), limit=DETAIL_LIMIT):
        yield CorrectedRecord(record=row["record"], where=where_of(row), corrections=notes_of(row)[0])


def _updated(store: Store, staging: Staging, rows: list[dict[str, Any]]) -> Iterator[UpdatedRecord]:
    replace = configuration_of(staging).strategy == "replace"
    existing = rows_by_number(store, [row["trip"] for row in rows if row["trip"] is not None])
    earlier = plan_rows.records(staging, [row["twin"] for row in rows if row["trip"] is None and row["twin"]])
    for row in rows:
        old = existing.get(row["trip"]) or earlier.get(row["twin"])
        if old is not None:
            after = trip_form(outcome(old, row, replace=replace))
            before = trip_form(old)
            changes = {name: (before[name], after[name]) for name in before if before[name] != after[name]}
            corrections, warnings = notes_of(row)
            yield UpdatedRecord(
                record=row["record"],
                where=where_of(row),
                id=old["id"] or "",
                changes=changes,
                corrections=corrections,
                warnings=warnings,
            )


def outcome(existing: Mapping[str, Any], row: Mapping[str, Any], *, replace: bool) -> dict[str, Any]:
    """Return the columns that an existing trip has after the planned update by `row`."""
    fields = json.loads(row["fields"] or "{}")
    if replace:
        result = {column: row[column] for columns in FIELD_COLUMNS.values() for column in columns}
    else:
        result = merged(existing, row, {})
    return {**result, **fields}


def _skipped(store: Store, rows: list[dict[str, Any]]) -> Iterator[SkippedRecord]:
    existing = rows_by_number(store, [row["trip"] for row in rows if row["trip"] is not None])
    for row in rows:
        old = existing.get(row["trip"])
        corrections, warnings = notes_of(row)
        yield SkippedRecord(
            record=row["record"],
            where=where_of(row),
            reason=skip_reason(row),
            id=old["id"] if old else None,
            corrections=corrections,
            warnings=warnings,
        )


def _errors(staging: Staging) -> Iterator[ErrorRecord]:
    headers = {table.number: table.columns for table in staging.tables()}
    for row in plan_rows.rejected(staging, DETAIL_LIMIT):
        first = row["problems"][0]
        corrections, warnings = notes_of(row)
        yield ErrorRecord(
            record=row["record"],
            where=where_of(row),
            field=first["field"],
            reason=problem_text(first),
            cells=named_cells(headers[row["table_number"]], json.loads(row["cells"])),
            errors=tuple(_warned(one) for one in row["problems"] if one["severity"] == "error"),
            corrections=corrections,
            warnings=warnings,
        )


def named_cells(columns: list[str], cells: list[Any]) -> dict[str, Any]:
    """Return the original cells by header; cells past the header are called ``Extra 1`` and so on."""
    names = [*columns, *(f"Extra {n}" for n in range(1, len(cells) - len(columns) + 1))]
    return dict(zip(names, cells, strict=False))


def _pending(store: Store, staging: Staging, rows: list[dict[str, Any]]) -> Iterator[PendingRecord]:
    handling = configuration_of(staging).duplicate_handling
    actions = handling.actions
    existing = rows_by_number(store, [row["trip"] for row in rows if row["trip"] is not None])
    earlier = plan_rows.records(staging, [row["twin"] for row in rows if row["trip"] is None and row["twin"]])
    for row in rows:
        old = existing.get(row["trip"]) or earlier.get(row["twin"])
        corrections, warnings = notes_of(row)
        yield PendingRecord(
            record=row["record"],
            where=where_of(row),
            existing_id=old["id"] if old else None,
            confidence=(row["confidence"] or 0) / 100,
            suggested_action=suggested_action(row["confidence"] or 0, actions),
            reasons=tuple(reason.text for reason in reasons_of(old, row, handling.detection)) if old else (),
            corrections=corrections,
            warnings=warnings,
        )
