"""Drawing what an export would write: count, size, checks, then the sample. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from dinotui.engine.exporting import Preview
from dinotui.locale import _, ngettext
from dinotui.tui.cells import clean, cut, cut_left, width_of, wrap
from dinotui.tui.glyphs import glyphs
from dinotui.tui.widgets.folder import size_text
from dinotui.tui.widgets.line import Piece

_RECORD: Final = 5
"""Lines from which the sample shows records line by line; with fewer it uses the whole width of each."""


class SampleState(NamedTuple):
    """What is known: the preview, whether one is coming, what is wrong, the target, the file written.

    `hidden` says that the form above goes on below its edge.
    """

    found: Preview | None
    reading: bool
    faults: Sequence[str]
    exists: bool
    written: str
    hidden: bool = False


def sample_lines(state: SampleState, width: int, height: int) -> list[list[Piece]]:
    """Return count and size, the checks, a rule, and the sample, of which some is always in sight."""
    found = state.found
    head = ""
    if found is not None:
        size = size_text(found.estimated_bytes)
        head = _("{records}, about {size}").format(
            records=contents_text(found.records, found.others), size=size
        )
    elif state.reading:
        head = _("Reading...")
    if state.hidden:
        more = f"{glyphs().below} {_('more fields')}"
        head = f"{more}   {head}" if head else more
    checks = _check_lines(state, width)
    room = max(1, height - 3)
    if len(checks) > room:
        more = _("and more, on a larger screen")
        checks = [*checks[: room - 1], [("   " + cut(clean(more), width - 4), "dim")]]
    lines = [_rule(head, width), *checks, _rule(_("sample"), width)]
    rows = _sample_rows(found, width - 1, max(1, height - len(lines))) if found is not None else []
    return [*lines, *([(" " + cut(clean(row[: width * 8]), width - 1), "")] for row in rows)]


def _sample_rows(found: Preview, width: int, room: int) -> list[str]:
    """Return the sample in `room` lines: from its first record on, and without line ends, where room is short."""
    rows = found.text.split("\n")
    if len(rows) <= room or not found.first_record or room >= found.first_record + _RECORD:
        return rows
    shown = rows[found.first_record :]
    if room > _RECORD:
        return [glyphs().more, *shown]
    text = " ".join(clean(row.strip()[: width * 8]) for row in shown)
    return wrap(f"{glyphs().more} {text}", width, room)


def _check_lines(state: SampleState, width: int) -> list[list[Piece]]:
    if state.written:
        text = _("written: {path}").format(path=state.written)
        return [[(" = ", "good"), (cut_left(clean(text), width - 4), "good")]]
    lines: list[list[Piece]] = []
    for fault in state.faults:
        lines += _said(fault, "bad", width)
    if state.exists:
        lines += _said(_("The file exists: you are asked before it is replaced."), "warn", width)
    elif not state.faults:
        lines += _said(_("The file is new and its folder can be written."), "good", width)
    for note in state.found.notes if state.found is not None else ():
        lines += _said(note, "", width)
    return lines


def contents_text(records: int, others: Sequence[str]) -> str:
    """Return what a file holds in words: records, and the categories that are none."""
    names = {"preferences": _("preferences"), "analytics": _("statistics")}
    return ", ".join([records_text(records), *(names[each] for each in others)])


def records_text(count: int) -> str:
    """Return a number of records in words."""
    return ngettext("{count:,} record", "{count:,} records", count).format(count=count)


def _rule(title: str, width: int) -> list[Piece]:
    """Return a line across with a title in it."""
    if not title:
        return [(glyphs().rule * width, "rule")]
    text = cut(clean(title), width - 4)
    rest = glyphs().rule * max(0, width - width_of(text) - 3)
    return [(glyphs().rule + " ", "rule"), (text, "strong"), (" " + rest, "rule")]


def _said(text: str, style: str, width: int) -> list[list[Piece]]:
    """Return a sentence with a sign that says without colour how it is meant."""
    sign = {"bad": "!", "warn": "!", "good": "="}.get(style, "-")
    parts = wrap(clean(text), width - 4, 3)
    return [
        [(f" {sign} " if number == 0 else "   ", style), (part, style)] for number, part in enumerate(parts)
    ]
