"""Restoring a backup: read back whole, a backup of now made first, all or nothing, undoable (SPEC.md 5)."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from dinotui.domain.backup import BackupEntry, RestoreResult, RestoreStrategy
from dinotui.domain.configuration import BackupFormat
from dinotui.domain.dates import day_text
from dinotui.domain.errors import NotFound
from dinotui.domain.visible import visible
from dinotui.engine import backups
from dinotui.engine.backup_reading import load, owner_of
from dinotui.engine.progress import Progress, Report, Stop, never, quietly, stop_if
from dinotui.locale import _
from dinotui.storage.changelog import Recorder, operation
from dinotui.storage.loading import JSON_TABLES, RESTORED, Owner, count_trips, damaged
from dinotui.storage.restoring import Restoring, attached_backup
from dinotui.storage.store import Store


@dataclass(frozen=True, slots=True)
class _Source:
    """A backup that is read back: where from, in which form, whose rows, how many trips."""

    path: Path
    entry: BackupEntry | None
    form: BackupFormat
    owner: Owner
    records: int

    @property
    def name(self) -> str:
        return self.entry.id if self.entry else str(self.path)


class _Rehearsed(Exception):
    """Carries the result of a restore that is rolled back."""

    def __init__(self, result: RestoreResult) -> None:
        self.result = result


def restore(
    store: Store,
    key: str,
    strategy: RestoreStrategy,
    *,
    into: str | None = None,
    from_user: str | None = None,
    safety: BackupFormat = "sqlite",
    dry_run: bool = False,
    source: str = "",
    report: Report = quietly,
    cancelled: Stop = never,
) -> RestoreResult:
    """Restore the backup `key` (an id or the path of a file) as one operation that can be undone.

    ``replace`` makes the user's data exactly that of the backup; ``merge`` adds what is missing and changes
    nothing that is there. `into` names the user who gets the data (default the store's), `from_user` whose
    rows of a backup of several users are meant. With `dry_run` it is done and rolled back. Raises
    `NotFound`, `StorageError` and `Cancelled`, with nothing changed.
    """
    entry, path = backups.resolve(store, key)
    report(Progress("Verifying", 0))
    form = backups.refuse_bad(store, path, entry)
    with store.scratch_folder() as scratch:
        with closing(load(path, form, scratch, cancelled)) as loaded:
            owner = owner_of(loaded, from_user, store.user_name)
            found = _Source(path, entry, form, owner, count_trips(loaded, owner.number))
            place = loaded.path
        if entry is not None and owner.name == store.user_name and found.records != entry.records:
            raise damaged(path)
        with _receiver(store, into) as receiver:
            return _carry_out(receiver, found, place, strategy, safety, dry_run, source, report, cancelled)


def _receiver(store: Store, into: str | None) -> Store:
    """Return a store of the user who gets the data; it must be one that the database has."""
    if into is not None and into not in store.users():
        raise NotFound(
            "no-such-user",
            _("There is no user {name} here. Make one by giving the name with --user once.").format(
                name=visible(into)
            ),
        )
    return Store(store.path, into or store.user_name)


def _carry_out(
    store: Store,
    found: _Source,
    place: Path,
    strategy: RestoreStrategy,
    safety: BackupFormat,
    dry_run: bool,
    source: str,
    report: Report,
    cancelled: Stop,
) -> RestoreResult:
    kept = backups.Kept()
    try:
        with (
            attached_backup(store.database, place),
            operation(store, "restore", source=source or found.path.name) as recorder,
            store.database.stoppable(cancelled),
        ):
            backup_id = None
            if not dry_run:
                report(Progress("Backing up", 0))
                backup_id = kept.make(store, safety, "restore", recorder.id, cancelled).id
            result = _write(recorder, found, strategy, report, cancelled).model_copy(
                update={"backup_id": backup_id, "dry_run": dry_run}
            )
            if dry_run:
                raise _Rehearsed(result)
            recorder.describe(
                summary=_summary(found, result),
                backup_id=backup_id,
                details={"counts": recorder.counts._asdict(), "from": found.name, "strategy": strategy},
            )
            stop_if(cancelled)
    except _Rehearsed as rehearsed:
        return rehearsed.result
    except BaseException:
        kept.discard()
        raise
    kept.publish()
    return result


def _write(
    recorder: Recorder, found: _Source, strategy: RestoreStrategy, report: Report, cancelled: Stop
) -> RestoreResult:
    work = Restoring(recorder, found.owner, strategy, cancelled)
    tables = JSON_TABLES if found.form == "json" else tuple(RESTORED)
    work.run(tables, lambda done: report(Progress("Writing", done)))
    if work.missing_trips():
        raise damaged(found.path)
    counts = recorder.counts
    return RestoreResult(
        operation_id=recorder.id,
        strategy=strategy,
        restored_from=found.name,
        user=recorder.store.user_name,
        records=found.records,
        added=counts.inserted,
        changed=counts.updated,
        removed=counts.deleted,
        removed_trips=tuple(_named(*row) for row in work.removed_trips),
        removed_trip_count=work.removed_trip_count,
    )


def _named(number: int, country: str, entry: int, leaving: int | None) -> str:
    end = "…" if leaving is None else day_text(leaving)
    return f"#{number} {country} {day_text(entry)} – {end}"


def _summary(found: _Source, result: RestoreResult) -> str:
    what = found.entry.created[:10] if found.entry else visible(found.path.name)
    text = (
        _("Restored {what}: {added} brought back, {changed} set back, {removed} removed")
        if result.strategy == "replace"
        else _("Restored {what}: {added} brought back")
    )
    return text.format(what=what, added=result.added, changed=result.changed, removed=result.removed)
