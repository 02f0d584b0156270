"""How the options of a command are written and read; what does not fit is said in one or two sentences."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple, NoReturn

from dinotui.domain.errors import UsageError
from dinotui.domain.visible import visible
from dinotui.locale import _

HELP: Final = ("-h", "--help")
_FEW: Final = 10  # so many numbers are worth a list in a shell


class Offer(NamedTuple):
    """What a shell offers as a value.

    `names` is asked only when a script is made, so that what it imports costs no other command anything.
    Of a value that is a list, `several` names stand with commas between them.
    """

    names: Callable[[], Iterable[str]]
    several: bool = False


class Words(NamedTuple):
    """The words of a command that are no options: how they are called, and how many there may be.

    `most` is None for any number.
    """

    metavar: str = ""
    explanation: str = ""
    least: int = 0
    most: int | None = 0
    offer: Offer | None = None

    @property
    def name(self) -> str:
        """How they are called, with a mark where any number may stand."""
        return self.metavar + ("…" if self.most is None else "")

    @property
    def usage(self) -> str:
        """How they stand in a line of usage."""
        return self.name if self.least or not self.name else f"[{self.name}]"


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Help with our own first word, so that it follows the language."""

    def add_usage(self, usage: str | None, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, _("Usage: ") if prefix is None else prefix)

    def _split_lines(self, text: str, width: int) -> list[str]:
        """Break an explanation into lines by the cells it takes: argparse counts letters, Hangul takes two."""
        if text.isascii():
            return super()._split_lines(text, width)
        from dinotui.cli.tables import width as cells

        lines: list[str] = []
        for word in text.split():
            if lines and cells(lines[-1]) + 1 + cells(word) <= width:
                lines[-1] += " " + word
            else:
                lines.append(word)
        return lines


class Parser(argparse.ArgumentParser):
    """The options of one command. Words that are no options are counted here, not by argparse.

    So they may stand anywhere between the options, as people write them.
    """

    def __init__(self, name: str, summary: str, *, json: bool = True) -> None:
        """Make the parser of command `name`, with the options that are valid anywhere."""
        super().__init__(
            prog=f"dinotui {name}".rstrip(),
            description=summary,
            formatter_class=_Formatter,
            add_help=False,
            allow_abbrev=False,
            exit_on_error=False,
        )
        self.name = name
        self.summary = summary
        self.words = Words()
        self.own: dict[argparse.Action, Offer | None] = {}
        self.lines: tuple[str, ...] = ()
        self._json = json
        self.usage = f"{self.prog} [{_('options')}]"
        self.options = self.add_argument_group(_("Options"))

    def takes(
        self,
        metavar: str,
        explanation: str,
        *,
        least: int = 0,
        most: int | None = 1,
        offer: Offer | None = None,
    ) -> None:
        """Let the command take words that are no options: from `least` to `most`, None for any number."""
        self.words = Words(metavar, explanation, least, most, offer)
        self.usage = f"{self.prog} {self.words.usage} [{_('options')}]"
        self.description = f"{self.summary}\n\n{self.words.name}: {explanation}"

    def option(self, *names: str, offer: Offer | None = None, **settings: Any) -> None:
        """Add an option of this command."""
        self.own[self.options.add_argument(*names, **settings)] = offer

    def examples(self, *lines: str) -> None:
        """Show command lines below the options."""
        self.lines = lines
        self.epilog = "\n".join((_("Examples:"), *(f"  {line}" for line in lines)))

    def read(self, words: Sequence[str], literal: Sequence[str] = ()) -> argparse.Namespace:
        """Return the options with the other words as `words`; raises `UsageError`.

        `literal` are words that are no options whatever they begin with.
        """
        self._add_common()
        try:
            found, rest = self.parse_known_args(list(words))
        except argparse.ArgumentError as error:
            raise UsageError("usage", _explained(error), error.argument_name) from error
        for word in rest:
            if word.startswith("-") and word != "-":
                self._unknown_option(word)
        found.words = [*rest, *literal]
        self._count(found.words)
        _refuse_half_characters(found)
        return found

    def help(self) -> str:
        """Return the whole help text."""
        self._add_common()
        return self.format_help()

    def actions(self) -> list[argparse.Action]:
        """Return the options that the help shows, those that every command takes last."""
        self._add_common()
        return [action for action in self._actions if action.help != argparse.SUPPRESS]

    def error(self, message: str) -> NoReturn:
        """Turn what argparse has to say into our own error."""
        raise UsageError(
            "usage", _("{message}. See: {program} --help.").format(message=message, program=self.prog)
        )

    def _add_common(self) -> None:
        group = self.add_argument_group(_("Options that every command takes"))
        group.add_argument(
            "--db", metavar="PATH", help=_("the database (else DINOTUI_DB, else your data folder)")
        )
        group.add_argument("--user", metavar="NAME", help=_("whose trips (default: the first user's)"))
        text = _("one JSON document on standard output") if self._json else argparse.SUPPRESS
        group.add_argument("--json", action="store_true", help=text)
        group.add_argument(*HELP, action="store_true", help=_("show this help"))

    def _unknown_option(self, word: str) -> NoReturn:
        name = word.split("=", maxsplit=1)[0]
        text = _("There is no option {name} here. See: {program} --help.")
        raise UsageError("unknown-option", text.format(name=name, program=self.prog))

    def _count(self, words: Sequence[str]) -> None:
        if any(not word.strip() for word in words):
            text = _("{metavar} is empty. See: {program} --help.")
            metavar = self.words.metavar or _("A word")
            raise UsageError("usage", text.format(metavar=metavar, program=self.prog))
        if len(words) < self.words.least:
            text = _("{metavar} is missing. See: {program} --help.")
            raise UsageError("usage", text.format(metavar=self.words.metavar, program=self.prog))
        if self.words.most is not None and len(words) > self.words.most:
            text = _("“{word}” is one word too many. See: {program} --help.")
            raise UsageError("usage", text.format(word=words[self.words.most], program=self.prog))


def _explained(error: argparse.ArgumentError) -> str:
    """Return what argparse found wrong with an option, in our words."""
    if error.message.startswith("expected"):
        return _("This option needs a value. One that begins with “-” is written with “=” in between.")
    if error.message.startswith("ignored"):
        return _("This option takes no value.")
    return str(error.message)


def choice(option: str, *names: str, **meanings: str) -> dict[str, Any]:
    """Return argparse's settings for an option with a few possible values.

    A value may be written in any case, with or without hyphens. `meanings` maps a name (with ``_`` for
    ``-``) to what it stands for, where that is spelled in another way.
    """

    def read(text: str) -> str:
        for name in names:
            if _compact(text) == _compact(name):
                return meanings.get(name.replace("-", "_"), name)
        known = _listed(names)
        raise UsageError(
            "usage", _("There is no “{text}”. Choose {names}.").format(text=text, names=known), option
        )

    return {"type": read, "metavar": "|".join(names), "offer": Offer(lambda: names)}


def _refuse_half_characters(options: argparse.Namespace) -> None:
    """Refuse bytes that are no text; only the files to import may have such names."""
    for name, value in vars(options).items():
        for text in [value] if isinstance(value, str) else value if isinstance(value, list) else ():
            if name != "words" and isinstance(text, str) and not is_text(text):
                message = _("“{text}” is not valid text, so it cannot be stored. Write it in UTF-8.")
                raise UsageError(
                    "not-text", message.format(text=visible(text)), f"--{name.replace('_', '-')}"
                )


def is_text(text: str) -> bool:
    """Return whether `text` is whole: an argument that was no UTF-8 arrives with halves of characters."""
    return not any(0xD800 <= ord(character) <= 0xDFFF for character in text)


def _compact(text: str) -> str:
    return text.strip().casefold().replace("-", "").replace("_", "")


def _listed(names: Sequence[str]) -> str:
    if len(names) == 1:
        return names[0]
    return _("{names} or {last}").format(names=", ".join(names[:-1]), last=names[-1])


def several(option: str, known: Iterable[str], read: Callable[[str], str | None]) -> dict[str, Any]:
    """Return argparse's settings for an option that takes names with commas between them."""
    known = tuple(known)
    listed = ", ".join(known)

    def names(text: str) -> tuple[str, ...]:
        found = []
        for part in filter(None, (part.strip() for part in text.split(","))):
            name = read(part)
            if name is None:
                message = _("There is no “{text}”. There are: {names}.").format(text=part, names=listed)
                raise UsageError("usage", message, option)
            found.append(name)
        if not found:
            raise UsageError("usage", _("Name at least one of: {names}.").format(names=listed), option)
        return tuple(dict.fromkeys(found))

    return {"type": names, "metavar": "A,B", "offer": Offer(lambda: known, several=True)}


def whole_number(option: str, least: int, most: int) -> dict[str, Any]:
    """Return argparse's settings for an option that takes a whole number in a range."""

    def read(text: str) -> int:
        if text.strip().isascii() and text.strip().isdigit() and least <= int(text[:9]) <= most:
            return int(text)
        message = _("“{text}” is no whole number from {least} to {most}.")
        raise UsageError("usage", message.format(text=text, least=least, most=most), option)

    offer = Offer(lambda: map(str, range(least, most + 1))) if most - least < _FEW else None
    return {"type": read, "metavar": f"{least}..{most}", "offer": offer}


def fraction(option: str, least: float, most: float) -> dict[str, Any]:
    """Return argparse's settings for an option that takes a number in a range, in hundredths."""

    def read(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = -1.0
        if least <= number <= most:
            return round(number * 100) / 100
        message = _("“{text}” is no number from {least} to {most}.")
        raise UsageError("usage", message.format(text=text, least=least, most=most), option)

    return {"type": read, "metavar": f"{least}..{most}"}


def day(option: str) -> dict[str, Any]:
    """Return argparse's settings for an option that takes a date; it reads as days since 1970-01-01."""

    def read(text: str) -> int:
        from dinotui.domain.dates import EARLIEST_YEAR, iso_day

        found = iso_day(text.strip())
        if found is None:
            from dinotui.domain.date_cells import is_too_early

            if is_too_early(text.strip()):
                message = _("“{text}” is before the year {year}, with which dates begin here.")
                raise UsageError("usage", message.format(text=text, year=EARLIEST_YEAR), option)
            message = _("“{text}” is no date. Write it as YYYY-MM-DD, as in 2024-12-31.").format(text=text)
            raise UsageError("usage", message, option)
        return found

    return {"type": read, "metavar": "YYYY-MM-DD"}
