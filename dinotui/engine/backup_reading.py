"""Reading a backup of any form back into a scratch database (SPEC.md 5)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dinotui.domain.backup import BackupEntry
from dinotui.domain.configuration import BackupFormat
from dinotui.domain.dates import iso_day
from dinotui.domain.errors import DinoError, FormatError, NotFound, StorageError, UnsupportedFormat
from dinotui.domain.folded import folded
from dinotui.domain.preferences import Preferences, from_stored
from dinotui.domain.visible import visible
from dinotui.engine.progress import Stop, stop_if
from dinotui.locale import _
from dinotui.storage.database import Database, utc_now
from dinotui.storage.loading import Loaded, Owner, count_trips, damaged, load_database, owners

_ROWS_BETWEEN_LOOKS = 1000


def load(path: Path, form: BackupFormat, scratch: Path, cancelled: Stop) -> Database:
    """Return the backup at `path` as a database in the folder `scratch`; the caller closes it.

    Raises `StorageError` where the backup is damaged, foreign or newer, and `Cancelled`.
    """
    if form != "json":
        return load_database(path, form, scratch, cancelled)
    try:
        return _load_json(path, scratch, cancelled)
    except UnsupportedFormat as error:
        raise StorageError(
            "backup-newer",
            _(
                "This backup was made by a newer dinotui, so nothing was changed. Install the newest version "
                "to restore it."
            ),
            visible(str(path)),
        ) from error
    except FormatError as error:
        raise damaged(path) from error


def _load_json(path: Path, scratch: Path, cancelled: Stop) -> Database:
    from dinotui.formats.base import ReadOptions
    from dinotui.formats.json import open_json

    source = open_json(path, ReadOptions())
    if source.layout.form != "dino":
        raise damaged(path)
    others = source.other_categories()
    loaded = Loaded(scratch, "")
    try:
        for table in source.tables:
            rows = (dict(zip(table.columns, row.cells, strict=False)) for row in table.rows())
            loaded.put("trip", _trips(rows, path, cancelled))
        loaded.put("preference", sorted(_preferences(others.preferences or {})))
        loaded.put("notification", (_notification(each) for each in reversed(others.notifications or [])))
    except StorageError as error:
        loaded.database.close()
        raise (damaged(path) if error.code == "database" else error) from error
    except BaseException:
        loaded.database.close()
        raise
    return loaded.database


def _trips(rows: Iterator[dict[str, Any]], path: Path, cancelled: Stop) -> Iterator[tuple[Any, ...]]:
    now = utc_now()
    for number, trip in enumerate(rows):
        if number % _ROWS_BETWEEN_LOOKS == 0:
            stop_if(cancelled)
        entry, leaving = iso_day(trip.get("entryDate") or ""), trip.get("exitDate")
        exit_day = iso_day(leaving) if leaving else None
        if entry is None or (leaving and exit_day is None) or not trip.get("id"):
            raise damaged(path)
        country, visa, passport = (
            str(trip.get(name) or "") for name in ("country", "visaType", "passportCountry")
        )
        folds = folded(country, visa, passport)
        created = trip.get("createdAt") or now
        yield (
            trip["id"],
            country,
            trip.get("countryCode"),
            folds.country,
            entry,
            exit_day,
            visa,
            folds.visa,
            trip.get("maxDays"),
            passport,
            folds.passport,
            trip.get("notes") or "",
            created,
            trip.get("updatedAt") or created,
            trip.get("source") or "manual",
        )


def _preferences(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what differs from the defaults, which an export writes out and a database does not store."""
    usual = Preferences().export()
    for key, value in from_stored(values).export().items():
        if usual.get(key) != value:
            yield key, json.dumps(value, ensure_ascii=False)


def _notification(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        entry.get("id"),
        entry.get("kind"),
        entry.get("title"),
        entry.get("message"),
        entry.get("created"),
        entry.get("read"),
        entry.get("tripId"),
        entry.get("subject"),
    )


def owner_of(loaded: Database, name: str | None, fallback: str) -> Owner:
    """Return the user of the backup whose rows are meant: the one called `name`, else `fallback`, else the only one.

    Raises `NotFound` where that is nobody, `DinoError` where several could be meant.
    """
    known = owners(loaded)
    if len(known) == 1 and name is None:
        return known[0]
    for owner in known:
        if owner.name == (name or fallback):
            return owner
    names = ", ".join(visible(owner.name) for owner in known)
    if name is not None:
        raise NotFound(
            "no-such-user",
            _("This backup has no user {name}. It has: {names}.").format(name=visible(name), names=names),
        )
    raise DinoError(
        "which-user",
        _("This backup holds several users: {names}. Say whose, with --from-user.").format(names=names),
    )


def counted(loaded: Database, row: BackupEntry | None, user: str) -> int:
    """Return how many trips of the backup are the user's; of a file from elsewhere, of all its users."""
    known = owners(loaded)
    mine = [owner for owner in known if owner.name == user]
    if row is not None and (mine or len(known) == 1):
        return count_trips(loaded, (mine or known)[0].number)
    return sum(count_trips(loaded, owner.number) for owner in known)
