"""`dinotui trips`: the list of stays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dinotui.cli.arguments import Parser, day
from dinotui.cli.context import Context
from dinotui.cli.tables import Column, write_table
from dinotui.domain.errors import UsageError
from dinotui.locale import _

if TYPE_CHECKING:
    from dinotui.domain.trip import Trip
    from dinotui.storage.trips import TripFilter


def parser(name: str, summary: str) -> Parser:
    """Return the options of `trips`."""
    made = Parser(name, summary)
    made.option("--country", metavar="NAME", help=_("only stays in this country (a name or a code)"))
    made.option(
        "--from", dest="first", **day("--from"), help=_("only stays that touch this day or a later one")
    )
    made.option(
        "--to", dest="last", **day("--to"), help=_("only stays that touch this day or an earlier one")
    )
    made.option(
        "--duplicates",
        action="store_true",
        help=_("list the trips that may repeat another one instead, the surest first"),
    )
    made.examples(
        "dinotui trips", "dinotui trips --country 일본 --from 2024-01-01", "dinotui trips --json | jq length"
    )
    return made


def run(context: Context) -> int:
    """List the trips and return the exit code."""
    from dinotui.cli.duplicates import show_duplicates
    from dinotui.storage.trips import TripFilter, stream, trip_of

    chosen = _filter(context)
    if context.options.duplicates:
        if chosen != TripFilter():
            raise UsageError("usage", _("This stands alone."), "--duplicates")
        return show_duplicates(context)
    with context.store() as store:
        trips = (trip_of(row) for row in stream(store, chosen))
        if context.json:
            context.output.json_list(trip.export() for trip in trips)
        else:
            _show(context, trips)
    return 0


def _filter(context: Context) -> TripFilter:
    from dinotui.domain.country import recognise
    from dinotui.domain.folding import fold
    from dinotui.storage.trips import TripFilter

    options = context.options
    if options.first is not None and options.last is not None and options.first > options.last:
        raise UsageError("usage", _("The range ends before it starts. Swap --from and --to."), "--to")
    country = options.country
    return TripFilter(
        country="" if country is None else fold(country),
        country_code=None if country is None else recognise(country).code,
        from_day=options.first,
        to_day=options.last,
    )


def _show(context: Context, trips: Iterator[Trip]) -> None:
    rows = [_row(trip) for trip in trips]
    if not rows:
        context.output.message(_("There are no such trips. Add one with: dinotui trip add."))
        return
    columns = (
        Column("#", "right"),
        Column(_("Country"), gives=True),
        Column(_("Code")),
        Column(_("Entry")),
        Column(_("Exit")),
        Column(_("Days"), "right"),
        Column(_("Visa"), gives=True),
        Column(_("Max"), "right"),
        Column(_("Passport"), gives=True),
        Column(_("Notes"), gives=True),
    )
    write_table(context.output, columns, rows)


def _row(trip: Trip) -> list[str]:
    return [
        str(trip.number),
        trip.country,
        trip.country_code or "",
        trip.entry_date.isoformat(),
        "" if trip.exit_date is None else trip.exit_date.isoformat(),
        "" if trip.duration is None else str(trip.duration),
        trip.visa_type,
        "" if trip.max_days is None else str(trip.max_days),
        trip.passport_country,
        trip.notes,
    ]
