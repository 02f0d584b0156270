"""The command line as its own parsers have it, in the form that scripts and the manual are written from."""

from __future__ import annotations

from argparse import SUPPRESS, Action
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from dinotui.cli.arguments import Offer, Parser, Words
from dinotui.cli.commands import COMMANDS, parser_of
from dinotui.locale import _

Kind: TypeAlias = Literal["anything", "names", "several", "file", "folder"]

_FILES: Final = frozenset({"FILE", "PATH", "BACKUP"})
_FOLDERS: Final = frozenset({"FOLDER"})


@dataclass(frozen=True, slots=True)
class Value:
    """What may stand in a place: `names` one of which it is, `several` with commas between, or a path."""

    metavar: str
    kind: Kind
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a command; `value` is None for a switch. `common` are those that every command takes."""

    names: tuple[str, ...]
    help: str
    value: Value | None
    repeated: bool
    common: bool


@dataclass(frozen=True, slots=True)
class Described:
    """A command, the empty name for the app."""

    name: str
    summary: str
    usage: str
    words: Words
    value: Value | None
    options: tuple[Option, ...]
    examples: tuple[str, ...]


def commands() -> list[Described]:
    """Return all commands in the order of the help, in the current language."""
    return [_described(parser_of(name)) for name in COMMANDS]


def groups() -> dict[str, tuple[str, ...]]:
    """Return the first words that stand for nothing alone, such as ``trip``, and the words that follow."""
    found: dict[str, list[str]] = {}
    for name in COMMANDS:
        first, space, second = name.partition(" ")
        if space:
            found.setdefault(first, []).append(second)
    return {first: tuple(seconds) for first, seconds in found.items()}


def _described(parser: Parser) -> Described:
    return Described(
        name=parser.name,
        summary=_(COMMANDS[parser.name].summary),
        usage=parser.usage or "",
        words=parser.words,
        value=_value(parser.words.metavar, parser.words.offer) if parser.words.metavar else None,
        options=tuple(_option(action, parser) for action in parser.actions()),
        examples=parser.lines,
    )


def _option(action: Action, parser: Parser) -> Option:
    value = None
    if action.nargs != 0:
        assert action.metavar is None or isinstance(action.metavar, str), action
        value = _value(action.metavar or action.dest.upper(), parser.own.get(action))
    text = "" if action.help in (None, SUPPRESS) else str(action.help) % vars(action)
    repeated = type(action).__name__ == "_AppendAction"  # argparse tells it in no other way
    return Option(tuple(action.option_strings), text, value, repeated, action not in parser.own)


def _value(metavar: str, offer: Offer | None) -> Value:
    if offer is not None:
        return Value(metavar, "several" if offer.several else "names", tuple(offer.names()))
    if metavar in _FILES:
        return Value(metavar, "file")
    return Value(metavar, "folder" if metavar in _FOLDERS else "anything")
