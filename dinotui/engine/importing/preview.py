"""Pages of the plan for a person: every record with its action, values and what has to be said about it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from dinotui.domain.dates import day_text
from dinotui.engine.importing.wording import skip_reason
from dinotui.storage.staging import Staging

SIGNS: Final = {"create": "+", "update": "~", "skip": "=", "reject": "!", "ask": "?"}

_SQL: Final = """
SELECT p.record, s.line, s.source_table, p.action, p.reason, p.trip, p.twin, p.confidence, p.decision, r.country,
  r.country_code, r.entry_day, r.exit_day, r.visa_type, r.max_days, r.passport_country, r.notes, r.problems, s.cells
FROM planned p JOIN record r ON r.record = p.record JOIN source_row s ON s.record = p.record
"""


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A record of the plan; `said` are its problems and corrections as stored, worst first."""

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
    reason: str
    said: tuple[dict[str, Any], ...]

    @property
    def sign(self) -> str:
        """The action as one character: + ~ = ! ?"""
        return SIGNS[self.action]

    @property
    def comment(self) -> str:
        """The first thing to know about the record, in words."""
        if self.said and (self.action == "reject" or self.said[0]["severity"] != "info"):
            return str(self.said[0]["message"])
        if self.reason:
            return skip_reason(self.reason, self.trip, self.twin)
        return str(self.said[0]["message"]) if self.said else ""


@dataclass(frozen=True, slots=True)
class PreviewFilter:
    """Which records to show: one action, those with a problem or correction, and words in any text."""

    action: str = ""
    noted: bool = False
    text: str = ""

    def where(self) -> tuple[str, dict[str, Any]]:
        """Return the SQL condition and its bindings."""
        parts, values = ["1"], {}
        if self.action:
            parts.append("p.action = :action")
            values["action"] = self.action
        if self.noted:
            parts.append("r.problems IS NOT NULL")
        for number, word in enumerate(self.text.split()):
            parts.append(f"instr(lower(s.cells || ' ' || s.line), lower(:word{number}))")
            values[f"word{number}"] = word
        return " AND ".join(parts), values


def count(staging: Staging, chosen: PreviewFilter) -> int:
    """Return how many records the filter keeps."""
    if chosen == PreviewFilter():
        return int(staging.database.value("SELECT count(*) FROM record"))
    condition, values = chosen.where()
    sql = (
        "SELECT count(*) FROM planned p JOIN record r ON r.record = p.record"
        f" JOIN source_row s ON s.record = p.record WHERE {condition}"
    )
    return int(staging.database.value(sql, values))


def page(
    staging: Staging,
    chosen: PreviewFilter,
    *,
    after: int | None = None,
    limit: int = 100,
    backwards: bool = False,
) -> list[PreviewRow]:
    """Return a page in file order behind record `after` or, backwards, in front of it (None: an end)."""
    condition, values = chosen.where()
    sign, order = ("<", "DESC") if backwards else (">", "ASC")
    keyset = f" AND p.record {sign} :after" if after is not None else ""
    rows = staging.database.rows(
        f"{_SQL} WHERE {condition}{keyset} ORDER BY p.record {order} LIMIT :limit",
        {**values, "limit": limit, **({} if after is None else {"after": after})},
    )
    found = [_row(row) for row in rows]
    return found[::-1] if backwards else found


def record(staging: Staging, number: int) -> PreviewRow | None:
    """Return one record of the plan."""
    rows = staging.database.rows(f"{_SQL} WHERE p.record = ?", (number,))
    return _row(rows[0]) if rows else None


_WORST: Final = {"error": 0, "warning": 1, "info": 2}


def _row(row: tuple[Any, ...]) -> PreviewRow:
    said = sorted(json.loads(row[17] or "[]"), key=lambda item: _WORST[item["severity"]])
    return PreviewRow(
        record=row[0],
        line=row[1],
        table=row[2],
        action=row[3],
        reason=row[4],
        trip=row[5],
        twin=row[6],
        confidence=row[7],
        decision=row[8],
        country=row[9],
        country_code=row[10],
        entry=_shown_day(row[11], said, "entryDate"),
        exit=_shown_day(row[12], said, "exitDate"),
        visa_type=row[13],
        max_days=row[14],
        passport_country=row[15],
        notes=row[16],
        said=tuple(said),
    )


def _shown_day(day: int | None, said: list[dict[str, Any]], field: str) -> str:
    """Return a date, or the text of the file where no date could be read."""
    if day is not None:
        return day_text(day)
    unread = next((item["value"] for item in said if item["field"] == field and item["severity"] == "error"), None)
    return "" if unread is None else str(unread)
