"""`dinotui history`: the operation log, newest first."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dinotui.cli.arguments import Parser, choice, day, whole_number
from dinotui.cli.context import Context
from dinotui.cli.tables import Column, write_table
from dinotui.cli.times import local_time
from dinotui.domain.errors import UsageError
from dinotui.locale import _, ngettext

if TYPE_CHECKING:
    from dinotui.engine.history import FoundOperation, OperationEntry
    from dinotui.storage.store import Store

KINDS: Final = ("import", "export", "add", "edit", "delete", "restore", "fix", "undo", "redo")


def parser(name: str, summary: str) -> Parser:
    """Return the options of `history`."""
    made = Parser(name, summary)
    made.option("--kind", help=_("only operations of this kind"), **choice("--kind", *KINDS))
    made.option("--text", metavar="WORDS", default="", help=_("only entries that hold all of these words"))
    made.option("--from", dest="first", help=_("only from this day on"), **day("--from"))
    made.option("--to", dest="last", help=_("only up to this day"), **day("--to"))
    made.option(
        "--trip", metavar="ID", help=_("only what touched this trip (its number or id, or #12 or id:12)")
    )
    made.option("--limit", help=_("the newest so many"), **whole_number("--limit", 1, 10**9))
    made.option("-o", "--output", metavar="FILE", help=_("write the log into a file, as JSON"))
    made.option("--rows", action="store_true", help=_("with each row before and after (with -o)"))
    made.option("--force", action="store_true", help=_("replace the file if there is one"))
    made.examples(
        "dinotui history --kind import --from 2024-01-01",
        "dinotui history --trip 12",
        "dinotui history --json | jq '.[0].id'",
        "dinotui history -o log.json --rows",
    )
    return made


def run(context: Context) -> int:
    """List the operations and return the exit code."""
    options = context.options
    if options.output is None and (options.rows or options.force):
        raise UsageError("usage", _("This goes with -o FILE."), "--rows" if options.rows else "--force")
    with context.store() as store:
        found = _found(context, store)
        if options.limit is not None:
            found = islice(found, options.limit)
        if options.output is not None:
            _write(context, store, found)
        elif context.json:
            context.output.json_list(
                operation.entry.model_dump(mode="json", by_alias=True) for operation in found
            )
        else:
            _show(context, (operation.entry for operation in found))
    return 0


def _found(context: Context, store: Store) -> Iterator[FoundOperation]:
    """Return the operations that are asked for, newest first."""
    from dinotui.engine.history_export import LogFilter, matching

    options = context.options
    if options.first is not None and options.last is not None and options.first > options.last:
        raise UsageError("usage", _("The range ends before it starts. Swap --from and --to."), "--to")
    if options.trip is not None and not options.trip.strip():
        raise UsageError("usage", _("Name a trip by its number or id, as in --trip 12."), "--trip")
    chosen = LogFilter(options.text, options.kind or "", options.first, options.last, options.trip)
    return matching(store, chosen)


def _write(context: Context, store: Store, found: Iterator[FoundOperation]) -> None:
    from dinotui.engine.history_export import export_log

    options = context.options
    target = Path(os.path.abspath(os.path.expanduser(options.output)))
    with context.interruption.writing():
        done = export_log(
            store,
            target,
            found,
            rows=options.rows,
            force=options.force,
            cancelled=context.interruption.stopping,
        )
    if context.json:
        context.output.json(done.model_dump(mode="json", by_alias=True))
        return
    text = ngettext(
        "Wrote {count} operation to {path} ({bytes:,} bytes)",
        "Wrote {count} operations to {path} ({bytes:,} bytes)",
        done.operations,
    )
    context.output.line(text.format(count=done.operations, path=done.path, bytes=done.bytes))


def _show(context: Context, entries: Iterator[OperationEntry]) -> None:
    rows = [_row(entry) for entry in entries]
    if not rows:
        context.output.message(_("Nothing was done yet."))
        return
    columns = (
        Column(_("When")),
        Column(_("What")),
        Column(_("State")),
        Column(_("Summary"), gives=True),
        Column(_("Source"), gives=True),
        Column("ID"),
    )
    write_table(context.output, columns, rows)


def _row(entry: OperationEntry) -> list[str]:
    from dinotui.engine.history import KIND_LABELS

    kind = _(KIND_LABELS.get(entry.kind, entry.kind))
    state = _("undone") if entry.state == "undone" else _("done")
    source = _("manual") if entry.source == "manual" else entry.source
    return [local_time(entry.timestamp), kind, state, entry.summary, source, entry.id]
