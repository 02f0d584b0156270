"""Reading and changing a user's preferences; a change is an operation that can be undone (SPEC.md 2 and 5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from dinotui.domain.errors import UsageError
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


class Incoming(NamedTuple):
    """What settings of a file come to, by camelCase name.

    `changes` are those that take another value (None: the default), with what they were; `kept` those of the
    user's own that stay although the file has them otherwise; `refused` those that make no sense.
    """

    changes: dict[str, tuple[Any, Any]]
    kept: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def incoming(
    store: Store, values: Mapping[str, Any], *, replace: bool = False, keep: bool = False
) -> Incoming:
    """Return what taking `values` from a file would come to.

    With `replace` the settings that are not given go back to their defaults; with `keep` those that the user
    has set stay.
    """
    before, own = get_preferences(store), stored_preferences(store)
    taken: dict[str, Any] = {}
    kept, refused = [], []
    for name, value in values.items():
        if value is None:
            continue
        try:
            after = before.changed({name: value})
        except UsageError:
            refused.append(name)
            continue
        if keep and name in own and after != before:
            kept.append(name)
        else:
            taken[name] = value
    after = from_stored(taken, None if replace else before)
    old = before.export()
    changes = {name: (old.get(name), value) for name, value in _changes(before, after).items()}
    return Incoming(changes, tuple(kept), tuple(refused))


def absorb(
    recorder: Recorder, values: Mapping[str, Any], *, replace: bool = False, keep: bool = False
) -> int:
    """Write settings of a file inside a part of another operation, as `incoming` says, and return how many."""
    found = incoming(recorder.store, values, replace=replace, keep=keep)
    write_preferences(recorder, {name: after for name, (_before, after) in found.changes.items()})
    return len(found.changes)


def _changes(before: Preferences, after: Preferences) -> dict[str, Any]:
    """Return the settings that differ by name, as they are after; None where nothing is to be stored."""
    old, new = before.export(), after.export()
    return {name: new.get(name) for name in {*old, *new} if old.get(name) != new.get(name)}
