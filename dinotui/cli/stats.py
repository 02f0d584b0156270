"""`dinotui stats`: the figures about all stays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from dinotui.cli.arguments import Parser, day
from dinotui.cli.context import Context
from dinotui.cli.tables import Column, write_table
from dinotui.locale import _, ngettext

if TYPE_CHECKING:
    from dinotui.domain.analytics import (
        Analytics,
        CurrentStay,
        LongStay,
        Period,
        SchengenOutlook,
        SchengenUse,
    )

_SHOWN: Final = 10  # countries and periods; the JSON form has more


def parser(name: str, summary: str) -> Parser:
    """Return the options of `stats`."""
    made = Parser(name, summary)
    made.option(
        "--enter",
        action="append",
        help=_("how long you may stay in the Schengen area if you enter on this day (may be repeated)"),
        **day("--enter"),
    )
    made.examples("dinotui stats", "dinotui stats --enter 2027-01-10", "dinotui stats --json | jq .schengen")
    return made


def run(context: Context) -> int:
    """Show the figures and return the exit code."""
    from dinotui.domain.dates import from_day
    from dinotui.engine.analytics import analytics
    from dinotui.engine.outlook import outlook

    with context.store() as store, context.interruption.working():
        found = analytics(store, cancelled=context.interruption.stopping)
        entries = [from_day(each) for each in context.options.enter] if context.options.enter else None
        ahead = outlook(store, entries=entries)
    if context.json:
        wire = found.model_dump(mode="json", by_alias=True)
        context.output.json({**wire, "outlook": ahead.model_dump(mode="json", by_alias=True)})
    else:
        entering = _entering(ahead, asked=entries is not None)
        for line in (
            *_totals(found),
            *_stays(found),
            *_schengen(found.schengen),
            *entering,
            *_periods(found),
        ):
            context.output.line(line)
        _years(context, found)
        _countries(context, found)
    return 0


def _totals(found: Analytics) -> Iterator[str]:
    visits = ngettext("{count} visit", "{count} visits", found.visits).format(count=found.visits)
    countries = ngettext("{count} country", "{count} countries", found.countries).format(
        count=found.countries
    )
    days = ngettext("{count} day abroad", "{count} days abroad", found.days).format(count=found.days)
    yield _("As of {date}: {visits}, {countries}, {days}").format(
        date=found.as_of, visits=visits, countries=countries, days=days
    )


def _stays(found: Analytics) -> Iterator[str]:
    for stay in found.current_stays:
        yield _("Now: {stay}").format(stay=_current(stay))
    if found.longest_stay is not None:
        yield _("Longest stay: {stay}").format(stay=_long(found.longest_stay))
    limits = found.max_days
    if limits.stays and limits.highest is not None:
        text = _("Max days: {over} of {stays} stays were too long; most used: {stay}")
        yield text.format(over=limits.over, stays=limits.stays, stay=_long(limits.highest))


def _current(stay: CurrentStay) -> str:
    days = ngettext("{count} day", "{count} days", stay.days_so_far).format(count=stay.days_so_far)
    text = f"#{stay.number} {stay.country}, {stay.entry_date} – …, {days}"
    if stay.days_left is None:
        return text
    if stay.days_left < 0:
        return (
            text
            + ", "
            + _("{count} more than the {limit} allowed").format(count=-stay.days_left, limit=stay.max_days)
        )
    return text + ", " + _("{count} of {limit} left").format(count=stay.days_left, limit=stay.max_days)


def _long(stay: LongStay) -> str:
    days = ngettext("{count} day", "{count} days", stay.days).format(count=stay.days)
    limit = "" if stay.max_days is None else " " + _("of {limit}").format(limit=stay.max_days)
    return f"#{stay.number} {stay.country}, {stay.entry_date} – {stay.exit_date or '…'}, {days}{limit}"


def _schengen(use: SchengenUse) -> Iterator[str]:
    text = _("Schengen: {used} of 90 days used since {start}; {left} left")
    line = text.format(used=use.used, start=use.window_start, left=use.left)
    if use.over:
        line += ", " + ngettext("{count} day too many", "{count} days too many", use.over).format(
            count=use.over
        )
    yield line if use.applies else line + _(" (the rule does not bind your passport)")
    if use.worst is not None:
        text = _("Schengen, worst 180 days: {days} from {start} to {end}")
        yield text.format(days=use.worst.days, start=use.worst.start, end=use.worst.end)


def _entering(ahead: SchengenOutlook, *, asked: bool) -> Iterator[str]:
    """Yield how long one may stay who enters on the days that were asked for, by default today and later."""
    if not ahead.applies and not asked:
        return
    for entry in ahead.entries:
        if entry.until is None:
            yield "  " + _("enter on {date}: not a day").format(date=entry.entry)
            continue
        text = ngettext(
            "enter on {date}: {count} day, until {until}",
            "enter on {date}: {count} days, until {until}",
            entry.days,
        )
        yield "  " + text.format(date=entry.entry, count=entry.days, until=entry.until)


def _periods(found: Analytics) -> Iterator[str]:
    overlaps = ngettext("{count} overlap of stays", "{count} overlaps of stays", found.overlaps.count)
    gaps = ngettext("{count} gap between them", "{count} gaps between them", found.gaps.count)
    yield f"{overlaps.format(count=found.overlaps.count)}, {gaps.format(count=found.gaps.count)}"
    for period in found.overlaps.newest[:_SHOWN]:
        yield "  " + _("overlap {period}").format(period=_span(period))
    for period in found.gaps.newest[:_SHOWN]:
        yield "  " + _("gap {period}").format(period=_span(period))


def _span(period: Period) -> str:
    days = ngettext("{count} day", "{count} days", period.days).format(count=period.days)
    return f"{period.start} – {period.end}, {days}"


def _years(context: Context, found: Analytics) -> None:
    if not found.per_year:
        return
    context.output.line()
    columns = (
        Column(_("Year")),
        Column(_("Visits"), "right"),
        Column(_("Countries"), "right"),
        Column(_("Days"), "right"),
        Column(""),
    )
    rows = [
        [str(one.year), str(one.visits), str(one.countries), str(one.days), _bar(context, one.days, 366)]
        for one in found.per_year
    ]
    write_table(context.output, columns, rows)


def _bar(context: Context, value: int, most: int) -> str:
    """Return a bar of up to thirty cells; a little for anything above nothing."""
    return ("█" if context.output.unicode else "#") * (max(1, round(value / most * 30)) if value else 0)


def _countries(context: Context, found: Analytics) -> None:
    if not found.per_country:
        return
    context.output.line()
    columns = (
        Column(_("Country"), gives=True),
        Column(_("Code")),
        Column(_("Visits"), "right"),
        Column(_("Days"), "right"),
        Column(_("Days by year"), gives=True),
    )
    rows = [
        [
            country.country,
            country.country_code or "",
            str(country.visits),
            str(country.days),
            ", ".join(f"{year.year}: {year.days}" for year in country.years),
        ]
        for country in found.per_country
    ]
    write_table(context.output, columns, rows)
    if found.more_countries:
        text = ngettext("and {count} more country", "and {count} more countries", found.more_countries)
        context.output.line(text.format(count=found.more_countries))
