"""Drawing: a trip, an operation, a change as cells. Pure functions; texts go in raw and are cleaned by the list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from dinotui.domain.dates import duration
from dinotui.domain.notification import Notification
from dinotui.engine.history import KIND_LABELS, Change, FoundOperation
from dinotui.engine.left_out import LeftOut
from dinotui.locale import N_, _, ngettext, pgettext
from dinotui.tui.cells import Cell, CellLike
from dinotui.tui.glyphs import glyphs
from dinotui.tui.view import View, shown_instant, shown_moment
from dinotui.tui.widgets.columns import Column
from dinotui.tui.widgets.row_source import Row


class TripKey(NamedTuple):
    """What tells a trip row from others: entry day and number order the list, the id names the trip."""

    day: int
    number: int
    id: str


class OperationKey(NamedTuple):
    """What tells an operation row from others."""

    number: int
    id: str


OPERATION_COLUMNS: Final = (
    Column(N_("When"), 16, date=True),
    Column(N_("What"), 8),
    Column(N_("Rows"), 7, align="right", priority=1),
    Column(N_("Summary"), 30, 3),
    Column(N_("Source"), 12, 1, priority=2),
)

MESSAGE_COLUMNS: Final = (
    Column("", 3),
    Column(N_("When"), 10, date=True),
    Column(N_("About"), 20, 1),
    Column(N_("Message"), 20, 2, priority=1),
)

_DAYS: Final = 6
"""Cells for the days of a stay: 9,999 with both signs, more with one."""

CHANGE_COLUMNS: Final = (
    Column("", 1),
    Column(N_("Trip"), 8),
    Column(N_("Done"), 8),
    Column(N_("What it was, and what it became"), 24, 1),
)

LEFT_OUT: Final = "left out"
"""The table of a record that an import skipped or rejected."""

FIELD_LABELS: Final[Mapping[str, str]] = {
    "country": N_("Country"),
    "countryCode": N_("Country code"),
    "entryDate": N_("Entry date"),
    "exitDate": N_("Exit date"),
    "visaType": N_("Visa type"),
    "maxDays": N_("Max days"),
    "passportCountry": N_("Passport"),
    "notes": N_("Notes"),
    "value": N_("Value"),
    "title": N_("Title"),
    "message": N_("Message"),
    "name": N_("Name"),
    "configuration": N_("Settings"),
    "rule": N_("Rule"),
    "key": N_("Name"),
    "tripId": N_("Trip"),
    "reason": N_("Reason"),
}
"""The names of changed fields, as message ids."""

_CHANGE_WORDS: Final = {
    "added": ("+", N_("added"), "good"),
    "removed": ("-", N_("removed"), "bad"),
    "changed": ("~", N_("changed"), "warn"),
    "skipped": ("!", N_("skipped"), "dim"),
    "rejected": ("!", N_("rejected"), "bad"),
}

_TABLE_LABELS: Final = {
    "preference": N_("preference"),
    "notification": N_("notification"),
    "rule": N_("rule"),
    "export_profile": N_("export profile"),
}


def trip_columns(view: View, highest: int) -> tuple[Column, ...]:
    """Return the columns of a list of trips with numbers up to `highest`: what they leave free goes to the notes."""
    return (
        Column(N_("No."), max(3, len(str(highest))), align="right"),
        Column(N_("Country"), 12, 1),
        Column("", 2),
        Column(N_("Entry"), view.date_width),
        Column(N_("Exit"), view.date_width),
        Column(N_("Days"), _DAYS, align="right"),
        Column(N_("Visa"), 9, 1, priority=1),
        Column(N_("Max"), 4, align="right", priority=4),
        Column(N_("Passport"), 8, priority=5),
        Column(N_("Notes"), 9, 6, priority=3),
    )


def trip_row(row: Mapping[str, Any], view: View) -> Row:
    """Return a stored trip as cells for `trip_columns`."""
    key = TripKey(row["entry_day"], row["number"], row["id"])
    cells: tuple[CellLike, ...] = (
        Cell(str(row["number"]), "dim"),
        row["country"],
        Cell(row["country_code"] or "--", "dim"),
        view.day(row["entry_day"]),
        exit_cell(row, view),
        days_cell(row, view.today),
        row["visa_type"],
        Cell("" if row["max_days"] is None else str(row["max_days"]), "dim"),
        Cell(row["passport_country"], "dim"),
        Cell(row["notes"], "dim"),
    )
    return Row(key, cells)


def exit_cell(row: Mapping[str, Any], view: View) -> Cell:
    """Return the exit date, ``now`` while the stay goes on, ``open`` where it has not begun."""
    if row["exit_day"] is not None:
        return Cell(view.day(row["exit_day"]))
    return Cell(_("now"), "good") if row["entry_day"] <= view.today else Cell(pgettext("exit", "open"), "dim")


def days_so_far(row: Mapping[str, Any], today: int) -> int:
    """Return the days of a stay: all of a closed one, those up to today of an open one (0 before it begins)."""
    last = today if row["exit_day"] is None else row["exit_day"]
    return duration(row["entry_day"], last) or 0


def days_cell(row: Mapping[str, Any], today: int) -> Cell:
    """Return the days of a stay, with ``+`` while it goes on and ``!`` where they are more than allowed."""
    days = days_so_far(row, today)
    if not days:
        return Cell("")
    over = row["max_days"] is not None and days > row["max_days"]
    signs = ("+" if row["exit_day"] is None else "") + ("!" if over else "")
    if len(f"{days}{signs}") > _DAYS:
        signs = signs[-1:]  # that it goes on is to be seen at its exit, too
    return Cell(f"{days}{signs}", "bad" if over else "")


def days_text(row: Mapping[str, Any], today: int) -> str:
    """Return how long a stay is and what is left of its max days, in words."""
    days, allowed = days_so_far(row, today), row["max_days"]
    if not days:
        return _("not begun")
    if allowed is None:
        return (
            _("day {days}").format(days=days)
            if row["exit_day"] is None
            else ngettext("{days} day", "{days} days", days).format(days=days)
        )
    if days > allowed:
        return _("{days} of {allowed} days, {over} too many").format(
            days=days, allowed=allowed, over=days - allowed
        )
    if row["exit_day"] is None:
        return _("day {days} of {allowed}, {left} left").format(
            days=days, allowed=allowed, left=allowed - days
        )
    return _("{days} of {allowed} days").format(days=days, allowed=allowed)


def stay_style(row: Mapping[str, Any], today: int) -> str:
    """Return the style of a stay by how near it is to its max days: bad when over, warn in the last seven."""
    allowed = row["max_days"]
    if allowed is None:
        return ""
    left = allowed - days_so_far(row, today)
    return "bad" if left < 0 else "warn" if left <= 7 and row["exit_day"] is None else ""


def trip_name(row: Mapping[str, Any], view: View) -> str:
    """Return a stored trip in a few words: number, country, dates."""
    leaving = _("now") if row["exit_day"] is None else view.day(row["exit_day"])
    return f"#{row['number']} {row['country']} {view.day(row['entry_day'])} - {leaving}"


def local_time(timestamp: str) -> str:
    """Return an instant of the log in the user's time zone, to the minute; what is none as it is."""
    return shown_instant(timestamp)


def short_time(timestamp: str) -> str:
    """Return the time of day of an instant of today, the date of any other."""
    shown = local_time(timestamp)
    today = shown_moment(datetime.now(UTC))[:-6]
    return shown[-5:] if shown[:-6] == today else shown[:-6]


def operation_row(operation: FoundOperation) -> Row:
    """Return an operation as cells for `OPERATION_COLUMNS`."""
    entry = operation.entry
    undone = entry.state == "undone"
    summary = (Cell(_("(undone)") + " ", "warn"), Cell(operation_name(operation), "dim"))
    cells: tuple[CellLike, ...] = (
        Cell(local_time(entry.timestamp), "dim"),
        Cell(kind_text(entry.kind), "dim" if undone else "accent"),
        Cell(rows_text(operation), "dim"),
        summary if undone else operation_name(operation),
        Cell("" if entry.kind == "import" or entry.source == "manual" else entry.source, "dim"),
    )
    return Row(OperationKey(operation.number, entry.id), cells)


def message_row(told: Notification) -> Row:
    """Return something that the user was told as cells for `MESSAGE_COLUMNS`."""
    new = told.read is None
    return Row(
        told.id,
        (
            Cell(_("new") if new else "", "warn"),
            Cell(short_time(told.created), "dim"),
            Cell(told.title, "strong" if new else ""),
            Cell(told.message, "dim"),
        ),
    )


def kind_text(kind: str) -> str:
    """Return the kind of an operation in the language of now."""
    return _(KIND_LABELS[kind]) if kind in KIND_LABELS else kind


def rows_text(operation: FoundOperation) -> str:
    """Return the number of rows that an import, an undo or a redo counted; empty where none is noted."""
    counts = operation.details.get("counts", {})
    names = ("create", "update", "remove", "inserted", "updated", "deleted")
    total = sum(int(counts.get(name, 0)) for name in names)
    return f"{total:,}" if total else ""


def operation_name(operation: FoundOperation) -> str:
    """Return an operation in a few words: its source and summary, else its kind and time."""
    entry = operation.entry
    if entry.kind == "import":
        return f"{entry.source}: {entry.summary}" if entry.summary else entry.source
    return entry.summary or f"{kind_text(entry.kind)} {local_time(entry.timestamp)}"


def change_row(change: Change) -> Row:
    """Return a changed row as cells for `CHANGE_COLUMNS`."""
    sign, word, style = _CHANGE_WORDS[change.what]
    table = _(_TABLE_LABELS[change.table]) if change.table in _TABLE_LABELS else change.table
    name = change.title if change.table in ("trip", LEFT_OUT) else f"{table} {change.title}"
    return Row(
        (change.table, change.id),
        (Cell(sign, style), Cell(name, ""), Cell(_(word), style), change_summary(change)),
    )


def left_out_change(record: LeftOut) -> Change:
    """Return a record that an import left out as a row beside those that it changed."""
    fields = {"reason": (None, record.reason), **{name: (None, cell) for name, cell in record.cells.items()}}
    what = "rejected" if record.action == "reject" else "skipped"
    return Change(LEFT_OUT, record.where, _("line {line}").format(line=record.line), what, fields)


def change_summary(change: Change) -> CellLike:
    """Return what changed on one line: the values of a row that came or went, else before and after."""
    if change.what == "changed":
        parts: list[Cell] = []
        for field, (before, after) in change.fields.items():
            parts += [
                Cell(("; " if parts else "") + field_label(field) + " ", "dim"),
                Cell(value_text(before), "bad"),
                Cell(f" {glyphs().to} ", "dim"),
                Cell(value_text(after), "good"),
            ]
        return tuple(parts) or ""
    if change.table == LEFT_OUT:
        return str(change.fields["reason"][1])
    side = 1 if change.what == "added" else 0
    shown = [values[side] for field, values in change.fields.items() if field != "countryCode"]
    return "  ".join(str(value) for value in shown if value not in (None, ""))


def field_label(field: str) -> str:
    """Return the name of a field in the language of now."""
    return _(FIELD_LABELS[field]) if field in FIELD_LABELS else field


def value_text(value: object) -> str:
    """Return a value of a change for reading; nothing is said to be empty."""
    return _("(empty)") if value in (None, "") else str(value)
