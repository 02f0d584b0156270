"""`dinotui undo [ID]`."""

from __future__ import annotations

from dinotui.cli.arguments import Parser
from dinotui.cli.context import Context
from dinotui.cli.reversing import add_operation_word, reverse


def parser(name: str, summary: str) -> Parser:
    """Return the options of `undo`."""
    made = Parser(name, summary)
    add_operation_word(made)
    made.examples("dinotui undo", "dinotui undo 0193", "dinotui redo")
    return made


def run(context: Context) -> int:
    """Undo and return the exit code; rows changed since are kept and named."""
    return reverse(context, "undo")
