"""Set-based matching: which staged records may repeat which trips or which earlier records.

The same rules as `dinotui.domain.matching`, asked of whole tables through the index on (user, country,
entry day): cost grows with the number of records. Every match is stored with points and confidence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from dinotui.domain.configuration import DuplicateHandling
from dinotui.domain.errors import Cancelled
from dinotui.domain.evidence import SMART_DAYS, CountryLevel
from dinotui.domain.matching import CONFIDENCE, FUZZY, HIGH, NEAR_DAYS
from dinotui.storage import crowds, smart
from dinotui.storage.database import Database
from dinotui.storage.staging import ENDS_FIRST, Staging

# One bit a field that taking the incoming value would change; an empty incoming value changes nothing.
DIFFERS: Final = {
    "country": 1,
    "entryDate": 2,
    "exitDate": 4,
    "visaType": 8,
    "maxDays": 16,
    "passportCountry": 32,
    "notes": 64,
}

_SAME_COUNTRY: Final = (
    "CASE WHEN r.country_code IS NOT NULL AND t.country_code IS NOT NULL"
    " THEN r.country_code = t.country_code ELSE r.country_fold = t.country_fold END"
)
_DIFFERS: Final = f"""(
  CASE WHEN {_SAME_COUNTRY} THEN 0 ELSE {DIFFERS["country"]} END
  + CASE WHEN r.entry_day = t.entry_day THEN 0 ELSE {DIFFERS["entryDate"]} END
  + CASE WHEN r.exit_day IS NULL OR r.exit_day IS t.exit_day THEN 0 ELSE {DIFFERS["exitDate"]} END
  + CASE WHEN r.visa_fold = t.visa_fold THEN 0 ELSE {DIFFERS["visaType"]} END
  + CASE WHEN r.max_days IS NULL OR r.max_days IS t.max_days THEN 0 ELSE {DIFFERS["maxDays"]} END
  + CASE WHEN r.passport_fold = '' OR r.passport_fold = t.passport_fold THEN 0 ELSE {DIFFERS["passportCountry"]} END
  + CASE WHEN r.notes = '' OR r.notes = t.notes THEN 0 ELSE {DIFFERS["notes"]} END
  + CASE WHEN r.exit_day IS NULL AND t.exit_day < r.entry_day THEN {ENDS_FIRST} ELSE 0 END)"""
_POINTS: Final = f"""(
  {FUZZY.country}
  + CASE WHEN t.entry_day = r.entry_day THEN {FUZZY.entry_equal}
      WHEN abs(t.entry_day - r.entry_day) <= {NEAR_DAYS} THEN {FUZZY.entry_near} ELSE 0 END
  + CASE WHEN t.exit_day IS r.exit_day THEN {FUZZY.exit_equal}
      WHEN abs(t.exit_day - r.exit_day) <= {NEAR_DAYS} THEN {FUZZY.exit_near} ELSE 0 END
  + CASE WHEN t.visa_fold = r.visa_fold THEN {FUZZY.visa} ELSE 0 END)"""
_CONFIDENCE: Final = f"""(
  CASE WHEN {_SAME_COUNTRY} THEN {CONFIDENCE.country} ELSE 0 END
  + CASE WHEN t.entry_day = r.entry_day THEN {CONFIDENCE.entry} ELSE 0 END
  + CASE WHEN t.exit_day IS r.exit_day THEN {CONFIDENCE.exit} ELSE 0 END
  + CASE WHEN t.visa_fold = r.visa_fold THEN {CONFIDENCE.visa} ELSE 0 END
  + CASE WHEN t.passport_fold = r.passport_fold THEN {CONFIDENCE.passport} ELSE 0 END)"""
# Evidence is its own confidence, but where a date differs it never counts as high.
_DATES: Final = DIFFERS["entryDate"] | DIFFERS["exitDate"]
_OWN_CONFIDENCE: Final = f"CASE WHEN differs & {_DATES} THEN min(points, {HIGH - 1}) ELSE points END"
_STRICT: Final = "t.entry_day = r.entry_day AND t.exit_day IS r.exit_day AND t.visa_fold = r.visa_fold"

# What must agree for a pair to be considered, by criterion; a date agrees within some days in all but strict mode.
CRITERIA: Final = {
    "country": "1",
    "entryDate": "abs(t.entry_day - r.entry_day) <= {days}",
    "exitDate": "(t.exit_day IS r.exit_day OR abs(t.exit_day - r.exit_day) <= {days})",
    "visaType": "t.visa_fold = r.visa_fold",
    "maxDays": "t.max_days IS r.max_days",
    "passportCountry": "t.passport_fold = r.passport_fold",
    "notes": "t.notes = r.notes",
}

# How trips are reached from a record: by code, or by folded text where one of the two has no code.
_BY_CODE: Final = "t.country_code = r.country_code"
_CODED: Final = "AND r.country_code IS NOT NULL"
_IN_ORDER: Final = "INDEXED BY record_match"  # both sides are read from front to back
_BY_TEXT: Final = "t.country_code IS NULL AND t.country_fold = r.country_fold"
_CODES_OF_TEXT: Final = "JOIN fold_code f ON r.country_code IS NULL AND f.country_fold = r.country_fold"
_BY_TEXT_CODED: Final = "t.country_code = f.country_code AND t.country_fold = r.country_fold"


def find_matches(
    staging: Staging,
    live: str,
    user: int,
    handling: DuplicateHandling,
    cancelled: Callable[[], bool] = lambda: False,
    repair: smart.Repair = lambda _text: (),
    report: Callable[[int, int], None] = lambda _step, _steps: None,
) -> None:
    """Fill the `match` table: staged records against the trips of `user` and against earlier records.

    `live` is the path of the user's database, which is only read. `repair` says which countries an
    unrecognised text may mean; smart mode asks it. `report` takes how many steps of how many are done.
    """
    database = staging.database
    steps = (
        partial(_by_id, database, user),
        partial(_trips, database, user, handling),
        partial(_twins, database, handling),
    )
    _match(staging, live, user, handling, repair, cancelled, (), steps, report)


def find_twins(
    staging: Staging,
    live: str,
    user: int,
    handling: DuplicateHandling,
    repair: smart.Repair,
    before: Callable[[], None],
    after: Callable[[], None],
    cancelled: Callable[[], bool] = lambda: False,
) -> None:
    """Fill the `match` table with records against earlier records alone.

    `before` may fill the records and `after` plan, both in the same transaction with `live` attached.
    """
    twins = partial(_twins, staging.database, handling)
    _match(staging, live, user, handling, repair, cancelled, (before,), (twins, after))


def _match(
    staging: Staging,
    live: str,
    user: int,
    handling: DuplicateHandling,
    repair: smart.Repair,
    cancelled: Callable[[], bool],
    before: Sequence[Callable[[], None]],
    steps: Sequence[Callable[[], None]],
    report: Callable[[int, int], None] = lambda _step, _steps: None,
) -> None:
    database = staging.database
    database.execute("DELETE FROM match")
    database.execute("DROP INDEX IF EXISTS match_record")
    attach_live(database, live)
    try:
        with database.write(), database.stoppable(cancelled):
            prepare = (
                partial(_prepare, database, user),
                partial(_prepare_smart, database, user, handling, repair),
                partial(crowds.find_crowds, database, handling.criteria),
            )
            every: tuple[Callable[[], None], ...] = (*before, *prepare, *steps)
            for done, step in enumerate(every):
                if cancelled():
                    raise Cancelled
                report(done, len(every))
                step()
            database.execute("CREATE INDEX match_record ON match (record)")
    finally:
        database.execute("DROP TABLE IF EXISTS temp.fold_code")
        smart.clear(database)
        crowds.clear(database)
        database.execute("DETACH live")


def attach_live(database: Database, live: str) -> None:
    """Attach the user's database to a staging file as ``live``, with room for the pages that are read again."""
    database.execute("ATTACH ? AS live", (live,))
    database.execute("PRAGMA live.cache_size = -16000")


def _prepare(database: Database, user: int) -> None:
    database.execute("DROP INDEX IF EXISTS record_match")
    database.execute("DROP INDEX IF EXISTS record_text")
    database.execute("DROP INDEX IF EXISTS record_id")
    database.execute(
        "CREATE INDEX record_match ON record (country_code, entry_day, exit_day, visa_fold, id)"
        " WHERE valid AND country_code IS NOT NULL"
    )
    database.execute(
        "CREATE INDEX record_text ON record (country_fold, entry_day) WHERE valid AND country_code IS NULL"
    )
    database.execute("CREATE INDEX record_id ON record (id, record) WHERE valid AND id IS NOT NULL")
    database.execute(
        "CREATE TEMP TABLE fold_code AS SELECT DISTINCT country_fold, country_code FROM live.trip"
        " WHERE user = ? AND country_code IS NOT NULL AND country_fold IN"
        " (SELECT country_fold FROM record WHERE valid AND country_code IS NULL)",
        (user,),
    )


def _by_id(database: Database, user: int) -> None:
    """The same id is a match before any score, whatever the mode."""
    database.execute(
        f"INSERT INTO match SELECT r.record, t.number, NULL, 1, 100, 100, {_DIFFERS}"
        " FROM record r CROSS JOIN live.trip t ON t.user = ? AND t.id = r.id WHERE r.valid AND r.id IS NOT NULL",
        (user,),
    )
    database.execute(
        f"INSERT INTO match SELECT r.record, NULL, t.record, 1, 100, 100, {_DIFFERS}"
        " FROM record r CROSS JOIN record t ON t.id = r.id AND t.record < r.record AND t.valid"
        " WHERE r.valid AND r.id IS NOT NULL AND r.record NOT IN (SELECT record FROM temp.crowd_of_id)"
    )
    database.execute(
        f"INSERT INTO match SELECT r.record, NULL, t.record, 1, 100, 100, {_DIFFERS} FROM temp.crowd_of_id c"
        " CROSS JOIN record r ON r.record = c.record CROSS JOIN record t ON t.record = c.first"
    )


def _prepare_smart(database: Database, user: int, handling: DuplicateHandling, repair: smart.Repair) -> None:
    if handling.detection == "smart":
        smart.prepare(database, user, repair)


def _trips(database: Database, user: int, handling: DuplicateHandling) -> None:
    if not database.value("SELECT EXISTS (SELECT 1 FROM live.trip WHERE user = ?)", (user,)):
        return
    reaches = [
        (_IN_ORDER, _BY_CODE, _scores(handling, "same")),
        ("", _BY_TEXT, _scores(handling, "same")),
        (_CODES_OF_TEXT, _BY_TEXT_CODED, _scores(handling, "same")),
    ]
    if handling.detection == "smart":
        reaches += [(joined, reach, _scores(handling, "near")) for joined, reach in smart.NEAR_REACHES]
    crowded = crowds.any_crowd(database)
    apart = crowds.not_crowded("r") if crowded else ""
    for joined, reach, (points, confidence) in reaches:
        for condition in _conditions(handling):
            pair = f"{reach} AND {condition}{apart}{_enough(points, handling)}"
            database.execute(
                _kept(
                    f"SELECT r.record, t.number AS trip, NULL AS twin, {points} AS points,"
                    f" {confidence} AS confidence, {_DIFFERS} AS differs"
                    f" FROM record r {joined} CROSS JOIN live.trip t ON t.user = :user AND {pair}"
                    f" WHERE r.valid {_CODED if reach is _BY_CODE else ''} AND (r.id IS NULL OR r.id <> t.id)",
                    handling,
                ),
                {"user": user, "points": handling.points},
            )
    if crowded and handling.detection != "off":
        _through_first(
            database, handling, crowds.WITH_TRIPS, "t.number AS trip, NULL AS twin", "r.id <> t.id"
        )


def _twins(database: Database, handling: DuplicateHandling) -> None:
    same = (
        f"t.country_code = r.country_code {_CODED.replace('r.', 't.')}",
        "r.country_code IS NULL AND t.country_code IS NULL AND t.country_fold = r.country_fold",
        "(r.country_code IS NULL) <> (t.country_code IS NULL) AND t.country_fold = r.country_fold",
    )
    uncoded = database.value("SELECT EXISTS (SELECT 1 FROM record WHERE valid AND country_code IS NULL)")
    reaches = [
        ("" if reach is not same[0] else _IN_ORDER, reach, _scores(handling, "same"))
        for reach in (same if uncoded else same[:1])
    ]
    if uncoded and handling.detection == "smart":
        reaches += [(joined, reach, _scores(handling, "near")) for joined, reach in smart.NEAR_REACHES]
    crowded = crowds.any_crowd(database)
    apart = crowds.not_crowded("r", "t") if crowded else ""
    for joined, reach, (points, confidence) in reaches:
        for condition in _conditions(handling):
            pair = f"{reach} AND {condition}{apart}{_enough(points, handling)}"
            database.execute(
                _kept(
                    f"SELECT r.record, NULL AS trip, t.record AS twin, {points} AS points,"
                    f" {confidence} AS confidence, {_DIFFERS} AS differs"
                    f" FROM record r {joined} CROSS JOIN record t ON {pair}"
                    f" WHERE r.valid {_CODED if reach is same[0] else ''} AND t.valid AND t.record < r.record"
                    " AND (r.id IS NULL OR t.id IS NULL OR r.id <> t.id)",
                    handling,
                ),
                {"points": handling.points},
            )
    if crowded and handling.detection != "off":
        other = "t.id IS NULL OR r.id <> t.id"
        for pairs in (crowds.WITH_LATER, crowds.WITH_TWINS, crowds.WITH_FIRST):
            _through_first(database, handling, pairs, "NULL AS trip, t.record AS twin", other)


def _through_first(
    database: Database, handling: DuplicateHandling, pairs: str, targets: str, other_id: str
) -> None:
    """Match those of a crowd with what the first of them leads to."""
    levels: list[tuple[CountryLevel, str]] = [("same", _SAME_COUNTRY)]
    if handling.detection == "smart":
        levels.append(("near", f"NOT ({_SAME_COUNTRY})"))
    for level, condition in levels:
        points, confidence = _scores(handling, level)
        pair = f"{condition} AND (r.id IS NULL OR {other_id}){_enough(points, handling)}"
        columns = f"{points} AS points, {confidence} AS confidence, {_DIFFERS} AS differs"
        database.execute(
            _kept(f"SELECT r.record, {targets}, {columns} FROM {pairs} WHERE {pair}", handling),
            {"points": handling.points},
        )


def _enough(points: str, handling: DuplicateHandling) -> str:
    """Return the end of a pair's condition that asks the formula, which needs the index alone.

    So what else a pair is told by is asked only for few; the formula itself comes behind what is cheaper.
    """
    return "" if handling.detection == "smart" else f" AND {points} >= :points"


def _kept(pairs: str, handling: DuplicateHandling) -> str:
    """Return the statement that keeps those of the selected pairs that have enough points.

    Evidence is dear, and the LIMIT of what is selected from keeps SQLite from computing it more than once.
    """
    chosen = f"({pairs} LIMIT -1) WHERE points >= :points" if handling.detection == "smart" else f"({pairs})"
    columns = f"record, trip, twin, 0, points, coalesce(confidence, {_OWN_CONFIDENCE}), differs"
    return f"INSERT INTO match SELECT {columns} FROM {chosen}"


def _scores(handling: DuplicateHandling, level: CountryLevel) -> tuple[str, str]:
    """Return points and confidence of a pair; evidence is its own confidence, found from the points (NULL)."""
    if handling.detection == "smart":
        return smart.points_sql(level), "NULL"
    return "100" if handling.detection == "strict" else _POINTS, _CONFIDENCE


def _conditions(handling: DuplicateHandling) -> list[str]:
    """Return one or more exclusive join conditions that together reach every pair to consider."""
    if handling.detection == "off":
        return []
    days = SMART_DAYS if handling.detection == "smart" else NEAR_DAYS
    criteria = [CRITERIA[name] for name in handling.criteria if name not in ("country", "entryDate")]
    others = "".join(f" AND {condition}" for condition in criteria).format(days=days)
    if handling.detection == "strict":
        return [_STRICT + others]
    near_entry = f"t.entry_day BETWEEN r.entry_day - {days} AND r.entry_day + {days}"
    if "entryDate" in handling.criteria:
        return [near_entry + others]
    # One of the two dates must be near: in fuzzy mode nothing else can reach 60 points.
    far_entry = f"abs(t.entry_day - r.entry_day) > {days} AND {CRITERIA['exitDate'].format(days=days)}"
    return [near_entry + others, far_entry + others]
