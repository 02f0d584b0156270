"""Which commands there are, and which of them a command line names."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from typing import Final, NamedTuple

from dinotui.cli.arguments import Parser
from dinotui.domain.errors import UsageError
from dinotui.locale import N_, _


class Command(NamedTuple):
    """A command: the module in `dinotui.cli` that carries it out, and what it does in a few words."""

    module: str
    summary: str


COMMANDS: Final[dict[str, Command]] = {
    "": Command("app", N_("open the full-screen app")),
    "demo": Command("demo", N_("the app on sample data that is thrown away afterwards")),
    "import": Command("import_", N_("bring trips in from files")),
    "review": Command("review", N_("go on with an import that waits for decisions")),
    "export": Command("export", N_("write trips and more into a file or a pipe")),
    "profiles": Command("profiles", N_("list export settings that are saved under names")),
    "profile save": Command("profile_save", N_("save export settings under a name")),
    "profile delete": Command("profile_delete", N_("forget saved export settings")),
    "trips": Command("trips", N_("list trips, newest entry first")),
    "trip add": Command("trip_add", N_("add a trip")),
    "trip edit": Command("trip_edit", N_("change a trip")),
    "trip delete": Command("trip_delete", N_("delete a trip")),
    "trip merge": Command("trip_merge", N_("make one trip of two")),
    "stats": Command("stats", N_("days, visits and Schengen days used")),
    "messages": Command("messages", N_("what the program told you, newest first")),
    "settings": Command("settings", N_("show and change your preferences")),
    "history": Command("history", N_("list what was done, newest first")),
    "show": Command("show", N_("show what one operation changed, row by row")),
    "undo": Command("undo", N_("undo an operation, by default the last one")),
    "redo": Command("redo", N_("redo an undone operation, by default the last one undone")),
    "preset list": Command("preset_list", N_("list the presets of imports")),
    "preset export": Command("preset_export", N_("write presets into a file")),
    "preset import": Command("preset_import", N_("take presets from a file")),
    "preset rename": Command("preset_rename", N_("give a preset another name")),
    "preset delete": Command("preset_delete", N_("delete a preset")),
    "backup create": Command("backup_create", N_("make a verified copy of your data")),
    "backup list": Command("backup_list", N_("list the backups, newest first")),
    "backup verify": Command("backup_verify", N_("read backups back and say whether they are whole")),
    "backup restore": Command("backup_restore", N_("bring the data of a backup back")),
    "backup prune": Command("backup_prune", N_("delete old backups by a rule, after saying which")),
    "check": Command("check", N_("check the data and the backups; --fix puts right what can be")),
    "serve": Command("serve", N_("the HTTP API, for a phone, a cron job or another server")),
    "token create": Command("token_create", N_("make a token for the HTTP API")),
    "token list": Command("token_list", N_("list your tokens")),
    "token revoke": Command("token_revoke", N_("revoke a token at once")),
    "completion": Command("completion", N_("print a script that completes commands in your shell")),
}
WITH_VALUE: Final = ("--db", "--user")
"""Options that may stand in front of the command and take the word after them."""


def parser_of(name: str) -> Parser:
    """Return the parser of command `name`; its module is imported, and no other command's."""
    command = COMMANDS[name]
    made: Parser = import_module(f"dinotui.cli.{command.module}").parser(
        name, _(command.summary) if name else ""
    )
    return made


class Asked(NamedTuple):
    """A command line, taken apart: the command, its other words, and what stands behind ``--``.

    `group` is set instead of a command's name where only its first word is there (``trip``).
    """

    name: str
    words: list[str]
    literal: list[str]
    group: bool = False


def asked_for(argv: Sequence[str]) -> Asked:
    """Return which command `argv` names, the empty one where it names none; raises `UsageError`."""
    words = list(argv)
    literal: list[str] = []
    if "--" in words:
        at = words.index("--")
        words, literal = words[:at], words[at + 1 :]
    first = _next_word(words, 0)
    if first is None:
        return Asked("", words, literal)
    name = words.pop(first)
    if any(known.startswith(name + " ") for known in COMMANDS):
        second = _next_word(words, first)
        if second is None:
            return Asked(name, words, literal, group=True)
        name = f"{name} {words.pop(second)}"
    if name not in COMMANDS or not name:
        raise UsageError("unknown-command", _unknown(name))
    return Asked(name, words, literal)


def _next_word(words: Sequence[str], start: int) -> int | None:
    """Return the place of the first word from `start` on that is no option and no option's value."""
    skip = False
    for place in range(start, len(words)):
        if skip:
            skip = False
        elif words[place] in WITH_VALUE:
            skip = True
        elif not words[place].startswith("-") or words[place] == "-":
            return place
    return None


def _unknown(name: str) -> str:
    near = get_close_matches(name, [known for known in COMMANDS if known], n=1)
    if near:
        return _("There is no command “{name}”. Did you mean “{near}”?").format(name=name, near=near[0])
    return _("There is no command “{name}”. See: dinotui --help.").format(name=name)
