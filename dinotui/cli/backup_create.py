"""`dinotui backup create`."""

from __future__ import annotations

from typing import Final

from dinotui.cli.arguments import Parser, choice
from dinotui.cli.backup_words import as_json, size_text
from dinotui.cli.context import Context
from dinotui.cli.progress import ProgressLine
from dinotui.locale import _, ngettext

FORMS: Final = ("json", "sql", "sqlite")


def parser(name: str, summary: str) -> Parser:
    """Return the options of `backup create`."""
    made = Parser(name, summary)
    made.option(
        "--format",
        default="sqlite",
        help=_("sqlite is a copy of the database (default), sql a dump that sqlite3 loads, json the export"),
        **choice("--format", *FORMS),
    )
    made.examples("dinotui backup create", "dinotui backup create --format sql --json | jq -r .path")
    return made


def run(context: Context) -> int:
    """Make the backup and return the exit code."""
    from dinotui.engine.backups import create

    line = ProgressLine(context.output)
    with context.store() as store, context.interruption.writing():
        try:
            made = create(store, context.options.format, report=line, cancelled=context.interruption.stopping)
        finally:
            line.clear()
    if context.json:
        context.output.json(as_json(made))
        return 0
    text = ngettext(
        "Made and verified {path} ({count} trip, {size})",
        "Made and verified {path} ({count} trips, {size})",
        made.records,
    )
    context.output.line(text.format(path=made.path, count=made.records, size=size_text(made.size)))
    context.output.line(_("Restore it with: dinotui backup restore {id}").format(id=made.id))
    return 0
