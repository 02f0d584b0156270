"""Smart matching over whole tables: the evidence of `dinotui.domain.evidence` as SQL, with its weights.

Candidates are reached through the same indexes as every other match: by country code or text, and entry day.
An unrecognised country is reached through the countries that its text may mean.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from dinotui.domain.evidence import (
    LENGTH_PARTS,
    MOSTLY,
    NEAR_NOTES,
    NEAR_VISA,
    OTHER_NOTES,
    SAME_NOTES,
    SMART_DAYS,
    WEIGHTS,
    CountryLevel,
)
from dinotui.domain.likeness import likeness
from dinotui.storage.database import Database

Repair: TypeAlias = Callable[[str], Sequence[str]]
"""Returns the codes of the countries that an unrecognised text may mean."""

_MOST_TEXTS: Final = 500
_W: Final = WEIGHTS
_LENGTHS: Final = "t.exit_day - t.entry_day + 1", "r.exit_day - r.entry_day + 1"
_SHARED: Final = "min(t.exit_day, r.exit_day) - max(t.entry_day, r.entry_day) + 1"
_UNION: Final = "max(t.exit_day, r.exit_day) - min(t.entry_day, r.entry_day) + 1"
_ENTRY: Final = (
    f"CASE abs(t.entry_day - r.entry_day) WHEN 0 THEN {_W.entry_equal} WHEN 1 THEN {_W.entry_one}"
    f" WHEN 2 THEN {_W.entry_two} ELSE 0 END"
)
_EXIT: Final = (
    f"CASE WHEN t.exit_day IS NULL AND r.exit_day IS NULL THEN {_W.exit_open}"
    f" WHEN t.exit_day IS NULL OR r.exit_day IS NULL THEN {_W.exit_gained}"
    f" ELSE CASE abs(t.exit_day - r.exit_day) WHEN 0 THEN {_W.exit_equal} WHEN 1 THEN {_W.exit_one}"
    f" WHEN 2 THEN {_W.exit_two} ELSE 0 END END"
)
_LENGTH: Final = (
    "CASE WHEN t.exit_day IS NULL OR r.exit_day IS NULL THEN 0"
    " WHEN t.entry_day <> r.entry_day AND r.entry_day - t.entry_day = r.exit_day - t.exit_day"
    f" AND abs(r.entry_day - t.entry_day) <= {SMART_DAYS} THEN {_W.together}"
    f" WHEN abs(r.exit_day - t.exit_day) <= {SMART_DAYS} AND abs(r.entry_day - t.entry_day) <= {SMART_DAYS} THEN 0"
    f" WHEN min({_LENGTHS[0]}, {_LENGTHS[1]}) * {LENGTH_PARTS[1]} >= max({_LENGTHS[0]}, {_LENGTHS[1]})"
    f" * {LENGTH_PARTS[0]} THEN {_W.length_alike} ELSE {_W.length_other} END"
)
_OVERLAP: Final = (
    "CASE WHEN t.exit_day IS NULL OR r.exit_day IS NULL THEN 0"
    f" WHEN {_SHARED} <= 0 THEN {_W.apart}"
    f" WHEN {_SHARED} = 1 AND min({_LENGTHS[0]}, {_LENGTHS[1]}) > 1 THEN {_W.border}"
    f" WHEN ({_SHARED}) * {MOSTLY} >= {_UNION} THEN {_W.overlap} ELSE 0 END"
)
_VISA: Final = (
    f"CASE WHEN t.visa_fold = r.visa_fold THEN {_W.visa_same}"
    f" WHEN likeness(t.visa_fold, r.visa_fold) >= {NEAR_VISA} THEN {_W.visa_near} ELSE {_W.visa_other} END"
)
_PASSPORT: Final = (
    "CASE WHEN t.passport_fold = '' OR r.passport_fold = '' THEN 0"
    f" WHEN t.passport_fold = r.passport_fold THEN {_W.passport_same} ELSE {_W.passport_other} END"
)
_MAX: Final = (
    "CASE WHEN t.max_days IS NULL OR r.max_days IS NULL THEN 0"
    f" WHEN t.max_days = r.max_days THEN {_W.max_same} ELSE {_W.max_other} END"
)
_NOTES: Final = (
    "CASE WHEN t.notes = '' OR r.notes = '' THEN 0"
    f" WHEN t.notes = r.notes THEN {_W.notes_same} ELSE (SELECT CASE WHEN alike >= {SAME_NOTES} THEN {_W.notes_same}"
    f" WHEN alike >= {NEAR_NOTES} THEN {_W.notes_near} WHEN alike < {OTHER_NOTES} THEN {_W.notes_other} ELSE 0 END"
    " FROM (SELECT likeness(t.notes, r.notes) AS alike)) END"
)
_FIELDS: Final = (_ENTRY, _EXIT, _LENGTH, _OVERLAP, _VISA, _PASSPORT, _MAX, _NOTES)


def points_sql(level: CountryLevel) -> str:
    """Return the points of record r against trip or record t, 0..100, where the countries stand as `level` says."""
    country = _W.country_same if level == "same" else _W.country_near
    return f"max(0, min(100, {country} + " + " + ".join(f"({part})" for part in _FIELDS) + "))"


def _likeness(*texts: object) -> int:
    one, other = texts
    return likeness(str(one), str(other))


def prepare(database: Database, user: int, repair: Repair) -> None:
    """Make what smart matching asks for: the likeness of texts, and what unrecognised countries may mean.

    `temp.near_country` holds (folded text, code); `live` is attached.
    """
    database.connection.create_scalar_function("likeness", _likeness, 2, deterministic=True)
    database.execute(
        "CREATE TEMP TABLE near_country (fold TEXT, code TEXT, PRIMARY KEY (fold, code)) WITHOUT ROWID"
    )
    for table, condition in (("record", "valid"), ("live.trip", f"user = {user}")):
        texts = database.rows(
            f"SELECT country_fold, min(country) FROM {table} WHERE {condition} AND country_code IS NULL"
            " GROUP BY country_fold ORDER BY count(*) DESC, country_fold LIMIT ?",
            (_MOST_TEXTS,),
        )
        for fold, text in texts:
            for code in repair(text):
                database.execute("INSERT OR IGNORE INTO near_country VALUES (?, ?)", (fold, code))
    database.execute("CREATE INDEX temp.near_country_code ON near_country (code, fold)")


def clear(database: Database) -> None:
    """Drop what `prepare` made."""
    database.execute("DROP TABLE IF EXISTS temp.near_country")


# How a trip or record t is reached whose country may be that of r: (what is joined before t, condition on t).
NEAR_REACHES: Final = (
    (
        "JOIN near_country n ON r.country_code IS NULL AND n.fold = r.country_fold",
        "t.country_code = n.code AND t.country_fold <> r.country_fold",
    ),
    (
        "JOIN near_country n ON n.code = r.country_code",
        "t.country_code IS NULL AND t.country_fold = n.fold AND t.country_fold <> r.country_fold",
    ),
    (
        (
            "JOIN (SELECT DISTINCT a.fold AS fold, b.fold AS other FROM near_country a JOIN near_country b"
            " ON b.code = a.code AND b.fold <> a.fold) n ON r.country_code IS NULL AND n.fold = r.country_fold"
        ),
        "t.country_code IS NULL AND t.country_fold = n.other",
    ),
)
