"""The plan: one frozen answer a record, made from matches by the strategy and the resolution.

A record without a row in `plan` is new (`create`), an invalid one is rejected; the view `planned` gives the
action that will be carried out, decisions included. Reasons are codes; the engine puts them into words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Final

from dinotui.domain.configuration import ImportConfiguration
from dinotui.storage import decisions
from dinotui.storage.database import Database
from dinotui.storage.matching import attach_live
from dinotui.storage.settled import skip_settled
from dinotui.storage.staging import ENDS_FIRST, Staging

_BEST: Final = """
CREATE TEMP TABLE best AS SELECT * FROM (
  SELECT *, row_number() OVER (
    PARTITION BY record ORDER BY same_id DESC, differs = 0 DESC, points DESC, confidence DESC, trip) AS place
  FROM match WHERE trip IS NOT NULL) WHERE place = 1
"""
_ACTIONS: Final = {"skip": "skip", "update": "update", "prompt": "ask", "keepBoth": "create"}


def make_plan(
    staging: Staging,
    live: str,
    user: int,
    configuration: ImportConfiguration,
    cancelled: Callable[[], bool] = lambda: False,
) -> None:
    """Fill the `plan` table from the `match` table; decisions are kept, they apply on top.

    Those whose conflict is no longer the one that was decided are taken back with it; `outdated` names them.
    """
    database = staging.database
    attach_live(database, live)
    try:
        with database.write(), database.stoppable(cancelled):
            before = decisions.decided_targets(staging)
            database.execute("DROP INDEX IF EXISTS plan_target")
            database.execute("DELETE FROM plan")
            database.execute("DELETE FROM removal")
            if configuration.strategy == "replace":
                _plan_replace(database, user)
            else:
                _plan_trips(database, _action(configuration))
                skip_settled(database, user)
            _plan_twins(database, _action(configuration))
            _ask_about_impossible(database)
            _settle_claims(database)
            decisions.drop_outdated(staging, before)
    finally:
        database.execute("DROP TABLE IF EXISTS temp.best")
        database.execute("DETACH live")


def _action(configuration: ImportConfiguration) -> str:
    if configuration.strategy == "skipExisting":
        return "skip"
    return _ACTIONS[configuration.duplicate_handling.resolution]


def _plan_trips(database: Database, action: str) -> None:
    database.execute(_BEST)
    database.execute(
        "INSERT INTO plan SELECT b.record, CASE WHEN b.differs = 0 THEN 'skip' ELSE :action END,"
        " CASE WHEN b.differs = 0 THEN 'identical' WHEN b.same_id THEN 'same-id' ELSE 'similar' END,"
        " b.trip, NULL, b.points, b.confidence, b.differs, t.changed_by"
        " FROM best b JOIN live.trip t ON t.number = b.trip",
        {"action": action},
    )


def _plan_replace(database: Database, user: int) -> None:
    """A record that is one of the existing trips keeps its identity; every other trip goes."""
    database.execute(
        "CREATE TEMP TABLE best AS SELECT record, trip, same_id FROM ("
        "  SELECT record, trip, same_id,"
        "    row_number() OVER (PARTITION BY record ORDER BY same_id DESC, trip) AS place,"
        "    row_number() OVER (PARTITION BY trip ORDER BY same_id DESC, record) AS claim"
        "  FROM match WHERE trip IS NOT NULL AND (same_id OR differs & 15 = 0)) WHERE place = 1 AND claim = 1"
    )
    database.execute(
        "INSERT INTO plan SELECT b.record, CASE WHEN r.country = t.country AND r.country_code IS t.country_code"
        "   AND r.entry_day = t.entry_day AND r.exit_day IS t.exit_day AND r.visa_type = t.visa_type"
        "   AND r.max_days IS t.max_days AND r.passport_country = t.passport_country AND r.notes = t.notes"
        " THEN 'skip' ELSE 'update' END, 'replaced', b.trip, NULL, 100, 100, 127, t.changed_by"
        " FROM best b JOIN record r ON r.record = b.record JOIN live.trip t ON t.number = b.trip"
    )
    database.execute("UPDATE plan SET reason = 'identical', differs = 0 WHERE action = 'skip'")
    database.execute(
        "INSERT INTO removal SELECT number FROM live.trip WHERE user = ? AND number NOT IN (SELECT trip FROM plan)"
        " AND EXISTS (SELECT 1 FROM source_table)",  # a file without trips replaces no trips
        (user,),
    )


def _plan_twins(database: Database, action: str) -> None:
    """A record that repeats an earlier one of the file, among those that no existing trip explains.

    Two identical rows are two trips only by the user's word: keep both.
    """
    database.execute(
        "CREATE TEMP TABLE follower (record INTEGER PRIMARY KEY, twin, same_id, points, confidence, differs)"
    )
    with database.plainly():
        database.connection.executemany(
            "INSERT INTO temp.follower VALUES (?, ?, ?, ?, ?, ?)", followers(database)
        )
    database.execute(
        "INSERT INTO plan SELECT record, CASE WHEN differs = 0 AND (same_id OR :action <> 'create') THEN 'skip'"
        " ELSE :action END,"
        " CASE WHEN differs = 0 THEN 'identical-row' WHEN same_id THEN 'same-id-row' ELSE 'similar-row' END,"
        " NULL, twin, points, confidence, differs, NULL FROM temp.follower",
        {"action": action},
    )
    database.execute("DROP TABLE temp.follower")


def followers(database: Database) -> Iterator[tuple[int, ...]]:
    """Yield, in file order, each record that repeats a leader: an earlier record that is a trip of its own.

    One that the user left out is none: of its followers the first takes its place.
    """
    pairs = database.stream(
        "SELECT m.record, m.twin, m.same_id, m.points, m.confidence, m.differs FROM match m"
        " WHERE m.twin IS NOT NULL AND m.record NOT IN (SELECT record FROM plan)"
        " AND m.twin NOT IN (SELECT record FROM plan)"
        " ORDER BY m.record, m.same_id DESC, m.differs = 0 DESC, m.points DESC, m.confidence DESC, m.twin"
    )
    no_leaders = {row[0] for row in database.rows("SELECT record FROM decision WHERE action = 'skip'")}
    for record, group in _by_record(pairs):
        best = next((pair for pair in group if pair[1] not in no_leaders), None)
        if best is not None:
            no_leaders.add(record)
            yield best


def _by_record(pairs: Iterator[tuple[int, ...]]) -> Iterator[tuple[int, list[tuple[int, ...]]]]:
    for record, group in groupby(pairs, key=itemgetter(0)):
        yield record, list(group)


def _ask_about_impossible(database: Database) -> None:
    """An update that would leave a trip that ends before it begins is no answer."""
    database.execute(
        "UPDATE plan SET action = 'ask', reason = 'ends-first' WHERE action = 'update' AND reason <> 'replaced'"
        f" AND differs & {ENDS_FIRST}"
    )


def _settle_claims(database: Database) -> None:
    """One trip is updated by at most one record: the best one; the others ask."""
    for target in ("trip", "twin"):
        database.execute(
            "UPDATE plan SET action = 'ask', reason = 'claimed' WHERE record IN (SELECT record FROM ("
            f" SELECT record, row_number() OVER (PARTITION BY {target} ORDER BY points DESC, confidence DESC, record)"
            f" AS claim FROM plan WHERE action = 'update' AND {target} IS NOT NULL) WHERE claim > 1)"
        )
