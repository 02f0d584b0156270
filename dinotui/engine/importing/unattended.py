"""An import from beginning to end with nobody to ask: applied, or left for review, or refused (SPEC.md 7)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from dinotui.domain.configuration import ImportConfiguration
from dinotui.domain.errors import DinoError, NotFound, StorageError
from dinotui.domain.result import ImportMetadata, ImportResult
from dinotui.domain.settings import ImportSettings
from dinotui.engine.importing.applying import apply_import, planned_result, refuse_invalid
from dinotui.engine.importing.details import summary_of
from dinotui.engine.importing.planning import PlanCounts, count_plan, plan_import
from dinotui.engine.importing.reading import SourceFile, stage_files
from dinotui.engine.importing.understanding import as_error, understand
from dinotui.engine.preferences import get_preferences
from dinotui.engine.progress import Report, Stop, never, quietly
from dinotui.locale import _, ngettext
from dinotui.storage import oplog
from dinotui.storage.staging import HALF_MADE, Staging, remove_half_made
from dinotui.storage.store import Store

NEEDS_YES: Final = "needs-yes"


def import_unattended(
    files: Sequence[SourceFile],
    settings: ImportSettings,
    configuration: ImportConfiguration,
    store: Store,
    *,
    import_id: str,
    dry_run: bool = False,
    may_replace: bool = False,
    report: Report = quietly,
    cancelled: Stop = never,
) -> ImportResult:
    """Read, plan and apply `files` as the import `import_id`, which its operation is known by too.

    With conflicts to decide nothing is applied, and the staged import waits for review. A dry run applies
    nothing and leaves nothing. Raises `DinoError` with nothing changed: `NeedsAnswer` for a question that only
    the user can answer, code `NEEDS_YES` for a replace without `may_replace`.
    """
    started = time.monotonic()
    staging = stage_files(
        files, settings, configuration, store, import_id=import_id, report=report, cancelled=cancelled
    )
    waits = False
    try:
        zone = get_preferences(store).time_zone
        questions = understand(staging, time_zone=zone, report=report, cancelled=cancelled)
        if questions:
            raise as_error(questions[0])
        counts = plan_import(staging, store, report=report, cancelled=cancelled)
        refuse_invalid(staging, counts)
        if dry_run:
            planned = planned_result(staging, store, state="planned", started=started)
            return planned.model_copy(update={"dry_run": True})
        if counts.ask:
            waits = True
            return planned_result(staging, store, state="review", started=started)
        if configuration.strategy == "replace" and not may_replace:
            raise _needs_yes(counts)
        return apply_import(staging, store, report=report, cancelled=cancelled)
    finally:
        if waits:
            staging.close()
        else:
            staging.discard()


def outcome_of_earlier(import_id: str, store: Store) -> ImportResult | None:
    """Return what came of an import whose process ended before it could tell, None where nothing did.

    What it left half made is cleared away.
    """
    found = [entry for entry in oplog.find_entries(store, import_id) if entry.id == import_id]
    if found:
        entry = found[0]
        return ImportResult(
            success=True,
            state="applied",
            summary=summary_of(PlanCounts(**entry.details["counts"])),
            metadata=ImportMetadata(
                import_id=import_id,
                timestamp=entry.timestamp,
                duration=0,
                backup_id=entry.backup_id,
                operation_id=entry.id,
            ),
            warnings=(_("This import was done before; its details are in the history."),),
        )
    try:
        staging = Staging.find(store.staging, import_id)
    except NotFound:
        return None
    except StorageError as error:
        if error.code == HALF_MADE:
            remove_half_made(store.staging / f"{import_id}.db")
            return None
        raise
    waits = False
    try:
        waits = staging.meta("state") == "planned" and count_plan(staging).ask > 0
        if waits:
            return planned_result(staging, store, state="review", started=time.monotonic())
    finally:
        if waits:
            staging.close()
        else:
            staging.discard()
    return None


def _needs_yes(counts: PlanCounts) -> DinoError:
    removed = ngettext(
        "Replacing removes {count} trip that the file does not hold, and changes {changed}.",
        "Replacing removes {count} trips that the file does not hold, and changes {changed}.",
        counts.remove,
    )
    told = removed.format(count=counts.remove, changed=counts.update)
    return DinoError(NEEDS_YES, told + " " + _("Nothing was changed; say yes=true if you mean it."))
