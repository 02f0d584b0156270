"""Drawing: presets as rows, and what is said of the one in use. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dinotui.domain.mapping import field_label
from dinotui.domain.presets import NO_PRESET, Preset
from dinotui.engine.presets import Bound, NamedPreset
from dinotui.formats.mapping import apply_preset
from dinotui.locale import N_, _
from dinotui.tui.cells import Cell
from dinotui.tui.glyphs import glyphs
from dinotui.tui.import_session import Picture
from dinotui.tui.widgets.columns import Column
from dinotui.tui.widgets.row_source import Row

PRESET_COLUMNS: Final = (
    Column(N_("Preset"), 16, 2),
    Column(N_("Used"), 10, priority=1),
    Column(N_("What it does"), 24, 5),
)
AS_LAST_TIME: Final = ""
"""The key of the row for what is remembered by the header's shape; a named preset's key is its name."""


def preset_text(bounds: Sequence[Bound | None]) -> str:
    """Return which preset an import is mapped by, empty where there is none."""
    bound = next((bound for bound in bounds if bound is not None), None)
    if bound is None:
        return ""
    if bound.name:
        return _("preset: {name}").format(name=bound.name)
    return _("mapped as last time ({day})").format(day=bound.used[:10])


def besides_text(preset: Preset) -> str:
    """Return what a preset holds besides the columns, empty where there is nothing."""
    parts = [f"{field_label(field)} = {value}" for field, value in preset.constants.items()]
    parts += [f"{name} = {code}" for name, code in preset.countries.items()]
    if preset.date_order:
        orders = {"dmy": N_("day, month, year"), "mdy": N_("month, day, year"), "ymd": N_("year, month, day")}
        parts.append(_(orders[preset.date_order]))
    parts += [text for text in (preset.encoding, preset.table) if text]
    return ", ".join(parts)


def preset_rows(
    presets: Sequence[NamedPreset], remembered: NamedPreset | None, picture: Picture | None
) -> list[Row]:
    """Return a row a preset; over an import also one for last time, and one for none."""
    rows = []
    if picture is not None and remembered is not None:
        rows.append(_row(AS_LAST_TIME, _("as last time"), remembered, picture))
    rows += [_row(each.preset.name, each.preset.name, each, picture) for each in presets]
    if picture is not None:
        name = Cell(_("without a preset"), "dim")
        rows.append(Row(NO_PRESET, (name, "", Cell(_("as the headers and cells suggest"), "dim"))))
    return rows


def _row(key: str, name: str, known: NamedPreset, picture: Picture | None) -> Row:
    preset = known.preset
    arrow = glyphs().right
    fed = [
        f"{m.header} {arrow} {field_label(m.field)}" for m in preset.mapping.columns if m.field is not None
    ]
    fits = picture is None or fits_some(preset, picture)
    besides = besides_text(preset)
    told = ", ".join(fed)
    if besides:
        told = f"{besides}; {told}"
    if not fits:
        told = _("does not fit this file") + f": {told}"
    return Row(
        key, (Cell(name, "strong" if fits else "dim"), Cell(known.used[:10], "dim"), Cell(told, "dim"))
    )


def fits_some(preset: Preset, picture: Picture) -> bool:
    """Return whether a preset fits a table of the import."""
    return any(apply_preset(preset.mapping, table.columns) is not None for table in picture.tables)
