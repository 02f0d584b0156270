"""`dinotui backup list`."""

from __future__ import annotations

from dinotui.cli.arguments import Parser
from dinotui.cli.backup_words import as_json, write_backups
from dinotui.cli.context import Context
from dinotui.locale import _


def parser(name: str, summary: str) -> Parser:
    """Return the options of `backup list`."""
    made = Parser(name, summary)
    made.examples("dinotui backup list", "dinotui backup list --json | jq '.[0].path'")
    return made


def run(context: Context) -> int:
    """List the backups and return the exit code."""
    from dinotui.engine.backups import entries

    with context.store() as store:
        found = entries(store)
    if context.json:
        context.output.json([as_json(entry) for entry in found])
    elif found:
        write_backups(context, found)
    else:
        context.output.message(_("There is no backup yet. Make one with: dinotui backup create."))
    return 0
