"""Preferences and notifications of an incoming file; what a notification points at still is what it meant."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from dinotui.domain.configuration import ImportConfiguration
from dinotui.domain.ids import new_id
from dinotui.domain.preference_texts import text_of
from dinotui.domain.visible import visible
from dinotui.engine.importing.reading import configuration_of
from dinotui.engine.preferences import absorb, incoming
from dinotui.locale import _, ngettext
from dinotui.storage.changelog import Recorder
from dinotui.storage.database import utc_now
from dinotui.storage.others import follow_trips, new_notifications, put_notifications
from dinotui.storage.staging import Staging
from dinotui.storage.store import Store


class Others(NamedTuple):
    """How many preferences an import changed and how many messages it added."""

    preferences: int = 0
    notifications: int = 0

    def texts(self) -> list[str]:
        """Return both in a few words, where there are some."""
        found = []
        if self.preferences:
            text = ngettext("{count} preference changed", "{count} preferences changed", self.preferences)
            found.append(text.format(count=self.preferences))
        if self.notifications:
            text = ngettext("{count} message added", "{count} messages added", self.notifications)
            found.append(text.format(count=self.notifications))
        return found


def _keeps_own(configuration: ImportConfiguration) -> bool:
    """Tell whether settings that the user made stay: a setting has no review, so only an update is taken."""
    return configuration.strategy != "replace" and (
        configuration.strategy == "skipExisting" or configuration.duplicate_handling.resolution != "update"
    )


def _settings(staging: Staging) -> dict[str, Any] | None:
    """Return the settings of the files, None where they hold none."""
    values = [each["preferences"] for each in staging.meta("others", []) if each["preferences"] is not None]
    return {k: v for each in values for k, v in each.items()} if values else None


def _messages(staging: Staging) -> list[dict[str, Any]] | None:
    """Return the messages of the files as rows, None where they hold none."""
    told = [each["notifications"] for each in staging.meta("others", []) if each["notifications"] is not None]
    return [_notification(entry) for each in told for entry in each] if told else None


def plan_other_categories(staging: Staging, store: Store) -> None:
    """Find out what the files' settings and messages would change, for the preview; `telling` says it."""
    configuration = configuration_of(staging)
    values, messages = _settings(staging), _messages(staging)
    replace = configuration.strategy == "replace"
    planned: dict[str, Any] = {}
    if values is not None:
        planned = incoming(store, values, replace=replace, keep=_keeps_own(configuration))._asdict()
    if messages is not None:
        planned["messages"] = new_notifications(store, messages)
    staging.set_meta(beside=planned)


def telling(staging: Staging) -> list[str]:
    """Return, in sentences, what the import changes beside the trips, and what of the file it leaves out."""
    planned = staging.meta("beside", {})
    found = []
    if planned.get("changes"):
        changes = ", ".join(
            f"{name}: {_shown(name, before)} → {_shown(name, after)}"
            for name, (before, after) in sorted(planned["changes"].items())
        )
        found.append(_("Your settings change as the file has them: {changes}.").format(changes=changes))
    if planned.get("kept"):
        text = _(
            "Your own settings stay, which the file has otherwise: {names}. To take those of the file, let "
            "repeats be updated."
        )
        found.append(text.format(names=", ".join(planned["kept"])))
    if planned.get("refused"):
        text = _("Settings of the file that make no sense here are left out: {names}.")
        found.append(text.format(names=", ".join(map(visible, planned["refused"]))))
    if planned.get("messages"):
        count = planned["messages"]
        text = ngettext(
            "{count} message of the file is added.", "{count} messages of the file are added.", count
        )
        found.append(text.format(count=count))
    return found


def _shown(name: str, value: Any) -> str:
    return visible(text_of(name, value)) or _("(default)")


def import_other_categories(recorder: Recorder, staging: Staging) -> Others:
    """Merge the file's preferences (by key) and notifications (by id, and by what they tell).

    Inside an import's operation, after its trips, as `plan_other_categories` said. With the strategy replace
    what the file's categories hold replaces what the user has in them.
    """
    configuration = configuration_of(staging)
    replace = configuration.strategy == "replace"
    values, messages = _settings(staging), _messages(staging)
    preferences = notifications = 0
    with recorder.part():
        if values is not None:
            preferences = absorb(recorder, values, replace=replace, keep=_keeps_own(configuration))
        if messages is not None:
            notifications = put_notifications(recorder, messages, replace=replace)
        follow_trips(recorder)
    return Others(preferences, notifications)


def _notification(entry: Mapping[str, Any]) -> dict[str, Any]:
    trip, subject = entry.get("tripId"), entry.get("subject")
    created = _instant(entry.get("created") or entry.get("createdAt")) or utc_now()
    read = entry.get("readAt") or entry.get("read")
    return {
        "id": str(entry.get("id") or new_id()),
        "kind": str(entry.get("kind") or entry.get("type") or "info"),
        "title": str(entry.get("title") or ""),
        "message": str(entry.get("message") or ""),
        "created_at": created,
        "read_at": (_instant(read) or created) if read else None,
        "trip_id": None if trip is None else str(trip),
        "subject": None if subject is None else str(subject),
    }


def _instant(value: Any) -> str | None:
    """Return an instant as it stands in the file, None where it is none."""
    try:
        datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return str(value)
