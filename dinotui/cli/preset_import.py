"""`dinotui preset import FILE`: presets from a JSON file."""

from __future__ import annotations

import sys
from pathlib import Path

from dinotui.cli.arguments import Parser
from dinotui.cli.context import Context
from dinotui.domain.errors import UsageError
from dinotui.locale import _, ngettext


def parser(name: str, summary: str) -> Parser:
    """Return the options of `preset import`."""
    made = Parser(name, summary)
    made.takes("FILE", _("what dinotui preset export wrote; - reads standard input"), least=1)
    made.option("--force", action="store_true", help=_("replace presets of the same names"))
    made.examples("dinotui preset import presets.json")
    return made


def run(context: Context) -> int:
    """Store the presets, all or none, and return the exit code."""
    from dinotui.domain.presets import MAX_TEXT
    from dinotui.engine.presets import import_presets
    from dinotui.storage.filesystem import told_plainly

    name = context.options.words[0]
    with told_plainly(Path(name)):
        if name == "-":
            data = sys.stdin.buffer.read(4 * MAX_TEXT + 1)
        else:
            with Path(name).open("rb") as stream:
                data = stream.read(4 * MAX_TEXT + 1)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError("presets", _("The file of presets is not UTF-8."), name) from error
    with context.store(new_user=True) as store, context.interruption.writing():
        presets = import_presets(store, text, replace=context.options.force)
    names = [preset.name for preset in presets]
    if context.json:
        context.output.json({"presets": names})
    else:
        told = ngettext(
            "{count} preset is stored: {names}", "{count} presets are stored: {names}", len(names)
        )
        context.output.message(told.format(count=len(names), names=", ".join(names)))
    return 0
