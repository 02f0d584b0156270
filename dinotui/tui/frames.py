"""What the terminal shows now, so that only what differs is sent: the screen travels over SSH.

Textual repaints a whole screen two or three times when it opens; compared with the frame before, most of
that is the same and costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from rich.cells import cell_len
from rich.color import Color, ColorSystem
from rich.style import Style
from textual.strip import Strip

Span = tuple[str, Style | None]
"""Text in one style; neighbours in a line differ in style."""


class Change(NamedTuple):
    """Spans to write from cell `x` on."""

    x: int
    spans: list[Span]


class Frame:
    """The lines that the terminal shows, as far as we wrote them."""

    def __init__(self) -> None:
        self._lines: list[list[Span]] = []

    def forget(self) -> None:
        """Send everything the next time: something else has written on the terminal."""
        self._lines = []

    def update(self, lines: Sequence[Iterable[Strip]], colours: ColorSystem) -> str:
        """Return what to send so that the terminal shows `lines`, and take them for shown."""
        merged = [spans_of(line) for line in lines]
        before = self._lines if len(self._lines) == len(merged) else [None] * len(merged)
        self._lines = merged
        sent: list[str] = []
        for y, (old, new) in enumerate(zip(before, merged, strict=True)):
            change = change_between(old, new)
            if change is not None:
                sent.append(f"\x1b[{y + 1};{change.x + 1}H{encode(change.spans, colours)}")
        return "".join(sent)


def spans_of(strips: Iterable[Strip]) -> list[Span]:
    """Return a line of strips as spans, neighbours of one style joined."""
    spans: list[Span] = []
    for strip in strips:
        for text, style, control in strip:
            if control or not text:
                continue
            if spans and spans[-1][1] == style:
                spans[-1] = (spans[-1][0] + text, style)
            else:
                spans.append((text, style))
    return spans


def change_between(old: list[Span] | None, new: list[Span]) -> Change | None:
    """Return the part of `new` that differs from `old`, None when nothing does."""
    if old is None or _cells(old) != _cells(new):
        return Change(0, new)
    if old == new:
        return None
    first = 0
    while old[first : first + 1] == new[first : first + 1]:
        first += 1
    while first and (_combines(new, first) or _combines(old, first)):
        first -= 1  # a combining character belongs to the cell before it
    end = 0
    most = min(len(old), len(new)) - first
    while end < most and old[-1 - end] == new[-1 - end]:
        end += 1
    while end and _combines(new, len(new) - end):
        end -= 1
    changed = new[first : len(new) - end]
    was = old[first : len(old) - end]
    x = _cells(new[:first])
    same = _same_start(was[0], changed[0]) if was and changed else 0
    if same:
        changed[0] = (changed[0][0][same:], changed[0][1])
        x += same
    same = _same_end(was[-1], changed[-1]) if was and changed else 0
    if same:
        changed[-1] = (changed[-1][0][:-same], changed[-1][1])
    return Change(x, changed)


def _combines(spans: list[Span], index: int) -> bool:
    return index < len(spans) and cell_len(spans[index][0][:1]) == 0


def _cells(spans: list[Span]) -> int:
    return sum(cell_len(text) for text, _style in spans)


def _same_start(old: Span, new: Span) -> int:
    """Return how many characters two spans of one style share at the start, up to a wide gap.

    Only whole phrases are left out, never part of one: what is sent stays readable in a recording.
    """
    if old[1] != new[1]:
        return 0
    length = 0
    for before, after in zip(old[0], new[0], strict=False):
        if before != after or not after.isascii():
            break
        length += 1
    return max(0, new[0].rfind("  ", 0, length))


def _same_end(old: Span, new: Span) -> int:
    """Return how many blanks two spans of one style share at the end."""
    if old[1] != new[1]:
        return 0
    blanks = min(len(text) - len(text.rstrip(" ")) for text in (old[0], new[0]))
    return min(blanks, len(new[0]) - 1)


def encode(spans: list[Span], colours: ColorSystem) -> str:
    """Return spans with the fewest escape sequences: only what changes from one to the next."""
    parts: list[str] = []
    attributes = front = back = ""
    for text, style in spans:
        wanted = _codes(style, colours) if style is not None else ("", "", "")
        if wanted[0] != attributes:
            codes = ["0", *(code for code in wanted if code)]
        else:
            codes = [wanted[1] or "39"] if wanted[1] != front else []
            codes += [wanted[2] or "49"] if wanted[2] != back else []
        attributes, front, back = wanted
        parts.append(f"\x1b[{';'.join(codes)}m{text}" if codes else text)
    return "".join(parts) + ("\x1b[0m" if attributes or front or back else "")


@lru_cache(2048)
def _codes(style: Style, colours: ColorSystem) -> tuple[str, str, str]:
    """Return the codes of a style's attributes, foreground and background."""
    front = _colour(style.color, colours, foreground=True) if style.color else ""
    back = _colour(style.bgcolor, colours, foreground=False) if style.bgcolor else ""
    return Strip.render_ansi(style.without_color, colours), front, back


_LEVELS: Final = (0, 95, 135, 175, 215, 255)
_XTERM: Final = {
    (_LEVELS[number // 36], _LEVELS[number // 6 % 6], _LEVELS[number % 6]): 16 + number
    for number in range(216)
} | {(8 + 10 * step,) * 3: 232 + step for step in range(24)}
"""The numbers of xterm's 256 colours: Rich's own way there takes one grey for another."""


def _colour(colour: Color, colours: ColorSystem, *, foreground: bool) -> str:
    if colours is ColorSystem.EIGHT_BIT and colour.triplet is not None:
        number = _XTERM.get((colour.triplet.red, colour.triplet.green, colour.triplet.blue))
        if number is not None:
            return f"{38 if foreground else 48};5;{number}"
    return ";".join(colour.downgrade(colours).get_ansi_codes(foreground=foreground))
