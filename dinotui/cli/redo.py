"""`dinotui redo [ID]`."""

from __future__ import annotations

from dinotui.cli.arguments import Parser
from dinotui.cli.context import Context
from dinotui.cli.reversing import add_operation_word, reverse


def parser(name: str, summary: str) -> Parser:
    """Return the options of `redo`."""
    made = Parser(name, summary)
    add_operation_word(made)
    made.examples("dinotui redo", "dinotui redo 0193")
    return made


def run(context: Context) -> int:
    """Redo and return the exit code; rows changed since are kept and named."""
    return reverse(context, "redo")
