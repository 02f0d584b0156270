"""`dinotui preset list`: the presets and what they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dinotui.cli.arguments import Parser
from dinotui.cli.context import Context
from dinotui.cli.tables import Column, write_table
from dinotui.cli.times import local_time
from dinotui.domain.mapping import field_label
from dinotui.locale import _

if TYPE_CHECKING:
    from dinotui.engine.presets import NamedPreset


def parser(name: str, summary: str) -> Parser:
    """Return the options of `preset list`."""
    made = Parser(name, summary)
    made.examples("dinotui preset list", "dinotui import trips.csv --preset 'agency v2'")
    return made


def run(context: Context) -> int:
    """List the presets and return the exit code."""
    from dinotui.engine.presets import list_presets

    with context.store() as store:
        presets = list_presets(store)
    if context.json:
        context.output.json_list(
            {**each.preset.model_dump(mode="json", by_alias=True, exclude_defaults=True), "used": each.used}
            for each in presets
        )
    elif presets:
        columns = (
            Column(_("Name"), gives=True),
            Column(_("Columns"), gives=True),
            Column(_("Besides"), gives=True),
            Column(_("Used")),
        )
        write_table(context.output, columns, [_row(each) for each in presets])
    else:
        context.output.message(_("There are no presets yet. The import wizard saves one with *."))
    return 0


def _row(known: NamedPreset) -> list[str]:
    preset = known.preset
    fed = [f"{m.header} → {field_label(m.field)}" for m in preset.mapping.columns if m.field is not None]
    besides = [f"{field_label(field)} = {value}" for field, value in preset.constants.items()]
    besides += [f"{name} = {code}" for name, code in preset.countries.items()]
    besides += [text for text in (preset.date_order, preset.encoding, preset.table) if text]
    return [preset.name, ", ".join(fed), ", ".join(besides), local_time(known.used)]
