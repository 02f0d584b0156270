"""What the integrity check finds about backups: missing, damaged, not in the register."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import gmtime, strftime

from dinotui.domain.backup import BackupEntry
from dinotui.domain.errors import DinoError
from dinotui.domain.finding import Finding
from dinotui.domain.ids import new_id
from dinotui.domain.visible import visible
from dinotui.engine import backups
from dinotui.engine.backup_reading import load
from dinotui.engine.progress import Progress, Report, Stop, stop_if
from dinotui.engine.repair import Found, Repairs
from dinotui.locale import _
from dinotui.storage import backups as files
from dinotui.storage.backups import Made
from dinotui.storage.loading import count_trips, owners
from dinotui.storage.store import Store


def backup_findings(store: Store, report: Report, cancelled: Stop) -> Iterator[Found]:
    """Yield what is wrong with the user's backups, by checksum, and with the folder."""
    known = backups.entries(store)
    for done, entry in enumerate(known):
        stop_if(cancelled)
        report(Progress("Verifying", done, len(known)))
        if not Path(entry.path).is_file():
            yield _missing(entry)
        elif not backups.is_whole(entry, cancelled):
            yield _damaged(entry)
    for path in files.unknown_files(store):
        yield _unknown(store, path, cancelled)


def _missing(entry: BackupEntry) -> Found:
    text = _("The file of the backup {id} of {date} is not there any more.")
    fix = _("The backup {id}: take it off the list.")
    return Found(
        Finding(
            code="backup-missing",
            severity="warning",
            message=text.format(id=entry.id, date=entry.created[:10]),
            fixable=True,
            fix=fix.format(id=entry.id),
        ),
        Repairs.forget_backup(entry.id, aside=False),
    )


def _damaged(entry: BackupEntry) -> Found:
    text = _("The backup {id} of {date} is damaged. Make a new one with: dinotui backup create.")
    fix = _("The backup {id}: take it off the list; the file stays, named as damaged.")
    return Found(
        Finding(
            code="backup-damaged",
            severity="error",
            message=text.format(id=entry.id, date=entry.created[:10]),
            fixable=True,
            fix=fix.format(id=entry.id),
        ),
        Repairs.forget_backup(entry.id, aside=True),
    )


def _unknown(store: Store, path: Path, cancelled: Stop) -> Found:
    """Return that a file is in the folder of backups but not on the list; a whole backup can be put there."""
    name = visible(path.name)
    try:
        made = _made(store, path, cancelled)
    except DinoError as error:
        text = _("{name} is not on the list of backups, and it is none: {reason}")
        message = text.format(name=name, reason=error.message)
        return Found(Finding(code="stray-file", severity="info", message=message, fixable=False))
    return Found(
        Finding(
            code="backup-unlisted",
            severity="info",
            message=_("{name} is a whole backup that is not on the list.").format(name=name),
            fixable=True,
            fix=_("{name}: put it on the list of backups.").format(name=name),
        ),
        Repairs.adopt(made),
    )


def _made(store: Store, path: Path, cancelled: Stop) -> Made:
    form = backups.refuse_bad(store, path, None)
    with store.scratch_folder() as scratch, closing(load(path, form, scratch, cancelled)) as loaded:
        known = owners(loaded)
        named = [owner for owner in known if owner.name == store.user_name]
        mine = next(iter(named or (known if len(known) == 1 else [])), None)
        records = count_trips(loaded, mine.number) if mine else 0
    found = path.stat()
    created = strftime("%Y-%m-%dT%H:%M:%S.000Z", gmtime(found.st_mtime))
    return Made(new_id(), form, path, found.st_size, files.sha256_of(path), created, records)
