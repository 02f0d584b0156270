"""`dinotui trip edit ID`."""

from __future__ import annotations

from dinotui.cli.arguments import Parser
from dinotui.cli.context import Context
from dinotui.cli.trip_fields import OPTIONS, add_field_options, given_fields, named_by_option, tell, trip_word
from dinotui.domain.errors import UsageError
from dinotui.locale import _


def parser(name: str, summary: str) -> Parser:
    """Return the options of `trip edit`."""
    made = Parser(name, summary)
    made.takes("ID", trip_word(), least=1)
    add_field_options(made)
    made.examples(
        "dinotui trip edit 12 --exit 2024-03-11",
        "dinotui trip edit 12 --exit '' --notes 'still there'",
    )
    return made


def run(context: Context) -> int:
    """Change the trip and return the exit code."""
    from dinotui.engine.trips import edit_trip, named_id

    fields = given_fields(context)
    if not fields:
        options = ", ".join(OPTIONS)
        raise UsageError("usage", _("Say what to change, with any of: {options}.").format(options=options))
    with context.store() as store, context.interruption.writing():
        try:
            trip, checked = edit_trip(store, named_id(store, context.options.words[0]), fields)
        except UsageError as error:
            raise named_by_option(error) from error
    tell(context, _("Changed {trip}"), trip, checked)
    return 0
