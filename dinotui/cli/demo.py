"""`dinotui demo`: the app on made-up trips, with files to import."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from dinotui.cli.arguments import Parser
from dinotui.cli.context import Context
from dinotui.domain.errors import DinoError, UsageError
from dinotui.locale import _

if TYPE_CHECKING:
    from dinotui.engine.demo import Demo


def parser(name: str, summary: str) -> Parser:
    """Return the options of `demo`."""
    made = Parser(name, summary)
    made.option(
        "--keep", metavar="FOLDER", help=_("write the demo into a new folder and do not open the app")
    )
    made.option(
        "--mouse", action="store_true", help=_("let the app use the mouse (selecting text then needs Shift)")
    )
    made.examples(
        "dinotui demo", "dinotui demo --keep sample", "dinotui --db sample/demo.db import sample/files/*.json"
    )
    return made


def run(context: Context) -> int:
    """Open the demo, or write it into a folder, and return the exit code."""
    options = context.options
    for option, given in (("--db", options.db), ("--user", options.user)):
        if given is not None:
            raise UsageError(
                "usage", _("The demo has a database and a user of its own. Leave this out."), option
            )
    if options.keep is not None:
        _keep(context, Path(options.keep))
        return 0
    if context.json:
        raise UsageError("usage", _("The app itself has no JSON form. Use --keep FOLDER."), "--json")
    return _open(context)


def _open(context: Context) -> int:
    from dinotui.engine.demo import build_demo

    context.app.refuse_without_terminal()
    with TemporaryDirectory(prefix="dinotui-demo-", ignore_cleanup_errors=True) as name:
        made = build_demo(Path(name))
        return context.show_app(demo=made)


def _keep(context: Context, folder: Path) -> None:
    from dinotui.storage.filesystem import told_plainly

    with told_plainly(folder):
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise DinoError("folder-exists", _("The demo needs a new or empty folder."), str(folder))
        made = _built(folder)
    files = sorted(made.files.iterdir())
    if context.json:
        told = {"database": str(made.database), "user": made.user, "files": [str(file) for file in files]}
        context.output.json(told)
        return
    context.output.line(_("The sample database: {path}").format(path=made.database))
    for file in files:
        context.output.line(_("A file to import: {path}").format(path=file))


def _built(folder: Path) -> Demo:
    """Make the demo in a folder that is new or empty; a failed one leaves that as it was."""
    from shutil import rmtree

    from dinotui.engine.demo import build_demo

    existed = folder.exists()
    try:
        return build_demo(folder)
    except BaseException:
        for path in folder.iterdir() if existed else (folder,):
            rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
        raise
