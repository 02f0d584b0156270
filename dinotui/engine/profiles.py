"""Export settings saved under a name; saving and deleting them are operations that can be undone."""

from __future__ import annotations

from typing import Final, NamedTuple

from pydantic import ValidationError

from dinotui.domain.configuration import ExportConfiguration
from dinotui.domain.errors import DinoError, NotFound, UsageError
from dinotui.domain.visible import visible
from dinotui.locale import _
from dinotui.storage.changelog import operation
from dinotui.storage.profile_rows import drop_profile, put_profile, stored_profiles
from dinotui.storage.store import Store

LONGEST_NAME: Final = 60


class Profile(NamedTuple):
    """Export settings and their name."""

    name: str
    configuration: ExportConfiguration


def list_profiles(store: Store) -> list[Profile]:
    """Return the saved export settings in the order of their names; what cannot be read is left out."""
    found = []
    for name, text in stored_profiles(store):
        try:
            found.append(Profile(name, ExportConfiguration.model_validate_json(text)))
        except (ValidationError, DinoError):  # written by another version of the program
            continue
    return found


def find_profile(store: Store, name: str) -> Profile:
    """Return the settings with this name, in any case of letters. Raises `NotFound` with the names there are."""
    known = list_profiles(store)
    wanted = name.strip()
    for profile in known:
        if profile.name == wanted:
            return profile
    for profile in known:
        if profile.name.casefold() == wanted.casefold():
            return profile
    names = ", ".join(visible(profile.name) for profile in known) or _("none")
    message = _("There are no export settings named {name}. There are: {names}.")
    raise NotFound("no-such-profile", message.format(name=visible(wanted), names=names))


def save_profile(
    store: Store, name: str, configuration: ExportConfiguration, *, source: str = "manual"
) -> Profile:
    """Save settings under a name, in place of those that have it; one operation, none where nothing changes.

    Raises `UsageError` for a name that is empty, too long, or more than a line of text.
    """
    wanted = _checked(name)
    same = next((each for each in list_profiles(store) if each.name.casefold() == wanted.casefold()), None)
    made = Profile(same.name if same else wanted, configuration)
    if same == made:
        return made
    with operation(store, "edit", source=source) as recorder, recorder.part():
        put_profile(recorder, made.name, configuration.model_dump_json(by_alias=True))
        recorder.describe(summary=_("Saved the export settings {name}").format(name=visible(made.name)))
    return made


def delete_profile(store: Store, name: str, *, source: str = "manual") -> Profile:
    """Delete the settings with this name and return them. Raises `NotFound`."""
    gone = find_profile(store, name)
    with operation(store, "edit", source=source) as recorder, recorder.part():
        drop_profile(recorder, gone.name)
        recorder.describe(summary=_("Deleted the export settings {name}").format(name=visible(gone.name)))
    return gone


def _checked(name: str) -> str:
    wanted = name.strip()
    if not wanted:
        raise UsageError("bad-name", _("Give the settings a name, such as yearly."))
    if len(wanted) > LONGEST_NAME or visible(wanted) != wanted:
        message = _("A name has up to {most} characters on one line.")
        raise UsageError("bad-name", message.format(most=LONGEST_NAME))
    return wanted


def described(configuration: ExportConfiguration) -> str:
    """Return settings in a few words: format, what it holds, which days, packing, privacy."""
    parts = [
        configuration.format.upper(),
        ", ".join(_CATEGORY[name]() for name in configuration.categories.chosen()),
    ]
    days = configuration.date_range
    if days is not None and (days.start or days.end):
        parts.append(f"{days.start or '…'} – {days.end or '…'}")
    if configuration.compression.enabled:
        parts.append(f"{configuration.compression.algorithm} {configuration.compression.level}")
    if not configuration.include_metadata:
        parts.append(_("without metadata"))
    if configuration.privacy.exclude_personal_data:
        parts.append(_("no personal data"))
    if configuration.privacy.anonymize_data:
        parts.append(_("anonymised"))
    return "; ".join(part for part in parts if part)


_CATEGORY: Final = {
    "trips": lambda: _("trips"),
    "preferences": lambda: _("preferences"),
    "notifications": lambda: _("notifications"),
    "analytics": lambda: _("statistics"),
}
