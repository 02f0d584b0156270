"""How the server runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dinotui.storage.store import SERVER_FOLDER

BODY_BYTES: Final = 10_000_000
"""Bytes of a request's body (SPEC.md 7)."""

WINDOW_SECONDS: Final = 60
"""The minute of the rate limits."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the server listens, on which database, and how much a user may ask of it a minute."""

    database: Path
    host: str = "127.0.0.1"
    port: int = 8765
    workers: int = 1
    tls_cert: Path | None = None
    tls_key: Path | None = None
    exports_per_minute: int = 5
    imports_per_minute: int = 3

    @property
    def folder(self) -> Path:
        """The folder beside the database for what the workers share."""
        return self.database.with_name(self.database.name + ".d") / SERVER_FOLDER

    @property
    def scheme(self) -> str:
        """The scheme of the server's addresses."""
        return "http" if self.tls_cert is None else "https"
