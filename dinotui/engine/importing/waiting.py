"""Which imports wait to be gone on with, looked at without holding any of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dinotui.domain.errors import DinoError
from dinotui.storage import decisions, plan_rows
from dinotui.storage.staging import Staging, staged_files
from dinotui.storage.store import Store

RESUMABLE = ("planned", "later")
"""States in which a review can go on: planned as a whole, or set aside when the rest was applied."""


@dataclass(frozen=True, slots=True)
class StagedImport:
    """An import that waits: what it is, and how far its review is."""

    import_id: str
    source: str
    staged: str
    state: str
    conflicts: int
    decided: int
    later: int
    question: str = ""
    """The code of the first question that has to be answered before the plan is right."""
    writes: bool = True
    """Whether applying would write anything as things stand."""
    rejected: int = 0
    """Records that are rejected, counted where nothing would be written."""


def describe(staging: Staging) -> StagedImport:
    """Return what a staged import is and how far its review is."""
    conflicts, decided, later = decisions.review_counts(staging)
    questions = staging.meta("questions", [])
    writes = bool(conflicts) or plan_rows.writes_something(staging)
    return StagedImport(
        import_id=str(staging.meta("importId")),
        source=", ".join(file["name"] for file in staging.meta("files", [])),
        staged=str(staging.meta("staged")),
        state=str(staging.meta("state")),
        conflicts=conflicts,
        decided=decided,
        later=later,
        question=str(questions[0]["code"]) if questions else "",
        writes=writes,
        rejected=0 if writes else plan_rows.count_rejected(staging),
    )


def waiting_imports(store: Store) -> list[StagedImport]:
    """Return the user's staged imports whose review can go on, the newest first.

    None is held: another dinotui that has one open is not in the way, and nobody finds one held because
    somebody listed them. One that cannot be looked at is left out; opening it tells why.
    """
    folder = store.folder / "staging"
    paths = staged_files(folder) if folder.is_dir() else []
    found = [one for path in paths if (one := _look(path, store.user_name)) is not None]
    return sorted(found, key=lambda one: one.staged, reverse=True)


def _look(path: Path, user: str) -> StagedImport | None:
    try:
        staging = Staging(path, hold=False)
    except DinoError:
        return None
    try:
        if staging.meta("user") != user or staging.meta("state") not in RESUMABLE:
            return None
        return describe(staging)
    except DinoError:
        return None
    finally:
        staging.close()
