"""Writing the log into a file, from the history screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from dinotui.engine.history_export import LogExport, LogFilter, export_log, matching
from dinotui.engine.progress import Report
from dinotui.locale import N_, _, ngettext
from dinotui.storage.store import Store
from dinotui.tui.new_paths import free_path, new_file_faults, typed_path
from dinotui.tui.screens.import_choice import AskScreen
from dinotui.tui.screens.stored import DataScreen, start_store_job
from dinotui.tui.widgets.form import YES_NO, Field


def ask_and_export(screen: DataScreen, chosen: LogFilter) -> None:
    """Ask for a name that is free and write the log of `screen` there, as JSON."""
    stem = f"dinotui-log-{datetime.now().astimezone():%Y-%m-%d}"
    fields = [
        Field("path", N_("File"), str(free_path(Path.cwd(), stem, "json")), takes_paths=True),
        Field("rows", N_("With each row"), "yes", choices=YES_NO),
    ]
    text = N_("The operations as JSON, newest first; with each row before and after where you want.")

    def accepted(values: Mapping[str, str] | None) -> None:
        if values is not None:
            _export(screen, chosen, typed_path(values), rows=values["rows"] == "yes")

    screen.dino.push_screen(
        AskScreen(lambda: _("Export the log"), lambda: _(text), fields, new_file_faults), accepted
    )


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
