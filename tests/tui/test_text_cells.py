"""Text in cells, frames, footers, headers: the pure functions of drawing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from dinotui.tui import frames
from dinotui.tui.cells import Cell, cut_left, fit, fit_cell, pictures, wrap
from dinotui.tui.cells import clean as cleaned
from dinotui.tui.frames import Frame, Span, change_between, spans_of
from dinotui.tui.glyphs import ASCII, UNICODE, glyphs_for, use_glyphs
from dinotui.tui.widgets.columns import Column, place
from dinotui.tui.widgets.footer import footer_lines
from dinotui.tui.widgets.header import header_pieces
from dinotui.tui.widgets.progress import Progress, duration_text, progress_parts, progress_pieces, time_left

ANY_TEXT = st.text(
    st.one_of(st.sampled_from("a한日é\u0301👩\u200d🚀\x1b\x9b\u202e\t\n …~[/]"), st.characters()), max_size=40
)
ACTS = {
    *map(chr, range(32)),
    *map(chr, range(0x7F, 0xA0)),
    *"\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u200f",
}


@given(ANY_TEXT, st.integers(0, 30), st.sampled_from(["left", "right"]))
def test_a_cell_is_exactly_as_wide_as_asked_and_harmless(text: str, width: int, align: str) -> None:
    shown = "".join(piece.text for piece in fit_cell(text, width, align))  # type: ignore[arg-type]
    assert cell_len(shown) == width
    assert not ACTS & set(shown)
    parts = fit_cell((Cell(text, "bad"), Cell(text)), width)
    assert cell_len("".join(piece.text for piece in parts)) == width


@given(ANY_TEXT)
def test_pictures_keep_the_number_of_characters(text: str) -> None:
    shown = pictures(text)
    assert len(shown) == len(text)
    assert not ACTS & set(shown)


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("Japan", 5, "Japan"),
        ("Japan", 4, "Jap…"),
        ("대한민국", 8, "대한민국"),
        ("대한민국", 7, "대한민…"),
        ("대한민국", 6, "대한… "),
        ("e\u0301e\u0301e\u0301", 2, "e\u0301…"),
        ("👩\u200d🚀 crew", 3, "👩\u200d🚀…"),
        ("x", 0, ""),
    ],
)
def test_text_is_cut_between_whole_characters_with_a_mark(text: str, width: int, shown: str) -> None:
    assert fit(text, width) == shown


def test_long_text_wraps_at_spaces_and_the_rest_is_marked() -> None:
    assert wrap("one two three four", 9, 3) == ["one two", "three", "four"]
    assert wrap("one two three four five", 9, 2) == ["one two", "three fo…"]
    assert wrap("unbreakable", 5, 9) == ["unbre", "akabl", "e"]
    assert wrap("", 5, 2) == [""]
    assert cut_left("/home/me/trips.csv", 10) == "…trips.csv"


def test_ascii_terminals_get_ascii_with_nothing_lost() -> None:
    use_glyphs(ASCII)
    assert cleaned("일본 trip") == r"\uc77c\ubcf8 trip"
    assert fit(cleaned("Japanese"), 4) == "Jap~"


@pytest.mark.parametrize(
    ("environ", "chosen"),
    [
        ({"LANG": "en_US.UTF-8"}, UNICODE),
        ({"LANG": "ko_KR.utf8", "TERM": "xterm"}, UNICODE),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "C"}, ASCII),
        ({"LANG": "C", "LC_CTYPE": "en_US.UTF-8"}, UNICODE),
        ({"LANG": "ko_KR.EUC-KR"}, ASCII),
        ({"LANG": "en_US.UTF-8", "TERM": "linux"}, ASCII),
        ({}, ASCII),
    ],
)
def test_the_locale_decides_what_lines_are_drawn_with(environ: dict[str, str], chosen: object) -> None:
    assert glyphs_for(environ) is chosen


# frames: what is sent, drawn over what was there, is what is wanted

STYLES = [
    Style(color="red"),
    Style(color="red", bgcolor="blue"),
    Style(bold=True),
    Style(bgcolor="blue"),
    None,
]
LINES = st.lists(
    st.tuples(st.text("ab  한é\u0301", min_size=1, max_size=8), st.sampled_from(STYLES)),
    min_size=1,
    max_size=6,
)
WIDTH = 30


def line_of(spans: list[Span]) -> list[Span]:
    strip = Strip([Segment("|"), *(Segment(text, style) for text, style in spans)]).adjust_cell_length(WIDTH)
    return spans_of([strip])


def cells_of(spans: list[Span]) -> list[tuple[str, Style | None]]:
    cells: list[tuple[str, Style | None]] = []
    for text, style in spans:
        for sign in text:
            width = cell_len(sign)
            if width == 0 and cells:
                cells[-1] = (cells[-1][0] + sign, cells[-1][1])
            else:
                cells += [(sign, style), *[("", style)] * (width - 1)]
    return cells


@given(LINES, LINES)
def test_a_change_turns_the_old_line_into_the_new_one(first: list[Span], second: list[Span]) -> None:
    old, new = line_of(first), line_of(second)
    before = list(new)
    change = change_between(old, new)
    terminal = cells_of(old)
    if change is None:
        assert old == before
        return
    written = cells_of(change.spans)
    terminal[change.x : change.x + len(written)] = written
    assert terminal == cells_of(before)


def test_an_unchanged_frame_costs_nothing_and_a_changed_word_little() -> None:
    frame = Frame()
    old = [Strip([Segment("Home" + " " * 60 + "1 of 1,204", Style(color="red"))])]
    new = [Strip([Segment("Home" + " " * 60 + "2 of 1,204", Style(color="red"))])]
    assert frame.update([old], ColorSystem.EIGHT_BIT)
    assert frame.update([old], ColorSystem.EIGHT_BIT) == ""
    sent = frame.update([new], ColorSystem.EIGHT_BIT)
    assert "2 of 1,204" in sent
    assert len(sent) < 40
    frame.forget()
    assert "Home" in frame.update([new], ColorSystem.EIGHT_BIT)


def test_only_what_changes_between_spans_is_encoded() -> None:
    spans: list[Span] = [("a", STYLES[1]), ("b", STYLES[3]), ("c", STYLES[2]), ("d", None)]
    assert frames.encode(spans, ColorSystem.STANDARD) == "\x1b[31;44ma\x1b[39mb\x1b[0;1mc\x1b[0md"


# layout


def test_columns_go_by_priority_and_the_rest_shares_the_width() -> None:
    columns = [
        Column("A", 10, 1),
        Column("B", 5),
        Column("C", 10, 1, priority=1),
        Column("D", 10, priority=2),
    ]
    placed, dropped = place(columns, 80)
    assert dropped == 0
    assert sum(width for _column, width in placed) + 2 * 3 == 80
    placed, dropped = place(columns, 30)
    assert [column for column, _width in placed] == [0, 1, 2]
    assert dropped == 1
    assert place(columns, 17) == ([(0, 10), (1, 5)], 2)
    placed, dropped = place(columns, 12)
    assert [column for column, _width in placed] == [0, 1]
    assert sum(width for _column, width in placed) + 2 == 12


@pytest.mark.parametrize("width", [20, 40, 60, 80, 120])
@pytest.mark.parametrize("most", [1, 2])
def test_the_footer_holds_whole_labels_and_ends_with_help(width: int, most: int) -> None:
    labels = [
        ("Enter", "open"),
        ("Del", "delete"),
        ("5", "separate trips"),
        ("7", "나중에"),
        ("a", "apply to all"),
    ]
    kept = (":", "palette")
    lines = footer_lines(labels, ("?", "help"), width, most, [kept])
    assert lines[-1][-1] == ("?", "help")
    assert lines[-1][-2:-1] == [kept] or width < 40
    labels = [*labels, kept]
    assert len(lines) <= most
    for line in lines:
        assert (
            sum(cell_len(key) + 1 + cell_len(text) for key, text in line) + 3 * (len(line) - 1) <= width - 2
        )
        assert all(label in [*labels, ("?", "help")] for label in line)


@pytest.mark.parametrize("width", [30, 60, 80])
def test_the_header_keeps_the_last_crumb_longest(width: int) -> None:
    pieces = header_pieces(["Home", "Import", "여행 기록 2024.xlsx"], "saved", width)
    text = "".join(text for text, _style in pieces)
    assert cell_len(text) == width
    assert "saved" in text
    assert "여행 기록 2024" in text or width == 30


def test_progress_tells_phase_amount_rate_and_time_left() -> None:
    now = Progress("Reading records", 12_300, 100_000, 2.0)
    assert progress_parts(now) == ["Reading records", "12,300 of 100,000", "14 s left", "6,150/s"]
    assert progress_parts(Progress("Reading", 0, None, 0.0)) == ["Reading"]
    assert "stopping" in progress_parts(Progress("Reading", 1, 9, 1.0, stopping=True))
    assert time_left(Progress("x", 0, 5, 3.0)) is None
    for width in (40, 60, 80, 120):
        text = "".join(text for text, _style in progress_pieces(now, "Esc stop", width))
        assert cell_len(text) == width
        assert text.endswith("Esc stop ")
    assert [duration_text(seconds) for seconds in (0.4, 59, 200, 7500)] == [
        "0 s",
        "59 s",
        "3 min 20 s",
        "2 h 5 min",
    ]


def test_a_piece_without_room_leaves_a_mark_on_the_one_before() -> None:
    assert "".join(piece.text for piece in fit_cell((Cell("abcd"), Cell("ef")), 4)) == "abc…"
    assert "".join(piece.text for piece in fit_cell((Cell("abcd"), Cell("")), 4)) == "abcd"
    assert "".join(piece.text for piece in fit_cell((Cell("가나"), Cell("x")), 4)) == "가… "
