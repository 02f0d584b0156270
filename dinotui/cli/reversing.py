"""What `dinotui undo` and `dinotui redo` have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from dinotui.cli.arguments import Parser
from dinotui.cli.context import Context
from dinotui.cli.progress import ProgressLine
from dinotui.locale import _, ngettext

if TYPE_CHECKING:
    from dinotui.domain.result import UndoResult


def add_operation_word(parser: Parser) -> None:
    """Let the command name an operation."""
    parser.takes("ID", _("the operation, by its id or the beginning of it (dinotui history)"))
    parser.option("--dry-run", action="store_true", help=_("only say what it would do, and to which rows"))


def reverse(context: Context, kind: Literal["undo", "redo"]) -> int:
    """Undo or redo the named operation, by default the last one, and return the exit code."""
    from dinotui.engine import history

    words = context.options.words
    if context.options.dry_run:
        return _foretell(context, kind, words[0] if words else None)
    line = ProgressLine(context.output)
    with context.store() as store, context.interruption.writing():
        carry_out = history.undo if kind == "undo" else history.redo
        try:
            result = carry_out(
                store, words[0] if words else None, report=line, cancelled=context.interruption.stopping
            )
        finally:
            line.clear()
        summary = history.find_operation(store, result.operation_id).entry.summary
    if context.json:
        context.output.json(as_json(result))
    else:
        _show(context, result, summary)
    return 0


def _foretell(context: Context, kind: Literal["undo", "redo"], key: str | None) -> int:
    """Say what undoing or redoing would do, with nothing changed."""
    from dinotui.engine import history

    line = ProgressLine(context.output)
    with context.store() as store, context.interruption.working():
        found = history.find_operation(store, key) if key else history.next_operation(store, kind)
        try:
            result = history.rehearse(
                store,
                found.entry.id if found else None,
                kind,
                report=line,
                cancelled=context.interruption.stopping,
            )
        finally:
            line.clear()
    if context.json:
        form = as_json(result)
        del form["operationId"]
        context.output.json({**form, "dryRun": True})
    else:
        assert found is not None, "a rehearsal of nothing is refused"
        what = found.entry.summary or found.entry.source or found.entry.id
        text = _("Would undo: {what}") if result.undoes else _("Would redo: {what}")
        _show(context, result, text.format(what=what))
    return 0


def as_json(result: UndoResult) -> dict[str, Any]:
    """Return the JSON form: of `undoes` and `redoes` only the one that is meant (SPEC.md 6)."""
    form = result.model_dump(mode="json", by_alias=True)
    return {name: value for name, value in form.items() if value is not None}


def _show(context: Context, result: UndoResult, summary: str) -> None:
    line = context.output.line
    line(summary)
    counts = (
        (result.removed, ngettext("{count} row removed", "{count} rows removed", result.removed)),
        (result.restored, ngettext("{count} row restored", "{count} rows restored", result.restored)),
        (result.reverted, ngettext("{count} row set back", "{count} rows set back", result.reverted)),
    )
    told = [text.format(count=count) for count, text in counts if count]
    line(", ".join(told) if told else _("No row was changed"))
    for row in result.kept:
        line(_("Kept {id}: {reason}").format(id=row.id, reason=row.reason))
