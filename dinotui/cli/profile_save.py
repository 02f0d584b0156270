"""`dinotui profile save`: keep export settings under a name."""

from __future__ import annotations

from dinotui.cli.arguments import Parser
from dinotui.cli.context import Context
from dinotui.cli.export_options import add_settings, configuration_of
from dinotui.locale import _


def parser(name: str, summary: str) -> Parser:
    """Return the options of `profile save`."""
    made = Parser(name, summary)
    made.takes("NAME", _("what the settings are to be called"), least=1)
    add_settings(made)
    made.examples(
        "dinotui profile save yearly --format csv --from 2024-01-01 --to 2024-12-31",
        "dinotui profile save 'to share' --format xlsx --exclude-personal --anonymize",
    )
    return made


def run(context: Context) -> int:
    """Save the settings and return the exit code."""
    from dinotui.engine.exporting import notes
    from dinotui.engine.profiles import described, save_profile

    configuration = configuration_of(context.options)
    notes(configuration)  # refuses what makes no sense together
    with context.store(new_user=True) as store, context.interruption.writing():
        made = save_profile(store, context.options.words[0], configuration)
    if context.json:
        wire = made.configuration.model_dump(mode="json", by_alias=True)
        context.output.json({"name": made.name, "configuration": wire})
    else:
        text = _("Saved {name}: {settings}")
        context.output.line(text.format(name=made.name, settings=described(made.configuration)))
    return 0
