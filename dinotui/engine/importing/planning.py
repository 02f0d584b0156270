"""The third step: match, plan, count. The plan in the staging file is what preview shows and apply does."""

from __future__ import annotations

from typing import NamedTuple

from dinotui.domain.dates import today
from dinotui.domain.errors import UsageError
from dinotui.engine.importing.others import plan_other_categories
from dinotui.engine.importing.reading import configuration_of
from dinotui.engine.near_countries import may_mean
from dinotui.engine.preferences import get_preferences
from dinotui.engine.progress import Progress, Report, Stop, never, quietly, stop_if
from dinotui.locale import _
from dinotui.storage import matching, oplog, plan_rows
from dinotui.storage.overlaps import find_overlaps
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
    if staging.meta("revision") is not None:
        staging.set_meta(state="stale")  # until all of it is planned anew
    revision = oplog.revision(store)
    records = staging.count_rows()

    def looked(step: int, steps: int) -> None:
        report(Progress("Looking for repeats", records * step // steps, records))

    matching.find_matches(staging, str(store.path), store.user, handling, cancelled, may_mean, looked)
    stop_if(cancelled)
    report(Progress("Planning", 0, records))
    make_plan(staging, str(store.path), store.user, configuration, cancelled)
    report(Progress("Planning", records // 2, records))
    find_overlaps(
        staging,
        str(store.path),
        store.user,
        today(get_preferences(store).time_zone),
        full=configuration.strategy == "replace",
        cancelled=cancelled,
    )
    plan_other_categories(staging, store)
    # what was set aside when the rest was written stays that, also when it is planned anew
    state = "later" if staging.meta("rest", False) else "planned"
    staging.set_meta(state=state, revision=revision)
    return count_plan(staging)


def count_plan(staging: Staging) -> PlanCounts:
    """Return how many records the plan creates, updates, skips, rejects and asks about."""
    return PlanCounts(**plan_rows.action_counts(staging))
