"""Completion in bash, from 3.2 on (macOS); with `compopt`, from 4 on, paths are offered only where one belongs."""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote
from typing import Final

from dinotui.cli.shells.described import Described, Option, Value, commands, groups

_HEAD: Final = """\
# bash completion for dinotui, made by: dinotui completion bash
"""

_WALK: Final = r"""
# Take a word before the cursor, as dinotui does: an option, its value, a command, or one of its words.
_dinotui_take() {
    local kind names
    if [[ -n $literal ]]; then
        count=$((count + 1))
    elif [[ $1 == -- ]]; then
        literal=yes option=''
    elif [[ -n $option ]]; then
        option=''
    elif [[ $1 == -?* ]]; then
        _dinotui_value "$command" "$1"
        if [[ -n $kind ]]; then option=$1; fi
    elif [[ -n $command ]]; then
        count=$((count + 1))
    elif [[ -z $group && " $groups " == *" $1 "* ]]; then
        group=$1
    else
        command=${group:+$group }$1
    fi
}

# Offer what may stand in a place of this kind; $1 is what stands in front of it in the same word.
_dinotui_offer() {
    local name before=$1 typed=${whole#"$1"} cut='' sign part
    case $kind in
        file) compopt -o default 2>/dev/null ;;
        folder) compopt -o dirnames 2>/dev/null ;;
        several)
            if [[ $typed == *,* ]]; then before=$before${typed%,*},; fi
            compopt -o nospace 2>/dev/null
            ;;
    esac
    # Readline puts an answer behind the last sign that parts words for it, which is no sign for dinotui.
    for sign in = :; do
        part=${whole%"$sign"*}$sign
        if [[ $COMP_WORDBREAKS == *"$sign"* && $whole == *"$sign"* && ${#part} -gt ${#cut} ]]; then
            cut=$part
        fi
    done
    for name in $names; do
        if [[ $kind == several && ,${typed%,*}, == *",$name,"* && $typed == *,* ]]; then continue; fi
        if [[ $before$name == "$whole"* ]]; then
            name=$before$name
            COMPREPLY+=("${name#"$cut"}")
            if [[ $name == *= ]]; then compopt -o nospace 2>/dev/null; fi
        fi
    done
}

_dinotui() {
    local IFS=$' \t\n' command='' group='' option='' literal='' count=0
    local options='' kind='' names='' most=0 groups commands whole='' piece='' glued='' i
    COMPREPLY=()
    _dinotui_commands
    for ((i = 1; i <= COMP_CWORD; i++)); do
        piece=${COMP_WORDS[i]}
        if [[ -z $piece && ${COMP_LINE:0:COMP_POINT} == *[[:space:]] ]]; then glued=''; fi
        if ((i > 1)) && [[ -z $glued && $piece != [=:]* ]]; then
            _dinotui_take "$whole"
            whole=''
        fi
        whole+=$piece glued=''
        if [[ -n $piece && -z ${piece//[=:]/} ]]; then glued=yes; fi
    done
    if [[ -z $literal && -n $option ]]; then
        _dinotui_value "$command" "$option"
        _dinotui_offer ''
    elif [[ -z $literal && $whole == --*=* ]]; then
        _dinotui_value "$command" "${whole%%=*}"
        _dinotui_offer "${whole%%=*}="
    elif [[ -z $literal && $whole == -* ]]; then
        _dinotui_takes "$command"
        kind=names names=$options
        _dinotui_offer ''
    elif [[ -n $command ]]; then
        _dinotui_takes "$command"
        if [[ -z $most || $count -lt $most ]]; then _dinotui_offer ''; fi
    elif [[ -z $literal ]]; then
        kind=names names=$commands
        if [[ -n $group ]]; then _dinotui_group "$group"; fi
        _dinotui_offer ''
    fi
    return 0
}

if type compopt >/dev/null 2>&1; then
    complete -F _dinotui dinotui
else
    complete -o default -F _dinotui dinotui
fi
"""


def script() -> Iterator[str]:
    """Yield the lines of the script."""
    yield from _HEAD.splitlines()
    known = commands()
    yield from _names(known)
    yield from _takes(known)
    yield from _values(known)
    yield from _WALK.splitlines()


def _names(known: list[Described]) -> Iterator[str]:
    firsts = dict.fromkeys(one.name.partition(" ")[0] for one in known if one.name)
    yield ""
    yield "_dinotui_commands() {"
    yield f"    commands={quote(' '.join(firsts))}"
    yield f"    groups={quote(' '.join(groups()))}"
    yield "}"
    yield ""
    yield "# The second words of a command, by the first."
    yield "_dinotui_group() {"
    yield "    case $1 in"
    for first, seconds in groups().items():
        yield f"        {first}) names={quote(' '.join(seconds))} ;;"
    yield "    esac"
    yield "}"


def _takes(known: list[Described]) -> Iterator[str]:
    yield ""
    yield "# The options of a command, the kind of its other words, and how many there may be (empty: any number)."
    yield "_dinotui_takes() {"
    yield "    options='' kind='' names='' most=0"
    yield "    case $1 in"
    for one in known:
        options = " ".join(_spelled(option) for option in one.options)
        most = "" if one.words.most is None else one.words.most
        yield f"        {quote(one.name)})"
        yield f"            options={quote(options)}"
        if one.value is not None:
            yield f"            {_place(one.value)} most={most}"
        yield "            ;;"
    yield "    esac"
    yield "}"


def _spelled(option: Option) -> str:
    """Return the long names; the short ones are quicker typed than completed."""
    return " ".join(name for name in option.names if name.startswith("--"))


def _values(known: list[Described]) -> Iterator[str]:
    """Yield what may stand behind each option, with the commands that agree in it together."""
    places: dict[str, list[str]] = {}
    for one in known:
        for option in one.options:
            if option.value is not None and not option.common:
                for name in option.names:
                    places.setdefault(_place(option.value), []).append(quote(f"{one.name} {name}"))
    for option in known[0].options:
        if option.value is not None and option.common:
            places.setdefault(_place(option.value), []).extend(
                f"*{quote(f' {name}')}" for name in option.names
            )
    yield ""
    yield "# The kind of the value of option $2 of command $1; empty for a switch."
    yield "_dinotui_value() {"
    yield "    kind='' names=''"
    yield '    case "$1 $2" in'
    for place, patterns in places.items():
        yield "        " + " | ".join(patterns) + f") {place} ;;"
    yield "    esac"
    yield "}"


def _place(value: Value) -> str:
    return f"kind={value.kind} names={quote(' '.join(value.names))}"
