"""`dinotui preset export [NAME…]`: presets as a JSON file."""

from __future__ import annotations

from pathlib import Path

from dinotui.cli.arguments import Parser
from dinotui.cli.context import Context
from dinotui.locale import _


def parser(name: str, summary: str) -> Parser:
    """Return the options of `preset export`."""
    made = Parser(name, summary)
    made.takes("NAME", _("the presets to write; all where none is named"), most=None)
    made.option(
        "-o", "--output", metavar="FILE", default="-", help=_("a new file (default: standard output)")
    )
    made.option("--force", action="store_true", help=_("replace the file if it exists"))
    made.examples("dinotui preset export -o presets.json", "dinotui preset export 'agency v2'")
    return made


def run(context: Context) -> int:
    """Write the presets and return the exit code."""
    from dinotui.engine.presets import export_presets
    from dinotui.storage.new_file import NewFile, with_new_file

    with context.store() as store:
        text = export_presets(store, context.options.words)
    if context.options.output == "-":
        for line in text.rstrip("\n").split("\n"):
            context.output.line(line)
        return 0

    def write(new: NewFile) -> None:
        new.file.write(text.encode("utf-8"))
        new.sync()
        new.publish()

    target = Path(context.options.output)
    with_new_file(target, write, replace=context.options.force)
    if context.json:
        context.output.json({"path": str(target)})
    else:
        context.output.message(_("Written: {path}").format(path=target))
    return 0
