"""`dinotui preset delete NAME`."""

from __future__ import annotations

from dinotui.cli.arguments import Parser
from dinotui.cli.context import Context
from dinotui.locale import _


def parser(name: str, summary: str) -> Parser:
    """Return the options of `preset delete`."""
    made = Parser(name, summary)
    made.takes("NAME", _("the preset, as dinotui preset list names it"), least=1)
    made.examples("dinotui preset delete 'agency v2'")
    return made


def run(context: Context) -> int:
    """Delete the preset and return the exit code; trips that it helped to import stay."""
    from dinotui.engine.presets import delete_preset

    with context.store() as store, context.interruption.writing():
        gone = delete_preset(store, context.options.words[0])
    if context.json:
        context.output.json({"name": gone.name})
    else:
        context.output.message(_("The preset “{name}” is deleted.").format(name=gone.name))
    return 0
