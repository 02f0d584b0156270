"""Themes, style sheets, and terminals that cannot show the app."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.color import Color, ColorSystem
from rich.style import Style

from dinotui.tui.frames import encode
from dinotui.tui.styles import style_sheets, styles_folder
from dinotui.tui.theme import ALL, check_terminal, theme_for

HEX = re.compile(r"#[0-9a-f]{6}")


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    bright, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [theme for theme in ALL if not theme.ansi], ids=lambda theme: theme.name)
def test_text_is_readable_on_its_background_and_exact_in_256_colours(theme: object) -> None:
    variables = theme.variables  # type: ignore[attr-defined]
    background = variables["d-background"]
    for name in ("text", "strong", "quiet", "key", "good", "warn", "bad"):
        assert contrast(variables[f"d-{name}"], background) >= 4.5, name
    assert contrast(variables["d-on-cursor"], variables["d-cursor"]) >= 4.5
    assert contrast(variables["d-on-cursor-idle"], variables["d-cursor-idle"]) >= 4.5
    for name, value in variables.items():
        assert HEX.fullmatch(value), name
        sent = encode([("x", Style(color=value))], ColorSystem.EIGHT_BIT)
        number = int(sent.removeprefix("\x1b[38;5;").partition("m")[0])
        assert Color.from_ansi(number).get_truecolor().hex == value, f"{name} {value} is sent as {number}"


@pytest.mark.parametrize(
    ("wanted", "environ", "name"),
    [
        ("auto", {"TERM": "xterm-256color"}, "dino-dark"),
        ("auto", {"TERM": "xterm-256color", "COLORFGBG": "0;15"}, "dino-light"),
        ("auto", {"TERM": "xterm", "COLORTERM": "truecolor"}, "dino-dark"),
        ("auto", {"TERM": "screen"}, "dino-terminal"),
        ("auto", {"TERM": "linux"}, "dino-terminal"),
        ("contrast", {"TERM": "xterm-256color"}, "dino-contrast"),
        ("contrast", {"TERM": "xterm-256color", "NO_COLOR": "1"}, "dino-terminal"),
        ("auto", {"TERM": "xterm-256color", "NO_COLOR": ""}, "dino-dark"),
        ("no such theme", {"TERM": "xterm-256color"}, "dino-dark"),
    ],
)
def test_the_theme_fits_the_wish_and_the_terminal(wanted: str, environ: dict[str, str], name: str) -> None:
    assert theme_for(wanted, environ) == name


def test_terminals_that_cannot_show_it_are_refused_with_one_sentence() -> None:
    assert check_terminal({"TERM": "xterm"}, isatty=True) is None
    for environ, isatty in (({"TERM": "dumb"}, True), ({}, True), ({"TERM": "xterm"}, False)):
        sentence = check_terminal(environ, isatty)
        assert sentence
        assert sentence.count(".") == 1
        assert "dinotui --help" in sentence


def test_the_checkouts_style_sheets_win_and_use_theme_colours_only() -> None:
    assert styles_folder() == Path(__file__).parents[2] / "styles"
    assert style_sheets()[0].name == "app.tcss"
    for sheet in style_sheets():
        values = re.findall(r"[\w-]+:([^;{}]*);", sheet.read_text())
        assert values, sheet
        assert not [value for value in values if "#" in value or "rgb" in value], sheet
