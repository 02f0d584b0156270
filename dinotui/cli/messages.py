"""`dinotui messages`: what the program told the user, and marking it as read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from dinotui.cli.arguments import Parser
from dinotui.cli.context import Context
from dinotui.cli.tables import Column, write_table
from dinotui.cli.times import local_time
from dinotui.domain.errors import UsageError
from dinotui.locale import _, ngettext

if TYPE_CHECKING:
    from dinotui.domain.notification import Notification
    from dinotui.storage.store import Store

_PAGE: Final = 500


def parser(name: str, summary: str) -> Parser:
    """Return the options of `messages`."""
    made = Parser(name, summary)
    made.takes(
        "ID", _("with --read or --unread: the messages to mark, by the beginning of their id"), most=None
    )
    made.option("--new", action="store_true", help=_("only those that were not read yet"))
    made.option("--read", action="store_true", help=_("mark messages as read, all of them without an ID"))
    made.option("--unread", action="store_true", help=_("mark messages as not read"))
    made.examples("dinotui messages --new", "dinotui messages --read", "dinotui messages --json | jq length")
    return made


def run(context: Context) -> int:
    """Mark or list messages and return the exit code; what is due is told first."""
    from dinotui.engine.alerts import make_alerts
    from dinotui.engine.notifications import export_notifications

    options = context.options
    if options.words and not (options.read or options.unread):
        raise UsageError("usage", _("An ID goes with --read or --unread."), options.words[0])
    if options.unread and not options.words:
        raise UsageError("usage", _("Name the messages to mark."), "--unread")
    if options.read and options.unread:
        raise UsageError("usage", _("Choose one of --read and --unread."), "--unread")
    with context.store() as store:
        if options.read or options.unread:
            _mark(context, store)
            return 0
        with context.interruption.writing():
            make_alerts(store)
        if context.json:
            told = export_notifications(store)
            context.output.json_list(one for one in told if not (options.new and one["read"]))
        else:
            _show(context, _listed(store, new=options.new))
    return 0


def _mark(context: Context, store: Store) -> None:
    from dinotui.engine.notifications import find_notification, mark_read, mark_unread

    ids = [find_notification(store, key).id for key in context.options.words]
    with context.interruption.writing():
        count = mark_unread(store, ids) if context.options.unread else mark_read(store, ids or None)
    if context.json:
        context.output.json({"marked": count})
        return
    text = ngettext("{count} message marked", "{count} messages marked", count)
    context.output.line(text.format(count=count))


def _listed(store: Store, *, new: bool) -> Iterator[Notification]:
    from dinotui.engine.notifications import list_notifications

    before: int | None = None
    while True:
        page = list_notifications(store, unread=new, before=before, limit=_PAGE)
        yield from page.notifications
        before = page.older
        if before is None:
            return


def _show(context: Context, told: Iterator[Notification]) -> None:
    rows = [
        [_("new") if one.read is None else "", local_time(one.created), one.title, one.message, one.id]
        for one in told
    ]
    if not rows:
        context.output.message(_("Nothing to tell you so far."))
        return
    columns = (
        Column(""),
        Column(_("When")),
        Column(_("About"), gives=True),
        Column(_("Message"), gives=True),
        Column("ID"),
    )
    write_table(context.output, columns, rows)
