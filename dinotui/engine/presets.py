"""Presets: how a file was mapped and read, remembered by the shape of its header, named, carried elsewhere.

An automatically remembered preset only feeds columns; constants, country answers and a date order are taken
from one that the user chose. No preset goes against what a column of dates proves (SPEC.md 4.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple

from pydantic import ValidationError

from dinotui.domain.errors import FormatError, UsageError
from dinotui.domain.mapping import Mapping
from dinotui.domain.presets import (
    LAST,
    MAX_PRESETS,
    NO_PRESET,
    REMEMBERED,
    Preset,
    checked_name,
    load_presets,
    made_from,
    presets_to_json,
    with_preset,
)
from dinotui.domain.problems import shown
from dinotui.domain.settings import ImportSettings
from dinotui.domain.visible import visible
from dinotui.formats.mapping import apply_preset, header_shape
from dinotui.locale import _, ngettext
from dinotui.storage import preset_rows
from dinotui.storage.preset_rows import StoredPreset
from dinotui.storage.staging import SourceTable, Staging
from dinotui.storage.store import Store

_LISTED: Final = 30


class NamedPreset(NamedTuple):
    """A preset with the instant (ISO 8601, UTC) it was saved or used last."""

    preset: Preset
    used: str


class Bound(NamedTuple):
    """The preset that a table of a staged import is mapped by; `name` is empty for the remembered one."""

    name: str
    used: str
    preset: Preset


def list_presets(store: Store) -> list[NamedPreset]:
    """Return the named presets by name; one that cannot be read any more is left out."""
    found = []
    for row in preset_rows.named(store):
        preset = _read(row)
        if preset is not None:
            found.append(NamedPreset(preset, row.used))
    return found


def find_preset(store: Store, name: str) -> NamedPreset:
    """Return a preset by its name, in any case where only one has it so.

    Raises:
        UsageError: there is none; the sentence lists those there are.
    """
    presets = list_presets(store)
    for same in (str, str.casefold):
        found = [each for each in presets if same(each.preset.name) == same(name.strip())]
        if len(found) == 1:
            return found[0]
    raise _unknown(name, [each.preset.name for each in presets])


def _unknown(name: str, names: Sequence[str]) -> UsageError:
    if not names:
        message = _("There is no preset “{name}”, and no other one yet. The import wizard saves them.")
        return UsageError("no-such-preset", message.format(name=shown(name)), "--preset")
    listed = ", ".join(shown(each) for each in names[:_LISTED]) + (", …" if len(names) > _LISTED else "")
    message = _("There is no preset “{name}”. There are: {names}.")
    return UsageError("no-such-preset", message.format(name=shown(name), names=listed), "--preset")


def remembered(store: Store, columns: Sequence[str]) -> NamedPreset | None:
    """Return how a table with such columns was imported last time, None where that is not known."""
    shape = header_shape(columns)
    row = preset_rows.of_shape(store, shape) if shape else None
    preset = None if row is None else _read(row)
    return None if row is None or preset is None else NamedPreset(preset, row.used)


def _read(row: StoredPreset) -> Preset | None:
    try:
        preset = Preset.model_validate_json(row.settings)
    except ValidationError:
        return None
    return preset.model_copy(update={"name": row.name or ""})


# keeping -------------------------------------------------------------------------------------------------


def preset_of(table: SourceTable, settings: ImportSettings) -> Preset:
    """Return the preset that a table of an understood import would make."""
    used = Mapping.model_validate(table.settings.get("used", table.settings["mapping"]))
    bound = bound_of(table)
    if bound is not None and settings.preset not in (REMEMBERED, None) and settings.date_order is None:
        settings = settings.model_copy(update={"date_order": bound.preset.date_order})
    return made_from(settings, table.columns, used)


def save_preset(store: Store, preset: Preset, name: str, *, replace: bool = False) -> Preset:
    """Store `preset` under `name` and return it. Raises `UsageError` where the name is taken or none."""
    named = preset.model_copy(update={"name": checked_name(name)})
    with store.database.write():
        present = {each.name for each in preset_rows.named(store)}
        if named.name in present and not replace:
            raise _taken(named.name)
        if named.name not in present and len(present) >= MAX_PRESETS:
            raise UsageError(
                "presets", _("There are {limit} presets; delete one first.").format(limit=MAX_PRESETS)
            )
        preset_rows.keep_named(store, named.name, header_shape(named.columns), _stored(named))
    return named


def _taken(name: str) -> UsageError:
    message = _("There is a preset “{name}” already. Choose another name, or replace it with --force.")
    return UsageError("preset-exists", message.format(name=name))


def _stored(preset: Preset) -> str:
    return preset.model_dump_json(by_alias=True, exclude={"name"})


def rename_preset(store: Store, name: str, new: str) -> str:
    """Give a preset another name and return it. Raises `UsageError`."""
    old, wanted = find_preset(store, name).preset.name, checked_name(new)
    with store.database.write():
        if wanted != old and wanted in {each.name for each in preset_rows.named(store)}:
            raise _taken(wanted)
        preset_rows.rename(store, old, wanted)
    return wanted


def delete_preset(store: Store, name: str) -> Preset:
    """Delete a preset and return what it was. Raises `UsageError`."""
    preset = find_preset(store, name).preset
    with store.database.write():
        preset_rows.forget(store, preset.name)
    return preset


def export_presets(store: Store, names: Sequence[str] = ()) -> str:
    """Return the named presets, all where none is named, as JSON text. Raises `UsageError`."""
    chosen = [find_preset(store, name).preset for name in dict.fromkeys(names)]
    return presets_to_json(chosen or [each.preset for each in list_presets(store)])


def import_presets(store: Store, text: str, *, replace: bool = False) -> list[Preset]:
    """Store the presets of a JSON text, all or none, and return them. Raises `UsageError`."""
    presets = load_presets(text)
    with store.database.write():
        present = {each.name for each in preset_rows.named(store)}
        for preset in presets:
            if preset.name in present and not replace:
                raise _taken(preset.name)
            present.add(preset.name)
            preset_rows.keep_named(store, preset.name, header_shape(preset.columns), _stored(preset))
        if len(present) > MAX_PRESETS:
            raise UsageError(
                "presets", _("More than {limit} presets are too many.").format(limit=MAX_PRESETS)
            )
    return presets


def remember(store: Store, staging: Staging, settings: ImportSettings) -> None:
    """Remember by their headers how the tables of an import were mapped; inside the write that applies it.

    Only what a person chose is worth it; one who read without a preset has the memory of that header dropped.
    """
    for table in staging.tables():
        shape = header_shape(table.columns)
        if not shape:
            continue
        preset = preset_of(table, settings)
        suggested = Mapping.model_validate(table.settings["mapping"])
        if _fed(preset.mapping) != _fed(suggested) or preset.extras():
            preset_rows.keep_remembered(store, shape, _stored(preset))
        elif settings.preset == NO_PRESET:
            preset_rows.forget_shape(store, shape)
    if settings.preset not in (None, NO_PRESET, REMEMBERED, LAST):
        with suppress(UsageError):
            name = find_preset(store, settings.preset).preset.name
            number = next(row.number for row in preset_rows.named(store) if row.name == name)
            preset_rows.used(store, number)


def _fed(mapping: Mapping) -> tuple[list[Any], set[int]]:
    return [match.field for match in mapping.columns], set(mapping.keep_in_notes)


# using ---------------------------------------------------------------------------------------------------


def resolved(store: Store, settings: ImportSettings) -> ImportSettings:
    """Return `settings` with what a preset that they name says about reading. Raises `UsageError`."""
    if settings.preset in (None, NO_PRESET, REMEMBERED, LAST):
        return settings
    return with_preset(settings, find_preset(store, settings.preset).preset)


def chosen(preset: Preset, before: ImportSettings) -> ImportSettings:
    """Return the settings for reading with a preset instead of what was chosen before."""
    wanted = ImportSettings(preset=preset.name or LAST, reviewed_mapping=before.reviewed_mapping)
    return with_preset(wanted, preset)


def bind(staging: Staging, store: Store, settings: ImportSettings) -> ImportSettings:
    """Let the tables of a staged import be mapped by the preset that `settings` ask for.

    Returns the settings with what the preset adds. Raises `UsageError` for a preset that is not there, and
    `FormatError` where it fits no table.
    """
    tables = staging.tables()
    wanted = settings.preset
    if wanted in (None, NO_PRESET):
        found: dict[int, Bound] = {}
    elif wanted in (REMEMBERED, LAST):
        found = _remembered_for(store, tables)
        if wanted == LAST and not found:
            message = _("No file with such a header was imported before, so there is nothing to repeat.")
            raise UsageError("no-such-preset", message, "--preset")
    else:
        found = _named_for(store, tables, wanted)
    if wanted == LAST and settings.constants == {} and settings.countries == {}:
        settings = with_preset(settings, next(iter(found.values())).preset)
    for table in tables:
        _set_bound(staging, table, found.get(table.number))
    return settings


def _remembered_for(store: Store, tables: Sequence[SourceTable]) -> dict[int, Bound]:
    found = {}
    for table in tables:
        known = remembered(store, table.columns)
        if known is not None and apply_preset(known.preset.mapping, table.columns) is not None:
            found[table.number] = Bound("", known.used, known.preset)
    return found


def _named_for(store: Store, tables: Sequence[SourceTable], name: str) -> dict[int, Bound]:
    try:
        known = find_preset(store, name)
    except UsageError:
        kept = {table.number: bound for table in tables if (bound := bound_of(table)) and bound.name == name}
        if kept:
            return kept  # deleted since; this import goes on as it was begun
        raise
    fitting = [table for table in tables if apply_preset(known.preset.mapping, table.columns) is not None]
    if not fitting:
        raise _misfit(known.preset, tables)
    return {table.number: Bound(known.preset.name, known.used, known.preset) for table in fitting}


def _misfit(preset: Preset, tables: Sequence[SourceTable]) -> FormatError:
    kept = set(preset.mapping.keep_in_notes)
    needed = [m.header for m in preset.mapping.columns if m.field is not None or m.column in kept]
    there = {header for table in tables for header in table.columns}
    missing = [header for header in needed if header not in there] or needed
    listed = ", ".join(shown(header) for header in missing[:_LISTED])
    message = ngettext(
        "The preset “{name}” does not fit this file: the column {columns} is not there.",
        "The preset “{name}” does not fit this file: the columns {columns} are not there.",
        len(missing),
    )
    where = ", ".join(visible(table.name) for table in tables[:3]) or None
    return FormatError("preset-does-not-fit", message.format(name=preset.name, columns=listed), where)


def bound_of(table: SourceTable) -> Bound | None:
    """Return the preset that a table is mapped by, None where there is none."""
    stored = table.settings.get("preset")
    if stored is None:
        return None
    return Bound(stored["name"], stored["used"], Preset.model_validate(stored["preset"]))


def _set_bound(staging: Staging, table: SourceTable, bound: Bound | None) -> None:
    settings = {name: value for name, value in table.settings.items() if name != "preset"}
    if bound is not None:
        preset = bound.preset.model_dump(mode="json", by_alias=True)
        settings["preset"] = {"name": bound.name, "used": bound.used, "preset": preset}
    if settings != table.settings:
        staging.set_table(table._replace(settings=settings))
