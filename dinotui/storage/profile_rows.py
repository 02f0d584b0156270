"""Named export settings as rows: one a name, the settings as JSON."""

from __future__ import annotations

from dinotui.storage.changelog import Recorder
from dinotui.storage.store import Store


def stored_profiles(store: Store) -> list[tuple[str, str]]:
    """Return names and settings (JSON), in the order of the names."""
    sql = "SELECT name, configuration FROM export_profile WHERE user = ? ORDER BY name COLLATE NOCASE, name"
    return [(str(name), str(text)) for name, text in store.database.rows(sql, (store.user,))]


def put_profile(recorder: Recorder, name: str, configuration: str) -> None:
    """Store settings under a name, in place of those that had it; inside a part of an operation."""
    recorder.store.database.execute(
        "INSERT INTO export_profile (user, name, configuration, changed_by) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (user, name) DO UPDATE SET configuration = excluded.configuration,"
        " changed_by = excluded.changed_by WHERE configuration <> excluded.configuration",
        (recorder.store.user, name, configuration, recorder.number),
    )


def drop_profile(recorder: Recorder, name: str) -> None:
    """Take a name and its settings away; inside a part of an operation."""
    recorder.store.database.execute(
        "DELETE FROM export_profile WHERE user = ? AND name = ?", (recorder.store.user, name)
    )
