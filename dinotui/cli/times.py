"""Instants as people read them: in the user's time zone. JSON keeps them in UTC."""

from __future__ import annotations

from datetime import datetime, tzinfo

_state: dict[str, tzinfo | None] = {"zone": None}


def use_zone(name: str | None) -> None:
    """Show instants in this time zone from now on, None for this machine's."""
    from dinotui.domain.dates import zone_named

    _state["zone"] = None if name is None else zone_named(name)


def local_time(timestamp: str) -> str:
    """Return an instant (ISO 8601, UTC) as date and time in the zone in use."""
    return datetime.fromisoformat(timestamp).astimezone(_state["zone"]).strftime("%Y-%m-%d %H:%M")
