"""Backups: what there is, making one, reading them back, restoring, thinning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Final, cast

from textual.app import ComposeResult

from dinotui.domain.backup import BackupCheck, BackupEntry, PruneResult, RestoreResult, RestoreStrategy
from dinotui.domain.configuration import BackupFormat
from dinotui.domain.errors import DinoError
from dinotui.engine import backups
from dinotui.engine.progress import Report
from dinotui.engine.restoring import restore
from dinotui.locale import N_, _, ngettext
from dinotui.storage.store import Store
from dinotui.tui import doors
from dinotui.tui.backup_rows import BACKUP_COLUMNS, backup_row, check_text, did_text, would_text
from dinotui.tui.commands import Command, State
from dinotui.tui.messages import FilterChanged
from dinotui.tui.rows import local_time
from dinotui.tui.screens.import_choice import AskScreen
from dinotui.tui.screens.stored import DataScreen, start_store_job
from dinotui.tui.widgets.confirm import Question
from dinotui.tui.widgets.detail_text import DetailText
from dinotui.tui.widgets.form import Field
from dinotui.tui.widgets.paged_list import PagedList
from dinotui.tui.widgets.row_source import ListSource

_BACKUPS: Final = N_("Backups")
_HOW: Final = Field(
    "strategy",
    N_("How"),
    choices=(("merge", N_("add what is missing")), ("replace", N_("make everything as it was then"))),
)
_FORM: Final = Field(
    "format",
    N_("Form"),
    choices=(
        ("sqlite", N_("a copy of the database")),
        ("sql", N_("SQL that sqlite3 loads")),
        ("json", N_("JSON, as exported")),
    ),
)


def _has_row(screen: BackupsScreen) -> State:
    return True if screen.current is not None else _("there is no backup yet")


class BackupsScreen(DataScreen):
    """The user's backups, newest first. A restore is an operation: ``u`` undoes it."""

    memory = "backups"
    ACTIONS: ClassVar[tuple[Command, ...]] = (
        Command(
            "backups.restore",
            ("enter",),
            N_("restore"),
            N_("Bring its data back, after saying what that does"),
            _BACKUPS,
            enabled=_has_row,
        ),
        Command("backups.make", ("+", "a"), N_("make"), N_("Make a backup now"), _BACKUPS),
        Command(
            "backups.verify",
            ("1", "v"),
            N_("verify"),
            N_("Read this backup back, every byte and row"),
            _BACKUPS,
            enabled=_has_row,
        ),
        Command(
            "backups.verify-all",
            ("2",),
            N_("verify all"),
            N_("Read all backups back"),
            _BACKUPS,
            footer=False,
            enabled=_has_row,
        ),
        Command(
            "backups.file",
            ("3", "o"),
            N_("from a file"),
            N_("Restore a backup file from anywhere"),
            _BACKUPS,
        ),
        Command(
            "backups.prune",
            ("4", "x"),
            N_("thin"),
            N_("Delete old backups by the rule, after saying which"),
            _BACKUPS,
            enabled=_has_row,
        ),
        Command(
            "backups.check",
            ("5", "c"),
            N_("check"),
            N_("Check the data and all backups"),
            _BACKUPS,
            footer=False,
        ),
    )

    def __init__(self) -> None:
        super().__init__()
        self.known: list[BackupEntry] = []
        self.checks: dict[str, BackupCheck] = {}

    @property
    def listed(self) -> PagedList:
        """The list."""
        return self.query_one("#backups", PagedList)

    @property
    def current(self) -> BackupEntry | None:
        """The backup under the cursor."""
        row = self.listed.current
        return next((each for each in self.known if row is not None and each.id == row.key), None)

    def title_text(self) -> str:
        """Return its crumb."""
        return _("Backups")

    def body(self) -> ComposeResult:
        """Yield the list and the file under the cursor."""
        yield PagedList(
            BACKUP_COLUMNS,
            empty=N_("No backup yet: one is made before every import, and + makes one now."),
            id="backups",
        )
        yield DetailText(self._detail)

    def _detail(self) -> str:
        entry = self.current
        if entry is None:
            return ""
        check = self.checks.get(entry.id)
        return entry.path if check is None else f"{check_text(check)} {entry.path}"

    def ready(self) -> None:
        """Show the backups."""
        self.data_changed()
        self.listed.focus()

    def on_filter_changed(self, event: FilterChanged) -> None:
        """Show what holds the filter's words."""
        event.stop()
        self._show()

    def data_changed(self) -> None:
        """Read the register anew."""
        try:
            self.known = backups.entries(self.store)
        except DinoError as error:
            self.say(str(error), "error")
        self._show()

    def _show(self) -> None:
        words = self.filter_text.casefold().split()
        rows = [backup_row(entry, self.checks) for entry in self.known]
        kept = [row for row in rows if all(word in _row_text(row.cells) for word in words)]
        self.listed.set_source(ListSource(kept), keep=True)
        self.refresh_commands()

    def relabel(self) -> None:
        """Show the rows' own words in the language of now."""
        self._show()
        super().relabel()

    # commands

    def action_make(self) -> None:
        """Ask in which form, and make a backup."""
        text = N_("A backup is read back before it is said to be there.")

        def chosen(values: Mapping[str, str] | None) -> None:
            if values is not None:
                self._make(cast("BackupFormat", values["format"]))

        self.dino.push_screen(AskScreen(lambda: _("Make a backup"), lambda: _(text), [_FORM]), chosen)

    def _make(self, form: BackupFormat) -> None:
        def work(store: Store, report: Report, cancelled: Callable[[], bool]) -> BackupEntry:
            return backups.create(store, form, report=report, cancelled=cancelled)

        def done(made: BackupEntry) -> None:
            self.look()
            text = ngettext(
                "Made and verified: {count:,} trip in {name}.",
                "Made and verified: {count:,} trips in {name}.",
                made.records,
            )
            self.dino.say(text.format(count=made.records, name=Path(made.path).name), "good")

        start_store_job(self, _("Backing up"), work, done)

    def action_verify(self) -> None:
        """Read the backup under the cursor back."""
        if self.current is not None:
            self._verify([self.current])

    def action_verify_all(self) -> None:
        """Read all backups back."""
        self._verify(self.known)

    def _verify(self, entries: list[BackupEntry]) -> None:
        def work(store: Store, _report: Report, cancelled: Callable[[], bool]) -> list[BackupCheck]:
            return [backups.verify(store, each.id, cancelled=cancelled) for each in entries]

        def done(checks: list[BackupCheck]) -> None:
            self.checks |= {check.id: check for check in checks if check.id is not None}
            self._show()
            bad = [check for check in checks if not check.ok]
            if bad:
                text = ngettext(
                    "{count} backup is not whole: {reason}",
                    "{count} backups are not whole: {reason}",
                    len(bad),
                )
                self.dino.say(text.format(count=len(bad), reason=bad[0].message), "error")
            elif len(checks) == 1:
                self.dino.say(check_text(checks[0]), "good")
            else:
                self.dino.say(_("All {count} backups are whole.").format(count=len(checks)), "good")

        start_store_job(self, _("Verifying"), work, done)

    def action_restore(self) -> None:
        """Ask how to restore the backup under the cursor."""
        entry = self.current
        if entry is None:
            return

        def text() -> str:
            said = ngettext(
                "The backup of {date}: {count:,} trip. A backup of now is made first; u undoes a restore.",
                "The backup of {date}: {count:,} trips. A backup of now is made first; u undoes a restore.",
                entry.records,
            )
            return said.format(date=local_time(entry.created), count=entry.records)

        def chosen(values: Mapping[str, str] | None) -> None:
            if values is not None:
                self._foretell(entry.id, cast("RestoreStrategy", values["strategy"]))

        self.dino.push_screen(AskScreen(lambda: _("Restore"), text, [_HOW]), chosen)

    def action_file(self) -> None:
        """Ask for a backup file and how to restore it."""
        fields = [
            Field("path", N_("File"), hint=N_("a backup of dinotui, or drop it here"), takes_paths=True),
            _HOW,
        ]
        text = N_("It is verified first, and a backup of now is made; u undoes a restore.")

        def check(values: Mapping[str, str]) -> dict[str, str]:
            path = Path(values["path"].strip()).expanduser()
            return {} if values["path"].strip() and path.is_file() else {"path": _("There is no such file.")}

        def chosen(values: Mapping[str, str] | None) -> None:
            if values is not None:
                path = Path(values["path"].strip()).expanduser().absolute()
                self._foretell(str(path), cast("RestoreStrategy", values["strategy"]))

        self.dino.push_screen(AskScreen(lambda: _("Restore a file"), lambda: _(text), fields, check), chosen)

    def _foretell(self, key: str, strategy: RestoreStrategy) -> None:
        """Find out what restoring would do, and ask before doing it."""

        def work(store: Store, report: Report, cancelled: Callable[[], bool]) -> RestoreResult:
            return restore(store, key, strategy, dry_run=True, report=report, cancelled=cancelled)

        def told(result: RestoreResult) -> None:
            if self.dino.front is not self:
                self.dino.say(_("You have gone on meanwhile, so nothing was restored."))
                return
            if not (result.added or result.changed or result.removed):
                self.say(_("Restoring it changes nothing: everything is there already."), "good")
                return
            effect = would_text(result)
            self.ask(
                Question(
                    _("Restore it? {effect}.").format(effect=f"{effect[:1].upper()}{effect[1:]}"),
                    _("restore it"),
                    _("leave everything"),
                    lambda yes: self._restore(key, strategy) if yes else None,
                )
            )

        start_store_job(self, _("Looking what it would do"), work, told)

    def _restore(self, key: str, strategy: RestoreStrategy) -> None:
        def work(store: Store, report: Report, cancelled: Callable[[], bool]) -> RestoreResult:
            return restore(store, key, strategy, report=report, cancelled=cancelled)

        def done(result: RestoreResult) -> None:
            self.look()
            self.dino.say(_("Restored: {what}. u undoes.").format(what=did_text(result)), "good")

        start_store_job(self, _("Restoring"), work, done)

    def action_prune(self) -> None:
        """Say which backups the rule does not keep, and delete them after a yes."""

        def told(result: PruneResult) -> None:
            if not result.removed:
                self.say(_("The rule keeps all of them: the last 7 days, then one a day, a week, a month."))
            elif self.dino.front is self:
                self.ask(self._prune_question(result))

        self._prune_job(told, dry_run=True)

    def _prune_question(self, result: PruneResult) -> Question:
        count = len(result.removed)
        text = ngettext(
            "Delete {count} backup for good, made {first}? {kept} stay.",
            "Delete {count} backups for good, made {first} to {last}? {kept} stay.",
            count,
        ).format(
            count=count,
            first=local_time(result.removed[-1].created)[:-6],
            last=local_time(result.removed[0].created)[:-6],
            kept=result.kept,
        )
        text += " " + _("The rule: the last 7 days, then one a day, a week, a month.")

        def done(done: PruneResult) -> None:
            self.look()
            said = ngettext("Deleted {count} backup.", "Deleted {count} backups.", len(done.removed))
            self.dino.say(said.format(count=len(done.removed)), "good")

        return Question(
            text,
            _("delete them"),
            _("keep all"),
            lambda yes: self._prune_job(done, dry_run=False) if yes else None,
        )

    def _prune_job(self, done: Callable[[Any], None], *, dry_run: bool) -> None:
        def work(store: Store, _report: Report, cancelled: Callable[[], bool]) -> PruneResult:
            return backups.prune(store, dry_run=dry_run, cancelled=cancelled)

        start_store_job(self, _("Thinning"), work, done)

    def action_check(self) -> None:
        """Open the check of the data."""
        doors.open_check(self)


def _row_text(cells: Any) -> str:
    return " ".join(cell if isinstance(cell, str) else cell.text for cell in cells).casefold()
