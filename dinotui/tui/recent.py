"""Files that were imported lately, kept beside the database: offered again on Home and in the file picker."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from dinotui.storage.filesystem import private_folder
from dinotui.storage.store import Store

_MOST: Final = 10
_NAME: Final = "recent.json"


def recent_files(store: Store) -> list[Path]:
    """Return the files imported lately that are still there, the newest first."""
    try:
        stored = json.loads((store.folder / _NAME).read_text("utf-8"))
    except (OSError, ValueError):
        return []
    names = [name for name in stored if isinstance(name, str)] if isinstance(stored, list) else []
    return [path for path in map(Path, names[:_MOST]) if path.is_file()]


def remember_files(store: Store, paths: Iterable[Path]) -> None:
    """Put `paths` in front. A list that cannot be written is forgotten: it is a convenience, no data."""
    new = [path.absolute() for path in paths]
    kept = [path for path in recent_files(store) if path not in new]
    with suppress(OSError):
        private_folder(store.folder)
        target = store.folder / _NAME
        beside = target.with_name(f"{_NAME}.{os.getpid()}")
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape") as file:
            json.dump([str(path) for path in [*new, *kept][:_MOST]], file)
        beside.replace(target)
