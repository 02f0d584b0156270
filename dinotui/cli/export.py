"""`dinotui export`: write trips and more into a file or a pipe."""

from __future__ import annotations

import os
import shlex
from argparse import BooleanOptionalAction
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dinotui.cli.arguments import Parser
from dinotui.cli.context import Context
from dinotui.cli.export_options import add_settings, configuration_of
from dinotui.cli.progress import ProgressLine
from dinotui.domain.errors import DinoError, UsageError
from dinotui.locale import _, ngettext

if TYPE_CHECKING:
    from dinotui.domain.configuration import ExportConfiguration
    from dinotui.domain.result import ExportResult

_PIPE: Final = "-"


def parser(name: str, summary: str) -> Parser:
    """Return the options of `export`."""
    made = Parser(name, summary)
    made.option(
        "--profile", metavar="NAME", help=_("the saved settings of this name; other options change them")
    )
    add_settings(made)
    made.option(
        "--bom",
        action=BooleanOptionalAction,
        default=None,
        help=_("begin CSV with the mark that Excel needs for Korean (default: in files, not in pipes)"),
    )
    made.option(
        "-o",
        "--output",
        metavar="FILE",
        help=_("where to write; - is standard output (default: a dated name here)"),
    )
    made.option("--force", action="store_true", help=_("replace the file if there is one"))
    made.examples(
        "dinotui export",
        "dinotui export --format csv --from 2024-01-01 -o trips.csv",
        "dinotui export --categories trips,preferences,notifications --compress zip -o all.zip",
        "dinotui export -o - | jq '.data.trips | length'",
    )
    return made


def run(context: Context) -> int:
    """Write the export and return the exit code."""
    configuration = _configuration(context)
    if context.options.output == _PIPE:
        _to_pipe(context, configuration)
    else:
        result = _to_file(context, configuration)
        _tell(context, result)
    return 0


def _configuration(context: Context) -> ExportConfiguration:
    name: str | None = context.options.profile
    if name is None:
        return configuration_of(context.options)
    from dinotui.engine.profiles import find_profile

    with context.store() as store:
        return configuration_of(context.options, find_profile(store, name).configuration)


def _to_file(context: Context, configuration: ExportConfiguration) -> ExportResult:
    from dinotui.engine.exporting import default_name, export_to_file

    options = context.options
    given = options.output if options.output is not None else default_name(configuration)
    if not given:
        raise UsageError("usage", _("Name a file, as in -o trips.json."), "-o")
    target = Path(os.path.abspath(os.path.expanduser(given)))
    misnamed = _misnamed(context, configuration, target)
    line = ProgressLine(context.output)
    with context.store() as store:
        force = options.force or _may_replace(context, target)
        try:
            with context.interruption.writing():
                result = export_to_file(
                    configuration,
                    target,
                    store,
                    force=force,
                    bom=options.bom is not False,
                    report=line,
                    cancelled=context.interruption.stopping,
                )
        finally:
            line.clear()
    if misnamed is not None:
        context.output.message(misnamed)
    return result


def _misnamed(context: Context, configuration: ExportConfiguration, target: Path) -> str | None:
    """Return what to say about a name that ends like another kind of file; refuse a zip that nobody asked for."""
    from dinotui.engine.exporting import default_name

    ending = target.suffix.casefold()
    kinds = {".json": "JSON", ".csv": "CSV", ".xlsx": "XLSX", ".zip": "ZIP", ".gz": "gzip"}
    usual = Path(default_name(configuration)).suffix
    if ending not in kinds or ending == usual:
        return None
    if usual == ".zip" and not configuration.compression.enabled:
        text = _("Several categories as CSV go into one zip, a file each. Name it so, as in -o {name}.")
        name = shlex.quote(target.with_suffix(usual).name)
        raise UsageError("usage", text.format(name=name), "-o")
    if (
        context.options.format is None
        and not configuration.compression.enabled
        and ending in (".csv", ".xlsx")
    ):
        text = _(
            "What was written is {kind}, although the name ends in {ending}. For that add --format {format}."
        )
    else:
        text = _("What was written is {kind}, although the name ends in {ending}.")
    return text.format(kind=kinds[usual], ending=ending, format=ending[1:])


def _may_replace(context: Context, target: Path) -> bool:
    """Ask a person at the terminal whether a file that exists may go; a script has --force."""
    if not target.is_file() or target.is_symlink() or not context.by_hand:
        return False
    return context.agreed(_("{path} exists. Replace it? [y/N] ").format(path=target))


def _to_pipe(context: Context, configuration: ExportConfiguration) -> None:
    """Write to standard output; nothing of it is the user's data, so a signal stops it at once."""
    from dinotui.engine.exporting import export_to_stream, is_text

    if context.json:
        raise UsageError(
            "usage", _("This tells about a file. Leave it out, or name a file with -o."), "--json"
        )
    if context.output.to_terminal and not is_text(configuration):
        message = _("This export is not text, so it is not shown. Name a file with -o.")
        raise DinoError("binary-to-terminal", message)
    line = ProgressLine(context.output)
    with context.store() as store:
        try:
            export_to_stream(
                configuration,
                context.output.binary(),
                store,
                bom=bool(context.options.bom),
                report=line,
                cancelled=context.interruption.stopping,
            )
        finally:
            line.clear()


def _tell(context: Context, result: ExportResult) -> None:
    if context.json:
        context.output.json(result.model_dump(mode="json", by_alias=True))
        return
    text = ngettext(
        "Wrote {count} record to {path} ({bytes:,} bytes)",
        "Wrote {count} records to {path} ({bytes:,} bytes)",
        result.records,
    )
    context.output.line(text.format(count=result.records, path=result.path, bytes=result.bytes))
