"""`dinotui show ID`: one operation, each row it changed before and after, and each record an import left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from dinotui.cli.arguments import Parser, whole_number
from dinotui.cli.context import Context
from dinotui.cli.times import local_time
from dinotui.locale import _, ngettext

if TYPE_CHECKING:
    from dinotui.engine.history import Change, FoundOperation
    from dinotui.engine.left_out import LeftOut
    from dinotui.storage.store import Store

_PAGE = 1_000


def parser(name: str, summary: str) -> Parser:
    """Return the options of `show`."""
    made = Parser(name, summary)
    made.takes("ID", _("the operation, by its id or the beginning of it (dinotui history)"), least=1)
    made.option(
        "--from-row", default=1, help=_("begin with this row"), **whole_number("--from-row", 1, 10**9)
    )
    made.option("--limit", help=_("show at most so many rows"), **whole_number("--limit", 1, 10**9))
    made.option(
        "--left-out", action="store_true", help=_("only the records that an import skipped or rejected")
    )
    made.examples(
        "dinotui show 0193",
        "dinotui show 0193 --left-out",
        "dinotui show 0193 --from-row 1001 --limit 100",
        "dinotui show 0193 --json",
    )
    return made


def run(context: Context) -> int:
    """Show the operation and return the exit code."""
    from dinotui.engine.history import change_form, count_changes, find_operation
    from dinotui.engine.left_out import count_left_out, left_out_form

    with context.store() as store:
        found = find_operation(store, context.options.words[0])
        counts = count_changes(store, found), count_left_out(store, found)
        rows, left = _changes(context, store, found), _left_out(context, store, found)
        if context.json:
            entry = found.entry.model_dump(mode="json", by_alias=True)
            lists: dict[str, Iterable[Any]] = {"changes": (change_form(change) for change in rows)}
            if counts[1]:
                lists["leftOut"] = (left_out_form(record) for record in left)
            if context.options.left_out:
                lists.pop("changes")
            context.output.json_with_lists(entry, lists)
        else:
            _show_head(context, found)
            if not context.options.left_out:
                _show_changes(context, counts[0], rows)
            if counts[1] or context.options.left_out:
                _show_left_out(context, counts[1], left)
    return 0


def _changes(context: Context, store: Store, found: FoundOperation) -> Iterator[Change]:
    from dinotui.engine.history import all_changes, changes

    first, limit = context.options.from_row - 1, context.options.limit
    if limit is not None and limit <= _PAGE:
        return iter(changes(store, found, offset=first, limit=limit))
    return islice(all_changes(store, found), first, None if limit is None else first + limit)


def _left_out(context: Context, store: Store, found: FoundOperation) -> Iterator[LeftOut]:
    from dinotui.engine.left_out import all_left_out, left_out

    first, limit = context.options.from_row - 1, context.options.limit
    if limit is not None and limit <= _PAGE:
        return iter(left_out(store, found, offset=first, limit=limit))
    return islice(all_left_out(store, found), first, None if limit is None else first + limit)


def _show_head(context: Context, found: FoundOperation) -> None:
    from dinotui.engine.history import KIND_LABELS

    line, entry = context.output.line, found.entry
    line(f"{_(KIND_LABELS.get(entry.kind, entry.kind))}  {local_time(entry.timestamp)}  {entry.id}")
    for label, value in (
        (_("Source"), _("manual") if entry.source == "manual" else entry.source),
        (_("Summary"), entry.summary),
        (_("State"), _("undone") if entry.state == "undone" else _("done")),
        (_("Backup"), entry.backup_id),
        (_("Undoes"), entry.undoes),
        (_("Undone by"), entry.undone_by),
    ):
        if value:
            line(f"{label}: {value}")


def _show_changes(context: Context, count: int, changes: Iterator[Change]) -> None:
    line = context.output.line
    line(ngettext("{count} row changed", "{count} rows changed", count).format(count=count))
    for change in changes:
        line(f"{_SIGNS[change.what]} {_table_label(change.table)} {change.title}".rstrip())
        for name, (before, after) in change.fields.items():
            line(f"    {name}: {_shown(change.what, before, after)}")
        if context.output.closed:
            return


def _show_left_out(context: Context, count: int, records: Iterator[LeftOut]) -> None:
    line = context.output.line
    line(ngettext("{count:,} record left out", "{count:,} records left out", count).format(count=count))
    words = {"skip": _("skipped"), "reject": _("rejected")}
    for record in records:
        line(f"! {record.where} {words[record.action]}: {record.reason}")
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
