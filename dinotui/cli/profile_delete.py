"""`dinotui profile delete`: forget export settings; undo brings them back."""

from __future__ import annotations

from dinotui.cli.arguments import Parser
from dinotui.cli.context import Context
from dinotui.locale import _


def parser(name: str, summary: str) -> Parser:
    """Return the options of `profile delete`."""
    made = Parser(name, summary)
    made.takes("NAME", _("the settings to forget"), least=1)
    made.examples("dinotui profile delete yearly")
    return made


def run(context: Context) -> int:
    """Delete the settings and return the exit code."""
    from dinotui.engine.profiles import delete_profile

    with context.store() as store, context.interruption.writing():
        gone = delete_profile(store, context.options.words[0])
    if context.json:
        context.output.json({"name": gone.name})
    else:
        context.output.line(_("Deleted {name}. Bring it back with: dinotui undo.").format(name=gone.name))
    return 0
