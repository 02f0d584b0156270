"""`dinotui history`: the operation log, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dinotui.cli.arguments import Parser
from dinotui.cli.context import Context
from dinotui.cli.tables import Column, write_table
from dinotui.locale import _

if TYPE_CHECKING:
    from dinotui.engine.history import OperationEntry
    from dinotui.storage.store import Store

_PAGE = 500


def parser(name: str, summary: str) -> Parser:
    """Return the options of `history`."""
    made = Parser(name, summary)
    made.examples("dinotui history", "dinotui history --json | jq '.[0].id'")
    return made


def run(context: Context) -> int:
    """List the operations and return the exit code."""
    with context.store() as store:
        entries = _entries(store)
        if context.json:
            context.output.json_list(entry.model_dump(mode="json", by_alias=True) for entry in entries)
        else:
            _show(context, entries)
    return 0


def _entries(store: Store) -> Iterator[OperationEntry]:
    from dinotui.engine.history import operations

    before: int | None = None
    while found := operations(store, before=before, limit=_PAGE):
        yield from (operation.entry for operation in found)
        before = found[-1].number


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
    return [local_time(entry.timestamp), kind, state, entry.summary, entry.source, entry.id]


def local_time(timestamp: str) -> str:
    """Return an instant (ISO 8601, UTC) as date and time of this machine's zone."""
    from datetime import datetime

    return datetime.fromisoformat(timestamp).astimezone().strftime("%Y-%m-%d %H:%M")
