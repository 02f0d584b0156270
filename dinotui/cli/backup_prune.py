"""`dinotui backup prune`: old backups go by a rule that is said before."""

from __future__ import annotations

from dinotui.cli.arguments import Parser, whole_number
from dinotui.cli.backup_words import confirm, write_backups
from dinotui.cli.context import Context
from dinotui.domain.backup import Retention
from dinotui.locale import _, ngettext


def parser(name: str, summary: str) -> Parser:
    """Return the options of `backup prune`."""
    usual = Retention()
    made = Parser(name, summary)
    texts = (
        ("--recent", "recent_days", usual.recent_days, _("keep all of the last DAYS days")),
        ("--daily", "daily_days", usual.daily_days, _("then the newest of each day, for so many days back")),
        (
            "--weekly",
            "weekly_weeks",
            usual.weekly_weeks,
            _("then the newest of each week, for so many weeks"),
        ),
        (
            "--monthly",
            "months",
            None,
            _("then the newest of each month, for so many months (default: for ever)"),
        ),
        ("--least", "least", usual.least, _("the newest that stay whatever their age")),
    )
    for option, field, default, text in texts:
        least = 1 if option == "--least" else 0
        shown = text if default is None else _("{text} (default: {n})").format(text=text, n=default)
        made.option(option, dest=field, default=default, help=shown, **whole_number(option, least, 100_000))
    made.option("--dry-run", action="store_true", help=_("only say which would go"))
    made.option("--yes", action="store_true", help=_("delete without asking"))
    made.examples("dinotui backup prune --dry-run", "dinotui backup prune --recent 3 --monthly 24 --yes")
    return made


def run(context: Context) -> int:
    """Say which backups go, delete them after a yes, and return the exit code."""
    from dinotui.engine.backups import prune

    options = context.options
    policy = Retention(**{name: getattr(options, name) for name in Retention.model_fields})
    stopping = context.interruption.stopping
    with context.store() as store:
        result = prune(store, policy, dry_run=True, cancelled=stopping)
        if not context.json and result.removed:
            write_backups(context, result.removed)
        if result.removed and not options.dry_run:
            confirm(context, _would_text(len(result.removed), result.kept))
            with context.interruption.writing():
                result = prune(store, policy, cancelled=stopping)
    if context.json:
        context.output.json(result.model_dump(mode="json", by_alias=True))
    elif not result.removed:
        context.output.line(_("The rule keeps all backups; nothing was deleted."))
    elif options.dry_run:
        context.output.line(_would_text(len(result.removed), result.kept))
    else:
        text = ngettext(
            "Deleted {count} backup, kept {kept}.",
            "Deleted {count} backups, kept {kept}.",
            len(result.removed),
        )
        context.output.line(text.format(count=len(result.removed), kept=result.kept))
    return 0


def _would_text(count: int, kept: int) -> str:
    text = ngettext(
        "{count} backup would go for good, {kept} would stay.",
        "{count} backups would go for good, {kept} would stay.",
        count,
    )
    return text.format(count=count, kept=kept)
