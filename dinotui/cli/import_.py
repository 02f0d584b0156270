"""`dinotui import FILE…`: read, plan, and apply; or show the plan, or leave what has to be decided."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, NamedTuple

from dinotui.cli import import_options
from dinotui.cli.arguments import Parser
from dinotui.cli.context import Context
from dinotui.cli.import_text import show_result
from dinotui.cli.progress import ProgressLine
from dinotui.domain.errors import DinoError, UsageError
from dinotui.locale import _, ngettext

if TYPE_CHECKING:
    from dinotui.domain.result import ImportResult, ImportState
    from dinotui.engine.importing.planning import PlanCounts
    from dinotui.engine.importing.reading import SourceFile
    from dinotui.storage.staging import Staging
    from dinotui.storage.store import Store

DONE: Final = 0
REFUSED: Final = 1
SOME_REJECTED: Final = 3
STAGED: Final = 4


def parser(name: str, summary: str) -> Parser:
    """Return the options of `import`."""
    return import_options.parser(name, summary)


def run(context: Context) -> int:
    """Import the files as one operation and return the exit code."""
    _check_rejects(context)
    with import_options.told_by_option(), _opened(context) as (store, folder):
        result = _Import(context, store, folder).result()
    show_result(context, result)
    if result.state == "review":
        return _offer_review(context, result)
    if result.state == "refused":
        return REFUSED
    return SOME_REJECTED if result.summary.errors and not result.dry_run else DONE


def _check_rejects(context: Context) -> None:
    """Refuse a place for the rejects before anything else is done."""
    from dinotui.engine.importing.fixing import refuse_existing

    name = context.options.rejects
    if name in ("", "-"):
        raise UsageError(
            "usage", _("Name a file for the rejects, as in --rejects bad-rows.csv."), "--rejects"
        )
    if name is not None and not context.options.dry_run:
        refuse_existing(Path(name))


@contextmanager
def _opened(context: Context) -> Iterator[tuple[Store, Path | None]]:
    """Yield the user's data and the folder to stage in; a dry run stages away from the database."""
    if not context.options.dry_run:
        with context.store(new_user=True) as store:
            yield store, None
        return
    from dinotui.storage.store import untouched

    with TemporaryDirectory(prefix="dinotui-") as name:
        folder = Path(name)
        with untouched(context.database, context.user, folder) as store:
            yield store, folder


class _Plan(NamedTuple):
    """A staged import with its plan."""

    staging: Staging
    counts: PlanCounts


class _Import:
    """One import from its files to its result."""

    def __init__(self, context: Context, store: Store, folder: Path | None) -> None:
        self._context = context
        self._options = context.options
        self._store = store
        self._folder = folder
        self._settings = import_options.settings(context)
        self._configuration = import_options.configuration(context)
        self._stop = context.interruption
        self._line = ProgressLine(context.output)
        self._started = time.monotonic()

    def result(self) -> ImportResult:
        """Do everything; a failed or stopped import leaves nothing."""
        with self._store.scratch_folder() as scratch:
            files = [_source(word, scratch, place) for place, word in enumerate(self._words())]
            try:
                staging = self._staged(files)
            finally:
                self._line.clear()
        waits = False
        try:
            result = self._finished(self._planned(staging))
            waits = result.state == "review"
        finally:
            self._line.clear()
            staging.close()
            if not waits:
                staging.discard()
        return result

    def _words(self) -> list[str]:
        words: list[str] = self._options.words
        if words.count("-") > 1:
            raise UsageError("usage", _("Standard input can be read only once."), "-")
        return words

    def _staged(self, files: list[SourceFile]) -> Staging:
        from dinotui.engine.importing.reading import stage_files

        with self._stop.working():
            return stage_files(
                files,
                self._settings,
                self._configuration,
                self._store,
                folder=self._folder,
                report=self._line,
                cancelled=self._stop.stopping,
            )

    def _planned(self, staging: Staging) -> _Plan:
        from dinotui.engine.importing.planning import plan_import
        from dinotui.engine.importing.understanding import as_error, understand
        from dinotui.engine.preferences import get_preferences

        zone = get_preferences(self._store).time_zone
        switch = self._stop.stopping
        with self._stop.working():
            questions = understand(staging, time_zone=zone, report=self._line, cancelled=switch)
            if questions:
                self._offer_memory(staging)
                raise as_error(questions[0])
            return _Plan(staging, plan_import(staging, self._store, report=self._line, cancelled=switch))

    def _offer_memory(self, staging: Staging) -> None:
        """Say that a file with this header was imported before, where the answers are known from there."""
        from dinotui.engine.presets import remembered

        if self._options.preset is None and any(
            remembered(self._store, table.columns) for table in staging.tables()
        ):
            message = _("A file with this header was imported before; --preset last does it the same way.")
            self._line.clear()
            self._context.output.message(message)

    def _finished(self, plan: _Plan) -> ImportResult:
        from dinotui.engine.importing.applying import planned_result, refuse_invalid

        if self._options.dry_run:
            return self._rehearsed(plan)
        saved = self._save_rejects(plan)
        refuse_invalid(plan.staging, plan.counts)
        try:
            if plan.counts.ask:
                with self._stop.writing():
                    return planned_result(plan.staging, self._store, state="review", started=self._started)
            if self._configuration.strategy == "replace":
                self._line.clear()
                _confirm_replace(self._context, plan.counts)
            return self._applied(plan)
        except BaseException:
            if saved is not None:
                with suppress(OSError):
                    saved.unlink()
            raise

    def _rehearsed(self, plan: _Plan) -> ImportResult:
        from dinotui.engine.importing.advice import recommendations
        from dinotui.engine.importing.applying import planned_result, refuse_invalid

        refusal: DinoError | None = None
        try:
            refuse_invalid(plan.staging, plan.counts)
        except DinoError as error:
            refusal = error
        state: ImportState = "planned" if refusal is None else "refused"
        result = planned_result(plan.staging, self._store, state=state, started=self._started)
        warnings = result.warnings if refusal is None else (str(refusal), *result.warnings)
        advice = recommendations(plan.staging, plan.counts._replace(ask=0))  # nothing is left to review
        changes = {"dry_run": True, "warnings": warnings, "recommendations": advice}
        return result.model_copy(update=changes)

    def _applied(self, plan: _Plan) -> ImportResult:
        from dinotui.engine.importing.applying import apply_import

        with self._stop.writing():
            return apply_import(plan.staging, self._store, report=self._line, cancelled=self._stop.stopping)

    def _save_rejects(self, plan: _Plan) -> Path | None:
        """Write the rejected records where that was asked for; before anything else, because it may fail."""
        if self._options.rejects is None or not plan.counts.reject:
            return None
        from dinotui.engine.importing.fixing import save_rejects

        target = Path(self._options.rejects)
        save_rejects(plan.staging, target)
        plan.staging.set_meta(rejects=str(target))  # what is recommended names the file
        return target


def _source(word: str, scratch: Path, place: int) -> SourceFile:
    """Return a file to import; what can be read only once is written to `scratch` first."""
    from dinotui.engine.importing.reading import SourceFile, spool, spool_standard_input
    from dinotui.storage.filesystem import told_plainly

    if word == "-":
        return spool_standard_input(scratch)
    path = Path(os.path.expanduser(word))
    with told_plainly(path):
        kind = path.stat().st_mode
        if stat.S_ISREG(kind):
            path.open("rb").close()
            return SourceFile(path, _as_text(path.name))
        with path.open("rb") as stream:
            return spool(stream, scratch / f"pipe-{place}", _as_text(word))


def _as_text(name: str) -> str:
    """Return a file's name as it can be stored: bytes that are no text in it become question marks."""
    return name.encode("utf-8", "replace").decode("utf-8")


def _confirm_replace(context: Context, counts: PlanCounts) -> None:
    """Have a replace confirmed, on the command line or by hand; raises `DinoError` when it is not."""
    if context.options.yes:
        return
    removed = ngettext(
        "Replacing removes {count} trip that the file does not hold, and changes {changed}.",
        "Replacing removes {count} trips that the file does not hold, and changes {changed}.",
        counts.remove,
    )
    told = removed.format(count=counts.remove, changed=counts.update)
    if context.by_hand:
        if context.agreed(told + " " + _("Type yes to go on: ")):
            return
        raise DinoError("not-confirmed", _("Nothing was changed."))
    raise DinoError("needs-yes", told + " " + _("Nothing was changed; say --yes if you mean it."))


def _offer_review(context: Context, result: ImportResult) -> int:
    """Open the conflicts in the app when a person at the terminal wants that."""
    if (
        context.by_hand
        and context.output.to_terminal
        and context.agreed(_("Decide them now? [Y/n] "), unless_said=True)
    ):
        return context.show_app(open_review=result.metadata.import_id)
    return STAGED
