"""Writing the log into a file, from the history screen."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from dinotui.engine.history_export import LogExport, LogFilter, export_log, matching
from dinotui.engine.progress import Report
from dinotui.locale import N_, _, ngettext
from dinotui.storage.store import Store
from dinotui.tui.screens.import_choice import AskScreen
from dinotui.tui.screens.stored import DataScreen, start_store_job
from dinotui.tui.widgets.form import YES_NO, Field


def ask_and_export(screen: DataScreen, chosen: LogFilter) -> None:
    """Ask for a name that is free and write the log of `screen` there, as JSON."""
    fields = [
        Field("path", N_("File"), str(_free_name()), takes_paths=True),
        Field("rows", N_("With each row"), "yes", choices=YES_NO),
    ]
    text = N_("The operations as JSON, newest first; with each row before and after where you want.")

    def check(values: Mapping[str, str]) -> dict[str, str]:
        path = _path(values)
        if not path.name or path.is_dir():
            return {"path": _("Name a file.")}
        if not path.parent.is_dir():
            return {"path": _("There is no folder {folder}.").format(folder=path.parent)}
        if os.path.lexists(path):
            return {
                "path": _("This file exists already. Choose another name, so that nothing in it is lost.")
            }
        return {}

    def accepted(values: Mapping[str, str] | None) -> None:
        if values is not None:
            _export(screen, chosen, _path(values), rows=values["rows"] == "yes")

    screen.dino.push_screen(AskScreen(lambda: _("Export the log"), lambda: _(text), fields, check), accepted)


def _export(screen: DataScreen, chosen: LogFilter, target: Path, *, rows: bool) -> None:
    def work(store: Store, report: Report, cancelled: Callable[[], bool]) -> LogExport:
        return export_log(
            store, target, matching(store, chosen), rows=rows, report=report, cancelled=cancelled
        )

    def done(result: LogExport) -> None:
        text = ngettext(
            "{count:,} operation written to {path}.",
            "{count:,} operations written to {path}.",
            result.operations,
        )
        screen.dino.say(text.format(count=result.operations, path=result.path), "good")

    start_store_job(screen, _("Writing the log"), work, done)


def _free_name() -> Path:
    stem = f"dinotui-log-{datetime.now().astimezone():%Y-%m-%d}"
    candidate, number = Path.cwd() / f"{stem}.json", 2
    while os.path.lexists(candidate):
        candidate, number = Path.cwd() / f"{stem}-{number}.json", number + 1
    return candidate


def _path(values: Mapping[str, str]) -> Path:
    return Path(os.path.expanduser(values["path"].strip())).absolute()
