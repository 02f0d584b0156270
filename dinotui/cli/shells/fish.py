"""Completion in fish, from 3.0 on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from dinotui.cli.commands import WITH_VALUE
from dinotui.cli.shells.described import Described, Option, Value, commands, groups

_HEAD: Final = """\
# fish completion for dinotui, made by: dinotui completion fish
"""

_WALK: Final = r"""
# Whether the cursor stands behind command $argv[1] (empty: before any) and fewer than $argv[2] of its words.
function __dinotui_at
    set -l tokens (commandline -opc)
    set -e tokens[1]
    set -l command ''
    set -l group ''
    set -l count 0
    set -l skip ''
    set -l literal ''
    for token in $tokens
        if test -n "$literal"
            set count (math $count + 1)
        else if test "$token" = --
            set literal yes
            set skip ''
        else if test -n "$skip"
            set skip ''
        else if string match -q -- '-?*' "$token"
            if contains -- "$token" @WITH_VALUE@; or contains -- "$token" (__dinotui_valued "$command")
                set skip yes
            end
        else if test -n "$command"
            set count (math $count + 1)
        else if test -z "$group"; and contains -- "$token" @GROUPS@
            set group $token
        else
            set command (string trim -- "$group $token")
        end
    end
    test -z "$command"; and set command $group
    test "$command" = "$argv[1]"; or return 1
    test -z "$argv[2]"; or test $count -lt $argv[2]
end

# The value under the cursor, also where it is written behind its option with = in between.
function __dinotui_typed
    commandline -ct | string replace -r -- '^--[^=]*=' ''
end

# Names with commas between them: those that are there, and one more.
function __dinotui_several
    set -l before (__dinotui_typed | string match -r -- '^.*,')
    for name in $argv
        string match -q -- "*,$name,*" ",$before"; or echo "$before$name"
    end
end
"""


def script() -> Iterator[str]:
    """Yield the lines of the script."""
    yield from _HEAD.splitlines()
    known = commands()
    yield from _valued(known)
    walk = _WALK.replace("@WITH_VALUE@", " ".join(WITH_VALUE)).replace("@GROUPS@", " ".join(groups()))
    yield from walk.splitlines()
    yield ""
    yield "complete -c dinotui -f"
    yield from _commands(known)
    for one in known:
        yield ""
        yield from (_complete(one.name, _option(option)) for option in one.options)
        if one.value is not None and one.value.kind != "anything":
            most = "" if one.words.most is None else f" {one.words.most}"
            yield _complete(one.name, _words(one.value), most)


def _valued(known: list[Described]) -> Iterator[str]:
    yield ""
    yield "# The options of a command that take the word behind them."
    yield "function __dinotui_valued"
    yield "    switch $argv[1]"
    for one in known:
        names = [
            name for option in one.options if option.value and not option.common for name in option.names
        ]
        if names:
            yield f"        case {_quoted(one.name)}"
            yield f"            string split ' ' -- {_quoted(' '.join(names))}"
    yield "    end"
    yield "end"


def _commands(known: list[Described]) -> Iterator[str]:
    """Yield the first words, and the second ones behind their first."""
    seen = set()
    for one in known:
        first, _space, second = one.name.partition(" ")
        if second and first not in seen:
            yield _complete("", f"-a {first} -d {_quoted(', '.join(groups()[first]))}")
        if one.name:
            place, word = (first, second) if second else ("", first)
            yield _complete(place, f"-a {word} -d {_quoted(one.summary)}")
        seen.add(first)


def _complete(command: str, what: str, most: str = "") -> str:
    at = f'__dinotui_at "{command}"{most}'
    return f"complete -c dinotui -n {_quoted(at)} {what}"


def _option(option: Option) -> str:
    names = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names)
    value = "" if option.value is None else f" {_place(option.value)}"
    return f"{names}{value} -d {_quoted(option.help)}"


def _place(value: Value) -> str:
    """Return what stands behind an option: `-r` wants a value, `-x` one that is no file."""
    names = " ".join(value.names)
    places = {
        "anything": "-x",
        "file": "-r -F",
        "folder": "-x -a '(__fish_complete_directories (__dinotui_typed))'",
        "several": f"-x -a '(__dinotui_several {names})'",
        "names": f"-x -a '{names}'",
    }
    return places[value.kind]


def _words(value: Value) -> str:
    return "-F" if value.kind == "file" else f"-a {_quoted(' '.join(value.names))}"


def _quoted(text: str) -> str:
    signs = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{signs}'"
