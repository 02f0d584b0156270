"""Reading and changing a user's preferences; a change is an operation that can be undone (SPEC.md 2 and 5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dinotui.domain.preferences import Preferences, from_stored
from dinotui.locale import _
from dinotui.storage.changelog import Recorder, operation
from dinotui.storage.preference_rows import stored_preferences, write_preferences
from dinotui.storage.store import Store


def get_preferences(store: Store) -> Preferences:
    """Return the user's settings, defaults where nothing is stored."""
    return from_stored(stored_preferences(store))


def set_preferences(store: Store, values: Mapping[str, Any], *, source: str = "manual") -> Preferences:
    """Change settings by camelCase name; None goes back to the default. Return all settings afterwards.

    One operation is logged, none where nothing changes. Raises `UsageError`, with nothing changed.
    """
    before = get_preferences(store)
    after = before.changed(values)
    if after == before:
        return after
    with operation(store, "edit", source=source) as recorder, recorder.part():
        write_preferences(recorder, _changes(before, after))
        names = ", ".join(sorted(values))
        recorder.describe(summary=_("Changed preferences: {names}").format(names=names))
    return after


def absorb(recorder: Recorder, values: Mapping[str, Any], *, replace: bool = False) -> int:
    """Write settings inside a part of another operation and return how many changed.

    For imports: values that make no sense are passed over. With `replace` the settings that are not given
    go back to their defaults.
    """
    before = get_preferences(recorder.store)
    after = from_stored(values, None if replace else before)
    changes = _changes(before, after)
    write_preferences(recorder, changes)
    return len(changes)


def _changes(before: Preferences, after: Preferences) -> dict[str, Any]:
    """Return the settings that differ by name, as they are after; None where nothing is to be stored."""
    old, new = before.export(), after.export()
    return {name: new.get(name) for name in {*old, *new} if old.get(name) != new.get(name)}
