"""The options of `dinotui trip add` and `trip edit`, and how a changed trip is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dinotui.cli.arguments import Parser
from dinotui.cli.context import Context
from dinotui.domain.errors import UsageError
from dinotui.locale import _

if TYPE_CHECKING:
    from dinotui.domain.trip import Trip
    from dinotui.engine.trips import Checked

OPTIONS: Final = {
    "--country": "country",
    "--entry": "entryDate",
    "--exit": "exitDate",
    "--visa-type": "visaType",
    "--max-days": "maxDays",
    "--passport": "passportCountry",
    "--notes": "notes",
}


def trip_word() -> str:
    """Return how a trip is named on the command line."""
    return _("the trip, by its number or id (dinotui trips); #12 is always the number, id:12 always the id")


def add_field_options(parser: Parser) -> None:
    """Add an option for each field of a trip."""
    texts = {
        "--country": ("NAME", _("the country, as you write it")),
        "--entry": ("YYYY-MM-DD", _("the day of entry")),
        "--exit": ("YYYY-MM-DD", _("the day of leaving; '' while you are still there")),
        "--visa-type": ("TYPE", _("tourist, business, student … or your own word")),
        "--max-days": ("N", _("how many days the visa allows, 1 to 3650; '' for none")),
        "--passport": ("NAME", _("the country of the passport you travelled with")),
        "--notes": ("TEXT", _("anything else")),
    }
    for option, field in OPTIONS.items():
        metavar, text = texts[option]
        parser.option(option, dest=field, metavar=metavar, help=text)


def given_fields(context: Context) -> dict[str, str]:
    """Return the fields that the command line gives."""
    return {
        field: text for field in OPTIONS.values() if (text := getattr(context.options, field)) is not None
    }


def named_by_option(error: UsageError) -> UsageError:
    """Return an error about a field as one about the option that gives it."""
    options = {field: option for option, field in OPTIONS.items()}
    where = options.get(error.where or "", error.where)
    return UsageError(error.code, error.message, where)


def tell(context: Context, text: str, trip: Trip, checked: Checked | None = None) -> None:
    """Say what was done with a trip; what is doubtful about it goes to the messages."""
    for problem in checked.problems if checked else ():
        context.output.message(problem.message)
    if context.json:
        context.output.json(trip.export())
    else:
        leaving = "…" if trip.exit_date is None else trip.exit_date.isoformat()
        stay = f"#{trip.number} {trip.country} {trip.entry_date.isoformat()} – {leaving}"
        context.output.line(text.format(trip=stay))
