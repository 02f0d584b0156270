"""What the program told the user (SPEC.md 2, Notifications)."""

from __future__ import annotations

from typing import Any, Final

from dinotui.domain.wire import Wire

STAY_LIMIT: Final = "stay-limit"
OVERSTAY: Final = "overstay"
SCHENGEN_NEAR: Final = "schengen-near"
SCHENGEN_OVER: Final = "schengen-over"
IMPORT_REJECTS: Final = "import-rejects"


class Notification(Wire):
    """One message. `read` is the instant the user saw it, None while new; `trip_id` the trip it is about.

    `subject` names what was told, so that nothing is told twice.
    """

    id: str
    kind: str
    title: str
    message: str
    created: str
    read: str | None = None
    trip_id: str | None = None
    subject: str | None = None

    def export(self) -> dict[str, Any]:
        """Return the message as the JSON export has it."""
        return self.model_dump(mode="json", by_alias=True)
