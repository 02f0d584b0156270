"""Drawing: two versions of a stay side by side or stacked, what differs marked inside. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from dinotui.domain.matching import HIGH, MEDIUM
from dinotui.engine.importing.deciding import Conflict
from dinotui.locale import N_, _, ngettext
from dinotui.tui.cells import clean, cut, fit, width_of, wrap
from dinotui.tui.glyphs import glyphs
from dinotui.tui.plan_rows import paragraph
from dinotui.tui.review_choices import Choosing, is_empty, open_fields, result_text, shown_fields, value_of
from dinotui.tui.review_words import decided_text
from dinotui.tui.rows import field_label, local_time
from dinotui.tui.widgets.line import Piece

Lines = list[list[Piece]]
_DATES: Final = ("entryDate", "exitDate")
SIDE_BY_SIDE: Final = 72
"""Cells from which the two versions stand beside each other."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows: a conflict, what is chosen about it, where the cursor stands, and around it.

    `around` says by side what the date under the cursor would mean; `coming` are the places and confidences of
    the next undecided conflicts; `equal` shows the fields that do not differ too.
    """

    conflict: Conflict
    chosen: Choosing
    cursor: str
    file: str
    equal: bool = False
    around: Mapping[str, Sequence[str]] = field(default_factory=dict)
    coming: Sequence[tuple[int, int]] = ()

    @property
    def names(self) -> list[str]:
        """The fields in sight."""
        return shown_fields(self.conflict, equal=self.equal)


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


def page_lines(shown: Shown, width: int, height: int) -> Lines:
    """Return the whole page in `height` lines; what is least needed goes first where there is no room."""
    lines: Lines = []
    for room in (3, 2, 1, 0):
        lines = _page(shown, width, room)
        if len(lines) <= height:
            return lines
    return lines


def _page(shown: Shown, width: int, room: int) -> Lines:
    """Return the page: `room` 3 with gaps, 2 without, 1 with shorter full values, 0 without them."""
    gap: Lines = [[]] if room == 3 else []
    conflict = shown.conflict
    lines = [*title_lines(conflict, sources_of(conflict, shown.file), width), *gap]
    decided = decided_text(conflict)
    if decided:
        lines += paragraph(decided, width, 1, "good", "+")
    lines += field_lines(shown, width)
    hidden = len(shown_fields(conflict, equal=True)) - len(shown.names)
    if hidden > 0 and room:
        lines.append([("    ", ""), (_hidden_text(hidden), "dim")])
    lines += gap
    if shown.cursor and room and width >= SIDE_BY_SIDE:
        lines += [*full_lines(shown, width, 2 if room > 1 else 1), *gap]
    return [*lines, _foot(shown, width)]


def _hidden_text(count: int) -> str:
    text = ngettext(
        "{count} more equal field hidden (= shows it)",
        "{count} more equal fields hidden (= shows them)",
        count,
    )
    return text.format(count=count)


def _foot(shown: Shown, width: int) -> list[Piece]:
    undecided = len(open_fields(shown.conflict, shown.chosen))
    right = _("undecided fields here: {count}").format(count=undecided) if undecided else ""
    left = "  ".join(f"#{place} {sure}%" for place, sure in shown.coming)
    left = cut(_("Next: {places}").format(places=left) if left else "", max(0, width - 5 - width_of(right)))
    gap = " " * max(2, width - 2 - width_of(left) - width_of(right))
    return [(" ", ""), (left, "dim"), (gap, ""), (right, "warn")]


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
    for sign, reason in conflict.reasons:
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


def sources_of(conflict: Conflict, file: str) -> tuple[str, str]:
    """Return where the existing and the incoming version come from."""
    existing = conflict.existing
    if conflict.row.trip is not None and "number" in existing:
        when = local_time(str(existing["updated_at"]))[:10]
        left = _("existing #{number} ({source}, {date})").format(
            number=existing["number"], source=_source(existing), date=when
        )
    else:
        left = _("row {line} ({file})").format(line=existing["line"], file=existing["table"])
    if conflict.of_trips:
        when = local_time(str(conflict.incoming["updated_at"]))[:10]
        text = _("later #{number} ({source}, {date})")
        return left, text.format(number=conflict.row.record, source=_source(conflict.incoming), date=when)
    return left, _("incoming row {line} ({file})").format(line=conflict.row.line, file=file)


def _source(row: Mapping[str, Any]) -> str:
    """Return where a trip came from: the file that it was in, or that it was typed."""
    return _("manual") if row["source"] in (None, "", "manual") else str(row["source"])


def field_lines(shown: Shown, width: int) -> Lines:
    """Return a line a field, side by side where there is room, else stacked around the cursor."""
    return _table_lines(shown, width) if width >= SIDE_BY_SIDE else _stacked_lines(shown, width)


def _label_width(shown: Shown) -> int:
    return max([10, *(width_of(field_label(name)) for name in shown.names)])


def _begin(shown: Shown, name: str, label: int) -> list[Piece]:
    """Return cursor, sign and name of a field."""
    conflict, here = shown.conflict, name == shown.cursor
    sign, style = "=", "dim"
    if name in conflict.differs:
        sign, style = ("+", "good") if is_empty(conflict.existing, name) else ("~", "warn")
    named = "strong" if here else "" if name in conflict.differs else "dim"
    return [
        ("> " if here else "  ", "key"),
        (sign + " ", style),
        (fit(field_label(name).lower(), label), named),
        ("  ", ""),
    ]


def _sides(conflict: Conflict, name: str) -> tuple[Marked, Marked]:
    """Return both values of a field, marked where they differ."""
    old, new = value_of(conflict.existing, name), value_of(conflict.incoming, name)
    if name not in conflict.differs:
        return Marked(old, "", ""), Marked(new, "", "")
    return marked(old, new, is_date=name in _DATES), marked(new, old, is_date=name in _DATES)


_ORIGINS: Final = {"you": N_("you"), "auto": N_("auto"), "hint": N_("hint")}
_NUMBERS: Final = {"existing": "1", "incoming": "2", "both": "3"}


def _tag(chosen: Choosing, name: str) -> str:
    choice = chosen.choices.get(name)
    if choice is None:
        return ""
    number = _NUMBERS[choice] if isinstance(choice, str) else "4"
    return f"{number} {_(_ORIGINS[chosen.origins.get(name, 'you')])}"


def _result_pieces(shown: Shown, name: str, width: int) -> list[Piece]:
    conflict, chosen = shown.conflict, shown.chosen
    if name in conflict.differs and name not in chosen.choices:
        return [(fit("? " + _("choose"), width), "warn")]
    tag = _tag(chosen, name)
    room = width - (width_of(tag) + 1 if tag else 0)
    text = clean(result_text(conflict, name, chosen.choices.get(name)))
    style = "good" if name in conflict.differs else ""
    pieces: list[Piece] = [(fit(text or _("(empty)"), room), style if text else "dim")]
    return [*pieces, (" ", ""), (tag, "dim")] if tag else pieces


def _table_lines(shown: Shown, width: int) -> Lines:
    label = _label_width(shown)
    rest = width - 4 - label - 6 - 1
    each = rest * 3 // 10 if rest < 90 else rest // 3
    of_trips = shown.conflict.of_trips
    one, other = (_("1 EARLIER"), _("2 LATER")) if of_trips else (_("1 EXISTING"), _("2 INCOMING"))
    titles = [fit(_("FIELD"), label), fit(one, each), fit(other, each), _("RESULT")]
    lines: Lines = [[("    ", ""), ("  ".join(titles), "dim")]]
    for name in shown.names:
        style = "" if name in shown.conflict.differs else "dim"
        old, new = (marked_pieces(side, each, style) for side in _sides(shown.conflict, name))
        result = _result_pieces(shown, name, rest - 2 * each)
        lines.append([*_begin(shown, name, label), *old, ("  ", ""), *new, ("  ", ""), *result])
    return lines


def _stacked_lines(shown: Shown, width: int) -> Lines:
    label = _label_width(shown)
    lines: Lines = []
    for name in shown.names:
        lines.append([*_begin(shown, name, label), *_result_pieces(shown, name, width - label - 7)])
        if name != shown.cursor or name not in shown.conflict.differs:
            continue
        for number, side, value in zip(
            "12", ("existing", "incoming"), _sides(shown.conflict, name), strict=True
        ):
            said = "; ".join(shown.around.get(side, ()))
            each = 13 if name in _DATES else width - 9
            meaning = cut(f"  {clean(said)}", width - 9 - each) if said else ""
            lines.append([(f"      {number} ", "key"), *marked_pieces(value, each, ""), (meaning, "dim")])
    return lines


def full_lines(shown: Shown, width: int, limit: int) -> Lines:
    """Return both values of the field under the cursor in full, and what a date would mean."""
    conflict, name = shown.conflict, shown.cursor
    lines: Lines = [[(" ", ""), (_("{field}, in full").format(field=field_label(name)), "dim")]]
    for number, side in (("1", "existing"), ("2", "incoming")):
        row = conflict.existing if side == "existing" else conflict.incoming
        text = clean(value_of(row, name)) or _("(empty)")
        said = "; ".join(shown.around.get(side, ()))
        parts = wrap(f"{text}   {clean(said)}" if said else text, width - 5, limit)
        lines += [
            [(f"  {number if place == 0 else ' '} ", "key"), (part, "")] for place, part in enumerate(parts)
        ]
    return lines
