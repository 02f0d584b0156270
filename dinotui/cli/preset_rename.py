"""`dinotui preset rename NAME NEW`."""

from __future__ import annotations

from dinotui.cli.arguments import Parser
from dinotui.cli.context import Context
from dinotui.locale import _


def parser(name: str, summary: str) -> Parser:
    """Return the options of `preset rename`."""
    made = Parser(name, summary)
    made.takes("NAME NEW", _("the name of a preset, and the one it gets"), least=2, most=2)
    made.examples("dinotui preset rename 'agency v2' agency")
    return made


def run(context: Context) -> int:
    """Rename the preset and return the exit code."""
    from dinotui.engine.presets import rename_preset

    with context.store() as store, context.interruption.writing():
        new = rename_preset(store, *context.options.words)
    if context.json:
        context.output.json({"name": new})
    else:
        context.output.message(_("The preset is now called “{name}”.").format(name=new))
    return 0
