"""`dinotui backup verify [ID]`."""

from __future__ import annotations

from dinotui.cli.arguments import Parser
from dinotui.cli.context import Context
from dinotui.locale import _, ngettext


def parser(name: str, summary: str) -> Parser:
    """Return the options of `backup verify`."""
    made = Parser(name, summary)
    made.takes(
        "BACKUP", _("a backup's id or the beginning of it, or the path of a file; by default all"), most=None
    )
    made.examples("dinotui backup verify", "dinotui backup verify 0193 /media/usb/dinotui.db")
    return made


def run(context: Context) -> int:
    """Read the backups back; the exit code is 1 when one of them is not whole."""
    from dinotui.engine.backups import entries, verify

    with context.store() as store, context.interruption.working():
        keys = context.options.words or [entry.id for entry in entries(store)]
        checks = [verify(store, key, cancelled=context.interruption.stopping) for key in keys]
    if context.json:
        context.output.json([check.model_dump(mode="json", by_alias=True) for check in checks])
    else:
        for check in checks:
            name = f"{check.id}  {check.path}" if check.id else check.path
            text = check.message or ngettext(
                "whole, {count} trip", "whole, {count} trips", check.records or 0
            )
            sign = "+" if check.ok else "!"
            context.output.line(f"{sign} {name}: {text.format(count=check.records)}")
        if not checks:
            context.output.message(_("There is no backup yet. Make one with: dinotui backup create."))
    return 0 if all(check.ok for check in checks) else 1
