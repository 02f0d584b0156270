"""An API token as its owner sees it: everything but the secret (SPEC.md 7)."""

from __future__ import annotations

from typing import Literal, TypeAlias

from dinotui.domain.wire import Wire

Scope: TypeAlias = Literal["read", "write"]


class ApiToken(Wire):
    """A token of one user; instants are ISO 8601 UTC. `scope` write includes read."""

    id: str
    user: str
    name: str
    scope: Scope
    created: str
    expires: str | None = None
    revoked: str | None = None

    def state(self, now: str) -> Literal["valid", "expired", "revoked"]:
        """Return whether the token opens anything at the instant `now` (ISO 8601 UTC)."""
        if self.revoked is not None:
            return "revoked"
        return "expired" if self.expires is not None and self.expires <= now else "valid"

    def allows(self, scope: Scope) -> bool:
        """Return whether the token is good for `scope`."""
        return scope == "read" or self.scope == "write"
