"""Drawing: which column feeds which field, as rows. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from dinotui.domain.date_parsing import parse_date
from dinotui.domain.date_reading import DateReading
from dinotui.domain.dates import day_text
from dinotui.domain.mapping import (
    DOUBTFUL,
    FIELD_NAMES,
    REQUIRED_FIELDS,
    SURE,
    ColumnMatch,
    FieldName,
    Mapping,
    field_label,
)
from dinotui.domain.settings import ImportSettings, Question
from dinotui.locale import N_, _, ngettext, retold
from dinotui.tui.cells import Cell, CellLike
from dinotui.tui.glyphs import glyphs
from dinotui.tui.import_session import Picture, TableView
from dinotui.tui.plan_rows import on_screen
from dinotui.tui.widgets.columns import Column
from dinotui.tui.widgets.row_source import Row

MAP_COLUMNS: Final = (
    Column(N_("Column"), 13, 2),
    Column(N_("Samples"), 16, 4),
    Column(N_("Feeds"), 20, 1),
    Column(N_("How sure, and why"), 18, 3, priority=1),
)

LEFT_OUT: Final = "-"
IN_NOTES: Final = "notes+"
TARGETS: Final[tuple[str, ...]] = (
    LEFT_OUT,
    IN_NOTES,
    "country",
    "entryDate",
    "exitDate",
    "visaType",
    "maxDays",
    "passportCountry",
    "notes",
    "countryCode",
    "id",
    "source",
    "createdAt",
    "updatedAt",
    "duration",
)
"""What a column can feed, in the order that the arrow keys go through."""

GIVEN: Final[tuple[FieldName, ...]] = (
    "country",
    "entryDate",
    "exitDate",
    "visaType",
    "maxDays",
    "passportCountry",
    "notes",
)
"""The fields that one value can be given for, in the order they are shown."""

_MOST_SAMPLES: Final = 6
"""Cells that show what an order of day and month would mean."""


class ColumnKey(NamedTuple):
    """A row for a column: its table's and its own position, and the name the settings know it by."""

    table: int
    column: int
    name: str


class QuestionKey(NamedTuple):
    """A row for a question that has to be answered: its place among the questions."""

    number: int


class GivenKey(NamedTuple):
    """A row for a field that no column feeds."""

    field: FieldName


class TableKey(NamedTuple):
    """The title row of a table."""

    table: int


def target_label(target: str) -> str:
    """Return what a column feeds, in words."""
    if target == LEFT_OUT:
        return _("left out")
    if target == IN_NOTES:
        return _("kept in notes")
    return field_label(target)


def target_of(match: ColumnMatch, mapping: Mapping) -> str:
    """Return what a column feeds now."""
    if match.field is not None:
        return match.field
    return IN_NOTES if match.column in mapping.keep_in_notes else LEFT_OUT


def column_name(table: TableView, column: int) -> str:
    """Return the words by which the settings name a column: its header, or its place where that is unclear."""
    header = table.columns[column]
    folded = [other.strip().casefold() for other in table.columns]
    clear = (
        header.strip() and folded.count(header.strip().casefold()) == 1 and not header.strip().startswith("#")
    )
    return header if clear else f"#{column + 1}"


def map_rows(picture: Picture, pending: dict[str, str]) -> list[Row]:
    """Return a row a column, then a row for each field that nothing feeds; `pending` are changes under way."""
    rows = question_rows(picture)
    for number, table in enumerate(picture.tables):
        if len(picture.tables) > 1:
            rows.append(Row(TableKey(number), (Cell(table.name, "strong"),)))
        rows += [_column_row(table, number, match, pending) for match in table.mapping.columns]
    return rows + given_rows(picture.tables, picture.settings)


def _column_row(table: TableView, number: int, match: ColumnMatch, pending: dict[str, str]) -> Row:
    key = ColumnKey(number, match.column, column_name(table, match.column))
    target = pending.get(key.name, target_of(match, table.mapping))
    mapped = target not in (LEFT_OUT, IN_NOTES)
    header = match.header.strip() or _("(no name)")
    cells: tuple[CellLike, ...] = (
        Cell(header, "" if mapped else "dim"),
        Cell(", ".join(table.samples[match.column]), "dim"),
        (Cell("< ", "dim"), Cell(target_label(target), "strong" if mapped else "dim"), Cell(" >", "dim")),
        Cell("", "dim") if key.name in pending else _sure(match),
    )
    return Row(key, cells)


def _sure(match: ColumnMatch) -> Cell:
    if match.field is None:
        return Cell(retold(match.reason), "warn" if match.contested else "dim")
    style = "good" if match.confidence >= SURE else "" if match.confidence >= DOUBTFUL else "warn"
    doubt = " ?" if match.confidence < DOUBTFUL else ""
    return Cell(f"{match.confidence}%{doubt} {retold(match.reason)}", style)


def given_rows(tables: Sequence[TableView], settings: ImportSettings) -> list[Row]:
    """Return a row for each field that some table has no column for."""
    rows = []
    for field in GIVEN:
        lacking = [table for table in tables if table.mapping.column_of(field) is None]
        if not lacking and field not in settings.constants:
            continue
        value = settings.constants.get(field, "")
        required = field in REQUIRED_FIELDS
        if value:
            sure = Cell(_("you gave it for all records"), "good")
        elif required:
            sure = Cell("! " + _("missing: Enter gives it once"), "bad")
        else:
            sure = Cell(_("not in the file"), "dim")
        name = Cell(_("(all records)"), "" if value or required else "dim")
        shown = Cell(field_label(field), "strong" if value else "bad" if required else "dim")
        rows.append(Row(GivenKey(field), (name, Cell(value or "-", "" if value else "dim"), shown, sure)))
    return rows


def reading_text(table: TableView) -> str:
    """Return how a table is read: name, format, encoding, delimiter, header row, records."""
    found: dict[str, Any] = table.detection
    parts = [table.name, found["format"].upper()]
    if found.get("encoding"):
        parts.append(found["encoding"] + ("" if found.get("encoding_sure", True) else " ?"))
    if found.get("delimiter"):
        parts.append(delimiter_label(found["delimiter"]))
    if found["format"] in ("csv", "xlsx"):
        row = found.get("header_row") or 0
        parts.append(_("header row {row}").format(row=row) if row else _("no header row"))
    count = table.records
    parts.append(ngettext("{count:,} record", "{count:,} records", count).format(count=count))
    return " | ".join(parts)


def delimiter_label(delimiter: str) -> str:
    """Return the name of a delimiter."""
    names = {
        ",": N_("comma"),
        ";": N_("semicolon"),
        "\t": N_("tab"),
        "|": N_("pipe"),
        ":": N_("colon"),
        " ": N_("space"),
    }
    return _(names[delimiter]) if delimiter in names else delimiter


def with_target(settings: ImportSettings, key: ColumnKey, target: str) -> ImportSettings:
    """Return `settings` with a column feeding `target`; a field that another column was given moves."""
    kept = []
    for change in settings.maps:
        header, _sign, field = change.rpartition("=")
        moved = target in FIELD_NAMES and field == target
        if header != key.name and not moved:
            kept.append(change)
    constants = {name: value for name, value in settings.constants.items() if name != target}
    return settings.model_copy(update={"maps": (*kept, f"{key.name}={target}"), "constants": constants})


def with_given(settings: ImportSettings, field: FieldName, value: str) -> ImportSettings:
    """Return `settings` with one value for all records; an empty one takes it back."""
    constants = {name: given for name, given in settings.constants.items() if name != field}
    if value.strip():
        constants[field] = value.strip()
    return settings.model_copy(update={"constants": constants})


def question_rows(picture: Picture) -> list[Row]:
    """Return a row for each question that has to be answered before going on."""
    return [
        Row(
            QuestionKey(number),
            (
                Cell("? " + _("to answer"), "bad"),
                Cell(question.where if len(picture.tables) > 1 else "", "dim"),
                Cell(
                    _("date order") if question.code == "date-order" else field_label(question.field or ""),
                    "bad",
                ),
                Cell(on_screen(question.text), "bad"),
            ),
        )
        for number, question in enumerate(picture.questions)
        if question.code != "column-missing"
    ]


def date_choices(question: Question, picture: Picture) -> list[tuple[str, str, str]]:
    """Return the orders to choose from, each with the most telling example cell read in it."""
    labels = {"dmy": _("day, month, year"), "mdy": _("month, day, year"), "ymd": _("year, month, day")}
    return [
        (order, labels[order], "".join(date_samples(question, picture, order)[:1]))
        for order in question.choices
    ]


def date_samples(question: Question, picture: Picture, order: str) -> list[str]:
    """Return cells that the orders read differently, each with the date that it would be in `order`."""
    table = next((table for table in picture.tables if table.name == question.where), picture.tables[0])
    reading = table.readings.get(question.field or "")
    if reading is None:
        return []
    cells = dict.fromkeys(cell for found in reading.examples.values() for cell in found)
    told = {cell: len({_read_as(reading, each, cell) for each in question.choices}) for cell in cells}
    telling = sorted((cell for cell in cells if told[cell] > 1), key=lambda cell: -told[cell])
    return [f"{cell} {glyphs().to} {_read_as(reading, order, cell)}" for cell in telling[:_MOST_SAMPLES]]


def _read_as(reading: DateReading, order: str, cell: str) -> str:
    """Return the date that a cell would be in an order of day and month."""
    tried = reading.model_copy(update={"order": order, "needs_answer": False})
    parsed = parse_date(cell, tried, "reject", open_words=True)
    return day_text(parsed.day) if parsed.day is not None else _("no date")
