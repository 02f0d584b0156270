"""Text on its way to the screen: cleaned, measured in cells, cut with a mark, turned into strips.

Everything that comes from data passes `clean` (through `fit`, `Cell` or a widget that calls it); `Safety`
stands behind all widgets as the last net.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.strip import Strip

from dinotui.domain.visible import ascii_visible, visible
from dinotui.tui.glyphs import glyphs

Align = Literal["left", "right"]
_NOT_ASCII: Final = re.compile(r"[^\x20-\x7e]")


class Cell(NamedTuple):
    """One piece of text with the name of its style: good, warn, bad, dim, strong, accent or ``""``."""

    text: str
    style: str = ""


CellLike = str | Cell | tuple[Cell, ...]


def clean(text: object) -> str:
    """Return `text` on one line, with no character that could act on the terminal (TERMINAL 9)."""
    raw = text if isinstance(text, str) else str(text)
    return ascii_visible(raw) if glyphs().ascii_only else visible(raw)


def pictures(text: str) -> str:
    """Return `text` with as many characters, each hostile one replaced by a harmless picture.

    For fields being edited, where the cursor counts characters.
    """
    if visible(text) == text:
        return text
    return "".join(sign if visible(sign) == sign else _picture(sign) for sign in text)


def _picture(sign: str) -> str:
    code = ord(sign)
    return chr(0x2400 + code) if code < 0x20 else "\u2421" if code == 0x7F else "\ufffd"


def width_of(text: str) -> int:
    """Return how many cells `text` takes."""
    return cell_len(text)


def cut(text: str, width: int) -> str:
    """Return clean `text` in at most `width` cells; what is cut off leaves a mark at the end."""
    if text.isascii():
        if len(text) <= width:
            return text
    elif cell_len(text) <= width:
        return text
    if width <= 0:
        return ""
    return _head(text, width - 1) + glyphs().more


def cut_left(text: str, width: int) -> str:
    """Return clean `text` in at most `width` cells, cut at the start (paths keep their end)."""
    if cell_len(text) <= width:
        return text
    tail = text
    while tail and cell_len(tail) > width - 1:
        tail = tail[1:]
    return (glyphs().more + tail) if width > 0 else ""


def fit(text: str, width: int, align: Align = "left") -> str:
    """Return clean `text` in exactly `width` cells, cut with a mark or padded."""
    shown = cut(text, width)
    pad = " " * (width - cell_len(shown))
    return pad + shown if align == "right" else shown + pad


def wrap(text: str, width: int, limit: int) -> list[str]:
    """Return clean `text` broken at spaces into at most `limit` lines of `width` cells, the last one cut."""
    lines: list[str] = []
    rest = text.strip()
    while rest and width > 0:
        if len(rest) <= _enough(width) and cell_len(rest) <= width:
            return [*lines, rest]
        if len(lines) == limit - 1:
            return [*lines, cut(rest, width)]
        head = _head(rest, width)
        space = head.rfind(" ") if not rest[len(head) :].startswith(" ") else len(head)
        taken = space if space > width // 2 else max(1, len(head))
        lines.append(rest[:taken].rstrip())
        rest = rest[taken:].lstrip()
    return lines or [""]


def fit_cell(cell: CellLike, width: int, align: Align = "left") -> list[Cell]:
    """Return `cell`, raw from data, as clean pieces that fill exactly `width` cells."""
    pieces = (Cell(cell),) if isinstance(cell, str) else (cell,) if isinstance(cell, Cell) else cell
    if len(pieces) == 1:
        return [Cell(fit(clean(_bounded(pieces[0].text, width)), width, align), pieces[0].style)]
    fitted: list[Cell] = []
    left = width
    for number, (text, style) in enumerate(pieces):
        raw = clean(_bounded(text, width))
        full = cell_len(raw) > left or (
            cell_len(raw) == left and any(piece.text for piece in pieces[number + 1 :])
        )
        shown = cut(raw + " ", left) if full else raw
        fitted.append(Cell(shown, style))
        left -= cell_len(shown)
        if full:
            break  # what follows has no room: the mark stands for it, too
    pad = Cell(" " * left)
    return [pad, *fitted] if align == "right" else [*fitted, pad]


def _bounded(text: str, width: int) -> str:
    """Return enough of `text` to fill `width` cells: a cell of a megabyte is not cleaned whole."""
    return text[: _enough(width)]


def _enough(width: int) -> int:
    """Return how many characters fill `width` cells for certain, whatever signs of no width are among them."""
    return width * 8 + 64


def _head(text: str, width: int) -> str:
    """Return the longest start of `text` that fits `width` cells and splits no visible character."""
    if text.isascii():
        return text[:width]
    end = 0
    bounded = _bounded(text, width)
    for index in range(1, len(bounded) + 1):
        if cell_len(bounded[:index]) > width:
            break
        end = index
    return text[:end]


def strip_of(pieces: Iterable[tuple[str, Style | None]], width: int, base: Style) -> Strip:
    """Return a strip of exactly `width` cells; neighbours of one style share one escape sequence."""
    segments: list[Segment] = []
    for text, style in pieces:
        if not text:
            continue
        merged = base if style is None else base + style
        if segments and segments[-1].style == merged:
            segments[-1] = Segment(segments[-1].text + text, merged)
        else:
            segments.append(Segment(text, merged))
    return Strip(segments).adjust_cell_length(width, base)


class Safety(LineFilter):
    """The last net under every widget: no control or bidirectional character, and ASCII where asked."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - Textual's signature
        """Return the segments with each unsafe character replaced by as many harmless cells."""
        if glyphs().ascii_only:
            return [_only_ascii(segment) for segment in segments]
        return [_harmless(segment) for segment in segments]


class NoColour(LineFilter):
    """Takes every colour off and leaves bold, underline and reverse (``NO_COLOR``)."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - Textual's signature
        """Return the segments without foreground and background colours."""
        return [
            Segment(text, style.without_color if style is not None else None, control)
            for text, style, control in segments
        ]


def _harmless(segment: Segment) -> Segment:
    if segment.control is not None or visible(segment.text) == segment.text:
        return segment
    return Segment(pictures(segment.text), segment.style)


def _only_ascii(segment: Segment) -> Segment:
    if segment.control is not None or not _NOT_ASCII.search(segment.text):
        return segment
    return Segment(_NOT_ASCII.sub(lambda match: "?" * cell_len(match[0]), segment.text), segment.style)
