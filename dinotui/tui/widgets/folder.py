"""What a folder offers for choosing: importable files first, names shown safely, nothing opened."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from dinotui.locale import _
from dinotui.tui.cells import Cell
from dinotui.tui.view import shown_moment
from dinotui.tui.widgets.row_source import Row

IMPORTABLE: Final = frozenset({".json", ".csv", ".tsv", ".txt", ".xlsx", ".zip", ".gz", ".ndjson", ".jsonl"})
_MOST_ENTRIES: Final = 20_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One name in a folder; `size` in bytes and `changed` in seconds since 1970 where they could be read."""

    path: Path
    is_folder: bool
    size: int | None = None
    changed: float | None = None

    @property
    def importable(self) -> bool:
        """Whether its ending is one that can be imported."""
        return not self.is_folder and self.path.suffix.lower() in IMPORTABLE


def entries_of(folder: Path, *, hidden: bool) -> list[Entry]:
    """Return what `folder` holds: importable files, then folders, then the rest, each by name.

    Raises OSError where the folder cannot be read.
    """
    found: list[Entry] = []
    with os.scandir(folder) as scan:
        for item in scan:
            if item.name.startswith(".") and not hidden:
                continue
            found.append(_entry(item))
            if len(found) >= _MOST_ENTRIES:
                break
    return sorted(found, key=_order)


def _entry(item: os.DirEntry[str]) -> Entry:
    path = Path(item.path)
    try:
        facts = item.stat()
    except OSError:
        return Entry(path, is_folder=False)  # a link to nowhere, or gone meanwhile
    return Entry(path, stat.S_ISDIR(facts.st_mode), facts.st_size, facts.st_mtime)


def _order(entry: Entry) -> tuple[int, str]:
    rank = 0 if entry.importable else 1 if entry.is_folder else 2
    return rank, entry.path.name.casefold()


def size_text(size: int) -> str:
    """Return a size in the unit that keeps it short: ``812 B``, ``14 kB``, ``3.2 MB``."""
    if size < 1000:
        return f"{size} B"
    amount = float(size)
    for unit in ("kB", "MB", "GB", "TB"):
        amount /= 1000
        if amount < 1000 or unit == "TB":
            break
    return f"{amount:.1f} {unit}" if amount < 10 else f"{amount:.0f} {unit}"


def entry_row(entry: Entry) -> Row:
    """Return name, size and time of change as a row."""
    name = entry.path.name
    style = "accent" if entry.is_folder else "" if entry.importable else "dim"
    size = Cell("" if entry.is_folder or entry.size is None else size_text(entry.size), "dim")
    changed = "" if entry.changed is None else _local_time(entry.changed)
    return Row(entry.path, (Cell(name + ("/" if entry.is_folder else ""), style), size, Cell(changed, "dim")))


def _local_time(seconds: float) -> str:
    try:
        return shown_moment(datetime.fromtimestamp(seconds, UTC))
    except (OSError, OverflowError, ValueError):
        return _("unknown time")


def completed(text: str, *, hidden: bool = False) -> tuple[str, int]:
    """Return `text` (a path being typed) as far as the names in its folder agree, and how many do."""
    head, _slash, start = text.rpartition("/")
    folder = Path(os.path.expanduser(head + "/" if head or text.startswith("/") else "."))
    try:
        entries = entries_of(folder, hidden=hidden or start.startswith("."))
    except OSError:
        return text, 0
    names = [entry.path.name + ("/" if entry.is_folder else "") for entry in entries]
    matching = [name for name in names if name.startswith(start)]
    if not matching:
        return text, 0
    prefix = text[: len(text) - len(start)]
    return prefix + _common_start(matching), len(matching)


def _common_start(names: Sequence[str]) -> str:
    first, last = min(names), max(names)
    same = next((place for place, sign in enumerate(first) if last[place : place + 1] != sign), len(first))
    return first[:same]


def starting_with(entries: Sequence[Entry], typed: str) -> int | None:
    """Return the place of the first entry whose name starts with `typed`, in any case."""
    return next(
        (
            place
            for place, entry in enumerate(entries)
            if entry.path.name.casefold().startswith(typed.casefold())
        ),
        None,
    )


def first_existing(folders: Iterable[Path]) -> Path:
    """Return the first of `folders` that is there, else the root."""
    return next((folder for folder in folders if folder.is_dir()), Path("/"))
