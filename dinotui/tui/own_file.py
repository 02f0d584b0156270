"""The database file under the running app: a file that was deleted or replaced meanwhile is not written.

SQLite goes on with a deleted file as if nothing had happened, and opening its name again makes a new, empty
one: what is saved afterwards would be in neither place that the user looks at.
"""

from __future__ import annotations

from typing import Final
from weakref import WeakKeyDictionary

from dinotui.domain.errors import StorageError
from dinotui.locale import _
from dinotui.storage.store import Store

_KNOWN: Final[WeakKeyDictionary[Store, tuple[int, int]]] = WeakKeyDictionary()


def _identity(store: Store) -> tuple[int, int] | None:
    try:
        found = store.path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def note_file(store: Store) -> None:
    """Take note which file the store has open."""
    found = _identity(store)
    if found is not None:
        _KNOWN[store] = found


def check_file(store: Store) -> None:
    """Raise `StorageError` when the name of the store's file leads to another file by now, or to none."""
    known = _KNOWN.get(store)
    if known is None:
        return
    found = _identity(store)
    if found == known:
        return
    if found is None:
        text = _(
            "The database file was deleted or moved while dinotui was open. "
            "Nothing more is written; put the file back, or quit and start again."
        )
    else:
        text = _(
            "The database file was replaced by another one while dinotui was open. "
            "Nothing more is written; quit and start again to work with the new one."
        )
    raise StorageError("database-replaced", text, str(store.path))


def sibling_of(store: Store) -> Store:
    """Return a second store on the same file, for another thread; raises `StorageError` as `check_file`."""
    check_file(store)
    return store.sibling()
