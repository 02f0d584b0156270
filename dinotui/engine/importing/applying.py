"""The last step: the plan is carried out in one transaction, after a verified backup, as one operation."""

from __future__ import annotations

import time
from typing import NamedTuple

from dinotui.domain.configuration import ImportConfiguration
from dinotui.domain.errors import DinoError
from dinotui.domain.result import ImportMetadata, ImportResult
from dinotui.engine import backup
from dinotui.engine.importing.advice import recommendations, warnings
from dinotui.engine.importing.details import details_of, summary_of
from dinotui.engine.importing.others import import_other_categories
from dinotui.engine.importing.planning import PlanCounts, count_plan, plan_import, store_revision
from dinotui.engine.importing.reading import configuration_of
from dinotui.engine.progress import Progress, Report, Stop, never, quietly, stop_if
from dinotui.locale import _, ngettext
from dinotui.storage.applying import apply_plan, attached
from dinotui.storage.changelog import Recorder, operation
from dinotui.storage.database import utc_now
from dinotui.storage.staging import Staging
from dinotui.storage.store import Store


class PlanChanged(DinoError):
    """The data changed since the plan was made; it was planned again and has to be looked at (exit code 1)."""


class Applied(NamedTuple):
    """A carried out import and whether its staging file still holds conflicts set aside for later."""

    result: ImportResult
    waiting: int


def apply_import(
    staging: Staging,
    store: Store,
    *,
    set_aside: bool = False,
    shown: bool = False,
    report: Report = quietly,
    cancelled: Stop = never,
) -> ImportResult:
    """Carry out the plan of a staged import: all of it, or nothing.

    With `set_aside` undecided conflicts are left for later; otherwise one of them refuses the import. With
    `shown` the user has seen the plan, and a plan that changed since raises `PlanChanged` to be shown again;
    without it the new plan is applied, which the same policies decided. Raises `Cancelled` and `DinoError`,
    with nothing changed.
    """
    started = time.monotonic()
    counts = _ready(staging, store, set_aside=set_aside, shown=shown, report=report, cancelled=cancelled)
    configuration = configuration_of(staging)
    import_id = str(staging.meta("importId"))
    first = first_import_of(store, str(staging.meta("sha256", "")))
    staging.set_meta(state="applying")
    source = ", ".join(file["name"] for file in staging.meta("files", []))
    made: list[backup.Made] = []
    try:
        with attached(store.database, staging.path), operation(store, "import", id=_fresh(store, import_id), source=source) as recorder:
            if store_revision(store) != staging.meta("revision") and shown:
                raise PlanChanged("plan-changed", _plan_changed())
            if configuration.backup.create_backup:
                report(Progress("Backing up", 0))
                made.append(backup.create(store, configuration.backup.backup_format, "import", recorder.id, cancelled))
            _write(recorder, staging, counts, configuration, source, report, cancelled)
            stop_if(cancelled)
            backup_id = made[0].id if made else None
            recorder.describe(
                summary=summary_line(counts),
                backup_id=backup_id,
                sha256=staging.meta("sha256"),
                details={"counts": counts._asdict(), "importId": import_id},
            )
            result = ImportResult(
                success=True,
                state="applied",
                summary=summary_of(counts),
                details=details_of(staging, store, applied=True),
                metadata=ImportMetadata(
                    import_id=import_id,
                    timestamp=utc_now(),
                    duration=round((time.monotonic() - started) * 1000),
                    backup_id=backup_id,
                    operation_id=recorder.id,
                ),
                warnings=warnings(staging, counts, first),
                recommendations=recommendations(staging, counts),
            )
    except BaseException:
        for each in made:
            each.path.unlink(missing_ok=True)
        staging.set_meta(state="planned")
        raise
    _finish(staging, counts, result)
    return result
