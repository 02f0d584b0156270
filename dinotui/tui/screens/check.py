"""The integrity check: what was found, what putting it right would do, and doing it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final

from textual.app import ComposeResult

from dinotui.domain.finding import CheckResult, Finding
from dinotui.engine import integrity
from dinotui.engine.progress import Report
from dinotui.locale import N_, _, ngettext
from dinotui.storage.store import Store
from dinotui.tui.backup_rows import FINDING_COLUMNS, finding_row
from dinotui.tui.commands import Command, State
from dinotui.tui.messages import FilterChanged
from dinotui.tui.screens.stored import DataScreen, start_store_job
from dinotui.tui.widgets.detail_text import DetailText
from dinotui.tui.widgets.paged_list import PagedList
from dinotui.tui.widgets.row_source import ListSource

_CHECK: Final = N_("Check")


def _can_fix(screen: CheckScreen) -> State:
    fixable = screen.result is not None and any(each.fixable for each in screen.result.findings)
    return True if fixable else _("there is nothing that can be put right by itself")


class CheckScreen(DataScreen):
    """Findings, the worst first; under the list the one under the cursor in full, with what fixing it does."""

    ACTIONS: ClassVar[tuple[Command, ...]] = (
        Command(
            "check.fix",
            ("1", "f"),
            N_("fix"),
            N_("Put right what can be put right, as one operation that can be undone"),
            _CHECK,
            enabled=_can_fix,
        ),
        Command("check.again", ("2", "g"), N_("again"), N_("Check again"), _CHECK),
    )

    def __init__(self) -> None:
        super().__init__()
        self.result: CheckResult | None = None

    @property
    def findings(self) -> PagedList:
        """The list."""
        return self.query_one("#findings", PagedList)

    @property
    def current(self) -> Finding | None:
        """The finding under the cursor."""
        row = self.findings.current
        if row is None or self.result is None or not isinstance(row.key, int):
            return None
        return self.result.findings[row.key] if row.key < len(self.result.findings) else None

    def title_text(self) -> str:
        """Return its crumb."""
        return _("Check")

    def body(self) -> ComposeResult:
        """Yield the list and the finding under the cursor in full."""
        yield PagedList(FINDING_COLUMNS, empty=N_("Checking"), titles=False, id="findings")
        yield DetailText(self._detail)

    def _detail(self) -> str:
        finding = self.current
        if finding is None:
            return ""
        return finding.message + (" " + _("Fix: {what}").format(what=finding.fix) if finding.fix else "")

    def ready(self) -> None:
        """Check at once."""
        self.findings.focus()
        self.action_again()

    def on_filter_changed(self, event: FilterChanged) -> None:
        """Show what holds the filter's words."""
        event.stop()
        self._show()

    def relabel(self) -> None:
        """Look again: what is found is said where it is found."""
        self._show()
        super().relabel()
        if self.result is not None:
            self.action_again()

    def _show(self) -> None:
        words = self.filter_text.casefold().split()
        found = self.result.findings if self.result is not None else ()
        rows = [
            finding_row(place, finding)
            for place, finding in enumerate(found)
            if all(word in finding.message.casefold() for word in words)
        ]
        self.findings.empty = (
            N_("No finding holds this text. Esc shows all.") if found else N_("All is well.")
        )
        self.findings.set_source(ListSource(rows), keep=True)
        self.refresh_commands()

    # commands

    def action_again(self) -> None:
        """Look at everything."""

        def work(store: Store, report: Report, cancelled: Callable[[], bool]) -> CheckResult:
            return integrity.check(store, report=report, cancelled=cancelled)

        def done(result: CheckResult) -> None:
            self.result = result
            self._show()
            self.say(_outcome(result), "good" if result.ok else "warn")

        start_store_job(self, _("Checking"), work, done)

    def action_fix(self) -> None:
        """Put right what can be; an undo takes it back."""

        def work(store: Store, report: Report, cancelled: Callable[[], bool]) -> CheckResult:
            return integrity.fix(store, report=report, cancelled=cancelled)

        def done(result: CheckResult) -> None:
            self.result = result
            self.look()
            self._show()
            count = len(result.fixed or ())
            text = ngettext(
                "Put {count} thing right. u undoes.", "Put {count} things right. u undoes.", count
            )
            self.dino.say(text.format(count=count) + " " + _outcome(result), "good")

        start_store_job(self, _("Putting right"), work, done)


def _outcome(result: CheckResult) -> str:
    """Return the findings in numbers."""
    counts = {
        severity: sum(each.severity == severity for each in result.findings)
        for severity in ("error", "warning", "info")
    }
    parts = [
        (counts["error"], ngettext("{count} error", "{count} errors", counts["error"])),
        (counts["warning"], ngettext("{count} warning", "{count} warnings", counts["warning"])),
        (counts["info"], ngettext("{count} hint", "{count} hints", counts["info"])),
    ]
    told = ", ".join(text.format(count=count) for count, text in parts if count)
    return _("Checked: {what}.").format(what=told or _("all is well"))
