"""`dinotui show ID`: one operation, and each row it changed before and after."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from dinotui.cli.arguments import Parser
from dinotui.cli.context import Context
from dinotui.cli.history import local_time
from dinotui.locale import _, ngettext

if TYPE_CHECKING:
    from dinotui.engine.history import Change, FoundOperation
    from dinotui.storage.store import Store

_PAGE = 1_000


def parser(name: str, summary: str) -> Parser:
    """Return the options of `show`."""
    made = Parser(name, summary)
    made.takes("ID", _("the operation, by its id or the beginning of it (dinotui history)"), least=1)
    made.examples("dinotui show 0193", "dinotui show 0193 --json")
    return made


def run(context: Context) -> int:
    """Show the operation and return the exit code."""
    from dinotui.engine.history import count_changes, find_operation

    with context.store() as store:
        found = find_operation(store, context.options.words[0])
        if context.json:
            entry = found.entry.model_dump(mode="json", by_alias=True)
            context.output.json({**entry, "changes": [_plain(change) for change in _changes(store, found)]})
        else:
            _show(context, found, count_changes(store, found), _changes(store, found))
    return 0


def _changes(store: Store, found: FoundOperation) -> Iterator[Change]:
    from dinotui.engine.history import changes

    offset = 0
    while page := changes(store, found, offset=offset, limit=_PAGE):
        yield from page
        offset += len(page)


def _plain(change: Change) -> dict[str, Any]:
    fields = {name: {"before": before, "after": after} for name, (before, after) in change.fields.items()}
    return {"table": change.table, "id": change.id, "what": change.what, "fields": fields}


def _show(context: Context, found: FoundOperation, count: int, changes: Iterator[Change]) -> None:
    from dinotui.engine.history import KIND_LABELS

    line, entry = context.output.line, found.entry
    line(f"{_(KIND_LABELS.get(entry.kind, entry.kind))}  {local_time(entry.timestamp)}  {entry.id}")
    for label, value in (
        (_("Source"), entry.source),
        (_("Summary"), entry.summary),
        (_("State"), _("undone") if entry.state == "undone" else _("done")),
        (_("Backup"), entry.backup_id),
        (_("Undoes"), entry.undoes),
        (_("Undone by"), entry.undone_by),
    ):
        if value:
            line(f"{label}: {value}")
    line(ngettext("{count} row changed", "{count} rows changed", count).format(count=count))
    for change in changes:
        line(f"{_SIGNS[change.what]} {_table_label(change.table)} {change.title}".rstrip())
        for name, (before, after) in change.fields.items():
            line(f"    {name}: {_shown(change.what, before, after)}")
        if context.output.closed:
            return


_SIGNS = {"added": "+", "removed": "-", "changed": "~"}


def _table_label(table: str) -> str:
    return {
        "trip": _("trip"),
        "preference": _("preference"),
        "notification": _("notification"),
        "rule": _("rule"),
        "export_profile": _("export profile"),
    }.get(table, table)


def _shown(what: str, before: Any, after: Any) -> str:
    if what != "changed":
        return str(after if what == "added" else before)
    return f"{_said(before)} → {_said(after)}"


def _said(value: Any) -> str:
    return _("(empty)") if value in (None, "") else str(value)
