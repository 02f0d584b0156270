"""The integrity check: what is not as it should be, and putting it right as an operation (SPEC.md 5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from dinotui.domain.errors import DinoError, StorageError
from dinotui.domain.finding import CheckResult, Finding, Severity
from dinotui.domain.preferences import PREFERENCE_NAMES, Preferences
from dinotui.domain.trip_faults import faults_of, trip_label
from dinotui.domain.visible import visible
from dinotui.engine.backup_files import backup_findings
from dinotui.engine.history import find_operation, named
from dinotui.engine.progress import Progress, Report, Stop, never, quietly, stop_if
from dinotui.engine.repair import Found, Repairs
from dinotui.engine.schengen import today_of
from dinotui.locale import _, ngettext
from dinotui.storage import integrity as stored
from dinotui.storage.backups import settle
from dinotui.storage.changelog import operation
from dinotui.storage.store import BESIDE, Store

_LISTED: Final = 100  # findings of one kind that are told one by one
_LOOK: Final = 1000  # trips between two looks at the stop switch


@dataclass
class _Gathered:
    """Findings so far; of one code only the first `_LISTED` are kept, all of them are counted and repaired."""

    found: list[Found] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, one: Found) -> None:
        self.counts[one.finding.code] = self.counts.get(one.finding.code, 0) + 1
        if self.counts[one.finding.code] <= _LISTED or one.repair is not None:
            self.found.append(one)

    def told(self) -> Iterator[Finding]:
        """Yield what a reader gets, the worst first."""
        order: dict[Severity, int] = {"error": 0, "warning": 1, "info": 2}
        shown: dict[str, int] = {}
        for one in sorted(self.found, key=lambda one: order[one.finding.severity]):
            code = one.finding.code
            shown[code] = shown.get(code, 0) + 1
            if shown[code] <= _LISTED:
                yield one.finding
            if shown[code] == _LISTED and self.counts[code] > _LISTED:
                more = self.counts[code] - _LISTED
                text = ngettext(
                    "There is {count} more like the last one.",
                    "There are {count} more like the last one.",
                    more,
                )
                yield one.finding.model_copy(update={"message": text.format(count=more)})


def check(store: Store, *, report: Report = quietly, cancelled: Stop = never) -> CheckResult:
    """Look at everything the user has: structure, references, trips, messages, log, backups, files.

    Nothing is changed. Raises `Cancelled`.
    """
    findings = tuple(_gather(store, report, cancelled).told())
    return CheckResult(ok=_is_ok(findings), findings=findings)


def fix(store: Store, *, source: str = "", report: Report = quietly, cancelled: Stop = never) -> CheckResult:
    """Put right what can be put right, as one operation that can be undone, and check again.

    Raises `Cancelled` and `StorageError`, with nothing changed.
    """
    first = _gather(store, report, cancelled)
    if not any(one.repair for one in first.found):
        findings = tuple(first.told())
        return CheckResult(ok=_is_ok(findings), findings=findings, fixed=())
    try:
        fixed, repairs = _put_right(store, first, source, report, cancelled)
    except BaseException:
        with suppress(DinoError):  # names of backups that were about to go; the next start does it else
            settle(store)
        raise
    repairs.after_commit()
    left = check(store, report=report, cancelled=never)
    return left.model_copy(update={"fixed": tuple(fixed), "operation_id": repairs.recorder.id})


def _put_right(
    store: Store, first: _Gathered, source: str, report: Report, cancelled: Stop
) -> tuple[list[Finding], Repairs]:
    """Do all repairs in one operation and return what was put right; files are done after."""
    indexes = [one for one in first.found if one.finding.code == "index-damaged"]
    with operation(store, "fix", source=source) as recorder:
        if indexes:
            stored.rebuild_indexes(store)  # before rows are looked for by them
        due = [*indexes, *(one for one in _gather(store, report, cancelled).found if one.repair is not None)]
        repairs = Repairs(recorder)
        with recorder.part():
            for one in due:
                if one.repair is not None:
                    one.repair(repairs)
        fixed = [one.finding for one in due]
        recorder.describe(
            summary=ngettext("Put {count} thing right", "Put {count} things right", len(fixed)).format(
                count=len(fixed)
            ),
            details={
                "counts": recorder.counts._asdict(),
                "fixed": [{"code": each.code, "what": each.fix} for each in fixed[:_LISTED]],
            },
        )
        stop_if(cancelled)
    return fixed, repairs


def _is_ok(findings: tuple[Finding, ...]) -> bool:
    return not any(each.severity == "error" for each in findings)


def _gather(store: Store, report: Report, cancelled: Stop) -> _Gathered:
    found = _Gathered()
    parts: tuple[Callable[[Store, Report, Stop], Iterator[Found]], ...] = (
        _structure,
        _references,
        _trips,
        _messages,
        _preferences,
        _log,
        backup_findings,
        _places,
    )
    for part in parts:
        stop_if(cancelled)
        try:
            for one in part(store, report, cancelled):
                found.add(one)
        except StorageError as error:
            if error.code not in ("database-damaged", "database"):
                raise
            if "index-damaged" not in found.counts:  # that one explains it, and the next check sees the rest
                found.add(Found(_finding("structure-damaged", "error", error.message)))
    return found


def _damage(line: str) -> Found:
    text = _("The database file is damaged: {what} Restore a backup with: dinotui backup restore.")
    return Found(_finding("structure-damaged", "error", text.format(what=visible(line.rstrip(".") + "."))))


def _finding(code: str, severity: Severity, message: str, fix: str = "") -> Finding:
    return Finding(code=code, severity=severity, message=message, fixable=bool(fix), fix=fix)


def _structure(store: Store, report: Report, cancelled: Stop) -> Iterator[Found]:  # noqa: ARG001 - SQLite's check cannot be stopped
    report(Progress("Checking", 0))
    wrong = stored.structure(store)
    for line in wrong.other:
        yield _damage(line)
    if wrong.indexes:
        text = _("An index does not fit its rows: {what}.").format(what=visible(wrong.indexes[0]))
        done = _("Build all indexes anew from the rows; no row changes.")
        yield Found(_finding("index-damaged", "error", text, done), Repairs.nothing)


def _references(store: Store, report: Report, cancelled: Stop) -> Iterator[Found]:  # noqa: ARG001 - one look
    for table, parent, count in stored.broken_references(store):
        text = ngettext(
            "{count} row of {table} belongs to no {parent}. Restore a backup if it is missed.",
            "{count} rows of {table} belong to no {parent}. Restore a backup if they are missed.",
            count,
        )
        message = text.format(count=count, table=table, parent=parent)
        yield Found(_finding("row-without-owner", "error", message))


def _trips(store: Store, report: Report, cancelled: Stop) -> Iterator[Found]:
    today = today_of(store)
    last: tuple[int, dict[str, Any]] | None = None
    for done, row in enumerate(stored.trips_by_entry(store)):
        if done % _LOOK == 0:
            stop_if(cancelled)
            report(Progress("Checking", done))
        bad = False
        for fault in faults_of(row):
            bad = bad or fault.code in ("text-type", "date-impossible", "dates-swapped")
            made = _finding(fault.code, fault.severity, fault.message, fault.fix)
            yield Found(made, Repairs.columns(row["number"], fault.values) if fault.fix else None)
        if bad:
            continue
        before = last
        leaving = max(row["entry_day"], today) if row["exit_day"] is None else row["exit_day"]
        if before is not None and row["entry_day"] < before[0]:
            text = _("{one} and {other} overlap by more than a border day.")
            message = text.format(one=trip_label(before[1]), other=trip_label(row))
            yield Found(_finding("overlap", "info", message))
        if before is None or leaving > before[0]:
            last = (leaving, row)


def _messages(store: Store, report: Report, cancelled: Stop) -> Iterator[Found]:  # noqa: ARG001 - one look
    for id_, title, _trip in stored.lost_messages(store):
        text = _("The message “{title}” is about a trip that is not there.").format(title=title)
        done = _("The message “{title}”: keep it, about no trip.").format(title=title)
        yield Found(_finding("message-without-trip", "info", text, done), Repairs.unlink(id_))


def _preferences(store: Store, report: Report, cancelled: Stop) -> Iterator[Found]:  # noqa: ARG001 - a few rows
    import json

    for key, value in stored.raw_preferences(store):
        try:
            if key not in PREFERENCE_NAMES:
                continue  # of another version of the program
            Preferences().changed({key: json.loads(value)})
        except (ValueError, DinoError):
            text = _("The preference {name} has a value that makes no sense.").format(name=visible(key))
            done = _("The preference {name}: back to its default.").format(name=visible(key))
            yield Found(_finding("preference-broken", "warning", text, done), Repairs.forget_preference(key))


def _log(store: Store, report: Report, cancelled: Stop) -> Iterator[Found]:
    def look(done: int, total: int) -> None:
        stop_if(cancelled)
        report(Progress("Checking", done, total))

    for id_ in stored.unreadable_changes(store, look):
        text = _(
            "What “{what}” of {date} changed cannot be read, so it cannot be undone. A backup may hold it."
        )
        found = find_operation(store, id_)
        said = text.format(what=visible(named(found)), date=found.entry.timestamp[:10])
        yield Found(_finding("history-damaged", "error", said))


def _places(store: Store, report: Report, cancelled: Stop) -> Iterator[Found]:  # noqa: ARG001 - a few files
    for path in stored.private_places(store):
        mode = path.stat().st_mode
        if mode & 0o077:
            text = _("Others on this machine may look into {path}.").format(path=visible(str(path)))
            done = _("{path}: for you alone.").format(path=visible(str(path)))
            yield Found(_finding("readable-by-others", "warning", text, done), Repairs.make_private(path))
    folder = store.folder
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.name not in BESIDE and not path.name.startswith("."):
            text = _("{path} is no file of dinotui; it does no harm.").format(path=visible(str(path)))
            yield Found(_finding("stray-file", "info", text))


def explained(result: CheckResult) -> list[str]:
    """Return what was put right, a sentence each."""
    return [each.fix for each in result.fixed or ()]
