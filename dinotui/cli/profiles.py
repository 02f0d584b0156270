"""`dinotui profiles`: the export settings that are saved under names."""

from __future__ import annotations

from dinotui.cli.arguments import Parser
from dinotui.cli.context import Context
from dinotui.cli.tables import Column, write_table
from dinotui.locale import _


def parser(name: str, summary: str) -> Parser:
    """Return the options of `profiles`."""
    made = Parser(name, summary)
    made.examples("dinotui profiles", "dinotui export --profile yearly -o 2024.json")
    return made


def run(context: Context) -> int:
    """List the saved settings and return the exit code."""
    from dinotui.engine.profiles import described, list_profiles

    with context.store() as store:
        found = list_profiles(store)
    if context.json:
        context.output.json_list(
            {"name": one.name, "configuration": one.configuration.model_dump(mode="json", by_alias=True)}
            for one in found
        )
    elif found:
        columns = (Column(_("Name")), Column(_("Settings"), gives=True))
        write_table(context.output, columns, [[one.name, described(one.configuration)] for one in found])
    else:
        context.output.message(_("No export settings are saved. Save some with: dinotui profile save NAME."))
    return 0
