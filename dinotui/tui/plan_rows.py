"""Drawing: the plan of an import as cells and lines. Pure functions; texts go in raw and come out clean."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from dinotui.domain.configuration import ImportConfiguration
from dinotui.engine.importing.planning import PlanCounts
from dinotui.engine.importing.preview import SIGNS, PreviewRow
from dinotui.locale import N_, _, ngettext
from dinotui.tui.cells import Cell, clean, cut, width_of, wrap
from dinotui.tui.glyphs import glyphs
from dinotui.tui.import_session import TableView
from dinotui.tui.rows import field_label
from dinotui.tui.view import shown_date_text
from dinotui.tui.widgets.columns import Column
from dinotui.tui.widgets.line import Piece
from dinotui.tui.widgets.row_source import Row

_LEAST_ROW: Final = 3


def plan_columns(row_width: int = _LEAST_ROW) -> tuple[Column, ...]:
    """Return the columns of the plan; free text gives way before the values, and the code before the dates."""
    return (
        Column(N_("Row"), max(row_width, _LEAST_ROW), align="right"),
        Column(N_("Action"), 8),
        Column(N_("Country"), 8, 2),
        Column("", 2, priority=3),
        Column(N_("Entry"), 10, date=True),
        Column(N_("Exit"), 10, date=True),
        Column(N_("Visa"), 7, 1, priority=1),
        Column(N_("What to know"), 12, 6, priority=2),
    )


def row_label(row: PreviewRow, *, several: bool) -> str:
    """Return how the list names a record: by its line, with the number of its file where there are `several`."""
    return f"{row.table}:{row.line}" if several else str(row.line)


def files_lines(tables: Sequence[TableView], width: int) -> list[list[Piece]]:
    """Return which file or table each number in front of a row means; nothing where there is one only."""
    if len(tables) < 2:
        return []
    named = [f"{number} {table.name}" for number, table in enumerate(tables, start=1)]
    return paragraph("   ".join(named), width, 2, "dim")


ACTIONS: Final = ("", "create", "update", "skip", "ask", "reject")
"""The views of the plan, all records first."""

ACTION_LABELS: Final[Mapping[str, str]] = {
    "": N_("all"),
    "create": N_("create"),
    "update": N_("update"),
    "skip": N_("skip"),
    "ask": N_("ask"),
    "reject": N_("reject"),
}
_STYLES: Final = {"create": "good", "update": "accent", "skip": "dim", "ask": "warn", "reject": "bad"}
_SEVERITY_SIGNS: Final = {"error": ("!", "bad"), "warning": ("!", "warn"), "info": ("~", "accent")}
_MANY: Final = 1_000
"""Lines that a record takes at most where it is shown in full."""

_LONG_CELL: Final = 12_000
"""Characters of a cell that are shown: more than any field may hold."""

_STEPS: Final = (N_("File"), N_("Map"), N_("Check"), N_("Review"), N_("Done"))


def step_bar(current: int, width: int) -> str:
    """Return the steps of the wizard with the current one (from 0) in capitals; only its name when narrow."""
    names = [_(name) for name in _STEPS]
    shown = [
        f"[{number + 1} {name.upper() if number == current else name}]"
        if width >= 76 or number == current
        else f"[{number + 1}]"
        for number, name in enumerate(names)
    ]
    return "".join(shown)


def plan_row(row: PreviewRow, *, several: bool = False) -> Row:
    """Return a record of the plan as cells for `plan_columns`; `several`: there are more tables than one."""
    return Row(
        row.record,
        (
            Cell(row_label(row, several=several), "dim"),
            Cell(action_text(row), _STYLES[row.action]),
            row.country or Cell("-", "dim"),
            Cell(row.country_code or "--", "dim"),
            shown_date_text(row.entry) or Cell("-", "dim"),
            shown_date_text(row.exit) or Cell("-", "dim"),
            Cell(row.visa_type or "-", "dim"),
            Cell(comment_text(row), _comment_style(row)),
        ),
    )


def action_text(row: PreviewRow) -> str:
    """Return what happens to a record: its sign, and how sure a question is."""
    if row.decision == "later":
        return "? " + _("later")
    if row.action == "ask":
        return f"? {row.confidence or 0}%"
    return f"{row.sign} {_(ACTION_LABELS[row.action])}"


def comment_text(row: PreviewRow) -> str:
    """Return the first thing to know about a record, with a sign of its own for what was put right."""
    if row.decision == "skip" and not row.why:
        return _("You leave it out.")
    text = row.comment
    worst = row.said[0]["severity"] if row.said else None
    return f"~ {text}" if text and worst == "info" and text == str(row.said[0]["message"]) else text


def _comment_style(row: PreviewRow) -> str:
    if row.action == "reject":
        return "bad"
    worst = row.said[0]["severity"] if row.said else ""
    return "warn" if worst == "warning" and row.action != "skip" else "dim"


_RESOLUTIONS: Final = {
    "skip": N_("repeats are skipped"),
    "update": N_("repeats update your trips"),
    "prompt": N_("repeats are asked about"),
    "keepBoth": N_("repeats are kept as trips of their own"),
}


def policy_text(configuration: ImportConfiguration) -> str:
    """Return what the import does with what is there already, and whether a backup is made, in one line."""
    handling, validation = configuration.duplicate_handling, configuration.validation
    if configuration.strategy == "replace":
        parts = [_("Replaces your trips by those of the file")]
    elif configuration.strategy == "skipExisting":
        parts = [_("Adds new trips, skips what is there")]
    else:
        parts = [_("Adds and merges"), _(_RESOLUTIONS[handling.resolution])]
    if handling.detection == "off":
        parts.append(_("no search for repeats"))
    if validation.strict:
        parts.append(_("strict"))
    elif not validation.skip_invalid:
        parts.append(_("stops at rejects"))
    parts.append(_("backup first") if configuration.backup.create_backup else _("no backup"))
    return "; ".join(parts) + "   " + _("(o options)")


def view_pieces(current: str, bad: bool, counts: PlanCounts, width: int) -> list[Piece]:
    """Return the views with their counts, the chosen one between arrows; without words where it is narrow."""
    for words in (True, False):
        pieces: list[Piece] = [(" ", "")]
        for number, action in enumerate(ACTIONS):
            count = getattr(counts, action) if action else counts.total
            if not (count or action == current or not action):
                continue
            text = f"{SIGNS[action]} {count:,}" if action else f"{count:,}"
            text += f" {_(ACTION_LABELS[action])}" if words or not action else ""
            if number:
                pieces.append((" " if words else "", ""))
            if action == current and not bad:
                pieces += [("< ", "key"), (text, "strong"), (" >", "key")]
            else:
                pieces.append((f" {text} ", _STYLES.get(action, "dim") if count else "dim"))
        if bad:
            pieces.append((" " + _("bad rows only"), "warn"))
        if sum(width_of(text) for text, _style in pieces) <= width:
            return pieces
    return pieces


def facts_line(counts: PlanCounts) -> list[Piece]:
    """Return what else the plan counts: corrections, warnings, records put off."""
    parts: list[Piece] = []
    for count, text, style in (
        (
            counts.corrected,
            ngettext("~ {count:,} corrected", "~ {count:,} corrected", counts.corrected),
            "accent",
        ),
        (
            counts.warned,
            ngettext("! {count:,} with a warning", "! {count:,} with warnings", counts.warned),
            "warn",
        ),
        (
            counts.later,
            ngettext(
                "{count:,} of {asked:,} that ask is for later",
                "{count:,} of {asked:,} that ask are for later",
                counts.later,
            ),
            "dim",
        ),
    ):
        if count:
            parts += [("   " if parts else "", ""), (text.format(count=count, asked=counts.ask), style)]
    return parts


def dates_text(tables: Sequence[TableView]) -> str:
    """Return how the dates of all columns are read, with the proof, each sentence once."""
    readings = [reading for table in tables for reading in table.readings.values()]
    return " ".join(dict.fromkeys(sentence for reading in readings for sentence in reading.explanation()))


def dates_lines(tables: Sequence[TableView], width: int, room: int) -> list[list[Piece]]:
    """Return for each date column how it is read and why: in full where `room` lines hold it.

    Each has a line at least; where there is too little room, the first ones get it.
    """
    said: dict[str, list[str]] = {}
    for table in tables:
        for name, reading in table.readings.items():
            evidence = on_screen(" ".join(reading.explanation()))
            if evidence:
                said.setdefault(evidence, []).append(field_label(name))
    lines: list[list[Piece]] = []
    texts = [f"{', '.join(dict.fromkeys(names))}: {evidence}" for evidence, names in said.items()][:4]
    for number, text in enumerate(texts, start=1):
        lines += paragraph(text, width, max(1, room - len(lines) - (len(texts) - number)))
    return lines


def detail_lines(
    row: PreviewRow, cells: Mapping[str, Any], where: str, width: int, height: int, more: str = ""
) -> list[list[Piece]]:
    """Return everything about a record: fields, problems, corrections, original cells, in `height` lines.

    What does not fit is marked; `more` says how to see it. With a height of 0 all of it is there.
    """
    room = width - 2
    most = _MANY if height == 0 else 0
    lines: list[list[Piece]] = [
        [
            (" ", ""),
            (cut(_("{where}, row {line}").format(where=clean(where), line=row.line), room - 12), "strong"),
            ("   ", ""),
            (action_text(row), _STYLES[row.action]),
        ]
    ]
    for said in row.said:
        sign, style = _SEVERITY_SIGNS[said["severity"]]
        name = field_label(said["field"]) if said["field"] else ""
        text = f"{name}: {said['message']}" if name else str(said["message"])
        lines += _wrapped(sign, clean(text), style, room, most or 2)
    if row.why or row.decision:
        lines += _wrapped("=", clean(comment_text(row)), "dim", room, most or 2)
    lines += _wrapped(" ", "   ".join(_field_texts(row)), "", room, most or 3)
    original = " | ".join(
        f"{clean(name)}: {clean(_bounded(value))}" for name, value in cells.items() if value not in (None, "")
    )
    if original:
        lines += _wrapped(" ", _("In the file: {cells}").format(cells=original), "dim", room, most or 12)
    if len(lines) > height > 0:
        lines = (
            [*lines[: height - 1], [(cut(f" {glyphs().more} {more}".rstrip(), width), "dim")]]
            if height > 1
            else lines[:1]
        )
    return lines


def _bounded(value: object) -> str:
    """Return as much of a cell as a person reads: it may be a megabyte."""
    text = str(value)
    return text if len(text) <= _LONG_CELL else text[:_LONG_CELL] + glyphs().more


def _field_texts(row: PreviewRow) -> list[str]:
    country = f"{clean(row.country)} {row.country_code or '--'}" if row.country else ""
    stay = (
        f"{clean(shown_date_text(row.entry)) or '-'} {glyphs().to} {clean(shown_date_text(row.exit)) or '-'}"
        if row.entry or row.exit
        else ""
    )
    days = "" if row.max_days is None else _("max {days} days").format(days=row.max_days)
    passport = f"{_('passport')} {clean(row.passport_country)}" if row.passport_country else ""
    found = [country, stay, clean(row.visa_type), days, passport, clean(row.notes)]
    return [text for text in found if text]


def _wrapped(sign: str, text: str, style: str, width: int, limit: int) -> list[list[Piece]]:
    return [
        [(f" {sign if number == 0 else ' '} ", style), (part, style)]
        for number, part in enumerate(wrap(text, width - 3, limit))
    ]


def paragraph(text: str, width: int, limit: int, style: str = "", sign: str = " ") -> list[list[Piece]]:
    """Return raw `text` as lines of a page, wrapped, with a sign in front of the first."""
    return _wrapped(sign, clean(text), style, width - 1, limit)


_SENTENCE: Final = re.compile(r"(?<=[.?])\s+")
_FOR_THE_SHELL: Final = (" --", "dinotui ")


def on_screen(text: str) -> str:
    """Return `text` without the sentences that tell how to do it on the command line."""
    kept = [part for part in _SENTENCE.split(text) if not any(sign in part for sign in _FOR_THE_SHELL)]
    return " ".join(kept) or text
