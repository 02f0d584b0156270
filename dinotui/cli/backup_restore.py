"""`dinotui backup restore BACKUP`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dinotui.cli.arguments import Parser, choice
from dinotui.cli.backup_create import FORMS
from dinotui.cli.backup_words import confirm
from dinotui.cli.context import Context
from dinotui.cli.progress import ProgressLine
from dinotui.locale import _, ngettext

if TYPE_CHECKING:
    from dinotui.domain.backup import RestoreResult
    from dinotui.storage.store import Store


def parser(name: str, summary: str) -> Parser:
    """Return the options of `backup restore`."""
    made = Parser(name, summary)
    made.takes("BACKUP", _("a backup's id or the beginning of it, or the path of a file"), least=1)
    made.option(
        "--strategy",
        default="merge",
        help=_("merge adds what is missing (default), replace makes everything as it was then"),
        **choice("--strategy", "merge", "replace"),
    )
    made.option("--into", metavar="NAME", help=_("the user who gets the data (default: yourself)"))
    made.option("--from-user", metavar="NAME", help=_("whose data, where the backup holds several users"))
    made.option(
        "--backup-format",
        default="sqlite",
        help=_("the form of the backup that is made before"),
        **choice("--backup-format", *FORMS),
    )
    made.option("--dry-run", action="store_true", help=_("only say what it would do"))
    made.option("--yes", action="store_true", help=_("replace without asking"))
    made.examples(
        "dinotui backup restore 0193 --dry-run",
        "dinotui backup restore /media/usb/dinotui.db --strategy replace",
        "dinotui undo",
    )
    return made


def run(context: Context) -> int:
    """Restore and return the exit code; an undo takes it back."""
    options = context.options
    with context.store(new_user=True) as store:
        if options.strategy == "replace" and not options.dry_run and not options.yes:
            confirm(context, _would_text(_restore(context, store, dry_run=True)))
        if options.dry_run:
            result = _restore(context, store, dry_run=True)
        else:
            with context.interruption.writing():
                result = _restore(context, store, dry_run=False)
    if context.json:
        context.output.json(result.model_dump(mode="json", by_alias=True))
    elif result.dry_run:
        context.output.line(_would_text(result))
    else:
        context.output.line(_did_text(result))
        context.output.line(
            _("dinotui undo takes it back. The backup of before is {id}.").format(id=result.backup_id)
        )
    return 0


def _restore(context: Context, store: Store, *, dry_run: bool) -> RestoreResult:
    from dinotui.engine.restoring import restore

    options, line = context.options, ProgressLine(context.output)
    try:
        return restore(
            store,
            options.words[0],
            options.strategy,
            into=options.into,
            from_user=options.from_user,
            safety=options.backup_format,
            dry_run=dry_run,
            report=line,
            cancelled=context.interruption.stopping,
        )
    finally:
        line.clear()


def _would_text(result: RestoreResult) -> str:
    """Return what a restore would do, the trips that go named."""
    parts = [
        (result.added, ngettext("brings {count} row back", "brings {count} rows back", result.added)),
        (result.changed, ngettext("sets {count} row back", "sets {count} rows back", result.changed)),
        (result.removed, ngettext("removes {count} row", "removes {count} rows", result.removed)),
    ]
    told = ", ".join(text.format(count=count) for count, text in parts if count)
    text = _("Restoring it {what}.").format(what=told or _("changes nothing"))
    if result.removed_trips:
        text += " " + _("Trips that go, the newest first: {names}.").format(
            names="; ".join(result.removed_trips)
        )
    return text


def _did_text(result: RestoreResult) -> str:
    parts = [
        (result.added, ngettext("{count} row brought back", "{count} rows brought back", result.added)),
        (result.changed, ngettext("{count} row set back", "{count} rows set back", result.changed)),
        (result.removed, ngettext("{count} row removed", "{count} rows removed", result.removed)),
    ]
    told = ", ".join(text.format(count=count) for count, text in parts if count)
    return _("Restored: {what}.").format(what=told or _("everything was there already"))
