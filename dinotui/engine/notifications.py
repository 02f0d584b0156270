"""What the program told the user: listing, marking read, telling something once (SPEC.md 2).

Messages are the program's own notes, not the user's data: telling or reading one is no operation of the
log, so that undo always means the user's last change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from dinotui.domain.errors import NotFound
from dinotui.domain.ids import new_id
from dinotui.domain.notification import Notification
from dinotui.domain.visible import visible
from dinotui.locale import _
from dinotui.storage.changelog import Recorder
from dinotui.storage.database import utc_now
from dinotui.storage.notification_rows import (
    all_notifications,
    count_unread,
    insert_notification,
    notification_page,
    notifications_beginning,
    set_read,
    set_unread,
)
from dinotui.storage.store import Store


class NotificationPage(NamedTuple):
    """Messages, newest first; `older` continues with the ones before them, None where there are none."""

    notifications: list[Notification]
    older: int | None


def list_notifications(
    store: Store,
    *,
    unread: bool = False,
    standing: bool = False,
    before: int | None = None,
    limit: int = 100,
) -> NotificationPage:
    """Return a page of messages, newest first; `before` is the `older` of the page before.

    With `standing`, without those about a stay that is not there any more.
    """
    rows = notification_page(store, unread=unread, standing=standing, before=before, limit=limit + 1)
    older = rows[limit - 1][0] if len(rows) > limit else None
    return NotificationPage([each for _number, each in rows[:limit]], older)


def unread_count(store: Store) -> int:
    """Return how many messages are new."""
    return count_unread(store)


def mark_read(store: Store, ids: Sequence[str] | None = None) -> int:
    """Mark messages as seen, all of them where `ids` is None; return how many were new."""
    with store.database.write():
        return set_read(store, None if ids is None else list(ids))


def mark_unread(store: Store, ids: Sequence[str]) -> int:
    """Mark messages as not seen yet; return how many were."""
    with store.database.write():
        return set_unread(store, list(ids))


def find_notification(store: Store, key: str) -> Notification:
    """Return the message with this id, or the only one whose id begins so. Raises `NotFound`."""
    found = notifications_beginning(store, key) if key else []
    exact = next((each for each in found if each.id == key), None)
    if exact is None and len(found) != 1:
        message = _("There is no message {id}, or several begin so. List them with: dinotui messages.")
        raise NotFound("no-such-message", message.format(id=visible(key)))
    return exact or found[0]


def add_notification(
    store: Store,
    kind: str,
    title: str,
    message: str,
    *,
    subject: str | None = None,
    trip_id: str | None = None,
    recorder: Recorder | None = None,
) -> bool:
    """Tell the user something, unless `subject` was told before; return whether it is new.

    Inside an operation give its `recorder`; otherwise the message is stored in its own transaction.
    """
    made = Notification(
        id=new_id(),
        kind=kind,
        title=title,
        message=message,
        created=utc_now(),
        trip_id=trip_id,
        subject=subject,
    )
    if recorder is not None:
        return insert_notification(store, made, recorder.number)
    with store.database.write():
        return insert_notification(store, made)


def export_notifications(store: Store) -> Iterator[dict[str, Any]]:
    """Yield all messages as the JSON export has them, newest first."""
    for each in all_notifications(store):
        yield each.export()
