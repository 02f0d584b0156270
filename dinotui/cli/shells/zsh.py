"""Completion in zsh: finds the command as dinotui does, and leaves the rest to `_arguments`."""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote
from typing import Final

from dinotui.cli.arguments import HELP
from dinotui.cli.commands import WITH_VALUE
from dinotui.cli.shells.described import Described, Option, Value, commands, groups

_HEAD: Final = """\
#compdef dinotui
# zsh completion for dinotui, made by: dinotui completion zsh
"""

_WALK: Final = """
_dinotui() {
    local curcontext=$curcontext command='' group='' skip='' word
    local -a front
    integer place=2
    # Options may stand in front of the command, which is taken out of the line before _arguments reads it.
    while [[ -z $command ]] && (( place < CURRENT )); do
        word=$words[place]
        if [[ $word == -- ]]; then
            return 1
        elif [[ -n $skip ]]; then
            skip=''
            front+=("$word")
        elif [[ $word == -?* ]]; then
            if [[ $word == (@WITH_VALUE@) ]]; then skip=yes; fi
            front+=("$word")
        elif [[ -z $group && $word == (@GROUPS@) ]]; then
            group=$word
        else
            command=${group:+$group }$word
        fi
        (( place += 1 ))
    done
    words=("$words[1]" "${(@)front}" "${(@)words[place,-1]}")
    (( CURRENT += 2 + $#front - place ))
    curcontext=${curcontext%:*:*}:dinotui-${${command:-$group}// /-}:
    _dinotui_arguments
}

# As a file in fpath this is the function itself; elsewhere it is read once.
if [[ $funcstack[1] == _dinotui ]]; then
    _dinotui "$@"
else
    compdef _dinotui dinotui
fi
"""


def script() -> Iterator[str]:
    """Yield the lines of the script."""
    yield from _HEAD.splitlines()
    known = commands()
    yield from _lists(known)
    yield from _arguments(known)
    walk = _WALK.replace("@WITH_VALUE@", "|".join(WITH_VALUE)).replace("@GROUPS@", "|".join(groups()))
    yield from walk.splitlines()


def _lists(known: list[Described]) -> Iterator[str]:
    """Yield the function that offers first words, or second ones behind a first."""
    yield ""
    yield "_dinotui_commands() {"
    yield "    local -a found"
    yield "    case $group in"
    for group in ("", *groups()):
        yield f"        {quote(group)})"
        yield "            found=("
        for word, summary in _words_behind(group, known):
            yield f"                {quote(f'{word}:{summary}')}"
        yield "            )"
        yield "            ;;"
    yield "    esac"
    yield "    _describe -t commands 'dinotui command' found"
    yield "}"


def _words_behind(group: str, known: list[Described]) -> Iterator[tuple[str, str]]:
    seen = set()
    for one in known:
        first, _space, second = one.name.partition(" ")
        if group and first == group:
            yield second, one.summary
        elif not group and first and first not in seen:
            seen.add(first)
            yield first, ", ".join(groups()[first]) if second else one.summary


def _arguments(known: list[Described]) -> Iterator[str]:
    yield ""
    yield "_dinotui_arguments() {"
    yield "    case $command in"
    for one in known:
        specs = [spec for option in one.options for spec in _option(option)]
        specs += _words(one) if one.name else ["1:command:_dinotui_commands"]
        yield f"        {quote(one.name)})"
        yield "            _arguments -S \\"
        yield from (f"                {quote(spec)} \\" for spec in specs[:-1])
        yield f"                {quote(specs[-1])}"
        yield "            ;;"
    yield "    esac"
    yield "}"


def _option(option: Option) -> Iterator[str]:
    """Yield an `_arguments` spec for each name of an option."""
    before = "*" if option.repeated else f"({' '.join(option.names)})" if len(option.names) > 1 else ""
    if option.names == HELP:
        before = "(- *)"
    for name in option.names:
        spec = f"{before}{name}"
        if option.value is None:
            yield f"{spec}[{_escaped(option.help)}]"
        else:
            sign = "=" if name.startswith("--") else "+"
            yield f"{spec}{sign}[{_escaped(option.help)}]:{_place(option.value)}"


def _words(one: Described) -> list[str]:
    if one.value is None:
        return []
    if one.words.most is None:
        return [f"*:{_place(one.value)}"]
    places = range(1, one.words.most + 1)
    return [f"{n}{':' if n <= one.words.least else '::'}{_place(one.value)}" for n in places]


def _place(value: Value) -> str:
    """Return the message and the action of a spec."""
    names = " ".join(value.names)
    actions = {
        "anything": " ",
        "file": "_files",
        "folder": "_files -/",
        "several": f" _values -s , {value.metavar} {names}",
        # A name that ends in “=” wants its value right behind it.
        "names": f' compadd -S "" - {names}' if names.endswith("=") else f"({names})",
    }
    return f"{_escaped(value.metavar)}:{actions[value.kind]}"


def _escaped(text: str) -> str:
    for sign in "\\[]:":
        text = text.replace(sign, f"\\{sign}")
    return text
