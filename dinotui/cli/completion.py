"""`dinotui completion SHELL`: a script that completes commands, options and their values without Python."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from dinotui.cli.arguments import Offer, Parser, choice
from dinotui.cli.context import Context
from dinotui.domain.errors import UsageError
from dinotui.locale import _

SHELLS: Final = ("bash", "zsh", "fish")


def parser(name: str, summary: str) -> Parser:
    """Return the options of `completion`."""
    made = Parser(name, summary, json=False)
    made.takes(
        "SHELL",
        _("bash, zsh or fish; make the script anew after an update of dinotui"),
        least=1,
        offer=Offer(lambda: SHELLS),
    )
    made.examples(
        "dinotui completion bash > ~/.local/share/bash-completion/completions/dinotui",
        "dinotui completion zsh > ~/.zfunc/_dinotui    # with fpath+=(~/.zfunc) before compinit",
        "dinotui completion fish > ~/.config/fish/completions/dinotui.fish",
        'eval "$(dinotui completion bash)"    # to try it in this shell',
    )
    return made


def run(context: Context) -> int:
    """Write the script and return the exit code."""
    if context.json:
        raise UsageError("usage", _("A script has no JSON form."), "--json")
    shell = choice("SHELL", *SHELLS)["type"](context.options.words[0])
    for line in import_module(f"dinotui.cli.shells.{shell}").script():
        context.output.line(line)
    return 0
