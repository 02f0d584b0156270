"""The last step: the plan is carried out in one transaction, after a verified backup, as one operation."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import Final, NamedTuple

from dinotui.domain.errors import DinoError, StorageError
from dinotui.domain.ids import new_id
from dinotui.domain.result import DETAIL_LIMIT, Details, ImportMetadata, ImportResult, ImportState
from dinotui.engine import backups, presets
from dinotui.engine.importing.advice import recommendations, warnings
from dinotui.engine.importing.countries import strict_refusal
from dinotui.engine.importing.details import details_of, summary_of
from dinotui.engine.importing.others import Others, import_other_categories
from dinotui.engine.importing.planning import PlanCounts, count_plan, plan_import
from dinotui.engine.importing.preview import sample
from dinotui.engine.importing.reading import configuration_of, settings_of
from dinotui.engine.importing.telling import tell_rejects
from dinotui.engine.importing.wording import where_of
from dinotui.engine.progress import Progress, Report, Stop, never, quietly, stop_if
from dinotui.locale import _, ngettext
from dinotui.storage import decisions, left_out, oplog, plan_rows
from dinotui.storage.applying import apply_plan, attached, changed_ids, created_ids
from dinotui.storage.changelog import Counts, Recorder, operation
from dinotui.storage.database import utc_now, waiting_ends_with
from dinotui.storage.settled import remember_decisions
from dinotui.storage.staging import Staging
from dinotui.storage.store import Store

_TRIES: Final = 5  # how often a plan is made again when others keep changing the data meanwhile


class PlanChanged(DinoError):
    """The data changed since the plan was shown; it was planned again and has to be looked at."""


class _Stale(Exception):
    """The data changed between the last plan and the write lock."""


class _NothingToWrite(Exception):
    """The import leaves the data as they are, and no decision has to be remembered: there is no operation."""


class _BackupNeeded(Exception):
    """No record is written, but something else of the file changes the data: once more, after a backup."""


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
    `shown` the user has seen the plan, and one that came out differently since raises `PlanChanged` to be
    shown again; without it the new plan is applied, decided by the same policies. The staging file goes
    when nothing waits in it any more. An import that leaves everything as it is makes no operation and no
    backup. Raises `Cancelled` and `DinoError`, with nothing changed.
    """
    started = time.monotonic()
    for _attempt in range(_TRIES):
        counts = _current_plan(staging, store, shown=shown, report=report, cancelled=cancelled)
        _check_ready(staging, counts, set_aside=set_aside)
        try:
            with waiting_ends_with(cancelled):
                result = _carry_out(staging, store, counts, started, report, cancelled)
        except _Stale:
            continue
        with suppress(StorageError, OSError):  # the trips are stored; the next start tidies the file up
            finish(staging, waiting=counts.ask)
        if result.metadata.backup_id is not None:
            backups.thin(store)
        return result
    raise DinoError(
        "data-keeps-changing",
        _("Another dinotui keeps changing the data. Nothing was imported; try again later."),
    )


def _current_plan(
    staging: Staging, store: Store, *, shown: bool, report: Report, cancelled: Stop
) -> PlanCounts:
    unseen = bool(
        staging.meta("unseen", False)
    )  # planned anew by an apply that was stopped before it could tell
    current = staging.meta("revision") == oplog.revision(store) and staging.meta("state") != "stale"
    if current and not (shown and unseen):
        return count_plan(staging)
    affected: list[int] = []
    if not current:
        before = plan_rows.signature(staging)
        staging.set_meta(unseen=True)
        plan_import(staging, store, report=report, cancelled=cancelled)
        affected = sorted({row[0] for row in before ^ plan_rows.signature(staging)})
    staging.set_meta(unseen=False, affected=affected[:1000])
    if shown and (affected or unseen):
        raise PlanChanged("plan-changed", _changed_text(len(affected)))
    return count_plan(staging)


def _changed_text(count: int) -> str:
    if not count:
        return _("Your trips changed since this plan was made, and it is planned anew. Look again.")
    return ngettext(
        "Your trips changed since this plan was made, and {count} record is planned anew. Look again.",
        "Your trips changed since this plan was made, and {count} records are planned anew. Look again.",
        count,
    ).format(count=count)


def _check_ready(staging: Staging, counts: PlanCounts, *, set_aside: bool) -> None:
    refuse_invalid(staging, counts)
    if counts.ask and not set_aside:
        raise DinoError(
            "conflicts-wait",
            ngettext(
                "{count} possible repeat is not decided yet. Decide it, or set it aside for later.",
                "{count} possible repeats are not decided yet. Decide them, or set them aside for later.",
                counts.ask,
            ).format(count=counts.ask),
        )


def refuse_invalid(staging: Staging, counts: PlanCounts) -> None:
    """Raise `DinoError` where invalid records stop the import: it is strict, or skips none (SPEC.md 4.3).

    Where there are only invalid ones, or none at all, nothing is replaced either.
    """
    validation = configuration_of(staging).validation
    if counts.reject and (validation.strict or not validation.skip_invalid):
        first = next(plan_rows.rejected(staging, 1))
        raise DinoError(
            "invalid-records",
            ngettext(
                "{message} Nothing was imported, because invalid records stop this import; {count} is invalid.",
                "{message} Nothing was imported, because invalid records stop this import; {count} are invalid.",
                counts.reject,
            ).format(message=first["problems"][0]["message"], count=counts.reject),
            where_of(first),
        )
    if validation.strict:
        _refuse_unknown_countries(staging)
    _refuse_empty_replace(staging, counts)


def _refuse_empty_replace(staging: Staging, counts: PlanCounts) -> None:
    """Refuse to remove every trip for a file that holds none, unless it is an export that says just that."""
    tables = staging.tables()
    says_so = counts.total == 0 and all(table.settings["detection"].get("form") == "dino" for table in tables)
    if counts.remove and counts.total == counts.reject and not says_so:
        message = ngettext(
            "The file holds no valid trip, so replacing would only remove your {count} trip. Nothing was changed.",
            "The file holds no valid trip, so replacing would only remove your {count} trips. Nothing was changed.",
            counts.remove,
        )
        where = ", ".join(table.name for table in tables[:3])
        raise DinoError("nothing-to-replace-with", message.format(count=counts.remove), where)


def _refuse_unknown_countries(staging: Staging) -> None:
    row = plan_rows.first_uncoded(staging)
    if row is not None:
        said = {problem["code"]: problem["message"] for problem in json.loads(row["problems"] or "[]")}
        if "country-code-differs" in said:  # the name is known: naming its country again would settle nothing
            text = _("{message} A strict import takes no record without a country code.")
            message = text.format(message=said["country-code-differs"])
            raise DinoError("country-code-differs", message, where_of(row))
        ambiguous = "country-ambiguous" in said
        code = "country-ambiguous" if ambiguous else "country-unknown"
        raise DinoError(code, strict_refusal(row["country"], ambiguous=ambiguous), where_of(row))


class _Stored(NamedTuple):
    """What an import left behind: no operation where there was nothing to write."""

    details: Details
    operation_id: str | None = None
    backup_id: str | None = None


def _carry_out(
    staging: Staging, store: Store, counts: PlanCounts, started: float, report: Report, cancelled: Stop
) -> ImportResult:
    import_id = str(staging.meta("importId"))
    first = _first_import(staging, store)
    operation_id = new_id() if oplog.exists(store, import_id) else import_id
    staging.set_meta(state="applying", operationId=operation_id)
    try:
        stored = _stored(staging, store, counts, operation_id, report, cancelled)
    except BaseException:
        with suppress(StorageError):  # the next start looks whether it is there
            if not oplog.exists(store, operation_id):  # what was reported as an error may be stored
                staging.set_meta(state="planned")
        raise
    with suppress(DinoError):  # the import is done: that telling of it fails must not undo that
        tell_rejects(store, staging, counts)
    return make_result(
        staging,
        counts,
        state="applied",
        details=stored.details,
        metadata=ImportMetadata(
            import_id=import_id,
            timestamp=utc_now(),
            duration=round((time.monotonic() - started) * 1000),
            backup_id=stored.backup_id,
            operation_id=stored.operation_id,
        ),
        first=first,
    )


def _stored(
    staging: Staging, store: Store, counts: PlanCounts, operation_id: str, report: Report, cancelled: Stop
) -> _Stored:
    """Carry out the plan as an operation, with a backup where anything changes and one is wanted."""
    details = details_of(staging, store, counts)
    writes = counts.create + counts.update + counts.remove > 0
    for backup in (False, True)[writes:]:
        try:
            return _operation(staging, store, counts, details, operation_id, report, cancelled, backup=backup)
        except _NothingToWrite:
            return _Stored(details)
        except _BackupNeeded:
            continue
    raise AssertionError("a backup that was made is not asked for again")


def _operation(
    staging: Staging,
    store: Store,
    counts: PlanCounts,
    details: Details,
    operation_id: str,
    report: Report,
    cancelled: Stop,
    *,
    backup: bool,
) -> _Stored:
    """Carry out the plan in one transaction. Without `backup` it must turn out to change no data."""
    settings = configuration_of(staging).backup
    source = ", ".join(file["name"] for file in staging.meta("files", []))
    kept = backups.Kept()
    backup_id = None
    try:
        with (
            attached(store.database, staging.path),
            operation(store, "import", id=operation_id, source=source) as recorder,
            store.database.stoppable(cancelled),
        ):
            if oplog.revision(store, before=recorder.number) != staging.meta("revision"):
                raise _Stale
            if backup and settings.create_backup:
                report(Progress("Backing up", 0))
                backup_id = kept.make(store, settings.backup_format, "import", recorder.id, cancelled).id
            remembered, others = _write(recorder, staging, counts, source, report, cancelled)
            if not backup and recorder.counts != Counts():
                raise _BackupNeeded
            if not remembered and recorder.counts == Counts():
                raise _NothingToWrite
            if counts.skip or counts.reject:
                left_out.keep(recorder, cancelled)
            details = with_ids(details, store)
            recorder.describe(
                summary=summary_line(counts, others),
                backup_id=backup_id,
                sha256=str(staging.meta("sha256", "")),
                details={"counts": counts._asdict(), "importId": str(staging.meta("importId"))},
            )
            stop_if(cancelled)
    except BaseException:
        kept.discard()
        raise
    kept.publish()
    return _Stored(details, operation_id, backup_id)


def with_ids(details: Details, store: Store) -> Details:
    """Return the details with the ids of the trips that were just made (inside the same `attached`)."""
    ids = created_ids(store.database, len(details.new_records))
    changed = changed_ids(store.database, DETAIL_LIMIT)
    new = (one.model_copy(update={"id": ids[one.record]}) for one in details.new_records)
    updated = (
        one.model_copy(update={"id": changed.get(one.record, one.id)}) for one in details.updated_records
    )
    return details.model_copy(update={"new_records": tuple(new), "updated_records": tuple(updated)})


def _write(
    recorder: Recorder, staging: Staging, counts: PlanCounts, source: str, report: Report, cancelled: Stop
) -> tuple[int, Others]:
    """Write what the plan says; return how many decisions were remembered, and what came beside the trips."""
    replace = configuration_of(staging).strategy == "replace"
    apply_plan(
        recorder,
        full=replace,
        source=source or "import",
        report=lambda done: report(Progress("Writing", done, counts.total)),
        cancelled=cancelled,
    )
    remembered = remember_decisions(recorder)
    presets.remember(recorder.store, staging, settings_of(staging))
    return remembered, import_other_categories(recorder, staging)


def make_result(
    staging: Staging,
    counts: PlanCounts,
    *,
    state: ImportState,
    details: Details,
    metadata: ImportMetadata,
    first: tuple[str, str] | None,
) -> ImportResult:
    """Return the answer of an import in any state; `dry_run` is for the caller to set."""
    return ImportResult(
        success=state in ("applied", "planned"),
        state=state,
        summary=summary_of(counts),
        details=details,
        metadata=metadata,
        warnings=warnings(staging, first),
        recommendations=recommendations(staging, counts),
    )


def planned_result(staging: Staging, store: Store, *, state: ImportState, started: float) -> ImportResult:
    """Return what the plan would do, as the same answer that applying it gives (dry run, staged import)."""
    counts = count_plan(staging)
    result = make_result(
        staging,
        counts,
        state=state,
        details=details_of(staging, store, counts),
        metadata=ImportMetadata(
            import_id=str(staging.meta("importId")),
            timestamp=utc_now(),
            duration=round((time.monotonic() - started) * 1000),
        ),
        first=_first_import(staging, store),
    )
    return result.model_copy(update={"preview": sample(staging)})


def _first_import(staging: Staging, store: Store) -> tuple[str, str] | None:
    """Return id and time of an earlier import of the same files; what was set aside in one is no other import."""
    return (
        None if staging.meta("rest", False) else oplog.first_import_of(store, str(staging.meta("sha256", "")))
    )


def finish(staging: Staging, *, waiting: int | None = None) -> None:
    """Drop the staging file of an applied import, or keep only the conflicts that were set aside.

    `waiting` is how many they are, where that is known.
    """
    if (count_plan(staging).ask if waiting is None else waiting) == 0:
        staging.discard()
        return
    decisions.keep_only_waiting(staging)
    staging.set_meta(state="later", rest=True, others=[])


def summary_line(counts: PlanCounts, others: Others) -> str:
    """Return an import's counts in a few words, for the log."""
    parts = [
        (counts.create, _("{count} added")),
        (counts.update, _("{count} updated")),
        (counts.skip, _("{count} skipped")),
        (counts.reject, _("{count} rejected")),
        (counts.ask, _("{count} set aside")),
        (counts.remove, _("{count} removed")),
    ]
    texts = [text.format(count=count) for count, text in parts if count] + others.texts()
    return ", ".join(texts) or _("nothing to change")
