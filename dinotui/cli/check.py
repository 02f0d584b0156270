"""`dinotui check [--fix]`: integrity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dinotui.cli.arguments import Parser
from dinotui.cli.context import Context
from dinotui.cli.progress import ProgressLine
from dinotui.locale import _, ngettext

if TYPE_CHECKING:
    from dinotui.domain.finding import CheckResult


def parser(name: str, summary: str) -> Parser:
    """Return the options of `check`."""
    made = Parser(name, summary)
    made.option(
        "--fix", action="store_true", help=_("put right what can be, as one operation that can be undone")
    )
    made.examples("dinotui check", "dinotui check --fix", "dinotui check --json | jq .ok")
    return made


def run(context: Context) -> int:
    """Check, or put right and check; the exit code is 1 when an error is left."""
    from dinotui.engine.integrity import check, fix

    line = ProgressLine(context.output)
    stopping = context.interruption.stopping
    with context.store() as store:
        try:
            if context.options.fix:
                with context.interruption.writing():
                    result = fix(store, report=line, cancelled=stopping)
            else:
                with context.interruption.working():
                    result = check(store, report=line, cancelled=stopping)
        finally:
            line.clear()
    if context.json:
        context.output.json(as_json(result))
    else:
        _show(context, result)
    return 0 if result.ok else 1


def as_json(result: CheckResult) -> dict[str, Any]:
    """Return the JSON form; what was put right is there after ``--fix`` only (SPEC.md 6)."""
    form = result.model_dump(mode="json", by_alias=True)
    return {name: value for name, value in form.items() if name in ("ok", "findings") or value is not None}


_SIGNS = {"error": "!", "warning": "~", "info": "="}


def _show(context: Context, result: CheckResult) -> None:
    line = context.output.line
    for each in result.fixed or ():
        line(f"+ {each.fix}")
    for each in result.findings:
        line(
            f"{_SIGNS[each.severity]} {each.message}"
            + (" " + _("(can be put right)") if each.fixable else "")
        )
    if result.operation_id is not None:
        count = len(result.fixed or ())
        text = ngettext(
            "Put {count} thing right; dinotui undo takes it back.",
            "Put {count} things right; dinotui undo takes it back.",
            count,
        )
        line(text.format(count=count))
    if not result.findings:
        line(_("All is well."))
    elif any(each.fixable for each in result.findings):
        context.output.message(_("Put right what can be with: dinotui check --fix"))
