"""Drawing the first screen: its groups of rows, from what the engine says. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from dinotui.domain.analytics import CurrentStay, SchengenUse
from dinotui.domain.notification import Notification
from dinotui.engine.history import FoundOperation
from dinotui.engine.importing.waiting import StagedImport
from dinotui.engine.overview import Glance, Presently
from dinotui.locale import _, ngettext
from dinotui.tui.cells import Cell, CellLike, fit
from dinotui.tui.commands import Command
from dinotui.tui.rows import kind_text, operation_name, short_time
from dinotui.tui.view import View
from dinotui.tui.widgets.columns import Column
from dinotui.tui.widgets.menu_list import GAP
from dinotui.tui.widgets.row_source import Row

COLUMNS: Final = (Column("", 8), Column("", 18, 1), Column("", 24, 3))
"""Group or key, what, how it stands."""

_WAITING: Final = 4
"""Rows for imports that wait."""

_KIND, _LABEL = 9, 10
"""Cells of an operation's kind, and of a command's name where it is narrow."""

_TRIMS: Final = ((5, 3, True), (3, 2, True), (5, 3, False), (3, 2, False), (2, 1, False), (1, 0, False))
"""From much room to little: how many operations and files, and whether an empty row parts the groups."""


class Chosen(NamedTuple):
    """What Enter on a row means, and which one it is about.

    The kinds: command, trip, review, waiting, message, operation, file, schengen.
    """

    kind: str
    what: str


def home_rows(
    glance: Glance,
    presently: Presently | None,
    files: Sequence[Path],
    commands: Sequence[tuple[Command, str, str]],
    roomy: Sequence[str],
    view: View,
    room: int,
    *,
    narrow: bool = False,
) -> list[Row]:
    """Return the groups of rows, shortened so that they fit `room` lines where that can be.

    `commands` are the screen's own, each with its key and what is said beside it; those with a `roomy` id give
    way first.
    """
    rows: list[Row] = []
    few = [command for command in commands if command[0].id not in roomy]
    attempts = [(commands, *_TRIMS[0]), *((few, *trim) for trim in _TRIMS)]
    for listed, operations, most_files, parted in attempts:
        groups = [
            ("", [command_row(*command, narrow=narrow) for command in listed]),
            (_("Waiting"), waiting_rows(glance.waiting)),
            (_("News"), [news_row(told) for told in glance.news]),
            (_("Now"), presently_rows(presently, view) if presently else []),
            (_("Last"), last_rows(glance.last[:operations])),
            (_("Files"), [file_row(path) for path in files[:most_files]]),
        ]
        rows = _joined(groups, parted=parted)
        if len(rows) <= room:
            break
    return rows


def _joined(groups: Sequence[tuple[str, list[Row]]], *, parted: bool) -> list[Row]:
    rows: list[Row] = []
    for title, group in groups:
        if group and rows and parted:
            rows.append(GAP)
        rows += [_titled(row, title if number == 0 else "") for number, row in enumerate(group)]
    return rows


def presently_rows(presently: Presently, view: View) -> list[Row]:
    """Return the stays of today and, where days count, the Schengen days."""
    stays = [stay_row(stay, view) for stay in presently.stays]
    return [*stays, schengen_row(presently.schengen)] if presently.schengen else stays


def _titled(row: Row, title: str) -> Row:
    return row if not title else row._replace(cells=(Cell(title, "dim"), *row.cells[1:]))


def command_row(command: Command, key: str, beside: str, *, narrow: bool) -> Row:
    """Return a command with its key; what is said beside it moves up to its name where it is narrow."""
    name, said = Cell(_(command.label).capitalize(), "strong"), Cell(beside, "dim")
    cells: tuple[CellLike, ...] = (name, said)
    if narrow:
        cells = ((name._replace(text=fit(name.text, _LABEL)), said),)
    return Row(Chosen("command", command.id), (Cell(key, "accent"), *cells))


def waiting_rows(waiting: Sequence[StagedImport]) -> list[Row]:
    """Return the newest imports that wait; where there are more, the last row counts them and opens them all."""
    if len(waiting) <= _WAITING:
        return [waiting_row(one) for one in waiting]
    shown = waiting[: _WAITING - 1]
    left = len(waiting) - len(shown)
    more = ngettext("{count} more, all of them", "{count} more, all of them", left).format(count=left)
    return [*map(waiting_row, shown), Row(Chosen("waiting", ""), ("", Cell(f"+ {more}", "warn")))]


def waiting_row(one: StagedImport) -> Row:
    """Return an import that waits, with what it waits for."""
    return Row(Chosen("review", one.import_id), ("", one.source, waiting_cell(one)))


def waiting_cell(one: StagedImport) -> Cell:
    """Return what an import waits for: an answer, decisions, another mapping, or to be written."""
    undecided = one.conflicts - one.decided - one.later
    if one.question:
        texts = {
            "date-order": _("asks in which order its dates are"),
            "column-missing": _("a column that is needed is missing"),
        }
        return Cell(texts.get(one.question, _("asks a question about its columns")), "warn")
    if not one.writes:
        text = _("nothing to write: all is there already")
        if one.rejected:
            text = ngettext(
                "nothing to write: {count:,} rejected", "nothing to write: {count:,} rejected", one.rejected
            ).format(count=one.rejected)
        return Cell(text, "warn")
    if one.state == "later":
        text = ngettext("{count} conflict set aside", "{count} conflicts set aside", one.conflicts).format(
            count=one.conflicts
        )
    elif one.conflicts:
        text = _("{decided} of {conflicts} decided").format(decided=one.decided, conflicts=one.conflicts)
        if one.later:
            text += ", " + _("{count} set aside").format(count=one.later)
    else:
        text = _("ready to be written")
    style = "warn" if undecided or one.later else "good"
    return Cell(text, style)


def news_row(told: Notification) -> Row:
    """Return a message that the user has not read yet."""
    return Row(Chosen("message", told.id), ("", (Cell(told.title, "warn"), Cell("  " + told.message))))


def stay_row(stay: CurrentStay, view: View) -> Row:
    """Return a stay of today with its days and what is left of its max days."""
    country: CellLike = (Cell(stay.country, "strong"), Cell(f"  {stay.country_code or ''}", "dim"))
    text = _("day {days} since {entry}").format(days=stay.days_so_far, entry=view.date(stay.entry_date))
    if stay.max_days is not None and stay.days_left is not None:
        text = _("day {days} of {allowed}, {left} left").format(
            days=stay.days_so_far, allowed=stay.max_days, left=stay.days_left
        )
        if stay.days_left < 0:
            text = _("! day {days} of {allowed}: {over} too many").format(
                days=stay.days_so_far, allowed=stay.max_days, over=-stay.days_left
            )
    left = stay.days_left
    style = "" if left is None or left > 7 else "warn" if left >= 0 else "bad"
    return Row(Chosen("trip", str(stay.number)), ("", country, Cell(text, style)))


def schengen_row(use: SchengenUse) -> Row:
    """Return the Schengen days used and left today."""
    text = _("{used} of 90 days used, {left} left").format(used=use.used, left=use.left)
    style = "warn" if use.left <= 10 else ""
    if use.over:
        text = _("! {used} of 90 days used, {over} too many").format(used=use.used, over=use.over)
        style = "bad"
    return Row(Chosen("schengen", ""), ("", _("Schengen 90/180"), Cell(text, style)))


def last_rows(operations: Sequence[FoundOperation]) -> list[Row]:
    """Return operations of the log, their times in one column."""
    times = [short_time(operation.entry.timestamp) for operation in operations]
    width = max(map(len, times), default=0) + 2
    return [_last_row(one, fit(time, width)) for one, time in zip(operations, times, strict=True)]


def _last_row(operation: FoundOperation, time: str) -> Row:
    entry = operation.entry
    when = (Cell(time, "dim"), Cell(fit(kind_text(entry.kind), _KIND)))
    undone = (Cell(_("(undone)") + " ", "warn"),) if entry.state == "undone" else ()
    return Row(Chosen("operation", entry.id), ("", (*when, *undone, Cell(operation_name(operation), "dim"))))


def file_row(path: Path) -> Row:
    """Return a file that was imported lately."""
    where = Cell("  " + short_path(path.parent), "dim")
    return Row(Chosen("file", str(path)), ("", (Cell(path.name), where)))


def short_path(path: Path) -> str:
    """Return a path with ``~`` for the user's own folder."""
    home, text = str(Path.home()), str(path)
    return "~" + text.removeprefix(home) if text == home or text.startswith(home.rstrip("/") + "/") else text


def welcome_lines(database: Path) -> list[str]:
    """Return what the program says when there is no trip yet."""
    return [
        _("dinotui keeps your stays abroad: where, from when to when, on which visa."),
        _("Import them from JSON, CSV, Excel or zip: choose 2, or drop a file here."),
        _("You see what an import would do before it is done; all can be undone."),
        _("Your trips are in one file, {path}; nothing leaves this machine.").format(
            path=short_path(database)
        ),
        _("Only looking? 9 opens a demo with made-up trips, apart from your own data."),
    ]
