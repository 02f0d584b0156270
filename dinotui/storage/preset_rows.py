"""A user's presets as rows: named ones, and one without a name for each shape of a header."""

from __future__ import annotations

from typing import NamedTuple

from dinotui.storage.database import utc_now
from dinotui.storage.store import Store


class StoredPreset(NamedTuple):
    """A row: the name (None: remembered by the header's shape), the JSON text, and when it was used last."""

    number: int
    name: str | None
    shape: str
    settings: str
    used: str


_SELECT = "SELECT number, name, header_shape, settings, used_at FROM preset WHERE user = ?"


def named(store: Store) -> list[StoredPreset]:
    """Return the named presets by name."""
    rows = store.database.rows(f"{_SELECT} AND name IS NOT NULL ORDER BY name, number", (store.user,))
    return [StoredPreset(*row) for row in rows]


def of_shape(store: Store, shape: str) -> StoredPreset | None:
    """Return what is remembered for a header of this shape."""
    rows = store.database.rows(f"{_SELECT} AND name IS NULL AND header_shape = ?", (store.user, shape))
    return StoredPreset(*rows[0]) if rows else None


def keep_named(store: Store, name: str, shape: str, settings: str) -> None:
    """Store a named preset, in the place of one of the same name; inside a write."""
    forget(store, name)
    _insert(store, name, shape, settings)


def keep_remembered(store: Store, shape: str, settings: str) -> None:
    """Remember a preset for a header's shape; inside a write."""
    if not store.database.execute(
        "UPDATE preset SET settings = ?, used_at = ? WHERE user = ? AND name IS NULL AND header_shape = ?",
        (settings, utc_now(), store.user, shape),
    ):
        _insert(store, None, shape, settings)


def _insert(store: Store, name: str | None, shape: str, settings: str) -> None:
    store.database.execute(
        "INSERT INTO preset (user, name, header_shape, settings, used_at) VALUES (?, ?, ?, ?, ?)",
        (store.user, name, shape, settings, utc_now()),
    )


def used(store: Store, number: int) -> None:
    """Note that a preset was used now; inside a write."""
    store.database.execute(
        "UPDATE preset SET used_at = ? WHERE user = ? AND number = ?", (utc_now(), store.user, number)
    )


def forget(store: Store, name: str) -> bool:
    """Delete a named preset; inside a write."""
    return bool(store.database.execute("DELETE FROM preset WHERE user = ? AND name = ?", (store.user, name)))


def forget_shape(store: Store, shape: str) -> None:
    """Forget what is remembered for a header's shape; inside a write."""
    store.database.execute(
        "DELETE FROM preset WHERE user = ? AND name IS NULL AND header_shape = ?", (store.user, shape)
    )


def rename(store: Store, name: str, new: str) -> None:
    """Give a preset another name; inside a write."""
    store.database.execute("UPDATE preset SET name = ? WHERE user = ? AND name = ?", (new, store.user, name))
