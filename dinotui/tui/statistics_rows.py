"""Drawing the figures about all stays, one page a subject. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final, NamedTuple

from dinotui.domain.analytics import (
    Analytics,
    CurrentStay,
    LongStay,
    Period,
    Periods,
    PossibleStay,
    SchengenOutlook,
    SchengenUse,
)
from dinotui.domain.schengen import LIMIT
from dinotui.locale import N_, _, ngettext
from dinotui.tui.bars import bar, gauge, level
from dinotui.tui.cells import Cell, CellLike
from dinotui.tui.view import View
from dinotui.tui.widgets.columns import Column
from dinotui.tui.widgets.row_source import Row

BAR: Final = 20
NARROW_BAR: Final = 8
"""Cells of the longest bar, with room and without."""

_YEAR_DAYS: Final = 366


class Figures(NamedTuple):
    """Everything the pages are drawn from.

    `asked` is a day to enter on that the user named, `bar` the cells of the longest bar.
    """

    found: Analytics
    ahead: SchengenOutlook
    asked: PossibleStay | None = None
    bar: int = BAR


class Target(NamedTuple):
    """What Enter on a row opens: the number of a trip, 0 for nothing; `place` tells rows apart."""

    number: int
    place: str


class StatPage(NamedTuple):
    """One page: its name, its columns, its rows, and what is said under the list about a row."""

    label: str
    columns: tuple[Column, ...]
    rows: Callable[[Figures, View], Iterator[Row]]
    detail: Callable[[Figures, View, Target], str]


def columns_of(page: StatPage, bar_width: int) -> tuple[Column, ...]:
    """Return the columns of a page with room for bars of so many cells."""
    return tuple(
        replace(column, width=bar_width) if column.priority == 1 else column for column in page.columns
    )


def _days(count: int) -> str:
    return ngettext("{count:,} day", "{count:,} days", count).format(count=count)


def _span(start: str, end: str) -> str:
    return f"{start} – {end}"


# now -------------------------------------------------------------------------------------------------------


def _now_rows(figures: Figures, view: View) -> Iterator[Row]:
    found = figures.found
    yield _fact("visits", _("Visits"), f"{found.visits:,}")
    yield _fact("countries", _("Countries"), f"{found.countries:,}")
    yield _fact("days", _("Days abroad"), f"{found.days:,}")
    for stay in found.current_stays:
        yield Row(
            Target(stay.number, f"now-{stay.number}"),
            (_("Now"), _current(stay, view), _current_bar(stay, figures.bar)),
        )
    if not found.current_stays:
        yield _fact("now", _("Now"), _("no stay goes on today"), "dim")
    yield _schengen_row(found.schengen, figures.bar)
    if found.longest_stay is not None:
        longest = found.longest_stay
        yield Row(Target(longest.number, "longest"), (_("Longest stay"), _long(longest, view), ""))
    limits = found.max_days
    if limits.stays:
        text = ngettext(
            "{over} of {count} stay was too long", "{over} of {count} stays were too long", limits.stays
        )
        style = "bad" if limits.over else "good"
        yield _fact("max", _("Max days"), text.format(over=limits.over, count=limits.stays), style)
    if limits.highest is not None and limits.highest_share is not None:
        share = limits.highest_share
        yield Row(
            Target(limits.highest.number, "fullest"),
            (
                _("Most used"),
                (Cell(_long(limits.highest, view)), Cell(f"  {share:.0%}", level(share))),
                gauge(share, 1, figures.bar, level(share)),
            ),
        )


def _fact(place: str, name: str, text: str, style: str = "") -> Row:
    return Row(Target(0, place), (name, Cell(text, style), ""))


def _current(stay: CurrentStay, view: View) -> CellLike:
    text = _("day {days} since {entry}").format(days=stay.days_so_far, entry=view.date(stay.entry_date))
    style = ""
    if stay.max_days is not None and stay.days_left is not None:
        text = _("day {days} of {allowed}, {left} left").format(
            days=stay.days_so_far, allowed=stay.max_days, left=stay.days_left
        )
        if stay.days_left < 0:
            text = _("! day {days} of {allowed}: {over} too many").format(
                days=stay.days_so_far, allowed=stay.max_days, over=-stay.days_left
            )
            style = "bad"
    return Cell(stay.country + "  ", "strong"), Cell(text, style)


def _current_bar(stay: CurrentStay, width: int) -> CellLike:
    return "" if stay.share is None else gauge(stay.share, 1, width, level(stay.share))


def _long(stay: LongStay, view: View) -> str:
    leaving = view.date(stay.exit_date) if stay.exit_date else _("now")
    return f"{stay.country}, {_days(stay.days)}, {_span(view.date(stay.entry_date), leaving)}"


def _schengen_row(use: SchengenUse, width: int) -> Row:
    text = _("{used} of {limit} used, {left} left").format(used=use.used, limit=LIMIT, left=use.left)
    if use.over:
        text = _("! {used} of {limit} used, {over} over").format(used=use.used, limit=LIMIT, over=use.over)
    return Row(
        Target(0, "schengen"),
        (
            _("Schengen"),
            Cell(text, "bad" if use.over else ""),
            gauge(use.used, LIMIT, width, level(use.used / LIMIT)),
        ),
    )


def _now_detail(figures: Figures, view: View, _target: Target) -> str:
    text = _("As of {date}; both days of a stay count, a day in two countries in each, once in the total.")
    return text.format(date=view.date(figures.found.as_of))


# countries and years ---------------------------------------------------------------------------------------


def _country_rows(figures: Figures, _view: View) -> Iterator[Row]:
    most = max((one.days for one in figures.found.per_country), default=0)
    for number, one in enumerate(figures.found.per_country):
        yield Row(
            Target(0, f"country-{number}"),
            (
                one.country,
                Cell(one.country_code or "--", "dim"),
                f"{one.visits:,}",
                f"{one.days:,}",
                Cell(bar(one.days, most, figures.bar), "accent"),
            ),
        )


def _country_detail(figures: Figures, _view: View, target: Target) -> str:
    one = figures.found.per_country[int(target.place.partition("-")[2])]
    years = "; ".join(
        _("{year}: {days} in {visits}").format(
            year=each.year,
            days=_days(each.days),
            visits=ngettext("{count:,} visit", "{count:,} visits", each.visits).format(count=each.visits),
        )
        for each in one.years
    )
    more = figures.found.more_countries
    rest = ngettext("{count:,} more country is not listed.", "{count:,} more countries are not listed.", more)
    return years + (". " + rest.format(count=more) if more else "")


def _year_rows(figures: Figures, _view: View) -> Iterator[Row]:
    for year in figures.found.per_year:
        yield Row(
            Target(0, f"year-{year.year}"),
            (
                str(year.year),
                f"{year.visits:,}",
                f"{year.countries:,}",
                f"{year.days:,}",
                gauge(year.days, _YEAR_DAYS, figures.bar),
            ),
        )


def _year_detail(figures: Figures, _view: View, target: Target) -> str:
    year = int(target.place.partition("-")[2])
    spent = [(each.days, one) for one in figures.found.per_country for each in one.years if each.year == year]
    spent.sort(key=lambda pair: -pair[0])
    return ", ".join(f"{one.country} {days:,}" for days, one in spent if days) or _("no day abroad")


# Schengen --------------------------------------------------------------------------------------------------


def _schengen_rows(figures: Figures, view: View) -> Iterator[Row]:
    use = figures.found.schengen
    yield _schengen_row(use, figures.bar)
    if use.worst is not None:
        worst = use.worst
        text = _("{days} up to {date}").format(days=_days(worst.days), date=view.date(worst.end))
        share = worst.days / LIMIT
        yield Row(
            Target(0, "worst"),
            (_("Worst window"), Cell(text, level(share)), gauge(share, 1, figures.bar, level(share))),
        )
    if figures.asked is not None:
        yield _entry_row(figures.asked, view, "asked", figures.bar)
    for entry in figures.ahead.entries:
        yield _entry_row(entry, view, f"entry-{entry.entry}", figures.bar)
    for each in figures.ahead.used:
        name = view.date(each.day)
        text = _("{used} used if you stay out") if each.ahead else _("{used} used")
        share = each.used / LIMIT
        yield Row(
            Target(0, f"used-{each.day}"),
            (
                Cell(name, "dim"),
                Cell(text.format(used=each.used), "dim"),
                gauge(share, 1, figures.bar, level(share)),
            ),
        )


def _entry_row(entry: PossibleStay, view: View, place: str, width: int) -> Row:
    name = _("Enter on {date}").format(date=view.date(entry.entry))
    if entry.until is None:
        return Row(Target(0, place), (name, Cell(_("not a day"), "bad"), gauge(0, 1, width)))
    text = _("{days}, until {date}").format(days=_days(entry.days), date=view.date(entry.until))
    return Row(
        Target(0, place),
        (name, Cell(text, "strong" if place == "asked" else ""), gauge(entry.days, LIMIT, width, "good")),
    )


def _schengen_detail(figures: Figures, view: View, target: Target) -> str:
    use = figures.found.schengen
    if not use.applies:
        return _("Your home passport has free movement: the 90 days in any 180 do not bind you.")
    if target.place.startswith(("entry", "asked")):
        return _(
            "At most 90 days in any 180, entry and exit day both counted. Later recorded stays are not counted in."
        )
    if target.place == "worst" and use.worst is not None:
        text = _("The 180 days from {start} to {end} hold the most days of all that is recorded.")
        return text.format(start=view.date(use.worst.start), end=view.date(use.worst.end))
    return _("Counted in the 180 days from {start} on.").format(start=view.date(use.window_start))


# gaps and overlaps -----------------------------------------------------------------------------------------


def _period_rows(figures: Figures, view: View) -> Iterator[Row]:
    found = figures.found
    yield _sum_row("overlaps", _("Overlaps"), found.overlaps)
    yield from (
        _period_row(one, view, _("overlap"), "warn", n, figures.bar)
        for n, one in enumerate(found.overlaps.newest)
    )
    yield _sum_row("gaps", _("Gaps"), found.gaps)
    yield from (
        _period_row(one, view, _("gap"), "dim", n, figures.bar) for n, one in enumerate(found.gaps.newest)
    )


def _sum_row(place: str, name: str, periods: Periods) -> Row:
    text = f"{periods.count:,}, {_days(periods.days)}" if periods.count else _("none")
    return Row(Target(0, place), (Cell(name, "strong"), Cell(text, "strong"), ""))


def _period_row(period: Period, view: View, name: str, style: str, number: int, width: int) -> Row:
    return Row(
        Target(0, f"{'overlap' if period.trip_ids else 'gap'}-{number}"),
        (
            Cell(name, style),
            _span(view.date(period.start), view.date(period.end)),
            (Cell(f"{period.days:>5,}  "), Cell(bar(period.days, _YEAR_DAYS, width - 7), style)),
        ),
    )


def _period_detail(_figures: Figures, _view: View, target: Target) -> str:
    if target.place.startswith("overlap"):
        return _(
            "Days on which two stays or more cover each other; sharing only a border day is none. Enter shows one."
        )
    return _("Days between the first and the last recorded day that no stay covers.")


def overlap_of(figures: Figures, target: Target) -> Period | None:
    """Return the overlap that a row stands for."""
    kind, _dash, number = target.place.partition("-")
    return figures.found.overlaps.newest[int(number)] if kind == "overlap" and number else None


_FACTS: Final = (Column("", 14), Column("", 28, 3), Column("", BAR, priority=1))
_SCHENGEN: Final = (Column("", 19, date=True), Column("", 24, 3), _FACTS[2])
_PERIODS: Final = (Column("", 9), Column("", 24, 1), Column("", BAR, priority=1))

PAGES: Final[Mapping[str, StatPage]] = {
    "now": StatPage(N_("Now"), _FACTS, _now_rows, _now_detail),
    "countries": StatPage(
        N_("Countries"),
        (
            Column(N_("Country"), 14, 2),
            Column("", 2),
            Column(N_("Visits"), 6, align="right"),
            Column(N_("Days"), 7, align="right"),
            Column("", BAR, priority=1),
        ),
        _country_rows,
        _country_detail,
    ),
    "years": StatPage(
        N_("Years"),
        (
            Column(N_("Year"), 6),
            Column(N_("Visits"), 6, align="right"),
            Column(N_("Countries"), 9, align="right"),
            Column(N_("Days"), 7, align="right"),
            Column("", BAR, priority=1),
        ),
        _year_rows,
        _year_detail,
    ),
    "schengen": StatPage(N_("Schengen"), _SCHENGEN, _schengen_rows, _schengen_detail),
    "gaps": StatPage(N_("Gaps"), _PERIODS, _period_rows, _period_detail),
}
