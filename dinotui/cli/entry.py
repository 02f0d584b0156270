"""From words to an exit code: find the command, run it, and tell every error in a sentence (SPEC.md 6)."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import Final

from dinotui.cli.arguments import HELP
from dinotui.cli.commands import COMMANDS, Asked, asked_for, parser_of
from dinotui.cli.context import App, Context
from dinotui.cli.interruption import EarlySignals, Interruption
from dinotui.cli.output import Output
from dinotui.domain.errors import Cancelled, DinoError, UsageError
from dinotui.locale import _, language_of_environment, use_language

DONE: Final = 0
REFUSED: Final = 1
STOPPED: Final = 130
_DEEPEST: Final = 20  # errors behind one that are looked at
_LONGEST_NAME: Final = 300  # characters of a place that a message names


def run(argv: Sequence[str], app: App, *, last: bool = False, early: EarlySignals | None = None) -> int:
    """Carry out the command line `argv` and return the exit code; raises nothing.

    `early` are the signals that came while the program was being loaded; with one of them nothing is begun.

    With `last` the process ends afterwards. One that was stopped ends here at once: where the signal broke
    into an `exec` (a dataclass being made), Python would otherwise end by the signal and not with our code.
    """
    output = Output(sys.stdout, sys.stderr)
    use_language(language_of_environment() if output.letters else "en")
    json = "--json" in argv[: argv.index("--")] if "--" in argv else "--json" in argv
    with Interruption(last=last, early=early) as interruption:
        try:
            interruption.begin()
            code = _told(argv, app, output, interruption, json=json)
            interruption.end()
        except KeyboardInterrupt:
            code = _tell(output, Cancelled(_("Stopped. Nothing was changed.")), json=json)
    if last and interruption.asked and code == STOPPED:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError, AttributeError):
                stream.flush()
        os._exit(code)
    return code


def _told(argv: Sequence[str], app: App, output: Output, interruption: Interruption, *, json: bool) -> int:
    try:
        code = _carry_out(asked_for(argv), app, output, interruption)
        output.finish()
    except DinoError as error:
        return _tell(output, error, json=json)
    except BrokenPipeError:  # the reader of an export went away: it knows, and there is nobody else to tell
        output.drop()
        return REFUSED
    except Exception as error:  # nobody is ever shown a traceback; it goes into a log
        if _was_stopped(error):
            raise KeyboardInterrupt from error
        return _tell(output, _unexpected(error), json=json)
    return code


def _carry_out(asked: Asked, app: App, output: Output, interruption: Interruption) -> int:
    if "--version" in asked.words:
        from dinotui import __version__

        output.line(f"dinotui {__version__}")
        return DONE
    if any(word in HELP for word in asked.words):
        _show_help(asked, output)
        return DONE
    if asked.group:
        known = ", ".join(name for name in COMMANDS if name.startswith(asked.name + " "))
        raise UsageError("usage", _("Say what to do: {names}.").format(names=known))
    options = parser_of(asked.name).read(asked.words, asked.literal)
    carry_out = import_module(f"dinotui.cli.{COMMANDS[asked.name].module}").run
    code: int = carry_out(Context(options, output, interruption, app))
    return code


def _show_help(asked: Asked, output: Output) -> None:
    texts = [_overview(asked.name)] if asked.group or not asked.name else []
    if not asked.group:
        texts.append(parser_of(asked.name).help())
    for line in "\n\n".join(texts).rstrip().split("\n"):
        output.line(line)


def _overview(group: str) -> str:
    """Return a list of all commands, or of those that begin with the word `group`."""
    names = [name for name in COMMANDS if name.startswith(group + " " if group else "")]
    width = max(map(len, names)) + 2
    about = _("Keeps your stays abroad, and moves them safely in and out of files.")
    title = _("Commands (each has its own --help):")
    return "\n".join(
        (about, "", title, *(f"  dinotui {name:<{width}}{_(COMMANDS[name].summary)}" for name in names))
    )


def _tell(output: Output, error: DinoError, *, json: bool) -> int:
    """Say what went wrong, and return its exit code."""
    output.over("")
    try:
        if json and not output.closed:
            told = {"code": error.code, "message": error.message, "where": error.where}
            output.json({"error": told})
            output.finish()
        else:
            output.message(_shortened(error))
    except OSError:
        output.message(str(error))
    return error.exit_code


def _shortened(error: DinoError) -> str:
    """Return what is told, without the middle of a name that would fill the screen."""
    where = error.where or ""
    if len(where) > _LONGEST_NAME:
        where = f"{where[: _LONGEST_NAME // 2]}…{where[-_LONGEST_NAME // 2 :]}"
    return f"{where}: {error.message}" if where else error.message


def _was_stopped(error: BaseException | None) -> bool:
    """Return whether an error is what Python made of our signal: a class that is being made wraps it."""
    seen = 0
    while error is not None and seen < _DEEPEST:
        if isinstance(error, KeyboardInterrupt):
            return True
        error, seen = error.__cause__ or error.__context__, seen + 1
    return False


def _unexpected(error: Exception) -> DinoError:
    """Return the sentence for an error that is the program's own, with the place of its traceback."""
    if isinstance(error, OSError):
        from dinotui.storage.filesystem import os_sentence

        return DinoError("system", os_sentence(error), str(error.filename) if error.filename else None)
    from dinotui.engine.failures import record_failure

    text = _("Something went wrong in dinotui itself ({kind}). The details are in {path}.")
    return DinoError("internal", text.format(kind=type(error).__name__, path=record_failure(error)))
