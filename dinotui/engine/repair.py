"""How single findings of the integrity check are put right, inside its one operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from dinotui.domain.finding import Finding
from dinotui.storage import backups as files
from dinotui.storage import integrity as stored
from dinotui.storage.backups import Made
from dinotui.storage.changelog import Recorder
from dinotui.storage.preference_rows import write_preferences

Repair = Callable[["Repairs"], None]


class Found(NamedTuple):
    """A finding, and how it is put right where that can be done."""

    finding: Finding
    repair: Repair | None = None


@dataclass
class Repairs:
    """What is being put right: rows inside `recorder`'s part, files once that is stored for good."""

    recorder: Recorder
    _later: list[Callable[[], None]] = field(default_factory=list)

    def nothing(self) -> None:
        """Change no row: the indexes were built anew before."""

    @staticmethod
    def columns(number: int, values: Mapping[str, Any]) -> Repair:
        """Set columns of a trip."""
        return lambda repairs: stored.set_columns(repairs.recorder, number, values)

    @staticmethod
    def unlink(message: str) -> Repair:
        """Let a message be about no trip."""
        return lambda repairs: stored.unlink_message(repairs.recorder, message)

    @staticmethod
    def forget_preference(key: str) -> Repair:
        """Take a stored setting away."""
        return lambda repairs: write_preferences(repairs.recorder, {key: None})

    @staticmethod
    def make_private(path: Path) -> Repair:
        """Let the user alone read a file or folder."""
        return lambda repairs: repairs.later(lambda: path.chmod(path.stat().st_mode & 0o700))

    @staticmethod
    def forget_backup(backup_id: str, *, aside: bool) -> Repair:
        """Take a backup out of the register; `aside` keeps its file under a name that says it is damaged."""

        def repair(repairs: Repairs) -> None:
            store = repairs.recorder.store
            for row in files.registered(store, key=backup_id):
                files.forget(store, row)
                if aside:
                    repairs.later(partial(files.put_aside, store.backups / row.path))

        return repair

    @staticmethod
    def adopt(made: Made) -> Repair:
        """Enter a file that was found in the register."""
        return lambda repairs: files.register(repairs.recorder.store, made, "found", None)

    def later(self, act: Callable[[], None]) -> None:
        """Do something with a file once the operation is stored."""
        self._later.append(act)

    def after_commit(self) -> None:
        """Do what changes files; a failure leaves a finding for the next check."""
        for act in self._later:
            with suppress(OSError):
                act()
