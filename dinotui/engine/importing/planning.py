"""The third step: match, plan, count. The plan in the staging file is what preview shows and apply does."""

from __future__ import annotations

from typing import NamedTuple

from dinotui.domain.errors import UsageError
from dinotui.engine.importing.reading import configuration_of
from dinotui.engine.progress import Progress, Report, Stop, never, quietly, stop_if
from dinotui.locale import _
from dinotui.storage import matching
from dinotui.storage.planning import make_plan
from dinotui.storage.staging import Staging
from dinotui.storage.store import Store


class PlanCounts(NamedTuple):
    """Records by planned action, and what else the preview counts."""

    create: int = 0
    update: int = 0
    skip: int = 0
    reject: int = 0
    ask: int = 0
    later: int = 0
    corrected: int = 0
    warned: int = 0
    remove: int = 0

    @property
    def total(self) -> int:
        """All records of the import."""
        return self.create + self.update + self.skip + self.reject + self.ask


def plan_import(
    staging: Staging, store: Store, *, report: Report = quietly, cancelled: Stop = never
) -> PlanCounts:
    """Match the records with the user's trips and with each other, and freeze the plan.

    Decisions made before stay where their record still has the same conflict. Raises `UsageError` for a
    criterion that does not exist. Strictness is judged when the plan is applied.
    """
    configuration = configuration_of(staging)
    handling = configuration.duplicate_handling
    unknown = [name for name in handling.criteria if name not in matching.CRITERIA]
    if unknown:
        raise UsageError(
            "unknown-criterion",
            _("There is no criterion {name}. Use: {names}.").format(
                name=unknown[0], names=", ".join(matching.CRITERIA)
            ),
        )
    before = conflict_targets(staging)
    revision = store_revision(store)
    report(Progress("Looking for repeats", 0))
    matching.find_matches(staging, str(store.path), store.user, handling, cancelled)
    stop_if(cancelled)
    report(Progress("Planning", 0))
    make_plan(staging, str(store.path), store.user, configuration)
    drop_outdated_decisions(staging, before)
    staging.set_meta(state="planned", revision=revision)
    return count_plan(staging)


def store_revision(store: Store, *, before: int | None = None) -> int:
    """Return the number of the newest operation that changed the user's data, older than number `before`."""
    return int(
        store.database.value(
            "SELECT coalesce(max(number), 0) FROM operation WHERE user = :user AND kind NOT IN ('export', 'backup')"
            " AND (number < :before OR :before IS NULL)",
            {"user": store.user, "before": before},
        )
    )


def conflict_targets(staging: Staging) -> dict[int, tuple[int | None, int | None, int | None]]:
    """Return, for each decided record, what it was decided against: trip, earlier record, trip's change."""
    return {
        record: (trip, twin, seen)
        for record, trip, twin, seen in staging.database.rows(
            "SELECT record, trip, twin, seen_change FROM decision JOIN plan USING (record)"
        )
    }


def drop_outdated_decisions(
    staging: Staging, before: dict[int, tuple[int | None, int | None, int | None]]
) -> list[int]:
    """Take back decisions whose conflict is no longer the one that was decided, and return their records."""
    if not before:
        return []
    now = conflict_targets(staging)
    outdated = [record for record, target in before.items() if now.get(record) != target]
    with staging.database.write():
        for record in outdated:
            staging.database.execute("DELETE FROM decision WHERE record = ?", (record,))
    staging.set_meta(outdated=outdated)
    return outdated


def count_plan(staging: Staging) -> PlanCounts:
    """Return how many records the plan creates, updates, skips, rejects and asks about."""
    actions = dict(staging.database.rows("SELECT action, count(*) FROM planned GROUP BY action"))
    corrected, warned = staging.database.rows(
        "SELECT coalesce(sum(corrected > 0 AND valid), 0), coalesce(sum(warned > 0), 0) FROM record"
    )[0]
    return PlanCounts(
        create=actions.get("create", 0),
        update=actions.get("update", 0),
        skip=actions.get("skip", 0),
        reject=actions.get("reject", 0),
        ask=actions.get("ask", 0),
        later=staging.database.value("SELECT count(*) FROM decision WHERE action = 'later'"),
        corrected=corrected,
        warned=warned,
        remove=staging.database.value("SELECT count(*) FROM removal"),
    )
