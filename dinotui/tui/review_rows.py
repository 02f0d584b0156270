"""Drawing: two versions of a stay side by side or stacked, what differs marked inside. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from dinotui.domain.dates import day_text, duration
from dinotui.domain.matching import HIGH, MEDIUM, NEAR_DAYS
from dinotui.domain.merging import FIELD_COLUMNS, joined_notes
from dinotui.engine.importing.deciding import Conflict, DecisionAction
from dinotui.locale import N_, _, ngettext
from dinotui.tui.cells import clean, cut, fit, width_of, wrap
from dinotui.tui.glyphs import glyphs
from dinotui.tui.rows import field_label, local_time
from dinotui.tui.widgets.line import Piece

Lines = list[list[Piece]]
Choice = str | dict[str, str]
"""existing, incoming, both, or the user's own text under ``text``."""

SIDE_BY_SIDE: Final = 72
"""Cells from which the two versions stand beside each other."""


@dataclass(slots=True)
class Choosing:
    """What is chosen a field, and by whom: ``you``, ``auto`` (only one side has a value), ``hint`` (suggested)."""

    choices: dict[str, Choice] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)

    def choose(self, name: str, choice: Choice, origin: str = "you") -> None:
        """Choose a side or text for a field."""
        self.choices[name] = choice
        self.origins[name] = origin


def preselected(conflict: Conflict) -> Choosing:
    """Return what to begin with: the decision made before, else gaps filled and the suggestion taken."""
    chosen = Choosing()
    for name in conflict.differs:
        if conflict.decided == "merge":
            stored = conflict.choices.get(name)
            chosen.choose(name, stored or "incoming")
        elif conflict.decided in ("existing", "incoming"):
            chosen.choose(name, conflict.decided)
        elif is_empty(conflict.existing, name):
            chosen.choose(name, "incoming", "auto")
        elif conflict.suggested in ("existing", "incoming"):
            chosen.choose(name, conflict.suggested, "hint")
        elif name == "notes":
            chosen.choose(name, "both", "auto")
    return chosen


def open_fields(conflict: Conflict, chosen: Choosing) -> list[str]:
    """Return the differing fields without a choice."""
    return [name for name in conflict.differs if name not in chosen.choices]


def action_of(conflict: Conflict, chosen: Choosing) -> DecisionAction:
    """Return the decision that the choices are: all existing, all incoming, or a mixture."""
    sides = {
        choice if isinstance(choice, str) else "own"
        for choice in map(chosen.choices.get, conflict.differs)
        if choice
    }
    if sides <= {"existing"}:
        return "existing"
    return "incoming" if sides == {"incoming"} else "merge"


def value_of(row: Mapping[str, Any], name: str) -> str:
    """Return a field of a stored trip or record as text."""
    column = FIELD_COLUMNS[name][0]
    value = row[column]
    if value is None:
        return ""
    return day_text(value) if column.endswith("_day") else str(value)


def is_empty(row: Mapping[str, Any], name: str) -> bool:
    """Tell whether a field has no value."""
    return value_of(row, name) == ""


def result_text(conflict: Conflict, name: str, choice: Choice | None) -> str:
    """Return what a field becomes."""
    if isinstance(choice, dict):
        return choice["text"]
    if choice == "both":
        return joined_notes(value_of(conflict.existing, name), value_of(conflict.incoming, name))
    return value_of(conflict.incoming if choice == "incoming" else conflict.existing, name)


def shown_fields(conflict: Conflict, *, equal: bool) -> list[str]:
    """Return the fields to show: those that differ, with country and entry for orientation, or all with a value."""
    there = [
        name
        for name in FIELD_COLUMNS
        if not (is_empty(conflict.existing, name) and is_empty(conflict.incoming, name))
    ]
    if equal:
        return there
    return [
        name for name in there if name in conflict.differs or name in ("country", "entryDate", "exitDate")
    ]


class Marked(NamedTuple):
    """A value with its differing part in the middle."""

    before: str
    differing: str
    after: str


def marked(value: str, other: str, *, is_date: bool = False) -> Marked:
    """Return `value` with the part that `other` has otherwise; all of it where they have little in common."""
    if value == other or not value or not other:
        return Marked(value, "", "")
    if is_date:
        parts, others = value.split("-"), other.split("-")
        same = next((n for n, (a, b) in enumerate(zip(parts, others, strict=False)) if a != b), 0)
        start = len("-".join(parts[:same])) + (1 if same else 0)
        return Marked(value[:start], value[start:], "")
    start = _common(value, other)
    end = _common(value[start:][::-1], other[start:][::-1])
    if (start + end) * 3 < max(len(value), len(other)):
        return Marked("", value, "")
    return Marked(value[:start], value[start : len(value) - end], value[len(value) - end :])


def _common(one: str, other: str) -> int:
    """Return how many characters both begin with."""
    return next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def marked_pieces(value: Marked, width: int, style: str) -> list[Piece]:
    """Return a marked value in exactly `width` cells, the differing part in brackets and always in sight."""
    before, differing, after = (clean(part) for part in value)
    if not differing:
        text = before + after
        return [(fit(text or _("(empty)"), width), style if text else "dim")]
    middle = cut(differing, max(1, width - 2 - (1 if before else 0)))
    room = width - 2 - width_of(middle)
    if width_of(before) > room:
        tail = before
        while tail and width_of(tail) > room - 1:
            tail = tail[1:]
        before = glyphs().more + tail if room > 0 else ""
    rest = fit(after, max(0, room - width_of(before)))
    return [(before, style), ("[", "key"), (middle, "strong"), ("]", "key"), (rest, style)]


# the whole page ----------------------------------------------------------------------------------------


def title_lines(conflict: Conflict, sources: tuple[str, str], width: int) -> Lines:
    """Return how likely the two are one trip, why, and where each comes from."""
    confidence = conflict.row.confidence or 0
    likely = (
        _("LIKELY THE SAME TRIP")
        if confidence >= HIGH
        else _("PERHAPS THE SAME TRIP")
        if confidence >= MEDIUM
        else _("A SIMILAR TRIP")
    )
    pieces: list[Piece] = [(" ", ""), (f"{likely} {confidence}%", "warn"), (" ", "")]
    lines: Lines = [pieces]
    used = sum(width_of(text) for text, _style in pieces)
    for sign, reason in signed_reasons(conflict):
        text = f"  {sign} {clean(reason)}"
        if used + width_of(text) > width - 1:
            pieces = [("  ", "")]
            lines.append(pieces)
            used = 2
        style = {"+": "good", "~": "warn", "-": "bad"}[sign]
        pieces += [(text[:3], style), (text[3:], "")]
        used += width_of(text)
    half = max(10, (width - 4) // 2)
    left, right = (clean(source) for source in sources)
    if width_of(left) + width_of(right) + 5 <= width or width >= SIDE_BY_SIDE:
        lines.append([(" ", ""), (fit(cut(left, half), half), "dim"), ("  ", ""), (cut(right, half), "dim")])
    else:
        lines += [[(" ", ""), (cut(left, width - 2), "dim")], [(" ", ""), (cut(right, width - 2), "dim")]]
    return lines


def signed_reasons(conflict: Conflict) -> list[tuple[str, str]]:
    """Return the reasons with a sign: + speaks for one trip, ~ hardly against it, - against it."""
    existing, incoming = conflict.existing, conflict.incoming
    signs = [
        "-" if "country" in conflict.differs else "+",
        _day_sign(existing["entry_day"], incoming["entry_day"]),
        _day_sign(existing["exit_day"], incoming["exit_day"]),
        "+" if existing["visa_fold"] == incoming["visa_fold"] else "-",
        "+" if existing["passport_fold"] == incoming["passport_fold"] else "-",
    ]
    return list(zip(signs, conflict.reasons, strict=False))


def _day_sign(one: int | None, other: int | None) -> str:
    if one == other:
        return "+"
    return "~" if one is not None and other is not None and abs(one - other) <= NEAR_DAYS else "-"


def sources_of(conflict: Conflict, file: str) -> tuple[str, str]:
    """Return where the existing and the incoming version come from."""
    existing = conflict.existing
    if conflict.row.trip is not None and "number" in existing:
        when = local_time(str(existing["updated_at"]))[:10]
        left = _("existing #{number} ({source}, {date})").format(
            number=existing["number"], source=existing["source"] or "manual", date=when
        )
    else:
        left = _("row {line} of this import").format(line=existing.get("line", "?"))
    return left, _("incoming row {line} ({file})").format(line=conflict.row.line, file=file)


def field_lines(conflict: Conflict, chosen: Choosing, names: Sequence[str], cursor: str, width: int) -> Lines:
    """Return a line a field, side by side where there is room, else stacked around the cursor."""
    if width >= SIDE_BY_SIDE:
        return _table_lines(conflict, chosen, names, cursor, width)
    return _stacked_lines(conflict, chosen, names, cursor, width)


def _sign(conflict: Conflict, name: str) -> tuple[str, str]:
    if name not in conflict.differs:
        return "=", "dim"
    return ("+", "good") if is_empty(conflict.existing, name) else ("~", "warn")


_ORIGINS: Final = {"you": N_("you"), "auto": N_("auto"), "hint": N_("hint")}
_NUMBERS: Final = {"existing": "1", "incoming": "2", "both": "3"}


def _tag(chosen: Choosing, name: str) -> str:
    choice = chosen.choices.get(name)
    if choice is None:
        return ""
    number = _NUMBERS[choice] if isinstance(choice, str) else "4"
    return f"{number} {_(_ORIGINS[chosen.origins.get(name, 'you')])}"


def _result_pieces(conflict: Conflict, chosen: Choosing, name: str, width: int) -> list[Piece]:
    if name in conflict.differs and name not in chosen.choices:
        return [(fit("? " + _("choose"), width), "warn")]
    tag = _tag(chosen, name)
    room = width - (width_of(tag) + 1 if tag else 0)
    text = clean(result_text(conflict, name, chosen.choices.get(name)))
    style = "" if name not in conflict.differs else "good"
    pieces: list[Piece] = [(fit(text or _("(empty)"), room), style if text else "dim")]
    return [*pieces, (" ", ""), (tag, "dim")] if tag else pieces


def _table_lines(
    conflict: Conflict, chosen: Choosing, names: Sequence[str], cursor: str, width: int
) -> Lines:
    label = max([10, *(width_of(field_label(name)) for name in names)])
    rest = width - 4 - label - 6 - 1
    each = rest * 3 // 10 if rest < 90 else rest // 3
    last = rest - 2 * each
    head = (
        fit(_("FIELD"), label)
        + "  "
        + fit(_("1 EXISTING"), each)
        + "  "
        + fit(_("2 INCOMING"), each)
        + "  "
        + _("RESULT")
    )
    lines: Lines = [[("    ", ""), (head, "dim")]]
    for name in names:
        sign, style = _sign(conflict, name)
        old, new = value_of(conflict.existing, name), value_of(conflict.incoming, name)
        differs = name in conflict.differs
        dated = name in ("entryDate", "exitDate")
        here = name == cursor
        lines.append(
            [
                ("> " if here else "  ", "key"),
                (sign + " ", style),
                (
                    fit(field_label(name).lower(), label),
                    "strong" if here else "dim" if not differs else "",
                ),
                ("  ", ""),
                *marked_pieces(
                    marked(old, new, is_date=dated) if differs else Marked(old, "", ""),
                    each,
                    "" if differs else "dim",
                ),
                ("  ", ""),
                *marked_pieces(
                    marked(new, old, is_date=dated) if differs else Marked(new, "", ""),
                    each,
                    "" if differs else "dim",
                ),
                ("  ", ""),
                *_result_pieces(conflict, chosen, name, last),
            ]
        )
    return lines


def _stacked_lines(
    conflict: Conflict, chosen: Choosing, names: Sequence[str], cursor: str, width: int
) -> Lines:
    label = max([10, *(width_of(field_label(name)) for name in names)])
    lines: Lines = []
    for name in names:
        sign, style = _sign(conflict, name)
        here = name == cursor
        lines.append(
            [
                ("> " if here else "  ", "key"),
                (sign + " ", style),
                (fit(field_label(name).lower(), label), "strong" if here else ""),
                ("  ", ""),
                *_result_pieces(conflict, chosen, name, width - label - 7),
            ]
        )
        if here and name in conflict.differs:
            old, new = value_of(conflict.existing, name), value_of(conflict.incoming, name)
            dated = name in ("entryDate", "exitDate")
            lines.append(
                [("      1 ", "key"), *marked_pieces(marked(old, new, is_date=dated), width - 10, "")]
            )
            lines.append(
                [("      2 ", "key"), *marked_pieces(marked(new, old, is_date=dated), width - 10, "")]
            )
    return lines


def full_lines(
    conflict: Conflict, name: str, around: Mapping[str, Sequence[str]], width: int, limit: int
) -> Lines:
    """Return both values of a field in full; `around` says by side what a date would mean."""
    lines: Lines = [[(" ", ""), (_("{field}, in full").format(field=field_label(name)), "dim")]]
    for number, side in (("1", "existing"), ("2", "incoming")):
        row = conflict.existing if side == "existing" else conflict.incoming
        text = clean(value_of(row, name)) or _("(empty)")
        said = "; ".join(around.get(side, ()))
        parts = wrap(f"{text}   {said}" if said else text, width - 5, limit)
        lines += [
            [(f"  {number if place == 0 else ' '} ", "key"), (part, "")] for place, part in enumerate(parts)
        ]
    return lines


def stay_meaning(entry: int | None, leaving: int | None, allowed: int | None) -> list[str]:
    """Return how long a stay is, and of how many days, in words."""
    if entry is None or leaving is None or leaving < entry:
        return [_("not closed")] if leaving is None else [_("before the entry")]
    days = duration(entry, leaving) or 0
    if allowed is None:
        return [ngettext("{days} day", "{days} days", days).format(days=days)]
    text = _("{days} of {allowed} days used").format(days=days, allowed=allowed)
    if days > allowed:
        text += ", " + _("{over} too many").format(over=days - allowed)
    return [text]


def neighbours_meaning(
    entry: int | None, leaving: int | None, others: Sequence[Mapping[str, Any]]
) -> list[str]:
    """Return which other stays a stay touches or overlaps, in words; sharing a border day is touching."""
    if entry is None:
        return []
    said = []
    last = 10**7 if leaving is None else leaving
    for other in others:
        end = 10**7 if other["exit_day"] is None else other["exit_day"]
        if other["entry_day"] > last or end < entry:
            continue
        where = other["country_code"] or other["country"]
        shown = f"#{other['number']} {where} {day_text(other['entry_day'])}"
        touches = other["entry_day"] == last or end == entry
        said.append((_("touches {trip}") if touches else _("overlaps {trip}")).format(trip=shown))
    return said[:2]
