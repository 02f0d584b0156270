"""Colours: dark, light, high contrast, and the terminal's own sixteen.

Every colour is one of the 256 of xterm, so that they look alike with 256 colours (what most SSH sessions
have) and with millions, at half the bytes. Colour never carries meaning alone; these only help. Every theme
sets the same variables, and the style sheets use no other colours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Final

from textual.theme import BUILTIN_THEMES, Theme

from dinotui.domain.preference_texts import THEMES
from dinotui.locale import _


@dataclass(frozen=True, slots=True)
class _Colours:
    """The colours of a theme, by what they are for."""

    background: str
    text: str
    strong: str
    quiet: str
    line: str
    key: str
    bar: str
    good: str
    warn: str
    bad: str
    field: str
    cursor: str
    on_cursor: str
    cursor_idle: str
    on_cursor_idle: str

    def variables(self) -> dict[str, str]:
        """Return the style sheets' variables, ``$d-on-cursor`` for `on_cursor`."""
        return {f"d-{field.name.replace('_', '-')}": getattr(self, field.name) for field in fields(self)}


_ANSI_BASE: Final = {
    True: BUILTIN_THEMES["ansi-dark"].variables,
    False: BUILTIN_THEMES["ansi-light"].variables,
}
"""Variables that Textual's own style sheets expect of a theme of the terminal's colours, by darkness."""


def _theme(name: str, colours: _Colours, *, dark: bool, ansi: bool = False) -> Theme:
    return Theme(
        name=f"dino-{name}",
        primary=colours.key,
        secondary=colours.quiet,
        accent=colours.key,
        warning=colours.warn,
        error=colours.bad,
        success=colours.good,
        foreground=colours.text,
        background=colours.background,
        surface=colours.background,
        panel=colours.background,
        boost=colours.background,
        dark=dark,
        ansi=ansi,
        variables=(_ANSI_BASE[dark] if ansi else {}) | colours.variables(),
    )


_DARK: Final = _Colours(
    background="#121212",
    text="#d0d0d0",
    strong="#ffffff",
    quiet="#8a8a8a",
    line="#444444",
    key="#87d7ff",
    bar="#5fafaf",
    good="#87d787",
    warn="#d7af5f",
    bad="#ff8787",
    field="#262626",
    cursor="#005f87",
    on_cursor="#ffffff",
    cursor_idle="#303030",
    on_cursor_idle="#d0d0d0",
)
_LIGHT: Final = _Colours(
    background="#eeeeee",
    text="#262626",
    strong="#000000",
    quiet="#626262",
    line="#b2b2b2",
    key="#005f87",
    bar="#008787",
    good="#005f00",
    warn="#875f00",
    bad="#af0000",
    field="#dadada",
    cursor="#afd7ff",
    on_cursor="#000000",
    cursor_idle="#d0d0d0",
    on_cursor_idle="#262626",
)
_CONTRAST: Final = _Colours(
    background="#000000",
    text="#ffffff",
    strong="#ffffff",
    quiet="#d0d0d0",
    line="#a8a8a8",
    key="#00ffff",
    bar="#00ffff",
    good="#00ff00",
    warn="#ffd700",
    bad="#ff8787",
    field="#262626",
    cursor="#ffff00",
    on_cursor="#000000",
    cursor_idle="#444444",
    on_cursor_idle="#ffffff",
)
_TERMINAL: Final = _Colours(
    background="ansi_default",
    text="ansi_default",
    strong="ansi_default",
    quiet="ansi_default",
    line="ansi_default",
    key="ansi_cyan",
    bar="ansi_green",
    good="ansi_green",
    warn="ansi_yellow",
    bad="ansi_red",
    field="ansi_default",
    cursor="ansi_blue",
    on_cursor="ansi_bright_white",
    cursor_idle="ansi_default",
    on_cursor_idle="ansi_default",
)
ALL: Final = (
    _theme("dark", _DARK, dark=True),
    _theme("light", _LIGHT, dark=False),
    _theme("contrast", _CONTRAST, dark=True),
    _theme("terminal", _TERMINAL, dark=True, ansi=True),
    _theme(
        "terminal-light",
        replace(_TERMINAL, key="ansi_blue", warn="ansi_magenta"),
        dark=False,
        ansi=True,
    ),
)
DEFAULTS: Final[Mapping[str, str]] = _DARK.variables()
"""The variables before a theme of ours is set."""


def no_colour(environ: Mapping[str, str]) -> bool:
    """Return whether the user wants no colour at all (``NO_COLOR``, not empty)."""
    return bool(environ.get("NO_COLOR"))


def theme_for(wanted: str, environ: Mapping[str, str]) -> str:
    """Return the Textual name of the theme for the user's wish and what the terminal can show."""
    if wanted in THEMES and wanted != "auto" and not no_colour(environ):
        return f"dino-{wanted}"
    light = environ.get("COLORFGBG", "").rpartition(";")[2] in ("7", "15")
    if no_colour(environ) or few_colours(environ):
        return "dino-terminal-light" if light else "dino-terminal"
    return "dino-light" if light else "dino-dark"


def few_colours(environ: Mapping[str, str]) -> bool:
    """Return whether the terminal has no more than sixteen colours, as far as it says."""
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return False
    term = environ.get("TERM", "").lower()
    return not term.endswith(("256color", "-direct", "kitty"))


def check_terminal(environ: Mapping[str, str], isatty: bool) -> str | None:
    """Return one sentence why the app cannot run in this terminal, None when it can."""
    if not isatty:
        return _(
            "The full-screen app needs a terminal on standard input and output; "
            "see 'dinotui --help' for the commands that do without."
        )
    if environ.get("TERM", "") in ("", "dumb", "unknown"):
        return _(
            "This terminal (TERM={term}) cannot show a full-screen app; "
            "see 'dinotui --help' for the commands that do without."
        ).format(term=environ.get("TERM", "") or _("not set"))
    return None
