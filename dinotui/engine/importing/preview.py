"""Pages of the plan for a person: every record with its action, values and what has to be said about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from dinotui.domain.dates import day_text
from dinotui.domain.result import PreviewRecord
from dinotui.engine.importing.details import named_cells, trip_form
from dinotui.engine.importing.reading import configuration_of
from dinotui.engine.importing.wording import said_of, skip_reason, where_of
from dinotui.storage import plan_rows
from dinotui.storage.plan_rows import PlanFilter
from dinotui.storage.staging import Staging

SIGNS: Final = {"create": "+", "update": "~", "skip": "=", "reject": "!", "ask": "?"}

PreviewFilter = PlanFilter


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A record of the plan: `why` it is left out in words, `said` its problems and corrections, worst first."""

    record: int
    line: int
    table: int
    action: str
    country: str
    country_code: str | None
    entry: str
    exit: str
    visa_type: str
    max_days: int | None
    passport_country: str
    notes: str
    confidence: int | None
    decision: str | None
    trip: int | None
    twin: int | None
    why: str
    said: tuple[dict[str, Any], ...]

    @property
    def sign(self) -> str:
        """The action as one character: + ~ = ! ?"""
        return SIGNS[self.action]

    @property
    def comments(self) -> tuple[str, ...]:
        """All there is to know about the record, in words, the first thing first."""
        said = tuple(str(item["message"]) for item in self.said)
        unsettled = self.said and self.said[0]["severity"] != "info" and self.action != "skip"
        first = unsettled or self.action == "reject"
        found = (*said, self.why) if first else (self.why, *said)
        return tuple(dict.fromkeys(text for text in found if text))

    @property
    def comment(self) -> str:
        """The first thing to know about the record, in words."""
        return next(iter(self.comments), "")


def count(staging: Staging, chosen: PlanFilter) -> int:
    """Return how many records the filter keeps."""
    return plan_rows.count(staging, chosen)


def page(
    staging: Staging,
    chosen: PlanFilter,
    *,
    after: int | None = None,
    limit: int = 100,
    backwards: bool = False,
) -> list[PreviewRow]:
    """Return a page in file order behind record `after` or, backwards, in front of it (None: an end)."""
    return [
        _row(row) for row in plan_rows.page(staging, chosen, after=after, limit=limit, backwards=backwards)
    ]


def numbers(staging: Staging, chosen: PlanFilter) -> Iterator[int]:
    """Yield the records that the filter keeps, in file order; for lists that jump to any place."""
    return plan_rows.numbers(staging, chosen)


def cells_of(staging: Staging, number: int) -> tuple[str, dict[str, Any]]:
    """Return the table of a record and its original cells by header; raises `NotFound`."""
    row = staging.source_row(number)
    table = next(table for table in staging.tables() if table.number == row.table)
    return table.name, named_cells(table.columns, row.cells)


def record(staging: Staging, number: int) -> PreviewRow | None:
    """Return one record of the plan."""
    row = plan_rows.record(staging, number)
    return None if row is None else _row(row)


def sample(staging: Staging) -> tuple[PreviewRecord, ...]:
    """Return the first records of the plan, as many as the import's configuration wants to see."""
    wanted = configuration_of(staging).preview
    if not wanted.enabled:
        return ()
    return tuple(_sampled(row) for row in plan_rows.page(staging, PlanFilter(), limit=wanted.sample_size))


def _sampled(row: dict[str, Any]) -> PreviewRecord:
    shown = _row(row)
    return PreviewRecord(
        record=row["record"],
        where=where_of(row),
        action=row["action"],
        trip=trip_form(row),
        comment=shown.comment,
        comments=shown.comments,
    )


def _row(row: dict[str, Any]) -> PreviewRow:
    said = said_of(row)
    return PreviewRow(
        record=row["record"],
        line=row["line"],
        table=row["table_number"],
        action=row["action"],
        why=skip_reason(row),
        trip=row["trip"],
        twin=row["twin"],
        confidence=row["confidence"],
        decision=row["decision"],
        country=row["country"],
        country_code=row["country_code"],
        entry=_shown_day(row["entry_day"], said, "entryDate"),
        exit=_shown_day(row["exit_day"], said, "exitDate"),
        visa_type=row["visa_type"],
        max_days=row["max_days"],
        passport_country=row["passport_country"],
        notes=row["notes"],
        said=tuple(said),
    )


def _shown_day(day: int | None, said: list[dict[str, Any]], field: str) -> str:
    """Return a date, or the text of the file where no date could be read."""
    if day is not None:
        return day_text(day)
    unread = next(
        (item["value"] for item in said if item["field"] == field and item["severity"] == "error"), None
    )
    return "" if unread is None else str(unread)
