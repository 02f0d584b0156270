"""Notifications as rows: listing, adding each subject once, marking read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from dinotui.domain.notification import Notification
from dinotui.storage.database import utc_now
from dinotui.storage.store import Store

_COLUMNS: Final = "id, kind, title, message, created_at, read_at, trip_id, subject"


def _notification(row: tuple[str, ...]) -> Notification:
    names = ("id", "kind", "title", "message", "created", "read", "trip_id", "subject")
    return Notification.model_validate(dict(zip(names, row, strict=True)))


def notification_page(
    store: Store,
    *,
    unread: bool = False,
    standing: bool = False,
    before: int | None = None,
    limit: int = 100,
) -> list[tuple[int, Notification]]:
    """Return a page of numbers and messages, newest first, of those with a number below `before`.

    With `standing`, without those about a stay that is not there any more.
    """
    rows = store.database.rows(
        f"SELECT number, {_COLUMNS} FROM notification WHERE user = :user AND number < :before"
        " AND (read_at IS NULL OR NOT :unread) AND (NOT :standing OR trip_id IS NULL"
        " OR EXISTS (SELECT 1 FROM trip WHERE trip.id = notification.trip_id))"
        " ORDER BY number DESC LIMIT :limit",
        {
            "user": store.user,
            "before": before or 1 << 62,
            "unread": unread,
            "standing": standing,
            "limit": limit,
        },
    )
    return [(row[0], _notification(row[1:])) for row in rows]


def all_notifications(store: Store) -> Iterator[Notification]:
    """Yield all messages, newest first."""
    rows = store.database.stream(
        f"SELECT {_COLUMNS} FROM notification WHERE user = ? ORDER BY number DESC", (store.user,)
    )
    for row in rows:
        yield _notification(row)


def count_unread(store: Store) -> int:
    """Return how many messages the user has not seen."""
    sql = "SELECT count(*) FROM notification WHERE user = ? AND read_at IS NULL"
    return int(store.database.value(sql, (store.user,)))


def insert_notification(store: Store, made: Notification, changed_by: int = 0) -> bool:
    """Store a message unless its subject was told before; return whether it is new."""
    changed = store.database.execute(
        f"INSERT INTO notification (user, {_COLUMNS}, changed_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (
            store.user,
            made.id,
            made.kind,
            made.title,
            made.message,
            made.created,
            made.read,
            made.trip_id,
            made.subject,
            changed_by,
        ),
    )
    return changed > 0


def subjects_told(store: Store) -> frozenset[str]:
    """Return the subjects of everything that was told."""
    sql = "SELECT subject FROM notification WHERE user = ? AND subject IS NOT NULL"
    return frozenset(row[0] for row in store.database.rows(sql, (store.user,)))


def set_read(store: Store, ids: list[str] | None) -> int:
    """Mark messages as seen now, all where `ids` is None; return how many were new."""
    now = utc_now()
    if ids is None:
        sql = "UPDATE notification SET read_at = ? WHERE user = ? AND read_at IS NULL"
        return store.database.execute(sql, (now, store.user))
    sql = "UPDATE notification SET read_at = ? WHERE user = ? AND id = ? AND read_at IS NULL"
    return sum(store.database.execute(sql, (now, store.user, each)) for each in ids)


def set_unread(store: Store, ids: list[str]) -> int:
    """Mark messages as not seen; return how many were."""
    sql = "UPDATE notification SET read_at = NULL WHERE user = ? AND id = ? AND read_at IS NOT NULL"
    return sum(store.database.execute(sql, (store.user, each)) for each in ids)


def notifications_beginning(store: Store, key: str, limit: int = 2) -> list[Notification]:
    """Return messages whose id begins with `key`, at most `limit`."""
    rows = store.database.rows(
        f"SELECT {_COLUMNS} FROM notification WHERE user = ? AND substr(id, 1, ?) = ? ORDER BY id LIMIT ?",
        (store.user, len(key), key, limit),
    )
    return [_notification(row) for row in rows]
