"""The rows of API tokens; of a secret only its hash is kept."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from dinotui.storage.database import Database, utc_now
from dinotui.storage.store import Store
from dinotui.storage.tables import Token

_SELECT: Final = (
    "SELECT t.id, u.name, t.name, t.hash, t.scope, t.created_at, t.expires_at, t.revoked_at"
    " FROM token t JOIN user u ON u.number = t.user"
)


class TokenRow(NamedTuple):
    """One stored token with its user's name."""

    id: str
    user: str
    name: str
    hash: str
    scope: str
    created_at: str
    expires_at: str | None
    revoked_at: str | None


def add(store: Store, values: dict[str, Any]) -> None:
    """Store a token of the store's user; `values` are the columns of `Token` but the user and the time."""
    with store.database.write():
        store.database.run(Token.insert(user=store.user, created_at=utc_now(), **values))


def find(database: Database, token_id: str) -> TokenRow | None:
    """Return the token with this id, whoever it belongs to: who asks is not known yet."""
    rows = database.rows(f"{_SELECT} WHERE t.id = ?", (token_id,))
    return TokenRow._make(rows[0]) if rows else None


def tokens_of(store: Store, beginning: str = "") -> list[TokenRow]:
    """Return the user's tokens whose ids begin so, the newest first."""
    rows = store.database.rows(
        f"{_SELECT} WHERE t.user = :user AND substr(t.id, 1, length(:key)) = :key ORDER BY t.created_at DESC, t.id",
        {"user": store.user, "key": beginning},
    )
    return [TokenRow._make(row) for row in rows]


def revoke(store: Store, token_id: str) -> None:
    """Mark a token of the user as revoked; one that is revoked keeps its time."""
    with store.database.write():
        store.database.execute(
            "UPDATE token SET revoked_at = ? WHERE user = ? AND id = ? AND revoked_at IS NULL",
            (utc_now(), store.user, token_id),
        )
