"""`dinotui` alone: the terminal app."""

from __future__ import annotations

from dinotui.cli.arguments import Parser
from dinotui.cli.context import Context
from dinotui.domain.errors import UsageError
from dinotui.locale import _


def parser(name: str, summary: str) -> Parser:
    """Return the options of the app."""
    made = Parser(name, summary, json=False)
    made.usage = _("dinotui [command] [options]; without a command it opens the full-screen app")
    made.option(
        "--mouse", action="store_true", help=_("let the app use the mouse (selecting text then needs Shift)")
    )
    made.option("--version", action="store_true", help=_("show the version"))
    made.examples(
        "dinotui",
        "dinotui import trips_2024.xlsx --dry-run",
        "dinotui export --format csv -o trips.csv",
        "dinotui undo",
    )
    return made


def run(context: Context) -> int:
    """Open the app and return its exit code."""
    if context.json:
        raise UsageError(
            "usage", _("The app itself has no JSON form. Name a command, as in: dinotui trips --json.")
        )
    return context.show_app()
