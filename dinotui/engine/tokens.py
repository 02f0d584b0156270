"""API tokens: made, listed, revoked, and recognised in constant time (SPEC.md 7).

A token reads ``dino_<id>_<secret>``. The secret has 256 random bits, so its plain SHA-256 is as safe to keep
as a slow hash would be. The id finds the row; whether the secret is right takes the same time either way.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Final

from dinotui.domain.errors import NotFound
from dinotui.domain.token import ApiToken, Scope
from dinotui.domain.visible import visible
from dinotui.locale import _
from dinotui.storage import tokens as rows
from dinotui.storage.database import utc_now
from dinotui.storage.store import Store

PREFIX: Final = "dino"
_SECRET_BYTES: Final = 32
_ID_BYTES: Final = 6
_NOBODY: Final = hashlib.sha256(b"").hexdigest()


def create_token(
    store: Store, scope: Scope, *, name: str = "", expires: str | None = None
) -> tuple[ApiToken, str]:
    """Make a token of the store's user and return it with its text, which is never shown again."""
    token_id, secret = secrets.token_hex(_ID_BYTES), secrets.token_urlsafe(_SECRET_BYTES)
    rows.add(
        store,
        {"id": token_id, "name": name, "hash": _hashed(secret), "scope": scope, "expires_at": expires},
    )
    made = rows.find(store.database, token_id)
    assert made is not None
    return _shown(made), f"{PREFIX}_{token_id}_{secret}"


def list_tokens(store: Store) -> list[ApiToken]:
    """Return the user's tokens, the newest first."""
    return [_shown(row) for row in rows.tokens_of(store)]


def revoke_token(store: Store, key: str) -> ApiToken:
    """Revoke the user's token with this id, or the one whose id begins so; from now on it opens nothing.

    Raises `NotFound`.
    """
    found = rows.tokens_of(store, key) if key else []
    chosen = [row for row in found if row.id == key] or found
    if len(chosen) != 1:
        text = _("There is no token {id}, or several begin so. List them with: dinotui token list.")
        raise NotFound("no-such-token", text.format(id=visible(key)))
    rows.revoke(store, chosen[0].id)
    row = rows.find(store.database, chosen[0].id)
    assert row is not None
    return _shown(row)


def recognise(store: Store, text: str) -> ApiToken | None:
    """Return the valid token that `text` is, None for any other text.

    What is unknown, expired or revoked is compared like what is known: the time tells nothing.
    """
    prefix, _between, rest = text.partition("_")
    token_id, _between, secret = rest.partition("_")
    row = rows.find(store.database, token_id) if prefix == PREFIX and len(token_id) == 2 * _ID_BYTES else None
    same = hmac.compare_digest(_hashed(secret), _NOBODY if row is None else row.hash)
    if row is None or not same:
        return None
    token = _shown(row)
    return token if token.state(utc_now()) == "valid" else None


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _shown(row: rows.TokenRow) -> ApiToken:
    return ApiToken.model_validate(
        {
            "id": row.id,
            "user": row.user,
            "name": row.name,
            "scope": row.scope,
            "created": row.created_at,
            "expires": row.expires_at,
            "revoked": row.revoked_at,
        }
    )
