"""`dinotui trip add`."""

from __future__ import annotations

from dinotui.cli.arguments import Parser
from dinotui.cli.context import Context
from dinotui.cli.trip_fields import add_field_options, given_fields, named_by_option, tell
from dinotui.domain.errors import UsageError
from dinotui.locale import _


def parser(name: str, summary: str) -> Parser:
    """Return the options of `trip add`."""
    made = Parser(name, summary)
    add_field_options(made)
    made.examples(
        "dinotui trip add --country Japan --entry 2024-03-02 --exit 2024-03-10 --visa-type tourist",
        "dinotui trip add --country 스페인 --entry 2024-05-01 --visa-type tourist --max-days 90",
    )
    return made


def run(context: Context) -> int:
    """Add the trip and return the exit code."""
    from dinotui.engine.trips import add_trip

    fields = given_fields(context)
    with context.store(new_user=True) as store, context.interruption.writing():
        try:
            trip, checked = add_trip(store, fields)
        except UsageError as error:
            raise named_by_option(error) from error
    tell(context, _("Added {trip}"), trip, checked)
    return 0
