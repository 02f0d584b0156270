"""`dinotui trip merge KEEP OTHER`: two trips become one."""

from __future__ import annotations

from dinotui.cli.arguments import Parser
from dinotui.cli.context import Context
from dinotui.locale import _


def parser(name: str, summary: str) -> Parser:
    """Return the options of `trip merge`."""
    made = Parser(name, summary)
    made.takes(
        "TRIP",
        _(
            "two trips, each by its number or id (#12 is always the number, id:12 always the id):"
            " the one to keep, and the one that it takes in"
        ),
        least=2,
        most=2,
    )
    made.examples("dinotui trips --duplicates", "dinotui trip merge 412 415")
    return made


def run(context: Context) -> int:
    """Merge them and return the exit code."""
    from dinotui.engine.duplicates import merge_trips

    keep, other = context.options.words
    with context.store() as store, context.interruption.writing():
        trip, _merged = merge_trips(store, keep, other)
    if context.json:
        context.output.json(trip.export())
    else:
        text = _("Merged into #{number} {country} {entry}. Undo it with: dinotui undo.")
        context.output.line(
            text.format(number=trip.number, country=trip.country, entry=trip.entry_date.isoformat())
        )
    return 0
