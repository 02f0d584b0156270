"""The manual page: what the parsers say, and around it what belongs to all commands.

It is made anew after a change of a command, an option or an example, with
``python -m dinotui.cli.shells.manual > dinotui/cli/data/dinotui.1``; a test holds the two together. It bears
no date and no version, so that nothing else makes it old.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from typing import Final

from dinotui.cli.shells.described import Described, Option, commands
from dinotui.locale import _, use_language

_SIGNS: Final = {
    "\\": r"\e",
    "-": r"\-",
    "'": r"\(aq",
    "`": r"\(ga",
    "^": r"\(ha",
    "~": r"\(ti",
    '"': r"\(dq",
}


def page() -> str:
    """Return the page in the current language, as source for man(7), in ASCII."""
    return "\n".join(_lines(commands())) + "\n"


def _lines(known: list[Described]) -> Iterator[str]:
    # The headings are those that man and its index look for, so they are the same in every language.
    yield r".\" Made by: python -m dinotui.cli.shells.manual > dinotui/cli/data/dinotui.1"
    yield '.TH DINOTUI 1 "" dinotui'
    yield from (".nh", ".ad l")  # names and values stay as they are typed
    yield ".SH NAME"
    yield _text("dinotui - " + _("a traveller's record of stays, moved safely in and out of files"))
    yield ".SH SYNOPSIS"
    yield r"\fBdinotui\fR [\fIoptions\fR]"
    yield ".br"
    yield r"\fBdinotui\fR \fIcommand\fR [\fIoptions\fR]"
    yield ".SH DESCRIPTION"
    yield from _paragraphs(_description())
    yield ".SH OPTIONS"
    for option in (*_own(known[0]), *_common(known)):
        yield from _option(option)
    yield ".SH COMMANDS"
    for one in known[1:]:
        yield from _command(one)
    for heading, entries in _sections():
        yield f".SH {heading}"
        yield from _entries(entries)
    yield ".SH EXAMPLES"
    yield from _examples(known[0].examples)
    yield '.SH "SEE ALSO"'
    yield r"\fBsqlite3\fR(1)"


def _description() -> tuple[str, ...]:
    return (
        _(
            "dinotui keeps stays in other countries (country, entry, exit, visa, passport, notes) in one SQLite"
            " file and moves them in and out of files without losing, doubling or distorting one."
        ),
        _(
            "Without a command it opens the full-screen app, which is worked by keyboard; ? shows the keys."
            " The commands do the same for a shell and for scripts."
        ),
        _(
            "An import has a plan, which can be seen before anything happens. Every change is carried out whole"
            " or not at all and can be undone at any later time. What is unclear is asked, never guessed."
        ),
        _(
            "Data goes to standard output, messages to standard error. Options may stand anywhere; -- ends"
            " them. A value that begins with - is written with = in between."
        ),
    )


def _sections() -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    exits = (
        ("0", _("done")),
        ("1", _("refused or failed, nothing changed; after check: an error was found")),
        ("2", _("wrong usage")),
        ("3", _("done, and some records were rejected")),
        ("4", _("staged: conflicts wait for decisions (dinotui review)")),
        ("130", _("stopped by the user, nothing changed")),
    )
    variables = (
        ("DINOTUI_DB", _("the database, where --db names none")),
        ("XDG_DATA_HOME", _("the folder that holds the data folder (default: ~/.local/share)")),
        ("XDG_STATE_HOME", _("the folder that holds the state folder (default: ~/.local/state)")),
        ("LC_ALL, LC_MESSAGES, LANG", _("the language, where the preferences name none: English or Korean")),
        ("LC_CTYPE", _("whether the app may draw with more than ASCII")),
        ("NO_COLOR", _("not empty: the app shows no colours")),
        ("TERM, COLORTERM, COLORFGBG", _("what the terminal can show, and whether it is light")),
        ("DINOTUI_KITTY", _("1: the app asks the terminal for the Kitty keyboard protocol")),
    )
    files = (
        (
            "~/.local/share/dinotui/dinotui.db",
            _("the database by default; on macOS in ~/Library/Application Support/dinotui"),
        ),
        (
            "~/.local/share/dinotui/dinotui.db.d",
            _("beside each database: backups, staging (imports that wait), scratch and server"),
        ),
        ("~/.local/state/dinotui/errors.log", _("the details of errors in dinotui itself")),
    )
    return (('"EXIT STATUS"', exits), ("ENVIRONMENT", variables), ("FILES", files))


def _own(one: Described) -> Iterator[Option]:
    return (option for option in one.options if not option.common)


def _common(known: list[Described]) -> Iterable[Option]:
    """Return the options of all commands, once each; some commands have no JSON form."""
    found = {option.names: option for one in known for option in one.options if option.common}
    return sorted(found.values(), key=lambda option: option.names[-1] == "--help")


def _command(one: Described) -> Iterator[str]:
    yield f".SS {_argument(one.usage)}"
    yield _text(one.summary[0].upper() + one.summary[1:] + ".")
    if one.words.name:
        yield from _entry(_italic(one.words.name), one.words.explanation)
    for option in _own(one):
        yield from _option(option)
    yield ".PP"
    yield from _examples(one.examples)


def _option(option: Option) -> Iterator[str]:
    value = "" if option.value is None else f" {_italic(option.value.metavar)}"
    about = option.help
    if option.value is not None and option.value.kind == "several":
        missing = [name for name in option.value.names if name not in about]
        names = ", ".join(option.value.names)
        about += "; " + _("any of: {names}").format(names=names) if missing else ""
    yield from _entry(", ".join(f"{_bold(name)}{value}" for name in option.names), about)


def _entries(entries: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, about in entries:
        yield from _entry(_bold(name), about)


def _entry(head: str, about: str) -> Iterator[str]:
    yield from (".TP", head, _text(about))


def _examples(lines: Iterable[str]) -> Iterator[str]:
    yield from (".RS 4", ".EX", *map(_text, lines), ".EE", ".RE")


def _paragraphs(texts: Iterable[str]) -> Iterator[str]:
    for place, text in enumerate(texts):
        if place:
            yield ".PP"
        yield _text(text)


def _bold(text: str) -> str:
    return rf"\fB{_text(text)}\fR"


def _italic(text: str) -> str:
    return rf"\fI{_text(text)}\fR"


def _argument(text: str) -> str:
    return f'"{_text(text)}"'


def _text(text: str) -> str:
    """Return `text` as a line that means itself: no request, no escape, no sign that a terminal changes."""
    signs = "".join(_SIGNS.get(sign, sign) if sign.isascii() else f"\\[u{ord(sign):04X}]" for sign in text)
    return re.sub(r"^(?=\.)", r"\\&", signs)


if __name__ == "__main__":
    use_language("en")
    sys.stdout.write(page())
