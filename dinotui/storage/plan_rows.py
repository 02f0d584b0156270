"""Questions to a staged plan: counts, pages in file order, single records, what is wrong with them.

Every answer is read from the view `planned`, which apply reads too, so that preview and apply cannot differ.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from dinotui.domain.folding import fold
from dinotui.storage.staging import RECORD_COLUMNS, Staging
from dinotui.storage.words import with_words

_JOINED: Final = (
    "FROM planned p JOIN record r ON r.record = p.record JOIN source_row s ON s.record = p.record"
    " JOIN source_table t ON t.number = s.source_table LEFT JOIN overlap o"
    " ON o.record = p.record AND p.action IN ('create', 'update')"
    " LEFT JOIN source_row w ON w.record = p.twin LEFT JOIN source_table wt ON wt.number = w.source_table"
    " LEFT JOIN source_row v ON v.record = o.twin LEFT JOIN source_table vt ON vt.number = v.source_table"
)
_PLAN_COLUMNS: Final = (
    "action",
    "reason",
    "trip",
    "twin",
    "points",
    "confidence",
    "differs",
    "decision",
    "fields",
    "made_by",
)
_OVERLAP_COLUMNS: Final = ("trip", "twin", "country", "entry_day", "exit_day")
_NAMES: Final = (
    *RECORD_COLUMNS,
    *_PLAN_COLUMNS,
    *(f"overlap_{column}" for column in _OVERLAP_COLUMNS),
    "twin_line",
    "twin_table",
    "overlap_line",
    "overlap_table",
    "line",
    "table",
    "table_number",
    "cells",
)
_SELECT: Final = (
    "SELECT "
    + ", ".join(f"r.{column}" for column in RECORD_COLUMNS)
    + ", "
    + ", ".join(f"p.{column}" for column in _PLAN_COLUMNS)
    + ", "
    + ", ".join(f"o.{column}" for column in _OVERLAP_COLUMNS)
    + f", w.line, wt.name, v.line, vt.name, s.line, t.name, t.number, s.cells {_JOINED}"
)
_ACTIONS: Final = ("create", "update", "skip", "reject", "ask")


@dataclass(frozen=True, slots=True)
class PlanFilter:
    """Which records to show: one action, those with a problem or correction, words in any cell.

    `bad` keeps those that are rejected or have a warning, `corrected` those that count as corrected.
    """

    action: str = ""
    noted: bool = False
    text: str = ""
    bad: bool = False
    corrected: bool = False

    def where(self) -> tuple[str, dict[str, Any]]:
        """Return the SQL condition and its bindings."""
        parts = ["1"]
        values: dict[str, Any] = {}
        if self.action:
            parts.append("p.action = :action")
            values["action"] = self.action
        if self.noted:
            parts.append("(r.problems IS NOT NULL OR o.record IS NOT NULL)")
        if self.corrected:
            parts.append("(r.corrected > 0 AND r.valid)")
        if self.bad:
            parts.append("(NOT r.valid OR r.warned > 0 OR o.record IS NOT NULL)")
        words, bindings = with_words("s.cells || ' ' || s.line", self.text)
        return " AND ".join([*parts, *words]), {**values, **bindings}


def count(staging: Staging, chosen: PlanFilter) -> int:
    """Return how many records the filter keeps."""
    if chosen == PlanFilter():
        return int(staging.database.value("SELECT count(*) FROM record"))
    condition, values = chosen.where()
    return int(staging.database.value(f"SELECT count(*) {_JOINED} WHERE {condition}", values))


def page(
    staging: Staging,
    chosen: PlanFilter,
    *,
    after: int | None = None,
    limit: int = 100,
    backwards: bool = False,
) -> list[dict[str, Any]]:
    """Return a page in file order behind record `after` or, backwards, in front of it (None: an end)."""
    condition, values = chosen.where()
    sign, order = ("<", "DESC") if backwards else (">", "ASC")
    keyset = "" if after is None else f" AND p.record {sign} :after"
    bound = {**values, "limit": limit} | ({} if after is None else {"after": after})
    rows = staging.database.rows(
        f"{_SELECT} WHERE {condition}{keyset} ORDER BY p.record {order} LIMIT :limit", bound
    )
    found = [dict(zip(_NAMES, row, strict=True)) for row in rows]
    return found[::-1] if backwards else found


def numbers(staging: Staging, chosen: PlanFilter) -> Iterator[int]:
    """Yield the records that the filter keeps, in file order."""
    condition, values = chosen.where()
    for row in staging.database.stream(
        f"SELECT p.record {_JOINED} WHERE {condition} ORDER BY p.record", values
    ):
        yield row[0]


def record(staging: Staging, number: int) -> dict[str, Any] | None:
    """Return one record with its plan, None where there is none."""
    rows = staging.database.rows(f"{_SELECT} WHERE p.record = ?", (number,))
    return dict(zip(_NAMES, rows[0], strict=True)) if rows else None


def records(staging: Staging, numbers: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return several records with their plans."""
    found = {number: record(staging, number) for number in dict.fromkeys(numbers)}
    return {number: row for number, row in found.items() if row is not None}


def action_counts(staging: Staging) -> dict[str, int]:
    """Return the number of records by action, and of records corrected, warned about, put off, and removals."""
    sums = ", ".join(f"coalesce(sum(p.action = '{action}'), 0)" for action in _ACTIONS)
    *actions, corrected, warned = staging.database.rows(
        f"SELECT {sums}, coalesce(sum(r.corrected > 0 AND r.valid), 0), coalesce(sum(r.warned > 0 OR ("
        " o.record IS NOT NULL AND p.action IN ('create', 'update'))), 0)"
        " FROM planned p JOIN record r ON r.record = p.record LEFT JOIN overlap o ON o.record = p.record"
    )[0]
    counts = dict(zip(_ACTIONS, actions, strict=True))
    later = staging.database.value("SELECT count(*) FROM decision WHERE action = 'later'")
    removed = staging.database.value("SELECT count(*) FROM removal")
    return {**counts, "corrected": corrected, "warned": warned, "later": later, "remove": removed}


def signature(staging: Staging) -> set[tuple[Any, ...]]:
    """Return the matched rows of the plan in a form that two plans can be compared by, record first."""
    return set(
        staging.database.stream(
            "SELECT p.record, p.action, p.trip, p.twin, p.differs, plan.seen_change FROM planned p"
            " JOIN plan USING (record)"
        )
    )


def uncoded_countries(staging: Staging, limit: int) -> list[tuple[str, int]]:
    """Return country texts without a code and how many valid records have each, the most frequent first."""
    return [
        (row[0], row[1])
        for row in staging.database.rows(
            "SELECT country, count(*) FROM record WHERE valid AND country_code IS NULL GROUP BY country_fold"
            " ORDER BY 2 DESC, 1 LIMIT ?",
            (limit,),
        )
    ]


def names_country(staging: Staging, folded: str) -> bool:
    """Return whether a record has this country text, folded, as its country or its passport's."""
    found = "SELECT 1 FROM record WHERE country_fold = :text LIMIT 1"
    if staging.database.value(found, {"text": folded}) is not None:
        return True
    passports = staging.database.stream("SELECT DISTINCT passport_country FROM record")
    return any(fold(row[0]) == folded for row in passports)


def empty_cells(staging: Staging, table: int, column: int) -> int:
    """Return how many rows of a table have nothing in a column."""
    return int(
        staging.database.value(
            "SELECT count(*) FROM source_row WHERE source_table = :table"
            " AND coalesce(json_extract(cells, :place), '') = ''",
            {"table": table, "place": f"$[{column}]"},
        )
    )


UNSETTLED: Final = ("country-unknown", "country-ambiguous")
"""The problems of a country text that an answer of the user would settle."""
_UNSETTLED: Final = (
    "FROM record WHERE valid AND country_code IS NULL AND problems IS NOT NULL"
    """ AND (instr(problems, '"country-unknown"') OR instr(problems, '"country-ambiguous"'))"""
)  # inside a JSON text the quotes of a cell are escaped, so that no cell looks like a code


def unsettled_countries(staging: Staging, limit: int) -> list[tuple[str, int, bool]]:
    """Return country texts that stand for no country, the most frequent first.

    With each, how many valid records have it, and whether it may be several countries rather than none.
    """
    rows = staging.database.rows(
        """SELECT country, count(*), max(instr(problems, '"country-ambiguous"') > 0)"""
        f" {_UNSETTLED} GROUP BY country_fold ORDER BY 2 DESC, 1 LIMIT ?",
        (limit,),
    )
    return [(row[0], row[1], bool(row[2])) for row in rows]


def count_unsettled_countries(staging: Staging) -> int:
    """Return how many different country texts stand for no country."""
    return int(staging.database.value(f"SELECT count(DISTINCT country_fold) {_UNSETTLED}"))


def first_uncoded(staging: Staging) -> dict[str, Any] | None:
    """Return the first valid record whose country has no code."""
    number = staging.database.value("SELECT min(record) FROM record WHERE valid AND country_code IS NULL")
    return None if number is None else record(staging, number)


def warnings_by_code(staging: Staging, skip: Sequence[str]) -> list[tuple[str, int, int]]:
    """Return (message of the first, count, first record) of the valid records' warnings by code and own rule."""
    marks = ", ".join("?" * len(skip))
    rows = staging.database.rows(
        "SELECT json_extract(p.value, '$.message'), count(*), min(record) FROM record, json_each(record.problems) p"
        " WHERE record.problems IS NOT NULL AND valid AND warned > 0"
        " AND json_extract(p.value, '$.severity') = 'warning'"
        f" AND json_extract(p.value, '$.code') NOT IN ({marks})"
        " GROUP BY json_extract(p.value, '$.code'), json_extract(p.value, '$.rule') ORDER BY 2 DESC, 3",
        skip,
    )
    return [(row[0], row[1], row[2]) for row in rows]


def overlaps(staging: Staging) -> tuple[int, dict[str, Any] | None]:
    """Return how many records of the plan run into another stay, and the first of them."""
    found, first = staging.database.rows("SELECT count(*), min(record) FROM overlapping")[0]
    return found, None if first is None else record(staging, first)


def rejected(staging: Staging, limit: int = -1) -> Iterator[dict[str, Any]]:
    """Yield the rejected records in file order, each with its `problems` decoded, errors first."""
    for row in staging.database.stream(
        f"{_SELECT} WHERE r.problems IS NOT NULL AND NOT r.valid ORDER BY r.record LIMIT ?", (limit,)
    ):
        found = dict(zip(_NAMES, row, strict=True))
        problems = json.loads(found["problems"])
        found["problems"] = sorted(problems, key=lambda problem: problem["severity"] != "error")
        yield found


def writes_something(staging: Staging) -> bool:
    """Return whether applying would write or remove any trip as the plan is now; stops at the first."""
    return bool(
        staging.database.value(
            "SELECT EXISTS (SELECT 1 FROM planned WHERE action IN ('create', 'update'))"
            " OR EXISTS (SELECT 1 FROM removal)"
        )
    )


def count_rejected(staging: Staging) -> int:
    """Return how many records the plan rejects."""
    return int(staging.database.value("SELECT count(*) FROM planned WHERE action = 'reject'"))
