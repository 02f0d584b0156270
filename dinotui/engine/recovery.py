"""What the next start finds: imports that were interrupted, and files that nobody owns any more."""

from __future__ import annotations

import shutil
from contextlib import suppress
from functools import partial
from pathlib import Path

from dinotui.domain.errors import Cancelled, DinoError, StorageError
from dinotui.locale import _
from dinotui.storage import oplog
from dinotui.storage.backups import settle
from dinotui.storage.new_file import sweep_note
from dinotui.storage.owners import living
from dinotui.storage.staging import LEFT_BEHIND, Staging, remove_half_made, staged_files, sweep_locks
from dinotui.storage.store import Store

_UNFINISHED = ("reading", "read", "understood")


def recover(store: Store) -> list[str]:
    """Clean up after interrupted work and return, in sentences, what had happened.

    Work that another living process has in hand is left alone. What cannot be tidied up is left as it is: it
    keeps nobody from the data, and nothing here waits for another process.
    """
    found: list[str] = []
    if not store.folder.is_dir():
        return found
    for path in staged_files(store.folder / "staging"):
        with suppress(OSError):
            message = _recover_import(store, path)
            if message:
                found.append(message)
    for tidy in (
        partial(sweep_locks, store.folder / "staging"),
        partial(_sweep_scratch, store.folder / "scratch"),
        partial(settle, store),
    ):
        with suppress(StorageError, OSError):
            tidy()
    return found


def _recover_import(store: Store, path: Path) -> str | None:
    try:
        staging = Staging(path)
    except StorageError as error:
        if error.code in LEFT_BEHIND:
            with suppress(StorageError):
                remove_half_made(path)
        return None
    try:
        return _judge(store, staging)
    except Cancelled:
        raise
    except DinoError:
        return None
    finally:
        staging.close()


def _judge(store: Store, staging: Staging) -> str | None:
    state = staging.meta("state")
    names = ", ".join(file["name"] for file in staging.meta("files", []))
    own = staging.meta("user") == store.user_name
    if state is None or state in _UNFINISHED:
        staging.discard()
        if not own:
            return None
        text = _("The import of {names} was interrupted before it was planned. Nothing was changed.")
        return text.format(names=names)
    if state == "stale" and own:
        return _plan_again(store, staging, names)
    if state != "applying" or not own:  # whether another user's was done stands in that user's log
        return None
    done = oplog.find_entries(store, str(staging.meta("operationId")))
    if done:
        from dinotui.engine.importing.applying import finish  # loads all of importing, rarely needed here

        finish(staging)
        return _("The import of {names} was complete when it was interrupted: {summary}.").format(
            names=names, summary=done[0].summary
        )
    staging.set_meta(state="planned")
    return _(
        "The import of {names} was interrupted while it was written. Nothing was changed; go on with: "
        "dinotui review {id}"
    ).format(names=names, id=staging.meta("importId"))


def _plan_again(store: Store, staging: Staging, names: str) -> str:
    """Plan an import whose settings or records had changed when it was interrupted; its decisions hold."""
    from dinotui.engine.importing.planning import plan_import
    from dinotui.engine.importing.understanding import understand
    from dinotui.engine.preferences import get_preferences

    understand(staging, time_zone=get_preferences(store).time_zone)
    plan_import(staging, store)
    text = _(
        "The import of {names} was interrupted while it was planned anew; it is planned again and waits."
    )
    return text.format(names=names)


def _sweep_scratch(folder: Path) -> None:
    paths = list(folder.glob("*-*"))
    at_work = living(folder)  # asked last: whoever has begun meanwhile is not on the list
    for path in paths:
        if path.name.partition("-")[0] in at_work:
            continue
        if path.is_symlink():
            sweep_note(path)
        else:
            shutil.rmtree(path, ignore_errors=True)
