"""A user's preferences as rows: one a setting, its value as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dinotui.storage.changelog import Recorder
from dinotui.storage.store import Store


def stored_preferences(store: Store) -> dict[str, Any]:
    """Return the stored settings by name; a value that is no JSON is left out."""
    found: dict[str, Any] = {}
    for key, value in store.database.rows("SELECT key, value FROM preference WHERE user = ?", (store.user,)):
        try:
            found[key] = json.loads(value)
        except ValueError:
            continue
    return found


def write_preferences(recorder: Recorder, values: Mapping[str, Any]) -> None:
    """Store settings inside a part of `recorder`'s operation; None takes the stored value away."""
    database, user = recorder.store.database, recorder.store.user
    for key, value in values.items():
        if value is None:
            database.execute("DELETE FROM preference WHERE user = ? AND key = ?", (user, key))
            continue
        database.execute(
            "INSERT INTO preference (user, key, value, changed_by) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (user, key) DO UPDATE SET value = excluded.value, changed_by = excluded.changed_by"
            " WHERE value <> excluded.value",
            (user, key, json.dumps(value, ensure_ascii=False), recorder.number),
        )
