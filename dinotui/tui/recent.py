"""Files that were imported lately, kept beside the database: offered again on Home and in the file picker."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from dinotui.storage.filesystem import private_folder
from dinotui.storage.store import RECENT_FILE, Store

_MOST: Final = 10  # a user


def recent_files(store: Store) -> list[Path]:
    """Return the files that the user imported lately and that are still there, the newest first."""
    names = _stored(store).get(store.user_name, [])
    return [path for path in map(Path, names[:_MOST]) if path.is_file()]


def _stored(store: Store) -> dict[str, list[str]]:
    """Return the names by user."""
    try:
        stored = json.loads((store.folder / RECENT_FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    lists = stored.items() if isinstance(stored, dict) else ()
    return {
        user: [name for name in names if isinstance(name, str)]
        for user, names in lists
        if isinstance(names, list)
    }


def remember_files(store: Store, paths: Iterable[Path]) -> None:
    """Put `paths` in front. A list that cannot be written is forgotten: it is a convenience, no data."""
    new = [path.absolute() for path in paths]
    kept = [path for path in recent_files(store) if path not in new]
    lists = _stored(store) | {store.user_name: [str(path) for path in [*new, *kept][:_MOST]]}
    with suppress(OSError):
        private_folder(store.folder)
        target = store.folder / RECENT_FILE
        beside = target.with_name(f".{RECENT_FILE}.{os.getpid()}")
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape") as file:
            json.dump(lists, file)
        beside.replace(target)
