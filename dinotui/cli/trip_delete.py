"""`dinotui trip delete ID`."""

from __future__ import annotations

from dinotui.cli.arguments import Parser
from dinotui.cli.context import Context
from dinotui.cli.trip_fields import tell, trip_word
from dinotui.locale import _


def parser(name: str, summary: str) -> Parser:
    """Return the options of `trip delete`."""
    made = Parser(name, summary)
    made.takes("ID", trip_word(), least=1)
    made.examples("dinotui trip delete 12", "dinotui undo")
    return made


def run(context: Context) -> int:
    """Delete the trip and return the exit code; an undo brings it back."""
    from dinotui.engine.trips import delete_trips, named_id

    with context.store() as store, context.interruption.writing():
        (trip,) = delete_trips(store, [named_id(store, context.options.words[0])])
    tell(context, _("Deleted {trip} (dinotui undo brings it back)"), trip)
    return 0
